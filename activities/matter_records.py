"""Writes what was decided about matters into PostgreSQL."""

from __future__ import annotations

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.names import RECORD_MATTER
from activities.records import CONFLICT_RETRY, reason_of
from activities.work import MatterBatch
from db.matters import record
from db.records import LedgerConflict, LedgerGap

log = structlog.get_logger()


class MatterRecords:
    """The recording activity of matters."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @activity.defn(name=RECORD_MATTER)
    def record_matter(self, batch: MatterBatch) -> None:
        """Write one batch in one transaction; a repeated one changes nothing.

        Raises:
            ApplicationError: It could not be written, and will be tried again.
        """
        bound = log.bind(matter=batch.head.id, seq=batch.head.seq, events=len(batch.events))
        try:
            with Session(self._engine) as session:
                written = record(session, batch.head, batch.events, batch.cases)
                session.commit()
        except LedgerConflict as conflict:
            bound.error("ledger conflict", at_seq=conflict.seq)
            raise ApplicationError(
                str(conflict), type=type(conflict).__name__, next_retry_delay=CONFLICT_RETRY
            ) from None
        except LedgerGap as gap:
            raise ApplicationError(str(gap), type=type(gap).__name__) from None
        except SQLAlchemyError as fault:
            reason = reason_of(fault)
            bound.warning("not recorded", reason=reason)
            raise ApplicationError(reason, type="RecordingFailed") from None
        bound.info("recorded", written=written)
