"""The development login: tokens that `redress token` signs with a key in the folder of the embedded stack.

It asks nobody who they are, so it counts beside the embedded database and nowhere else. What that is, nobody guesses from
an address: the stack hands its programs the folder of its database's files, and the database that the settings name has to
be the one whose number stands in those files. An address, a tunnel or a copied variable does not make another one it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from api.access.people import identifier, one_role
from api.access.settings import AccessSettings
from api.access.token import Unverified, check, verified
from complaints.permissions import Caller
from complaints.vocabulary import Actor, Role
from workflows.settings import SettingsError

ISSUER = "redress-dev"
LASTS_SECONDS = 3600
_ALGORITHM = "Ed25519"


@dataclass(frozen=True)
class DevLogin:
    """Knows whoever has a token of the local key. Made by `admitted` alone."""

    key: OKPKey
    now: Callable[[], float] = time.time

    def know(self, token: Unverified, wanted: str | None) -> Caller:
        """Say who somebody says they are.

        Raises:
            Unauthenticated: The token is no good.
            Forbidden: They want another role than they said.
        """
        claims = verified(token, self.key, (_ALGORITHM,))
        check(claims, issuer=ISSUER, audience=ISSUER, now=self.now())
        department = claims.get("department")
        actor = Actor(
            id=identifier(claims.get("sub"), "sub"),
            role=one_role(frozenset(role for role in Role if role == claims.get("role")), wanted),
            department=None if department is None else identifier(department, "department"),
        )
        return Caller(actor=actor, via="dev")


def make_key(file: Path) -> None:
    """Make the key once; only its owner can read it."""
    if file.exists():
        return
    made = file.with_suffix(".new")
    made.touch(mode=0o600)
    made.write_text(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))
    made.rename(file)


def sign(file: Path, actor: Actor, *, now: float, lasts: float = LASTS_SECONDS) -> str:
    """Make a token for somebody.

    Raises:
        SettingsError: There is no key in the file.
    """
    claims = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": actor.id,
        "role": actor.role.value,
        **({"department": actor.department} if actor.department else {}),
        "iat": int(now),
        "exp": int(now + lasts),
    }
    return jwt.encode({"alg": _ALGORITHM, "kid": "dev"}, claims, _read(file), algorithms=[_ALGORITHM])


def admitted(settings: AccessSettings, engine: Engine) -> DevLogin | None:
    """Return the development login if it is switched on, which it can only be beside the embedded database.

    Raises:
        SettingsError: It is switched on, and the database is another one.
    """
    if settings.dev_login is None:
        return None
    if settings.embedded_database is None:
        raise SettingsError("REDRESS_DEV_LOGIN: only `redress up` may set it, beside its own database")
    if _number_in(settings.embedded_database) != _number_of(engine):
        raise SettingsError(
            "REDRESS_DEV_LOGIN: refused, since REDRESS_DATABASE_URL is not the embedded database of `redress up`"
        )
    return DevLogin(_read(settings.dev_login))


def _number_in(folder: Path) -> int:
    """Read the number that PostgreSQL gave a cluster when it was made: the first eight bytes of its control file."""
    try:
        with (folder / "global" / "pg_control").open("rb") as control:
            return int.from_bytes(control.read(8), sys.byteorder)
    except OSError as error:
        raise SettingsError(
            f"REDRESS_EMBEDDED_DATABASE: holds no database ({os.strerror(error.errno or 0)})"
        ) from None


def _number_of(engine: Engine) -> int:
    try:
        with engine.connect() as connection:
            number: int = connection.execute(
                text("SELECT system_identifier FROM pg_control_system()")
            ).scalar_one()
    except SQLAlchemyError:
        raise SettingsError("REDRESS_DEV_LOGIN: the database does not say which one it is") from None
    return number % 2**64  # PostgreSQL shows it with a sign


def _read(file: Path) -> OKPKey:
    try:
        return OKPKey.import_key(cast("dict[str, str | list[str]]", json.loads(file.read_text())))
    except (OSError, ValueError, TypeError, JoseError):
        raise SettingsError(f"there is no key of the development login in {file}") from None
