"""What a workflow hands to its activities. Stored in histories: fields are added, never renamed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints.changes import Changes
from complaints.lifecycle import Stage
from complaints.policy import Names, Policy
from complaints.records import Cause, ClockName, Notice
from complaints.vocabulary import Severity


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Everything decided since the last batch. `policy` comes with a complaint's first one only."""

    changes: Changes
    policy: Policy | None = None


@dataclass(frozen=True, kw_only=True)
class NoticeWork:
    """A notice to deliver, with what its text needs. No personal data of the customer.

    Attributes:
        due_at: The deadline in question, in UTC; `due_local` is the same on the organisation's clocks.
    """

    number: str
    notice: Notice
    stage: Stage
    severity: Severity
    category: Names
    department: str | None
    cause: Cause | None = None
    clock: ClockName | None = None
    due_at: datetime | None = None
    due_local: datetime | None = None
    zone: str = ""
