"""Which complaints are pinned to which policy, for whoever wants to migrate them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.lifecycle import Stage
from db.tables import ClockRow, ComplaintRow


def not_under(
    session: Session,
    sha256: str,
    *,
    under: str | None = None,
    stage: Stage | None = None,
    department: str | None = None,
    category: str | None = None,
    provisional: bool = False,
) -> list[str]:
    """List the complaints that can still be migrated to a policy, by when they were received.

    Args:
        under: Only those that are under this policy now, as name or name@version.
        provisional: Only those with an open deadline among days whose holidays are not known.
    """
    row = ComplaintRow
    query = select(row.number).where(row.stage != Stage.ENDED, row.policy_sha256 != sha256)
    if under is not None:
        name, at, version = under.partition("@")
        query = query.where(row.policy_name == name, *([row.policy_version == version] if at else []))
    for column, wanted in ((row.stage, stage), (row.department, department), (row.category, category)):
        if wanted is not None:
            query = query.where(column == wanted)
    if provisional:
        reaches = ClockRow.provisional & ClockRow.settled_at.is_(None)
        query = query.where(select(ClockRow.key).where(ClockRow.number == row.number, reaches).exists())
    return list(session.scalars(query.order_by(row.received_at, row.number)))
