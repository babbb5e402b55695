"""What customers are told, and whether they want to be: the receipt, and the daily news that they may stop."""

from __future__ import annotations

from complaints import commands, facts, telling
from complaints.draft import Draft
from complaints.errors import AlreadyDone, DeadlinesNotStated
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.policy import MetBy
from complaints.records import ClockName


def acknowledge_receipt(draft: Draft, command: commands.AcknowledgeReceipt) -> None:
    """Record that the customer was told that we have it; where a duty waits for that, by when it is answered too."""
    if not command.states_deadlines and _is_owed(draft):
        raise DeadlinesNotStated(
            "the acknowledgement that is owed has to state the deadlines", Act.ACKNOWLEDGE_RECEIPT
        )
    telling.acknowledge(draft, command.channel, states_deadlines=command.states_deadlines)


def _is_owed(draft: Draft) -> bool:
    rules = draft.state.policy.statutory
    owed = [rules[c.subject].met_by for c in draft.open(ClockName.STATUTORY) if c.subject in rules]
    return MetBy.ACKNOWLEDGED in owed


def stop_feedback(draft: Draft, command: commands.StopFeedback) -> None:
    """Leave a customer in peace who asks for it: no news is owed any more, and none is sent."""
    if draft.state.feedback_stopped:
        raise AlreadyDone("the customer is left in peace already", Act.RESUME_FEEDBACK)
    draft.add(refill(facts.FeedbackStopped, command))
    draft.end_feedback()


def resume_feedback(draft: Draft, command: commands.ResumeFeedback) -> None:
    """Owe the customer daily news again, from the next day on."""
    if not draft.state.feedback_stopped:
        raise AlreadyDone("the customer hears from us already", Act.STOP_FEEDBACK)
    draft.add(refill(facts.FeedbackResumed, command))
    draft.start_feedback()
