"""Names that are stored in histories and in the namespace: data once shipped, pinned by a test."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey

from activities.names import EXECUTE as EXECUTE  # noqa: PLC0414 - re-exported
from activities.names import MATTER as MATTER  # noqa: PLC0414 - re-exported: the other names stand here
from complaints.numbers import number_of as number_of  # noqa: PLC0414 - re-exported

COMPLAINT = "Complaint"
ANSWER_TOGETHER = "AnswerTogether"
COLLECT_REVIEW = "CollectReview"
WATCH_HOT_SPOTS = "WatchHotSpots"
KEEP_RETENTION = "KeepRetention"
VIEW = "view"
ARRIVING = "Arriving"
"""The failure's type while a complaint that was started without a policy is being taken in."""

STAGE = SearchAttributeKey.for_keyword("ComplaintStage")
DEPARTMENT = SearchAttributeKey.for_keyword("Department")
SEVERITY = SearchAttributeKey.for_keyword("Severity")
ESCALATED = SearchAttributeKey.for_bool("Escalated")

SEARCH_ATTRIBUTES = {
    "ComplaintStage": "Keyword",
    "Department": "Keyword",
    "Severity": "Keyword",
    "Escalated": "Bool",
}
"""What the namespace must know, by name and type. Never encrypted, so never anything personal."""
