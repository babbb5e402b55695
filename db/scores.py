"""Contributions to scores, read from the ledger one complaint after the other: neither a query nor all memory a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from complaints import scores
from complaints.events import Event
from complaints.scores import Contribution, What
from db.queries import read_event
from db.tables import ComplaintRow, LedgerRow

_AT_A_TIME = 2000


def contributions(
    session: Session,
    *,
    numbers: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Contribution]:
    """Read what counts, of all complaints or of some, complaint by complaint.

    Args:
        since: Only what happened then or later; `until`, only before.

    Raises:
        UnreadableLedger: An event is none that the rules could have written.
    """
    query = (
        select(LedgerRow)
        .where(LedgerRow.type.in_(scores.KINDS))
        .order_by(LedgerRow.number, LedgerRow.seq)
        .execution_options(yield_per=_AT_A_TIME)
    )
    if numbers is not None:
        query = query.where(LedgerRow.number.in_(numbers))
    if since is not None or until is not None:
        query = query.where(LedgerRow.number.in_(_alive(since, until)))
    for number, events in groupby(_events(session, query), key=lambda each: each[0]):
        for each in scores.contributions(number, (event for _, event in events)):
            if (since is None or each.at >= since) and (until is None or each.at < until):
                yield each


def spent(session: Session, numbers: Collection[str]) -> dict[str, dict[str, int]]:
    """Say what each of some complaints has cost so far, in minor units by currency."""
    found: dict[str, dict[str, int]] = {number: {} for number in numbers}
    for each in contributions(session, numbers=numbers) if numbers else ():
        if each.what == What.SPENT and each.money is not None:
            cost = found[each.number]
            cost[each.money.currency] = cost.get(each.money.currency, 0) + each.money.amount_minor
    return found


def _events(session: Session, query: Select[LedgerRow]) -> Iterator[tuple[str, Event]]:
    for row in session.scalars(query):
        yield row.number, read_event(row)


def _alive(since: datetime | None, until: datetime | None) -> Select[str]:
    """Name the complaints that can have something in a span of time: received before its end, and not over before it."""
    last = aliased(LedgerRow)
    conditions: list[ColumnElement[bool]] = []
    if until is not None:
        conditions.append(ComplaintRow.received_at < until)
    if since is not None:
        conditions.append(last.at >= since)
    return (
        select(ComplaintRow.number)
        .join(last, (last.number == ComplaintRow.number) & (last.seq == ComplaintRow.seq))
        .where(*conditions)
    )
