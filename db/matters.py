"""Writes matters, and reads them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from complaints.forms import refill
from complaints.matters.facts import Event
from complaints.matters.forms import Kind, Status
from complaints.matters.state import State, replayed
from complaints.matters.view import Head
from complaints.vocabulary import Actor
from complaints.wire import parse, plain
from db.matter_tables import MatterCaseRow, MatterEventRow, MatterRow
from db.records import LedgerConflict, LedgerGap


def record(session: Session, head: Head, events: Sequence[Event], cases: Sequence[str] = ()) -> int:
    """Write one batch, and return how many events were new. The caller commits.

    Args:
        cases: Those that the matter is about; ones that are known change nothing.

    Raises:
        LedgerConflict: One of the events is recorded already, with another hash.
        LedgerGap: The batch before this one is missing; try again when it is there.
    """
    first = events[0]
    known = session.execute(
        select(MatterRow.seq).where(MatterRow.id == head.id).with_for_update()
    ).scalar_one_or_none()
    if (known or 0) < first.seq - 1:
        raise LedgerGap(head.id, first.seq - 1)
    if known is None or known < head.seq:
        _write_head(session, head)
    _compare(session, head.id, events)
    rows = [_row(head.id, event) for event in events]
    written = session.execute(
        insert(MatterEventRow)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["matter", "seq"])
        .returning(MatterEventRow.seq)
    )
    count = len(written.all())
    if cases:
        pairs = [{"matter": head.id, "number": number} for number in cases]
        session.execute(insert(MatterCaseRow).values(pairs).on_conflict_do_nothing())
    return count


def _write_head(session: Session, head: Head) -> None:
    values = {**vars(head), "sources": list(head.sources), "decisions": list(head.decisions)}
    writing = insert(MatterRow).values(values)
    session.execute(
        writing.on_conflict_do_update(
            index_elements=["id"],
            set_={name: writing.excluded[name] for name in values if name != "id"},
            where=MatterRow.seq < writing.excluded.seq,
        )
    )


def _compare(session: Session, matter: str, events: Sequence[Event]) -> None:
    hashes = {event.seq: event.hash for event in events}
    recorded = session.execute(
        select(MatterEventRow.seq, MatterEventRow.hash).where(
            MatterEventRow.matter == matter, MatterEventRow.seq.in_(hashes)
        )
    )
    for seq, found in recorded:
        if hashes[seq] != found:
            raise LedgerConflict(matter, seq)


def _row(matter: str, event: Event) -> dict[str, Any]:
    names = ("seq", "at", "occurred_at", "command_id", "previous", "hash")
    return {
        "matter": matter,
        **{name: getattr(event, name) for name in names},
        **{f"actor_{name}": value for name, value in vars(event.actor).items()},
        "fact": plain(event)["fact"],
    }


# --- reading


def list_matters(
    session: Session,
    *,
    kind: Kind | None = None,
    status: Status | None = None,
    department: str | None = None,
    case: str | None = None,
    limit: int = 100,
    only: ColumnElement[bool] | None = None,
) -> list[Head]:
    """List matters, those first that are due first.

    Args:
        only: A further condition, such as `visibility.is_visible_matter`.
        case: Only those that a complaint belongs to.
    """
    query = select(MatterRow).order_by(MatterRow.due_at.nulls_last(), MatterRow.id).limit(limit)
    if only is not None:
        query = query.where(only)
    if kind is not None:
        query = query.where(MatterRow.kind == kind)
    if status is not None:
        query = query.where(MatterRow.status == status)
    if department is not None:
        query = query.where(MatterRow.department == department)
    if case is not None:
        query = query.where(
            MatterRow.id.in_(select(MatterCaseRow.matter).where(MatterCaseRow.number == case))
        )
    return [
        refill(Head, row, sources=tuple(row.sources), decisions=tuple(row.decisions))
        for row in session.scalars(query)
    ]


def ledger_of(session: Session, matter: str) -> list[Event]:
    """Read the events of a matter, in order; none if it is not recorded."""
    query = select(MatterEventRow).where(MatterEventRow.matter == matter).order_by(MatterEventRow.seq)
    return [_event(row) for row in session.scalars(query)]


def matter(session: Session, id_: str) -> State | None:
    """Return a matter as its events leave it; None if it is not recorded."""
    past = ledger_of(session, id_)
    return replayed(State(id=id_), past) if past else None


def _event(row: MatterEventRow) -> Event:
    actor = plain(Actor(id=row.actor_id, role=row.actor_role, department=row.actor_department))
    names = ("seq", "at", "occurred_at", "command_id", "fact", "previous", "hash")
    return parse(Event, {**{name: getattr(row, name) for name in names}, "actor": actor})
