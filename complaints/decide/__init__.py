"""What a command brings about: events, or a refusal that names the rule. The door to all decisions.

The lifecycle table says whether the act is possible at all, `WHO_MAY` says for whom, and the module of its stage
says under which conditions. State is only ever assigned once all of them have agreed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from complaints import commands, working_time
from complaints.commands import Envelope, act_of
from complaints.decide import (
    any_stage,
    attendance,
    execution,
    follow_up,
    hazards,
    intake,
    investigation,
    outliving,
    rituals,
    solution,
)
from complaints.draft import Draft
from complaints.errors import (
    AlreadyClosed,
    AlreadyRegistered,
    ConflictOfInterest,
    FirstContactMissing,
    NobodyAccountable,
    NotAtThisStage,
    NotClassified,
    NotYourRole,
    TimeOutOfBounds,
)
from complaints.events import Event
from complaints.lifecycle import LIFECYCLE, WHO_MAY, Act, Stage, acts_at
from complaints.state import State

CLOCK_SKEW = timedelta(seconds=60)
"""How far a door's clock may run ahead of the engine's before its word is doubted."""


def decide(state: State, envelope: Envelope, now: datetime) -> list[Event]:
    """Return what a command brings about; no events at all if its id has acted before.

    Args:
        state: The complaint, already brought up to the envelope's instant by `elapse`.
        now: The engine's time, in UTC. What took place is dated by `effective_at`.

    Raises:
        Refusal: A rule says no; the class names it.
    """
    return deliberate(state, envelope, now).events


def deliberate(state: State, envelope: Envelope, now: datetime) -> Draft:
    """Decide, and return the draft, which holds the state that follows as well as the events."""
    if envelope.id in state.command_ids:
        return Draft(state, at=now, occurred_at=now, actor=envelope.actor)
    act = act_of(envelope.command)
    _check_stage(state, act)
    _check_role(state, envelope, act)
    if envelope.actor.id in state.recused and act not in OPEN_TO_THE_RECUSED:
        raise ConflictOfInterest(
            f"{envelope.actor.id} is kept out of this complaint", *sorted(OPEN_TO_THE_RECUSED)
        )
    rituals.check_gates(state, act, envelope.command)
    draft = Draft(
        state,
        at=now,
        occurred_at=effective_at(state, envelope, now),
        actor=envelope.actor,
        command_id=envelope.id,
    )
    _DECISIONS[type(envelope.command)](draft, envelope.command)
    rituals.begin_when_ready(draft)  # any act may be the last that a gate waited for
    return draft


def effective_at(state: State, envelope: Envelope, now: datetime) -> datetime:
    """Return the instant by which a command is judged.

    Raises:
        TimeOutOfBounds: It was received in the future, or longer ago than the policy allows. What is imported may be
            as old as it is.
    """
    received_at = envelope.received_at
    if received_at > now + CLOCK_SKEW:
        raise TimeOutOfBounds(
            f"received_at {received_at.isoformat()} lies in the future", "send the true instant"
        )
    limit = state.policy.backdating
    command = envelope.command
    is_import = isinstance(command, commands.Register) and command.imported is not None
    if not is_import and working_time.add(received_at, limit, state.policy.working_time(None)) < now:
        raise TimeOutOfBounds(
            f"received_at {received_at.isoformat()} lies more than {limit.amount} {limit.unit} back",
            "note the true date in the description and register it as received today",
        )
    not_before = state.heard_at or received_at
    if state.taken_over_at is not None:  # until then another system kept the books, and they are closed
        not_before = max(not_before, state.taken_over_at)
    return max(min(received_at, now), not_before)


_NEEDS_INTAKE = frozenset(
    {Act.REQUEST_VERIFICATION, Act.RECORD_FINDINGS, Act.PREPARE_OPTION, Act.ADMIT_UNSOLVABLE}
)


OPEN_TO_THE_RECUSED = frozenset({Act.ADD_NOTE, Act.ANSWER_VERIFICATION, Act.DECLARE_EMERGENCY})
"""They may say what they know, and a danger is not kept back for the sake of fairness."""


def _check_stage(state: State, act: Act) -> None:
    if (state.stage, act) in LIFECYCLE:
        # A complaint that was declined at intake and reopened skipped it. Whoever is beyond the investigation has been
        # through it, by the policy of then.
        if act in _NEEDS_INTAKE and state.stage == Stage.INVESTIGATION:
            _name_what_intake_lacks(state)
        return
    possible = tuple(acts_at(state.stage))
    if state.stage in (Stage.CLOSED, Stage.ENDED):
        raise AlreadyClosed(f"complaint {state.number} is {state.stage} ({state.outcome})", *possible)
    if act == Act.REGISTER:
        raise AlreadyRegistered(f"complaint {state.number} is registered already", *possible)
    if state.stage == Stage.INTAKE:
        _name_what_intake_lacks(state)
    raise NotAtThisStage(f"{act} is not possible at stage {state.stage}", *possible)


def _name_what_intake_lacks(state: State) -> None:
    """Investigating too early is refused for the reason that people can mend."""
    if state.first_contact is None and state.reachable:
        raise FirstContactMissing("nobody has heard the customer yet", Act.RECORD_FIRST_CONTACT)
    if state.handler is None:
        raise NobodyAccountable("nobody answers for this complaint yet", Act.ASSIGN)
    if state.classification is None:
        raise NotClassified("it has no category and severity yet", Act.CLASSIFY)
    rituals.check_accepted(state)
    rituals.check_gates(state, Act.BEGIN_INVESTIGATION)


def _check_role(state: State, envelope: Envelope, act: Act) -> None:
    allowed = WHO_MAY[act]
    if envelope.actor.role not in allowed:
        others = ", ".join(sorted(allowed))
        possible = [a for a in acts_at(state.stage) if envelope.actor.role in WHO_MAY[a]]
        raise NotYourRole(f"{act} is for {others}; you act as {envelope.actor.role}", *possible)


_DECISIONS: dict[type[Any], Callable[[Draft, Any], None]] = {
    commands.Register: intake.register,
    commands.RecordFirstContact: intake.record_first_contact,
    commands.Classify: intake.classify,
    commands.Assign: intake.assign,
    commands.ResolveAtFirstContact: intake.resolve_at_first_contact,
    commands.Decline: intake.decline,
    commands.Transfer: intake.transfer,
    commands.LinkDuplicate: intake.link_duplicate,
    commands.FillForm: rituals.fill_form,
    commands.Accept: rituals.accept,
    commands.RecordInterests: rituals.record_interests,
    commands.RequestVerification: investigation.request_verification,
    commands.AnswerVerification: investigation.answer_verification,
    commands.RecordFindings: investigation.record_findings,
    commands.DisputeLiability: investigation.dispute_liability,
    commands.JudgeLiability: investigation.judge_liability,
    commands.PrepareOption: solution.prepare_option,
    commands.OfferOption: solution.offer_option,
    commands.AcceptOption: solution.accept_option,
    commands.RejectOption: solution.reject_option,
    commands.CounterOffer: solution.counter_offer,
    commands.RequestApproval: solution.request_approval,
    commands.Approve: solution.approve,
    commands.RefuseApproval: solution.refuse_approval,
    commands.Mediate: solution.mediate,
    commands.AdmitUnsolvable: solution.admit_unsolvable,
    commands.SetExpectations: rituals.set_expectations,
    commands.Decide: solution.decide,
    commands.PlanAction: execution.plan_action,
    commands.CompleteAction: execution.complete_action,
    commands.MakePromise: execution.make_promise,
    commands.KeepPromise: execution.keep_promise,
    commands.GiveGoodwill: rituals.give_goodwill,
    commands.GiveFeedback: any_stage.give_feedback,
    commands.AcknowledgeReceipt: any_stage.acknowledge_receipt,
    commands.StopFeedback: any_stage.stop_feedback,
    commands.ResumeFeedback: any_stage.resume_feedback,
    commands.AwaitCustomer: any_stage.await_customer,
    commands.CustomerReplied: any_stage.customer_replied,
    commands.Reassign: any_stage.reassign,
    commands.ChangeSeverity: any_stage.change_severity,
    commands.Escalate: any_stage.escalate,
    commands.AcknowledgeEscalation: any_stage.acknowledge_escalation,
    commands.ResolveEscalation: any_stage.resolve_escalation,
    commands.ReassignEscalation: any_stage.reassign_escalation,
    commands.DeclineEscalation: any_stage.decline_escalation,
    commands.SummonDepartments: attendance.summon_departments,
    commands.SendSomeone: attendance.send_someone,
    commands.CallForSupport: attendance.call_for_support,
    commands.DeclareEmergency: hazards.declare_emergency,
    commands.AttendEmergency: hazards.attend_emergency,
    commands.ConvertNature: any_stage.convert_nature,
    commands.Recuse: any_stage.recuse,
    commands.MigratePolicy: any_stage.migrate_policy,
    commands.GrantExtension: any_stage.grant_extension,
    commands.RaiseImprovement: outliving.raise_improvement,
    commands.JoinIncident: outliving.join_incident,
    commands.AddNote: any_stage.add_note,
    commands.Withdraw: any_stage.withdraw,
    commands.RecordFollowUp: follow_up.record_follow_up,
    commands.RecordAttempt: follow_up.record_attempt,
    commands.RecordSecondCall: follow_up.record_second_call,
    commands.RecordAfterClosing: follow_up.record_after_closing,
    commands.Reopen: follow_up.reopen,
}
