"""When a customer may be forgotten, and when they must be: at their wish, or when the policy's retention has run out."""

from __future__ import annotations

from datetime import datetime, timedelta

from complaints.errors import StillOpen
from complaints.lifecycle import OPEN, Act, Stage
from complaints.policy import Policy


def check(number: str, stage: Stage) -> None:
    """Make sure that nobody needs to know any more who complained.

    Raises:
        StillOpen: The complaint is being worked on; whoever works on it has to reach the customer.
    """
    if stage in OPEN:
        raise StillOpen(f"complaint {number} is at {stage}; first it has to end", Act.WITHDRAW)


def is_due(policy: Policy, stage: Stage, closed_at: datetime | None, now: datetime) -> bool:
    """Say whether an ended complaint was kept for as long as its policy says (calendar days from its closing)."""
    if stage != Stage.ENDED or closed_at is None:
        return False
    return closed_at + timedelta(days=policy.retention.amount) <= now
