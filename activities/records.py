"""Writes batches into PostgreSQL: the ledger and the read model."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.names import RECORD
from activities.work import Batch
from db.findable import findable
from db.keys import Keys
from db.records import LedgerConflict, LedgerGap, record

log = structlog.get_logger()

CONFLICT_RETRY = timedelta(minutes=5)
"""A conflict does not go away by itself, but what is to be recorded must not be lost before people have looked."""


class Records:
    """The recording activity, on an engine that it shares with others."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys

    @activity.defn(name=RECORD)
    def record(self, batch: Batch) -> None:
        """Write one batch in one transaction; a repeated one changes nothing.

        Raises:
            ApplicationError: It could not be written, and will be tried again. Says why without what was written:
                failures are read by more people than complaints are.
        """
        head = batch.changes.head
        bound = log.bind(complaint=head.number, seq=head.seq, events=len(batch.changes.events))
        try:
            found = findable(self._keys, batch.changes)
            with Session(self._engine) as session:
                written = record(session, batch.changes, batch.policy, batch.earlier)
                found.write(session)
                session.commit()
        except LedgerConflict as conflict:
            bound.error("ledger conflict", at_seq=conflict.seq)
            raise ApplicationError(
                str(conflict), type=type(conflict).__name__, next_retry_delay=CONFLICT_RETRY
            ) from None
        except LedgerGap as gap:
            bound.warning("ledger gap", missing_seq=gap.seq)
            raise ApplicationError(str(gap), type=type(gap).__name__) from None
        except SQLAlchemyError as fault:
            reason = reason_of(fault)
            bound.warning("not recorded", reason=reason)
            raise ApplicationError(reason, type="RecordingFailed") from None
        bound.info("recorded", written=written)


def reason_of(fault: SQLAlchemyError) -> str:
    """Name what went wrong; the message of PostgreSQL itself may quote the row."""
    original = getattr(fault, "orig", None)
    diagnosis = getattr(original, "diag", None)
    names = [
        type(original or fault).__name__,
        getattr(original, "sqlstate", None),
        getattr(diagnosis, "table_name", None),
        getattr(diagnosis, "constraint_name", None),
    ]
    return " ".join(name for name in names if name)
