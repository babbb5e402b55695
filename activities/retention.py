"""Forgets whoever the policies no longer allow to be remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio import activity

from activities.names import FORGET_DUE
from complaints.vocabulary import ENGINE
from db.erasing import due, erase, sweep
from db.keys import destroy_letters, unclaimed

REASON = "the retention of the policy has run out"
UNCLAIMED_FOR = timedelta(days=30)
"""How long the key of a letter is kept that no complaint on record has got; longer than any outage of ours."""

log = structlog.get_logger()


class Retention:
    """The activity that keeps retention, on an engine that it shares with others."""

    def __init__(self, engine: Engine, forget_files: Callable[[Sequence[str]], None]) -> None:
        """Make it.

        Args:
            forget_files: Deletes all files of complaints by number, or says in the log why it could not.
        """
        self._engine = engine
        self._forget_files = forget_files

    @activity.defn(name=FORGET_DUE)
    def forget_due(self, at: datetime) -> int:
        """Forget everybody whose time has come at an instant, and return how many complaints that were.

        Each is forgotten for itself, so that stopping half-way loses nothing. Letters that nobody has got go with them.
        """
        with Session(self._engine) as session:
            found = list(due(session, at))
        for each in found:
            with Session(self._engine) as session:
                erase(session, [each], ENGINE, REASON, at)
                session.commit()
        with Session(self._engine) as session:
            letters = unclaimed(session, at - UNCLAIMED_FOR)
            destroy_letters(session, letters, at)
            session.commit()
        if found:
            self._forget_files([each.number for each in found])
        if found or letters:
            sweep(self._engine)
        log.info("forgotten", complaints=len(found), letters=len(letters))
        return len(found)
