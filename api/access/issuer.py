"""The issuer's public keys: fetched, kept, and fetched again when a token names one that is not known.

The address of the keys stands in the issuer's discovery document, and nowhere else. A flood of made-up key names is one
fetch in ten seconds. While the issuer is away the keys that are known go on counting, for a day.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from api.access.addresses import is_safe
from api.access.errors import Unauthenticated
from api.access.token import Key, Unverified, suits
from workflows.client import Unavailable

FRESH_SECONDS = 300.0
"""After so long the keys are looked up again, while the ones we have go on counting."""
KEPT_SECONDS = 24 * 3600.0
"""So long keys count that the issuer cannot be asked about: who withdraws one can rely on it."""
PAUSE_SECONDS = 10.0
"""Between two fetches, whatever is asked for."""

_PATIENCE_SECONDS = 5.0
_LARGEST_ANSWER = 512 * 1024
_MOST_KEYS = 100
_SMALLEST_RSA = 2048

log = structlog.get_logger()


class IssuerKeys:
    """The public keys of one issuer."""

    def __init__(
        self,
        issuer: str,
        algorithms: Sequence[str],
        *,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Describe where they are; nothing is fetched before the first token comes."""
        self._issuer = issuer
        self._algorithms = algorithms
        self._client = client or httpx.AsyncClient(timeout=_PATIENCE_SECONDS, follow_redirects=False)
        self._clock = clock
        self._keys: tuple[Key, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._failed = False
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def find(self, token: Unverified) -> Key:
        """Return the key that a token says it is signed with.

        Raises:
            Unauthenticated: The issuer has no such key.
            Unavailable: The issuer does not answer, and the key is not among those that are known.
        """
        key = self._known(token)
        if key is None:
            await self._refresh()
            key = self._known(token)
        elif self._age() > FRESH_SECONDS:
            self._refresh_behind()
        if key is not None:
            return key
        if self._failed:
            raise Unavailable("the issuer of tokens does not answer")
        raise Unauthenticated("the token is signed with a key that its issuer does not publish")

    async def close(self) -> None:
        """Let go of connections."""
        if self._refreshing is not None:
            self._refreshing.cancel()
        await self._client.aclose()

    def _known(self, token: Unverified) -> Key | None:
        if self._age() > KEPT_SECONDS:
            return None
        fitting = [key for key in self._keys if suits(key, token.algorithm)]
        if token.kid is not None:
            fitting = [key for key in fitting if key.get("kid") == token.kid]
        # Without a name there is nothing to choose by: one key will do, of several none.
        return fitting[0] if len(fitting) == 1 else None

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    def _refresh_behind(self) -> None:
        """Look them up again while nobody waits for it."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        """Fetch the keys, unless that was tried just now; what fails leaves those that are known."""
        asked_at = self._clock()
        async with self._lock:
            # Whoever waited for another one's fetch has its result.
            if self._tried_at is not None and (
                self._tried_at >= asked_at or self._clock() - self._tried_at < PAUSE_SECONDS
            ):
                return
            self._tried_at = self._clock()
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    self._keys = await self._fetch()
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError) as fault:
                self._failed = True
                log.warning("keys of the issuer not fetched", issuer=self._issuer, fault=type(fault).__name__)
            else:
                self._failed = False
                self._fetched_at = self._clock()

    async def _fetch(self) -> tuple[Key, ...]:
        discovery = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        place = discovery.get("jwks_uri")
        if discovery.get("issuer") != self._issuer or not isinstance(place, str) or not is_safe(place):
            raise ValueError("the discovery document is another issuer's, or names no safe address of keys")
        listed = (await self._get(place)).get("keys")
        if not isinstance(listed, list):
            raise ValueError("there is no list of keys")  # noqa: TRY004 - a wrong answer, no wrong argument
        keys = (_key(entry) for entry in listed[:_MOST_KEYS])
        return tuple(key for key in keys if key is not None and any(suits(key, a) for a in self._algorithms))

    async def _get(self, url: str) -> dict[str, Any]:
        body = bytearray()
        async with self._client.stream("GET", url, headers={"Accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError("the answer is no 200")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST_ANSWER:
                    raise ValueError("the answer is too large")
        read = json.loads(body)
        if not isinstance(read, dict):
            raise ValueError("the answer is no JSON object")  # noqa: TRY004 - as above
        return read


_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


def _key(entry: object) -> Key | None:
    """Read one public key; what is none, or for other uses, or too weak, is passed over."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kty"), str) or entry["kty"] not in _PUBLIC:
        return None
    operations = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    named = ("kty", "kid", "alg", *_PUBLIC[entry["kty"]])  # never a private part, should one be published
    public = {name: entry[name] for name in named if entry.get(name) is not None}
    if not all(isinstance(value, str) for value in public.values()):
        return None
    if public["kty"] == "RSA" and 6 * len(public.get("n", "")) < _SMALLEST_RSA:
        return None
    try:
        return cast("Key", import_key(public))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
