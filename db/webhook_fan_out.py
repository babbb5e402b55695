"""Which events go to whom: decided in the statement that writes them, so that none is told twice or forgotten.

The same condition serves when events are asked for again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    and_,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from complaints.permissions import TABLE, Reach, Right
from complaints.vocabulary import Role
from complaints.webhooks import Progress, WebhookStatus
from db.tables import ComplaintRow, table_of
from db.webhook_tables import LaneRow, SubscriptionRow, WebhookDeliveryRow

QUEUED = ("subscription", "number", "seq", "type", "progress", "queued_at", "attempts", "tries")


def _word(word: str) -> ColumnElement[str]:
    """Write one of our own words into the statement itself, which is compiled once and knows no parameters."""
    return literal_column(f"'{word}'")


_KEPT_FOR = (_word(WebhookStatus.ACTIVE), _word(WebhookStatus.PAUSED))


def fan_out(lines: CTE) -> tuple[CTE, CTE]:
    """Queue new lines of the ledger for whoever is to be told, and say that there is something to send.

    Args:
        lines: Their `number`, `seq`, `type`, `fact`, `at` and `occurred_at`. The complaint's own row is as it is after them.
    """
    wanted = (
        select(
            SubscriptionRow.id,
            lines.c.number,
            lines.c.seq,
            lines.c.type,
            _word(Progress.WAITING),
            lines.c.at,
            literal_column("0"),
            literal_column("0"),
        )
        .select_from(lines)
        .join(ComplaintRow, ComplaintRow.number == lines.c.number)
        .join(SubscriptionRow, and_(SubscriptionRow.status.in_(_KEPT_FOR), is_told(lines)))
        # What lies before a complaint was taken over is history: nobody is told of it.
        .where(or_(ComplaintRow.imported_at.is_(null()), lines.c.occurred_at > ComplaintRow.imported_at))
    )
    queue = insert(WebhookDeliveryRow).from_select(list(QUEUED), wanted).on_conflict_do_nothing()
    table = table_of(WebhookDeliveryRow)
    queued = queue.returning(table.c.subscription, table.c.number, table.c.queued_at).cte("queued")
    return queued, call(queued).cte("lanes")


def call(queued: FromClause, now: datetime | None = None) -> Any:
    """Have somebody look at the lanes of what was queued: those that begin here at once; all of them, if `now` is given.

    A lane that is there already is written all the same: whoever is just about to leave it empty has to wait, and
    then looks again.
    """
    lanes = (
        select(queued.c.subscription, queued.c.number, func.min(queued.c.queued_at))
        .group_by(queued.c.subscription, queued.c.number)
        .order_by(queued.c.subscription, queued.c.number)
    )
    statement = insert(LaneRow).from_select(["subscription", "number", "due_at"], lanes)
    due_at = table_of(LaneRow).c.due_at
    return statement.on_conflict_do_update(
        index_elements=["subscription", "number"],
        set_={"due_at": due_at if now is None else func.least(due_at, now)},
    )


def is_told(event: FromClause) -> ColumnElement[bool]:
    """Say whether a subscription asks for an event of the complaint's row, and its owner may see that complaint."""
    asks = or_(
        func.cardinality(SubscriptionRow.types) == literal_column("0"),
        event.c.type == func.any(SubscriptionRow.types),
    )
    return and_(asks, _concerns(event), _reaches())


def _concerns(event: FromClause) -> ColumnElement[bool]:
    """The department answers for the complaint, or the event names it."""
    department = SubscriptionRow.department
    called = func.jsonb_build_array(func.jsonb_build_object(_word("department"), department))
    return or_(
        department.is_(null()),
        ComplaintRow.department == department,
        event.c.fact.op("->>")(_word("department")) == department,
        event.c.fact.op("->>")(_word("responsible_department")) == department,
        event.c.fact.op("->")(_word("departments")).op("@>")(called),
    )


def _reaches() -> ColumnElement[bool]:
    """`permissions.may(owner, Right.SUBSCRIBE, case)`, as a condition of queries."""
    by_role = [
        and_(SubscriptionRow.owner_role == _word(role), _extends(role, TABLE[role][Right.SUBSCRIBE]))
        for role in Role
        if Right.SUBSCRIBE in TABLE[role]
    ]
    return or_(false(), *by_role)


def _extends(role: Role, reach: Reach) -> ColumnElement[bool]:
    if reach == Reach.ALL:
        return true()
    mine = ComplaintRow.source if role == Role.SYSTEM else ComplaintRow.handler
    own = mine == SubscriptionRow.owner_id
    if reach == Reach.OWN:
        return own
    ours = or_(
        ComplaintRow.department.is_(null()), ComplaintRow.department == SubscriptionRow.owner_department
    )
    return or_(own, ours)
