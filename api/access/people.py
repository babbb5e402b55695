"""People: from the claims of a token to somebody who acts in one role."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from api.access.errors import Forbidden, Unauthenticated
from api.access.issuer import IssuerKeys
from api.access.settings import AccessSettings
from api.access.token import Unverified, check, verified
from complaints.permissions import Caller, excludes
from complaints.vocabulary import ENGINE, Actor, Identifier, Role
from complaints.wire import Malformed, parse


class People:
    """Knows people by the tokens of one issuer."""

    def __init__(
        self,
        settings: AccessSettings,
        keys: IssuerKeys | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        assert settings.oidc_issuer is not None
        assert settings.oidc_audience is not None
        self._settings = settings
        self._issuer, self._audience = settings.oidc_issuer, settings.oidc_audience
        self._keys = keys or IssuerKeys(self._issuer, settings.algorithms)
        self._now = now

    async def know(self, token: Unverified, wanted: str | None) -> Caller:
        """Say who somebody is, in the role that they want or the only one they have.

        Raises:
            Unauthenticated: The token is no good.
            Forbidden: It is, and gives no role here, or several and none was chosen, or two that exclude each other.
            Unavailable: The issuer does not answer.
        """
        if token.algorithm not in self._settings.algorithms:
            raise Unauthenticated(f"tokens are accepted with {', '.join(self._settings.algorithms)} only")
        if token.issuer != self._issuer:
            raise Unauthenticated("the token is by another issuer")
        key = await self._keys.find(token)
        claims = verified(token, key, self._settings.algorithms)
        check(claims, issuer=self._issuer, audience=self._audience, now=self._now())
        return Caller(actor=self._actor(claims, wanted), via="oidc")

    async def close(self) -> None:
        """Let go of connections."""
        await self._keys.close()

    def _actor(self, claims: Mapping[str, Any], wanted: str | None) -> Actor:
        prefix, settings = self._settings.oidc_role_prefix, self._settings
        said = _at(claims, settings.oidc_roles_claim)
        names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        roles = frozenset(
            Role(name.removeprefix(prefix))
            for name in names
            if isinstance(name, str) and name.startswith(prefix) and name.removeprefix(prefix) in _OF_PEOPLE
        )
        department = _at(claims, settings.oidc_department_claim)
        return Actor(
            id=identifier(_at(claims, settings.oidc_id_claim), settings.oidc_id_claim),
            role=one_role(roles, wanted),
            department=None
            if department in (None, "")
            else identifier(department, settings.oidc_department_claim),
        )


_OF_PEOPLE = frozenset(Role) - {Role.SYSTEM}
"""A system has a key: its role would let a person act in the name of whatever it brings in."""


def one_role(roles: frozenset[Role], wanted: str | None) -> Role:
    """Choose the role to act in.

    Raises:
        Forbidden: There is none, or several and nobody said which, or two that exclude each other.
    """
    if excludes(roles):
        raise Forbidden(
            f"nobody may be {' and '.join(sorted(roles))} at once; one of them has to be given up"
        )
    if not roles:
        raise Forbidden("the token gives no role here")
    if wanted is not None:
        if wanted not in roles:
            raise Forbidden("Redress-Role names a role that the token does not give", *sorted(roles))
        return Role(wanted)
    if len(roles) > 1:
        raise Forbidden(
            "the token gives several roles: choose one by the header Redress-Role", *sorted(roles)
        )
    return next(iter(roles))


def identifier(value: object, claim: str) -> str:
    """Read what names somebody or something in our records.

    Raises:
        Unauthenticated: It does not.
    """
    try:
        name: str = parse(Identifier, value)
    except Malformed:
        raise Unauthenticated(
            f"the token's {claim} must have 1 to 100 letters, digits, dots, hyphens or underscores"
        ) from None
    if name == ENGINE.id:
        raise Unauthenticated(f"{ENGINE.id} is the engine's own name")
    return name


def _at(claims: Mapping[str, Any], path: str) -> object:
    """Find a claim by its name, or else by its path through objects: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found
