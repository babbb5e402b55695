"""Systems: from an API key to whoever acts by it.

What was looked up counts for a quarter of a minute, so a busy key costs four queries a minute, and a revocation takes
effect within that time. While PostgreSQL is away it counts for a minute: known callers are not locked out by a restart of
the database, and a key that was revoked just before it went away is used for a minute longer at most.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.access.errors import Unauthenticated
from api.access.secret import Digests, Secret
from complaints.permissions import Caller
from db import api_keys
from db.engine import for_reading
from workflows.client import Unavailable

FRESH_SECONDS = 15.0
KEPT_SECONDS = 60.0
_PAUSE_SECONDS = 2.0
"""After PostgreSQL did not answer, so long nobody waits for it to do so."""
_MOST_KEPT = 10_000

log = structlog.get_logger()


@dataclass(frozen=True)
class _LookedUp:
    kept: api_keys.Kept | None
    at: float


class KeyRing:
    """Knows systems by their keys."""

    def __init__(
        self,
        engine: Engine,
        digests: Digests,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._digests = digests
        self._clock = clock
        self._now = now
        self._looked_up: OrderedDict[str, _LookedUp] = OrderedDict()
        self._away_until = 0.0
        self._noted_at: dict[str, float] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def know(self, secret: Secret) -> Caller:
        """Say who acts by a key.

        Raises:
            Unauthenticated: It is unknown, expired or revoked; which of these, nobody is told.
            Unavailable: PostgreSQL does not answer, and the key was not used within the last minute.
        """
        kept, now = await self._find(secret.id), self._now()
        # The same work for an id that is unknown, so that the time it takes tells nothing.
        digests = kept.digests(now) if kept else (bytes(32),)
        matches = sum(self._digests.match(secret, digest) for digest in digests) > 0
        if kept is None or not matches or kept.key.stands(now) != "valid":
            raise Unauthenticated("the API key is unknown, expired or revoked")
        self._note(secret.id)
        return Caller(actor=kept.key.actor, scopes=kept.key.scopes, via=f"key:{kept.key.id}")

    async def close(self) -> None:
        """Write down what is still to be written."""
        await asyncio.gather(*self._notes)

    async def _find(self, id_: str) -> api_keys.Kept | None:
        known = self._looked_up.get(id_)
        if known is not None and self._clock() - known.at < FRESH_SECONDS:
            return known.kept
        asked_at = self._clock()
        if asked_at < self._away_until:
            return self._remembered(known)
        try:
            kept = await run_in_threadpool(self._look_up, id_)
        except SQLAlchemyError:
            self._away_until = self._clock() + _PAUSE_SECONDS
            return self._remembered(known)
        self._looked_up[id_] = _LookedUp(kept, asked_at)
        self._looked_up.move_to_end(id_)
        while len(self._looked_up) > _MOST_KEPT:
            self._noted_at.pop(self._looked_up.popitem(last=False)[0], None)
        return kept

    def _remembered(self, known: _LookedUp | None) -> api_keys.Kept:
        if known is None or known.kept is None or self._clock() - known.at >= KEPT_SECONDS:
            raise Unavailable("PostgreSQL does not answer, so nobody can be told apart by a key")
        return known.kept

    def _look_up(self, id_: str) -> api_keys.Kept | None:
        self._digests.ready()
        with Session(for_reading(self._engine)) as session:
            return api_keys.find(session, id_)

    def _note(self, id_: str) -> None:
        """Have it written that a key was used, at most once a minute, and let nobody wait for it."""
        noted_at = self._noted_at.get(id_)
        if noted_at is not None and self._clock() - noted_at < api_keys.NOTED_EVERY.total_seconds():
            return
        self._noted_at[id_] = self._clock()
        task = asyncio.create_task(self._write_use(id_))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _write_use(self, id_: str) -> None:
        def write() -> None:
            with Session(self._engine) as session:
                api_keys.note_use(session, [id_], self._now())
                session.commit()

        try:
            await run_in_threadpool(write)
        except SQLAlchemyError:
            log.warning("use of a key not written down", key=id_)
