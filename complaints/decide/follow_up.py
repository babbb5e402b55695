"""Follow-up: the customer has the last word, and closing has its conditions."""

from __future__ import annotations

from complaints import commands, events
from complaints.commands import act_of
from complaints.draft import Draft
from complaints.errors import AnswerMissing, ApologyIsNotEnough, ExplanationMissing, PromiseOpen
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.records import Cause
from complaints.vocabulary import Justified, Outcome, Role


def record_follow_up(draft: Draft, command: commands.RecordFollowUp) -> None:
    """Satisfied: closed. Not satisfied: one round up, and the customer service department is told."""
    if command.satisfied is None and draft.state.reachable:
        raise AnswerMissing("ask the customer whether they are satisfied", "record_follow_up")
    act = act_of(command)
    if act == Act.CONFIRM_SATISFACTION:
        _check_closable(draft)
    draft.customer_spoke("answered the follow-up")
    draft.add(refill(events.FollowUpRecorded, command))
    if act == Act.CONFIRM_SATISFACTION:
        draft.follow(act, draft.state.outcome or Outcome.RESOLVED)
    else:
        draft.follow(act)
        draft.escalate(Cause.DISSATISFIED, "the customer is not satisfied", audience=Role.CUSTOMER_SERVICE)


def reopen(draft: Draft, command: commands.Reopen) -> None:
    """A new cycle; the old verdicts stand."""
    draft.add(refill(events.Reopened, command))
    draft.follow(Act.REOPEN)


def _check_closable(draft: Draft) -> None:
    state = draft.state
    if state.open_promises:
        names = ", ".join(promise.id for promise in state.open_promises)
        raise PromiseOpen(f"promised and not kept: {names}", Act.KEEP_PROMISE)
    if state.outcome == Outcome.UNSOLVABLE:
        return
    if state.justified == Justified.NO and not state.explained:
        raise ExplanationMissing(
            "the customer was not told why the complaint is unjustified", Act.GIVE_FEEDBACK
        )
    if not state.something_was_done and not (state.justified == Justified.NO and state.explained):
        raise ApologyIsNotEnough("nothing but an apology was given", Act.REPORT_DISSATISFACTION)
