"""Forgets whoever the policies no longer allow to be remembered."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio import activity

from activities.names import FORGET_DUE
from complaints.vocabulary import ENGINE
from db.erasing import due, erase, sweep

REASON = "the retention of the policy has run out"

log = structlog.get_logger()


class Retention:
    """The activity that keeps retention, on an engine that it shares with others."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @activity.defn(name=FORGET_DUE)
    def forget_due(self, at: datetime) -> int:
        """Forget everybody whose time has come at an instant, and return how many complaints that were.

        Each is forgotten for itself, so that stopping half-way loses nothing.
        """
        with Session(self._engine) as session:
            found = list(due(session, at))
        for each in found:
            with Session(self._engine) as session:
                erase(session, [each], ENGINE, REASON, at)
                session.commit()
        if found:
            sweep(self._engine)
        log.info("forgotten", complaints=len(found))
        return len(found)
