"""Who is told and where, from the stored organisation.

Notices need no database: the organisation is kept in memory with everybody's senders, and while PostgreSQL is away
it stays as it was last known. If it never could be read, nobody is known, and notices go to the targets of the role.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from activities.channels import Sender, sender_for
from activities.targets import preferring
from complaints import zones
from complaints.org import Member, Org
from complaints.routing import Routing, route
from complaints.vocabulary import Role
from db import org as stored

FRESH_SECONDS = 1.0
"""For so long what is known is taken to be up to date."""

AWAY_SECONDS = 10.0
"""So long PostgreSQL is left alone after it did not answer; asking takes seconds then."""

log = structlog.get_logger()


@dataclass(frozen=True)
class _Known:
    """What was read, and from which version."""

    version: int | None
    org: Org
    senders: Mapping[str, list[Sender]] = field(default_factory=dict)


class Duty:
    """The organisation as notices see it. Shared by threads; keep one for the life of a worker."""

    def __init__(
        self,
        engine: Engine,
        keys: Callable[[], bytes | Sequence[bytes]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make it; asks nobody yet.

        Args:
            keys: What opens the contact targets (`Keys.columns`); may need the database.
        """
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._known = _Known(version=None, org=Org(zone=zones.resolve(stored.USUAL_ZONE)))
        self._asked = False
        self._ask_again_at = 0.0

    def route(
        self,
        audience: Role,
        department: str | None,
        at: datetime,
        recused: frozenset[str] = frozenset(),
        person: str | None = None,
    ) -> Routing:
        """Find who is told, see `complaints.routing`. No people and no reason: no organisation is known."""
        org = self._current().org
        return route(org, audience=audience, department=department, at=at, recused=recused, person=person)

    def senders(self, person: str, channel: str | None = None) -> list[Sender]:
        """List a member's senders, those of the preferred channel first; none where nobody knows how to reach them."""
        return preferring(self._current().senders.get(person, []), channel)

    def org(self) -> Org:
        """Return the organisation as it is known, its zone included; without contact targets."""
        return self._current().org

    def member(self, person: str) -> Member | None:
        """Return a member: language and quiet hours are theirs."""
        return self._current().org.member(person)

    def _current(self) -> _Known:
        # Once something is known, one thread looks for news and the others go on with it.
        if self._clock() >= self._ask_again_at and self._lock.acquire(blocking=not self._asked):
            try:
                if self._clock() >= self._ask_again_at:
                    self._ask()
            finally:
                self._lock.release()
        return self._known

    def _ask(self) -> None:
        try:
            with Session(self._engine) as session:
                version = stored.version(session)
                if version != self._known.version:
                    self._known = self._read(session, version)
                    log.info("organisation read", version=version, members=len(self._known.org.members))
            self._ask_again_at = self._clock() + FRESH_SECONDS
        except SQLAlchemyError as fault:
            log.warning("organisation not read", fault=type(fault).__name__, goes_on_with=self._known.version)
            self._ask_again_at = self._clock() + AWAY_SECONDS
        self._asked = True

    def _read(self, session: Session, version: int | None) -> _Known:
        senders: dict[str, list[Sender]] = {}
        for member, targets in stored.all_targets(session, self._keys()).items():
            if targets is None:
                log.error("contact targets were sealed with another key", member=member)
            senders[member] = [sender for target in targets or () if (sender := _sender(member, target))]
        return _Known(version, stored.read(session), senders)


def _sender(member: str, target: str) -> Sender | None:
    try:
        return sender_for(target)
    except ValueError as error:  # it was checked on import; a service's adapter may be missing here
        log.warning("contact target cannot be used", member=member, rule=str(error))
        return None
