"""What can be done at any open stage: feedback, waiting, people, escalations, more time, notes, withdrawal."""

from __future__ import annotations

from datetime import timedelta

from complaints import clocks, commands, events
from complaints.decide.intake import check_told
from complaints.draft import Draft
from complaints.errors import (
    AlreadyDone,
    AlreadyWaiting,
    ExtensionNotLater,
    ExtensionsExhausted,
    ExtensionTooLate,
    FirstContactMissing,
    NobodyAccountable,
    NotWaiting,
    NotYourEscalation,
    OwnApproval,
    UnknownItem,
)
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.records import Cause, ClockName, Escalation
from complaints.vocabulary import AUTHORITY_ORDER, Outcome, PauseOwner, Role


def give_feedback(draft: Draft, command: commands.GiveFeedback) -> None:
    """Tell the customer how it goes; that is the feedback of the day."""
    draft.add(refill(events.FeedbackGiven, command, feedback=f"F{len(draft.state.feedback) + 1}"))
    draft.customer_heard()


def await_customer(draft: Draft, command: commands.AwaitCustomer) -> None:
    """Stop the clocks that may stop. The wait itself has a clock, or it could last for ever."""
    if draft.state.pause is not None:
        raise AlreadyWaiting("the clocks stand still already", Act.CUSTOMER_REPLIED)
    if command.owner == PauseOwner.CUSTOMER and draft.state.first_contact is None:
        raise FirstContactMissing(
            "a customer nobody has heard cannot owe an answer", Act.RECORD_FIRST_CONTACT
        )
    for clock in list(draft.state.clocks.values()):
        if clock.pausable and clock.is_open and clock.breached_at and clock.due_at >= draft.occurred_at:
            draft.withdraw_breach(clock)
    draft.add(refill(events.CustomerAwaited, command))
    draft.pause_feedback()
    draft.start_clock(ClockName.WAITING)


def customer_replied(draft: Draft, command: commands.CustomerReplied) -> None:
    """Let the clocks go on with what they had left."""
    if draft.state.pause is None:
        raise NotWaiting("nobody was being waited for", Act.ADD_NOTE)
    draft.resume(command.message)


def reassign(draft: Draft, command: commands.Reassign) -> None:
    """Let somebody else answer for it."""
    state = draft.state
    if state.handler is None:
        raise NobodyAccountable("nobody answers for this complaint yet", Act.ASSIGN)
    if (state.department, state.handler) == (command.department, command.handler):
        raise AlreadyDone(f"{command.handler} of {command.department} answers for it already", Act.ADD_NOTE)
    draft.add(refill(events.Reassigned, command))


def change_severity(draft: Draft, command: commands.ChangeSeverity) -> None:
    """Judge anew what is at stake."""
    if draft.state.severity == command.severity:
        raise AlreadyDone(f"the severity is {command.severity} already", Act.ADD_NOTE)
    draft.add(refill(events.SeverityChanged, command))


def escalate(draft: Draft, command: commands.Escalate) -> None:
    """Raise it by hand to the customer service department."""
    draft.escalate(Cause.BY_HAND, command.reason, audience=Role.CUSTOMER_SERVICE)


def acknowledge_escalation(draft: Draft, command: commands.AcknowledgeEscalation) -> None:
    """Stop the climb: somebody has it."""
    escalation = _answerable(draft, command.escalation)
    if escalation.acknowledged_at is not None:
        raise AlreadyDone(f"{escalation.acknowledged_by} has it already", Act.RESOLVE_ESCALATION)
    draft.add(refill(events.EscalationAcknowledged, command))
    draft.fulfil(ClockName.ACKNOWLEDGEMENT, escalation.id)


def resolve_escalation(draft: Draft, command: commands.ResolveEscalation) -> None:
    """Say what was done. A duty that was missed stays due until it is fulfilled."""
    escalation = _answerable(draft, command.escalation)
    draft.fulfil(ClockName.ACKNOWLEDGEMENT, escalation.id)
    draft.add(refill(events.EscalationResolved, command))


def grant_extension(draft: Draft, command: commands.GrantExtension) -> None:
    """More time for one clock: before it runs out, by a superior, told to the customer, and not without end."""
    clock = draft.state.clocks.get(command.clock)
    if clock is None or not clock.is_open:
        running = [key for key, each in draft.state.clocks.items() if each.is_ticking]
        raise UnknownItem(f"no clock {command.clock} is running", *running)
    if clock.name in (ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT, ClockName.APPEAL):
        raise UnknownItem(f"a clock of kind {clock.name} is not extended", Act.GIVE_FEEDBACK)
    if clocks.time_left(clock, draft.occurred_at) < timedelta():
        raise ExtensionTooLate(f"{clock.key} ran out at {clock.due_at.isoformat()}", Act.ADD_NOTE)
    if command.until <= clock.due_at:
        raise ExtensionNotLater(
            f"{clock.key} is due at {clock.due_at.isoformat()} anyway", Act.GRANT_EXTENSION
        )
    if clock.extensions >= draft.state.policy.extensions_per_clock:
        raise ExtensionsExhausted(f"{clock.key} was extended {clock.extensions} times already", Act.ESCALATE)
    if draft.actor.id == draft.state.handler:
        raise OwnApproval("who works a complaint does not grant it more time", "let the lead grant it")
    check_told(draft, told=command.customer_told)
    if clock.breached_at is not None:  # seen before this was processed, though it was granted in time
        draft.withdraw_breach(clock)
    draft.add(refill(events.ExtensionGranted, command, was_due_at=clock.due_at))


def add_note(draft: Draft, command: commands.AddNote) -> None:
    """Put a remark on file."""
    draft.add(refill(events.NoteAdded, command))


def withdraw(draft: Draft, command: commands.Withdraw) -> None:
    """The customer no longer pursues it."""
    draft.add(refill(events.Withdrawn, command))
    draft.follow(Act.WITHDRAW, Outcome.WITHDRAWN)


def _answerable(draft: Draft, escalation: str) -> Escalation:
    found = draft.state.escalations.get(escalation)
    if found is None:
        raise UnknownItem(
            f"there is no escalation {escalation}", *(e.id for e in draft.state.open_escalations())
        )
    if not found.is_open:
        raise AlreadyDone(f"{escalation} is over: {found.resolution}", Act.ADD_NOTE)
    below = AUTHORITY_ORDER.index(draft.actor.role) < AUTHORITY_ORDER.index(found.audience)
    elsewhere = draft.actor.role == Role.LEAD and draft.actor.department != found.department
    if below or elsewhere:
        whose = f"{found.audience} of {found.department}" if found.audience == Role.LEAD else found.audience
        raise NotYourEscalation(f"{escalation} waits for {whose}", Act.ADD_NOTE)
    return found
