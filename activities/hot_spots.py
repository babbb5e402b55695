"""Looks for hot spots in the records, and adds to those that are open what came in since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.names import ADD_TO_HOT_SPOT, FIND_HOT_SPOTS
from complaints.hotspots import Evidence, Watch, find
from complaints.matters.commands import Envelope
from complaints.matters.view import Answer
from db import hot_spots as records

log = structlog.get_logger()

_UPDATE = "execute"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is looked for: hot spots of the window that ends at an instant."""

    watch: Watch
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A hot spot, the complaints of its window, and the matter that is open for its cell, if one is."""

    evidence: Evidence
    cases: tuple[str, ...]
    matter: str | None = None
    known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Addition:
    """A command to a hot spot that is open."""

    matter: str
    envelope: Envelope


class HotSpots:
    """The activities of the watch."""

    def __init__(self, engine: Engine, client: Client) -> None:
        self._engine = engine
        self._client = client

    @activity.defn(name=FIND_HOT_SPOTS)
    def find(self, look: Look) -> list[Spot]:
        """Judge the latest window of every cell; the rules say which are hot spots."""
        with Session(self._engine) as session:
            spots = [
                self._spot(session, evidence, look)
                for evidence in find(records.counts(session, look.watch, look.until), look.watch)
            ]
        log.info("looked for hot spots", found=len(spots))
        return spots

    def _spot(self, session: Session, evidence: Evidence, look: Look) -> Spot:
        since = look.until - timedelta(days=look.watch.window_days)
        matter, known = records.open_matter(session, evidence.cell) or (None, ())
        cases = records.cases(session, evidence.cell, since, look.until)
        return Spot(evidence=evidence, cases=cases, matter=matter, known=known)

    @activity.defn(name=ADD_TO_HOT_SPOT)
    async def add(self, addition: Addition) -> bool:
        """Let a command act on a hot spot; one that has ended meanwhile takes no more, which is no fault."""
        handle = self._client.get_workflow_handle(addition.matter)
        try:
            await handle.execute_update(
                _UPDATE, addition.envelope, id=addition.envelope.id, result_type=Answer
            )
        except WorkflowUpdateFailedError:
            return False
        except RPCError as fault:
            if fault.status != RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True
