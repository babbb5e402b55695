"""Who may come in, and what they may do: the door's own rules, before any route is asked.

    install(app, guard)                    once, where the app is put together
    caller: Annotated[Caller, needs(Right.READ)]     in a route: who asks, and that they have the right at all
    see(caller, number, case)              in a route: that this complaint is theirs to see (404), and to act on (403)

What somebody may do stands in `complaints.permissions`; nothing here knows better.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine
from starlette.middleware.cors import CORSMiddleware

from api.access.dev_login import admitted
from api.access.errors import Forbidden, TooMany, Unauthenticated
from api.access.guard import Guard
from api.access.headers import SecureHeaders
from api.access.key_ring import KeyRing
from api.access.limits import Limit
from api.access.people import People
from api.access.secret import Digests
from api.access.settings import AccessSettings
from complaints.lifecycle import WHO_MAY, Act
from complaints.permissions import TABLE, Caller, Case, Reach, Right, may
from complaints.vocabulary import Role
from db.keys import Keys
from workflows.client import UnknownComplaint

__all__ = [
    "ANYBODY",
    "KNOWN",
    "PUBLIC",
    "Caller",
    "Case",
    "Forbidden",
    "Guard",
    "Right",
    "TooMany",
    "Unauthenticated",
    "authenticate",
    "declares",
    "entitle",
    "install",
    "make_guard",
    "needs",
    "see",
    "see_act",
]

PUBLIC = "public"
"""The `x-right` of a route that asks nobody who they are, such as health."""

ANYBODY = "anybody"
"""The `x-right` of a route for whoever can say who they are."""


def make_guard(settings: AccessSettings, engine: Engine, keys: Keys) -> Guard:
    """Put the guard of a process together.

    Raises:
        SettingsError: The development login is switched on beside a database that is not the embedded one.
    """
    return Guard(
        keys=KeyRing(engine, Digests(lambda: [keys.secret("access")])),
        people=People(settings) if settings.oidc_issuer else None,
        dev=admitted(settings, engine),
        requests=Limit(settings.rate_per_minute),
        failures=Limit(settings.failures_per_minute),
    )


def install(app: FastAPI, guard: Guard, settings: AccessSettings) -> None:
    """Put the guard where `authenticate` finds it, and the headers around all answers."""
    app.state.guard = guard
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "Redress-Role",
                "X-API-Key",
                "X-Namespace",  # Temporal's Web UI says so to whoever decodes for it
            ],
            expose_headers=[
                "ETag",
                "Location",
                "RateLimit-Limit",
                "RateLimit-Remaining",
                "RateLimit-Reset",
                "Retry-After",
            ],
            max_age=600,
        )
    app.add_middleware(SecureHeaders)


_bearer = HTTPBearer(auto_error=False, description="A token of the issuer, or an API key (rk_...).")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key (rk_...).")


async def authenticate(
    request: Request,
    _token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    _key: Annotated[str | None, Security(_api_key)] = None,
) -> Caller:
    """Say who asks. The security schemes are named for the OpenAPI document; the guard reads the request itself.

    Raises:
        Unauthenticated, Forbidden, TooMany, Unavailable: As `Guard.admit`.
    """
    guard: Guard = request.app.state.guard
    return await guard.admit(request)


KNOWN = Depends(authenticate)
"""For routes that are for whoever can say who they are."""


def needs(right: Right) -> Any:
    """Ask of a route that its caller has a right at all; for how far it reaches, see `see` and `db.visibility`.

    To be declared as `openapi_extra=declares(right)` as well, so that the table of routes can be walked.
    """

    async def entitled(caller: Annotated[Caller, Depends(authenticate)]) -> Caller:
        entitle(caller, right)
        return caller

    return Depends(entitled)


def declares(right: Right | str) -> dict[str, Any]:
    """Say of a route what it needs: a right, `PUBLIC` or `ANYBODY`."""
    return {"x-right": str(right)}


def entitle(caller: Caller, right: Right) -> None:
    """Let on whoever has a right at all.

    Raises:
        Forbidden: They have not; says who has.
    """
    if may(caller, right):
        return
    if caller.scopes is not None and right not in caller.scopes:
        raise Forbidden(f"the API key's scopes do not include {right}", *sorted(caller.scopes))
    have = [role for role in Role if TABLE[role].get(right, Reach.NONE) != Reach.NONE]
    raise Forbidden(f"{right} is for: {', '.join(have)}", *have)


def see(caller: Caller, number: str, case: Case | None, right: Right = Right.READ) -> Case:
    """Let on whoever may see a complaint, and has the right with it.

    Raises:
        UnknownComplaint: There is none, or they may not see it: nobody can tell which.
        Forbidden: They see it, and may not do this with it.
    """
    if case is None or not may(caller, Right.READ, case):
        raise UnknownComplaint(f"there is no complaint {number}")
    if not may(caller, right, case):
        entitle(caller, right)
        raise Forbidden(f"{right} of this complaint is for others")
    return case


def see_act(caller: Caller, number: str, case: Case | None, act: Act) -> Case:
    """Let on whoever may see a complaint, and may do this act to it. Conditions of the moment the rules say.

    Raises:
        UnknownComplaint, Forbidden: As `see`.
    """
    known = see(caller, number, case, Right.ACT)
    if caller.actor.role not in WHO_MAY[act]:
        roles = sorted(WHO_MAY[act])
        raise Forbidden(f"{act} is for: {', '.join(roles)}", *roles)
    return known
