"""Who asks: the one place at which credentials become a caller, counted against their limit.

Authorization: Bearer rk_...     a system, by its API key; X-API-Key: rk_... is the same
Authorization: Bearer eyJ...     a person, by a token of the issuer, or of the development login
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request

from api.access.addresses import network_of
from api.access.dev_login import ISSUER as DEV_ISSUER
from api.access.dev_login import DevLogin
from api.access.errors import Forbidden, Unauthenticated
from api.access.headers import ALLOWANCE
from api.access.key_ring import KeyRing
from api.access.limits import Limit
from api.access.people import People
from api.access.secret import PREFIX, read_secret
from api.access.token import LONGEST, take_apart
from complaints.permissions import Caller

ROLE_HEADER = "redress-role"
KEY_HEADER = "x-api-key"

_TRUSTED_SECONDS = 60.0
_MOST_TRUSTED = 10_000


@dataclass
class Guard:
    """Stands at the door of one process.

    Attributes:
        requests: How many of one key or person.
        failures: How many wrong credentials from one address.
    """

    keys: KeyRing
    people: People | None
    dev: DevLogin | None
    requests: Limit
    failures: Limit
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._trusted: OrderedDict[bytes, float] = OrderedDict()

    async def admit(self, request: Request) -> Caller:
        """Say who asks, and count it.

        Raises:
            Unauthenticated: Nobody knows.
            Forbidden: The role they want is not theirs.
            TooMany: Too many requests of theirs, or too many wrong credentials from their address.
            Unavailable: What is needed to find out does not answer.
        """
        caller = await self._recognise(request)
        request.scope.setdefault("state", {})[ALLOWANCE] = self.requests.take(
            f"{caller.via}/{caller.actor.id}"
        )
        return caller

    async def close(self) -> None:
        """Let go of connections, and write down what is still to be written."""
        await self.keys.close()
        if self.people is not None:
            await self.people.close()

    async def _recognise(self, request: Request) -> Caller:
        address = network_of(request.client.host if request.client else "")
        wanted = request.headers.get(ROLE_HEADER)
        try:
            text = credentials(request)
            mark = sha256(text.encode()).digest()
            # A branch shares one address: whoever was let in a moment ago stays in, however others fail there.
            if not self._is_trusted(mark):
                self.failures.check(address)
            caller = await self._know(text, wanted)
        except Unauthenticated as stranger:
            if stranger.given:
                self.failures.take(address)
            raise
        self._trust(mark)
        return caller

    async def _know(self, text: str, wanted: str | None) -> Caller:
        if text.startswith(PREFIX):
            secret = read_secret(text)
            if secret is None:
                raise Unauthenticated("the API key is mistyped or cut off: its checksum does not fit")
            caller = await self.keys.know(secret)
            if wanted is not None and wanted != caller.actor.role:
                raise Forbidden("Redress-Role names a role that the API key does not have", caller.actor.role)
            return caller
        token = take_apart(text)
        if self.dev is not None and token.issuer == DEV_ISSUER:
            return self.dev.know(token, wanted)
        if self.people is None:
            raise Unauthenticated("no tokens are accepted here, only API keys")
        return await self.people.know(token, wanted)

    def _is_trusted(self, mark: bytes) -> bool:
        return self.clock() < self._trusted.get(mark, 0.0)

    def _trust(self, mark: bytes) -> None:
        self._trusted[mark] = self.clock() + _TRUSTED_SECONDS
        self._trusted.move_to_end(mark)
        while len(self._trusted) > _MOST_TRUSTED:
            self._trusted.popitem(last=False)


def credentials(request: Request) -> str:
    """Find the one key or token that a request brings, in a header. In an address it would end up in logs.

    Raises:
        Unauthenticated: There is none, or more than one.
    """
    given = [*request.headers.getlist("authorization"), *request.headers.getlist(KEY_HEADER)]
    if not given:
        raise Unauthenticated(
            "nobody says who they are: send Authorization: Bearer with a token or an API key", given=False
        )
    if len(given) > 1:
        raise Unauthenticated("there are several credentials: send one")
    if request.headers.getlist(KEY_HEADER):
        text = given[0].strip()
        if not text.startswith(PREFIX):
            raise Unauthenticated("X-API-Key is for API keys (rk_...)")
        return text
    scheme, _, text = given[0].strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Unauthenticated("Authorization must be: Bearer, a space, and a token or an API key")
    if len(text) > LONGEST:
        raise Unauthenticated(f"the token is longer than {LONGEST} characters")
    return text
