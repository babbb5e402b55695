"""Which reporters on record are confidential: `complaints.view.is_confidential`, as a condition of queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from complaints.vocabulary import Role
from db.tables import ComplaintRow, LedgerRow, PolicyRow


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Whether somebody is confidential, and the roles that may see them all the same."""

    confidential: bool
    seen_by: tuple[str, ...]

    def shown_to(self, role: Role | None) -> bool:
        """Say whether whoever looks may see who complained."""
        return not self.confidential or role in self.seen_by


def reporters(session: Session, numbers: Collection[str]) -> dict[str, Reporter]:
    """Say of recorded complaints who may see who complained."""
    query = (
        select(ComplaintRow.number, is_confidential(), PolicyRow.resolved["reporter_seen_by"])
        .join(PolicyRow, PolicyRow.sha256 == ComplaintRow.policy_sha256)
        .where(ComplaintRow.number.in_(numbers))
    )
    return {
        number: Reporter(confidential=hidden, seen_by=tuple(seen_by or ()))
        for number, hidden, seen_by in session.execute(query)
    }


def is_confidential() -> ColumnElement[bool]:
    """Say whether the complaint of a query's row has a confidential reporter."""
    first, pinned = aliased(LedgerRow), aliased(PolicyRow)
    by_wish = select(first.seq).where(
        first.number == ComplaintRow.number, first.seq == 1, first.fact["confidential"].as_boolean()
    )
    by_policy = select(pinned.sha256).where(
        pinned.sha256 == ComplaintRow.policy_sha256, pinned.resolved["confidential"].as_boolean()
    )
    return or_(by_wish.exists(), by_policy.exists())


def shown_to(role: Role) -> ColumnElement[bool]:
    """Say whether somebody of this role may read what was said in the complaint of a query's row."""
    pinned = aliased(PolicyRow)
    named = select(pinned.sha256).where(
        pinned.sha256 == ComplaintRow.policy_sha256,
        pinned.resolved["reporter_seen_by"].contains([role.value]),
    )
    return or_(~is_confidential(), named.exists())
