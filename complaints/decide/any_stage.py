"""What can be done at any open stage: feedback, waiting, people, escalations, more time, notes, withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints import clocks, commands, consequences, facts, pinned, working_time
from complaints.decide.intake import check_told, check_unbiased
from complaints.draft import Draft
from complaints.errors import (
    AlreadyDone,
    AlreadyWaiting,
    DeadlinesNotStated,
    ExtensionNotLater,
    ExtensionsExhausted,
    ExtensionTooLate,
    ExtensionTooLong,
    FirstContactMissing,
    LastRung,
    NobodyAccountable,
    NotCommunicative,
    NotWaiting,
    NotYourEscalation,
    NotYourRole,
    OwnApproval,
    PauseNotAllowed,
    PolicyUnreadable,
    SamePolicy,
    UnknownCategory,
    UnknownItem,
)
from complaints.forms import Names, refill
from complaints.lifecycle import Act
from complaints.policy import MetBy, Policy, fingerprint
from complaints.practices import StatutoryExtension
from complaints.records import Cause, Clock, ClockName, Escalation, Move, NoticeKind, Verdict
from complaints.vocabulary import AUTHORITY_ORDER, Nature, Outcome, PauseOwner, Role
from complaints.wire import Malformed


def give_feedback(draft: Draft, command: commands.GiveFeedback) -> None:
    """Tell the customer how it goes; that is the feedback of the day."""
    draft.add(refill(facts.FeedbackGiven, command, feedback=f"F{len(draft.state.feedback) + 1}"))
    if command.answer:
        draft.fulfil_statutory(MetBy.ANSWER)
    draft.customer_heard()


def acknowledge_receipt(draft: Draft, command: commands.AcknowledgeReceipt) -> None:
    """Say that we have it; where the law asks for that, with the deadlines."""
    if not command.states_deadlines and draft.owes(MetBy.ACKNOWLEDGED):
        raise DeadlinesNotStated(
            "the acknowledgement has to say by when the customer is answered", Act.ACKNOWLEDGE_RECEIPT
        )
    draft.add(refill(facts.ReceiptAcknowledged, command))
    draft.fulfil_statutory(MetBy.ACKNOWLEDGED)


def stop_feedback(draft: Draft, command: commands.StopFeedback) -> None:
    """Leave them in peace; nobody owes them news until they ask for it again."""
    if draft.state.feedback_stopped:
        raise AlreadyDone("no daily news is sent already", Act.RESUME_FEEDBACK)
    draft.add(refill(facts.FeedbackStopped, command))
    draft.end_feedback()


def resume_feedback(draft: Draft, command: commands.ResumeFeedback) -> None:
    """Tell them every day again."""
    if not draft.state.feedback_stopped:
        raise AlreadyDone("the customer is told every day already", Act.STOP_FEEDBACK)
    draft.add(refill(facts.FeedbackResumed, command))
    draft.start_feedback()


def await_customer(draft: Draft, command: commands.AwaitCustomer) -> None:
    """Stop the clocks that the policy stops on this account. The wait has a clock itself, or it could last for ever."""
    rules = draft.state.policy.pauses
    if draft.state.pause is not None:
        raise AlreadyWaiting("the clocks stand still already", Act.CUSTOMER_REPLIED)
    if command.owner not in rules:
        raise PauseNotAllowed(f"the policy knows no waiting for {command.owner}", *rules)
    if command.owner == PauseOwner.CUSTOMER and draft.state.first_contact is None:
        raise FirstContactMissing(
            "a customer nobody has heard cannot owe an answer", Act.RECORD_FIRST_CONTACT
        )
    rule = rules[command.owner]
    for clock in list(draft.state.clocks.values()):
        stops = clock.name in rule.stops and clock.is_open
        if stops and clock.breached_at and clocks.verdict(clock, draft.occurred_at) == Verdict.MET:
            draft.withdraw_breach(clock)
    draft.add(refill(facts.CustomerAwaited, command))
    draft.pause_clocks(command.owner)
    draft.pause_feedback()
    draft.start_clock(ClockName.WAITING, budget=rule.at_most)


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
    check_unbiased(draft, command.handler)
    draft.add(refill(facts.Reassigned, command))
    for escalation in draft.state.open_escalations():
        if escalation.cause == Cause.RECUSAL:
            draft.resolve(escalation, "somebody else answers for it")


def change_severity(draft: Draft, command: commands.ChangeSeverity) -> None:
    """Judge anew what is at stake."""
    if draft.state.severity == command.severity:
        raise AlreadyDone(f"the severity is {command.severity} already", Act.ADD_NOTE)
    draft.add(refill(facts.SeverityChanged, command))
    draft.lay_clocks_anew(Move.SEVERITY)


def escalate(draft: Draft, command: commands.Escalate) -> None:
    """Raise it by hand to the customer service department."""
    draft.escalate(Cause.BY_HAND, command.reason, audience=Role.CUSTOMER_SERVICE)


def acknowledge_escalation(draft: Draft, command: commands.AcknowledgeEscalation) -> None:
    """Stop the climb: somebody has it."""
    escalation = _answerable(draft, command.escalation)
    if escalation.acknowledged_at is not None:
        raise AlreadyDone(f"{escalation.acknowledged_by} has it already", Act.RESOLVE_ESCALATION)
    draft.add(refill(facts.EscalationAcknowledged, command))
    draft.fulfil(ClockName.ACKNOWLEDGEMENT, escalation.id)


def resolve_escalation(draft: Draft, command: commands.ResolveEscalation) -> None:
    """Say what was done. A duty that was missed stays due until it is fulfilled."""
    escalation = _answerable(draft, command.escalation)
    draft.fulfil(ClockName.ACKNOWLEDGEMENT, escalation.id)
    draft.add(refill(facts.EscalationResolved, command))
    draft.call_off(escalation)


def reassign_escalation(draft: Draft, command: commands.ReassignEscalation) -> None:
    """Hand it to somebody else of the same rank, who has the same time to say that they have it."""
    escalation = _answerable(draft, command.escalation)
    if command.person is not None:
        check_unbiased(draft, command.person)
    draft.end_acknowledgement(escalation)
    draft.add(refill(facts.EscalationReassigned, command))
    draft.call(draft.state.escalations[escalation.id], again=True)


def decline_escalation(draft: Draft, command: commands.DeclineEscalation) -> None:
    """It climbs at once; who stands on the last rung can only hand it on or resolve it."""
    escalation = _answerable(draft, command.escalation)
    if escalation.rung + 1 >= len(draft.state.policy.ladder(escalation.ladder)):
        raise LastRung(
            f"nobody stands above {escalation.audience}", Act.REASSIGN_ESCALATION, Act.RESOLVE_ESCALATION
        )
    draft.add(refill(facts.EscalationDeclined, command))
    draft.climb(escalation, f"{escalation.audience} declined")


def convert_nature(draft: Draft, command: commands.ConvertNature) -> None:
    """Take it for a valid complaint, since somebody says that it was handled badly."""
    nature = draft.state.nature
    if nature != Nature.COMMUNICATIVE:
        raise NotCommunicative(
            f"it is {nature} already" if nature else "nobody has heard the customer yet", Act.ADD_NOTE
        )
    draft.convert(consequences.NatureConverted(reasons=(), reason=command.reason))


def recuse(draft: Draft, command: commands.Recuse) -> None:
    """Keep somebody out; what they answer for, or had taken up, waits for somebody else."""
    if command.person in draft.state.recused:
        raise AlreadyDone(f"{command.person} is kept out already", Act.ADD_NOTE)
    draft.add(refill(facts.Recused, command))
    for escalation in draft.state.open_escalations():
        if command.person in (escalation.person, escalation.acknowledged_by):
            draft.climb(escalation, f"{command.person} is kept out", to=escalation.rung)
    if command.person == draft.state.handler and draft.state.is_open:
        draft.escalate(Cause.RECUSAL, "whoever answers for it may not; name somebody else")


def migrate_policy(draft: Draft, command: commands.MigratePolicy) -> None:
    """Go on under another policy: open deadlines are laid out anew, what was missed stays missed."""
    if command.approver == draft.actor.id:
        raise OwnApproval("nobody approves their own migration", "let somebody else approve it")
    try:
        policy = pinned.read(command.policy)
    except Malformed as malformed:
        raise PolicyUnreadable(str(malformed), "send the text of a resolved policy") from None
    was, now = fingerprint(draft.state.policy), fingerprint(policy)
    if was == now:
        raise SamePolicy(f"it goes by {policy.name} {policy.version} already", Act.ADD_NOTE)
    if draft.state.category not in policy.categories:
        raise UnknownCategory(
            f"{draft.state.category!r} is not a category of policy {policy.name}", *policy.categories
        )
    draft.adopt(policy)
    draft.add(
        refill(
            facts.PolicyMigrated,
            command,
            policy_name=policy.name,
            policy_version=policy.version,
            policy_sha256=now,
            was_sha256=was,
        )
    )
    for clock in [each for each in draft.state.clocks.values() if each.is_open]:
        if not _is_known(policy, clock):
            draft.void(clock)
    draft.lay_clocks_anew(Move.MIGRATED)
    draft.mend_appeal()


def _is_known(policy: Policy, clock: Clock) -> bool:
    """Say whether a policy knows the duty of a clock; otherwise nobody could fulfil it any more."""
    if clock.name == ClockName.STATUTORY:
        return clock.subject in policy.statutory
    if clock.name == ClockName.AFTER_CLOSING:
        return clock.subject in policy.after_closing
    return clock.name != ClockName.ADMISSION or policy.admission


def grant_extension(draft: Draft, command: commands.GrantExtension) -> None:
    """More time for one clock: before it runs out, by whom the policy names, told to the customer, not without end."""
    clock = _extendable(draft, command)
    limit = _limit_of(draft, clock)
    if draft.actor.role not in limit.roles:
        raise NotYourRole(f"more time is granted by {', '.join(limit.roles)}", Act.ESCALATE)
    if clocks.verdict(clock, draft.occurred_at) != Verdict.MET:
        raise ExtensionTooLate(f"{clock.key} ran out at {clock.due_at.isoformat()}", Act.ADD_NOTE)
    if command.until <= clock.due_at:
        raise ExtensionNotLater(
            f"{clock.key} is due at {clock.due_at.isoformat()} anyway", Act.GRANT_EXTENSION
        )
    if limit.is_exhausted:
        raise ExtensionsExhausted(f"{clock.key} was extended {clock.extensions} times already", Act.ESCALATE)
    if command.until > limit.latest:
        raise ExtensionTooLong(f"until {limit.latest.isoformat()} at most", Act.GRANT_EXTENSION)
    if draft.actor.id == draft.state.handler:
        raise OwnApproval("who works a complaint does not grant it more time", "let the lead grant it")
    check_told(draft, told=command.customer_told)
    if clock.breached_at is not None:  # seen before this was processed, though it was granted in time
        draft.withdraw_breach(clock)
    draft.add(refill(facts.ExtensionGranted, command, was_due_at=clock.due_at))
    draft.extend(draft.state.clocks[clock.key], command.until)
    if draft.state.reachable:
        draft.notify(
            NoticeKind.CUSTOMER,
            Role.DESK,
            f"{clock.key}+{clock.extensions + 1}",
            clock=clock.key,
            why=Names(en=command.reason, zh=command.reason),
        )


@dataclass(frozen=True)
class _Limit:
    """Who may grant the next extension of a clock, and how far."""

    roles: tuple[Role, ...]
    latest: datetime
    is_exhausted: bool


def _limit_of(draft: Draft, clock: Clock) -> _Limit:
    """Return the policy's own limit, or the next step that the law allows a statutory duty."""
    policy = draft.state.policy
    calendar = policy.working_time(clock.calendar or None)
    rule = policy.extensions
    statutory_steps = _steps_of(policy, clock)
    if not statutory_steps:
        return _Limit(
            rule.roles,
            working_time.add(clock.due_at, rule.at_most, calendar),
            clock.extensions >= rule.per_clock,
        )
    step = statutory_steps[min(clock.extensions, len(statutory_steps) - 1)]
    return _Limit(
        step.roles,
        clocks.after_pauses(
            clock, working_time.add(clock.started_at, step.budget, calendar), step.budget, calendar
        ),
        clock.extensions >= len(statutory_steps),
    )


def _steps_of(policy: Policy, clock: Clock) -> tuple[StatutoryExtension, ...]:
    rule = policy.statutory.get(clock.subject) if clock.name == ClockName.STATUTORY else None
    return rule.extensions if rule else ()


def _extendable(draft: Draft, command: commands.GrantExtension) -> Clock:
    allowed = draft.state.policy.extensions.clocks
    clock = draft.state.clocks.get(command.clock)
    if clock is None or not clock.is_open:
        running = [key for key, each in draft.state.clocks.items() if each.is_ticking]
        raise UnknownItem(f"no clock {command.clock} is running", *running)
    by_law = bool(_steps_of(draft.state.policy, clock))
    if (clock.name not in allowed and not by_law) or clock.name in _NEVER_EXTENDED:
        raise UnknownItem(f"a clock of kind {clock.name} is not extended", Act.GIVE_FEEDBACK)
    return clock


_NEVER_EXTENDED = (ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT, ClockName.APPEAL)


def add_note(draft: Draft, command: commands.AddNote) -> None:
    """Put a remark on file."""
    draft.add(refill(facts.NoteAdded, command))


def withdraw(draft: Draft, command: commands.Withdraw) -> None:
    """The customer no longer pursues it."""
    draft.add(refill(facts.Withdrawn, command))
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
    if (below or elsewhere) and draft.actor.id != found.person:
        whose = f"{found.audience} of {found.department}" if found.audience == Role.LEAD else found.audience
        raise NotYourEscalation(f"{escalation} waits for {whose}", Act.ADD_NOTE)
    return found
