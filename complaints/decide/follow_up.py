"""Follow-up: the customer has the last word, and closing has its conditions."""

from __future__ import annotations

from complaints import commands, facts
from complaints.commands import act_of
from complaints.decide.rituals import check_term
from complaints.draft import Draft
from complaints.errors import (
    AlreadyDone,
    AnswerMissing,
    ApologyIsNotEnough,
    ExplanationMissing,
    PromiseOpen,
    UnknownQuestion,
)
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.records import Cause, ClockName
from complaints.vocabulary import Justified, Outcome, Role


def record_follow_up(draft: Draft, command: commands.RecordFollowUp) -> None:
    """Satisfied: closed. Not satisfied: one round up, and the customer service department is told."""
    rule = draft.state.policy.follow_up
    if command.satisfied is None and draft.state.reachable and draft.state.attempts < rule.attempts:
        raise AnswerMissing(
            f"ask the customer whether they are satisfied, or call {rule.attempts} times in vain",
            Act.CONFIRM_SATISFACTION,
            Act.RECORD_ATTEMPT,
        )
    unheard = command.satisfied is None and draft.state.reachable
    if unheard and draft.state.policy.until_satisfied and draft.actor.role != Role.CUSTOMER_SERVICE:
        raise AnswerMissing(
            "nobody is satisfied by being out of reach: only the customer service department closes without an answer",
            Act.RECORD_ATTEMPT,
            Act.ESCALATE,
        )
    if len(command.answers) > len(rule.questions):
        raise UnknownQuestion(f"the survey has {len(rule.questions)} questions", Act.CONFIRM_SATISFACTION)
    act = act_of(command)
    if act == Act.CONFIRM_SATISFACTION:
        _check_closable(draft)
    draft.customer_spoke("answered the follow-up")
    draft.add(refill(facts.FollowUpRecorded, command))
    if act == Act.CONFIRM_SATISFACTION:
        draft.follow(act, draft.state.outcome or Outcome.RESOLVED)
    else:
        draft.follow(act)
        draft.escalate(Cause.DISSATISFIED, "the customer is not satisfied", audience=Role.CUSTOMER_SERVICE)


def record_attempt(draft: Draft, command: commands.RecordAttempt) -> None:
    """Nobody answered; so many such calls, and an answer is no longer waited for."""
    draft.add(refill(facts.AttemptRecorded, command))


def record_second_call(draft: Draft, command: commands.RecordSecondCall) -> None:
    """Ask once more whether it still works; what does not is taken up again."""
    if not draft.state.open_clocks(ClockName.SECOND_CALL):
        raise AlreadyDone("no second call is due", Act.ADD_NOTE)
    draft.add(refill(facts.SecondCallRecorded, command))
    draft.fulfil(ClockName.SECOND_CALL)
    if not command.still_settled:
        draft.add(facts.Reopened(reason=command.words))
        draft.follow(Act.REOPEN)


def record_after_closing(draft: Draft, command: commands.RecordAfterClosing) -> None:
    """Contact the customer once more; what no longer holds is taken up again."""
    check_term(command.contact, draft.state.policy.after_closing, "contact after closing")
    if not draft.state.open_clocks(ClockName.AFTER_CLOSING, command.contact):
        raise AlreadyDone(f"no {command.contact} is due", Act.ADD_NOTE)
    draft.add(refill(facts.AfterClosingRecorded, command))
    draft.fulfil(ClockName.AFTER_CLOSING, command.contact)
    if not command.still_settled:
        draft.add(facts.Reopened(reason=command.words))
        draft.follow(Act.REOPEN)


def reopen(draft: Draft, command: commands.Reopen) -> None:
    """A new cycle; the old verdicts stand."""
    draft.add(refill(facts.Reopened, command))
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
