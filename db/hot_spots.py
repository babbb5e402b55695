"""What the watch for hot spots asks of the records: how many complaints came in where, week by week, and which they are."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from complaints.hotspots import Cell, Watch
from complaints.matters.forms import Kind, Status
from complaints.matters.hot_spots import topic_of
from db.matter_tables import MatterCaseRow, MatterRow
from db.tables import ComplaintRow

MOST_CASES = 200
"""How many complaints hang under one hot spot; beyond that one more says nothing new."""


def counts(session: Session, watch: Watch, until: datetime) -> dict[Cell, list[int]]:
    """Count complaints by cell and window, the oldest window first; the last one ends at `until`.

    Windows that reach back before the first complaint on record are left out: nobody counted then.
    """
    row, length = ComplaintRow, timedelta(days=watch.window_days)
    first = session.scalar(select(func.min(row.received_at)))
    if first is None or first >= until:
        return {}
    known = min(watch.windows + 1, (until - first) // length)
    back = func.floor(func.extract("epoch", until - row.received_at) / length.total_seconds()).cast(Integer)
    place, department = func.coalesce(row.place, ""), func.coalesce(row.department, "")
    query = (
        select(row.category, place, department, back, func.count())
        .where(row.received_at < until, row.received_at > until - known * length)
        .group_by(row.category, place, department, back)
    )
    found: dict[Cell, list[int]] = {}
    for category, where, whose, ago, count in session.execute(query):
        cell = Cell(category=category, place=where, department=whose)
        found.setdefault(cell, [0] * known)[known - 1 - ago] = count
    return found


def cases(session: Session, cell: Cell, since: datetime, until: datetime) -> tuple[str, ...]:
    """List the complaints of a cell, the oldest first."""
    row = ComplaintRow
    query = (
        select(row.number)
        .where(
            row.category == cell.category,
            func.coalesce(row.place, "") == cell.place,
            func.coalesce(row.department, "") == cell.department,
            row.received_at >= since,
            row.received_at < until,
        )
        .order_by(row.received_at, row.number)
        .limit(MOST_CASES)
    )
    return tuple(session.scalars(query))


def open_matter(session: Session, cell: Cell) -> tuple[str, tuple[str, ...]] | None:
    """Return the hot spot of a cell that is still open, and the complaints that hang under it."""
    row = MatterRow
    query = select(row.id).where(
        row.kind == Kind.HOT_SPOT, row.status == Status.OPEN, row.topic == topic_of(cell)
    )
    found = session.scalar(query.order_by(row.opened_at.desc()).limit(1))
    if found is None:
        return None
    known = select(MatterCaseRow.number).where(MatterCaseRow.matter == found)
    return found, tuple(session.scalars(known.order_by(MatterCaseRow.number)))
