"""What can be done at any open stage: feedback, waiting, people, escalations, more time, notes, withdrawal."""

import pytest

from complaints import commands as c
from complaints import consequences, facts
from complaints.errors import (
    AlreadyClosed,
    AlreadyDone,
    AlreadyWaiting,
    CustomerNotTold,
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
from complaints.lifecycle import IN_WORK, OPEN, Stage
from complaints.records import Cause, ClockName, Verdict
from complaints.vocabulary import Channel, Outcome, PauseOwner, Role, Severity
from tests.lives import DAY, HOUR, INSTANT, Life, at_stage, example

# --- feedback


@pytest.mark.parametrize("stage", IN_WORK)
def test_no_progress_yet_is_valid_feedback(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(c.GiveFeedback(message="No progress yet.", channel=Channel.PHONE), after=DAY)
    assert [k.verdict for k in life.clocks(ClockName.FEEDBACK)] == [Verdict.MET, None]
    assert life.state.feedback["F1"].given_by == "zhang.wei"


# --- waiting


def test_waiting_stops_the_clocks_that_may_stop_and_no_others() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.MakePromise, life))
    life.do(example(c.AwaitCustomer))
    standing = {clock.name for clock in life.state.clocks.values() if clock.paused_at}
    ticking = {clock.name for clock in life.state.clocks.values() if clock.is_ticking}
    assert standing == {ClockName.SOLUTION, ClockName.OVERALL}
    assert ticking == {ClockName.PROMISE, ClockName.WAITING}


def test_a_budget_survives_a_pause() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer), after=2 * DAY)
    life.do(example(c.CustomerReplied), after=3 * DAY)
    assert life.clock(ClockName.SOLUTION).due_at == life.now + 3 * DAY
    assert life.clock(ClockName.OVERALL).due_at == life.now + 18 * DAY
    assert life.clock(ClockName.WAITING).verdict == Verdict.MET


def test_warnings_that_are_still_to_come_move_with_the_pause() -> None:
    life = at_stage(Stage.SOLUTION)
    half = life.now + 2.5 * DAY
    life.do(example(c.AwaitCustomer), after=3 * DAY)
    life.do(example(c.CustomerReplied), after=2 * DAY)
    clock = life.clock(ClockName.SOLUTION)
    assert clock.warned == 1
    assert clock.warn_at == (half, half + 1.5 * DAY + 2 * DAY)


def test_a_stage_that_begins_during_a_pause_stands_still_too() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer))
    life.do(example(c.RecordFindings), after=DAY)
    life.do(example(c.CustomerReplied), after=DAY)
    assert life.clock(ClockName.SOLUTION).due_at == life.now + 5 * DAY


def test_what_is_finished_straight_from_a_pause_is_judged_by_when_it_paused() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer), after=4 * DAY)
    life.do(example(c.RecordFindings), after=9 * DAY)
    assert life.clock(ClockName.INVESTIGATION).verdict == Verdict.MET


def test_what_was_missed_before_the_pause_stays_missed() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer), after=5 * DAY + INSTANT)
    life.do(example(c.CustomerReplied), after=DAY)
    life.do(example(c.RecordFindings))
    assert life.clock(ClockName.INVESTIGATION).verdict == Verdict.BREACHED


def test_while_we_wait_for_the_customer_nobody_owes_them_news() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer))
    life.wait(4 * DAY)
    assert not life.state.escalations
    life.do(example(c.CustomerReplied))
    assert life.clock(ClockName.FEEDBACK).is_ticking


def test_feedback_given_during_a_pause_does_not_start_the_daily_clock() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer))
    life.do(example(c.GiveFeedback))
    assert not [k for k in life.clocks(ClockName.FEEDBACK) if k.is_open]


def test_a_pause_that_nobody_ends_escalates() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer))
    life.wait(10 * DAY)
    assert life.escalation().clock == "waiting/1"
    assert life.state.pause is not None


def test_clocks_stand_still_once() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer))
    with pytest.raises(AlreadyWaiting):
        life.do(example(c.AwaitCustomer))


def test_nobody_replies_who_was_not_waited_for() -> None:
    with pytest.raises(NotWaiting):
        at_stage(Stage.SOLUTION).do(example(c.CustomerReplied))


def test_a_customer_nobody_has_heard_cannot_owe_an_answer() -> None:
    life = at_stage(Stage.INTAKE)
    with pytest.raises(FirstContactMissing):
        life.do(example(c.AwaitCustomer))
    life.do(example(c.RecordFirstContact))
    assert life.do(example(c.AwaitCustomer))


@pytest.mark.parametrize("owner", PauseOwner)
def test_the_owner_of_a_pause_is_recorded(owner: PauseOwner) -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer, owner=owner))
    assert life.state.pause is not None
    assert (life.state.pause.owner, life.state.pause.since) == (owner, life.now)


# --- people and severity


def test_a_reassigned_complaint_changes_hands() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Reassign))
    assert (life.state.department, life.state.handler) == ("metering", "sun.hao")


def test_nobody_is_replaced_before_somebody_was_named() -> None:
    with pytest.raises(NobodyAccountable):
        at_stage(Stage.INTAKE).do(example(c.Reassign))


def test_reassigning_to_the_same_person_is_refused() -> None:
    with pytest.raises(AlreadyDone):
        at_stage(Stage.INVESTIGATION).do(example(c.Reassign, department="billing", handler="zhang.wei"))


def test_a_severity_changes_to_another_one() -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(AlreadyDone):
        life.do(example(c.ChangeSeverity, severity=Severity.HIGH))
    life.do(example(c.ChangeSeverity))
    assert life.state.severity == Severity.CRITICAL


# --- escalations


def by_hand(stage: Stage = Stage.INVESTIGATION) -> Life:
    life = at_stage(stage)
    life.do(example(c.Escalate))
    return life


def missed_promise() -> Life:
    """An escalation that waits for the lead of billing."""
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.MakePromise, life))
    return life.wait(DAY)


def test_an_escalation_by_hand_goes_to_the_customer_service_department() -> None:
    life = by_hand()
    assert (life.escalation().cause, life.escalation().audience) == (Cause.BY_HAND, Role.CUSTOMER_SERVICE)
    assert "hotline-2031:E1.1:customer_service" in life.state.notices


def test_acknowledging_stops_the_climb() -> None:
    life = missed_promise()
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD, after=4 * HOUR)
    assert life.clock(ClockName.ACKNOWLEDGEMENT).verdict == Verdict.MET
    assert life.escalation().acknowledged_by == "chen.jing"
    life.wait(2 * DAY)
    assert life.escalation().rung == 0
    assert life.escalation().is_open


def test_an_escalation_is_acknowledged_once() -> None:
    life = by_hand()
    life.do(example(c.AcknowledgeEscalation, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.AcknowledgeEscalation, life))


@pytest.mark.parametrize("kind", [c.AcknowledgeEscalation, c.ResolveEscalation])
def test_an_escalation_is_not_answered_from_below(kind: type) -> None:
    life = by_hand()
    with pytest.raises(NotYourEscalation):
        life.do(example(kind, life), role=Role.LEAD)


@pytest.mark.parametrize("kind", [c.AcknowledgeEscalation, c.ResolveEscalation])
def test_an_escalation_is_not_answered_by_the_lead_of_another_department(kind: type) -> None:
    life = missed_promise()
    with pytest.raises(NotYourEscalation):
        life.do(example(kind, life), role=Role.LEAD, department="metering")
    assert life.do(example(kind, life), role=Role.LEAD)


@pytest.mark.parametrize("kind", [c.AcknowledgeEscalation, c.ResolveEscalation])
@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.EXECUTIVE])
def test_an_escalation_may_be_answered_from_above(kind: type, role: Role) -> None:
    life = missed_promise()
    assert life.do(example(kind, life), role=role)


def test_a_resolved_escalation_is_over() -> None:
    life = by_hand()
    life.do(example(c.ResolveEscalation, life))
    for kind in (c.AcknowledgeEscalation, c.ResolveEscalation):
        with pytest.raises(AlreadyDone):
            life.do(example(kind, life))


def test_an_escalation_nobody_opened_is_unknown() -> None:
    with pytest.raises(UnknownItem):
        at_stage(Stage.INVESTIGATION).do(c.AcknowledgeEscalation(escalation="E1"))


def test_resolving_an_escalation_does_not_fulfil_the_duty_that_was_missed() -> None:
    life = missed_promise()
    life.do(example(c.ResolveEscalation, life), role=Role.LEAD)
    assert life.clock(ClockName.PROMISE).is_open
    assert life.clock(ClockName.ACKNOWLEDGEMENT).verdict == Verdict.MET


# --- more time


def extension(life: Life, **fields: object) -> c.GrantExtension:
    command: c.GrantExtension = example(
        c.GrantExtension, life, **{"clock": "investigation/1", "until": life.now + 9 * DAY, **fields}
    )
    return command


def test_an_extension_moves_the_deadline_and_the_warnings_to_come() -> None:
    life = at_stage(Stage.INVESTIGATION)
    before = life.clock(ClockName.INVESTIGATION)
    life.do(extension(life))
    after = life.clock(ClockName.INVESTIGATION)
    assert after.due_at == before.due_at + 4 * DAY
    assert after.warn_at == tuple(at + 4 * DAY for at in before.warn_at)
    assert life.facts(facts.ExtensionGranted)[0].was_due_at == before.due_at
    life.wait(9 * DAY - INSTANT)
    assert life.clock(ClockName.INVESTIGATION).breached_at is None


def test_more_time_is_granted_up_to_the_deadline_and_not_after() -> None:
    life = at_stage(Stage.INVESTIGATION)
    command = extension(life)
    life.do(command, after=5 * DAY)
    late = at_stage(Stage.INVESTIGATION)
    with pytest.raises(ExtensionTooLate):
        late.do(command, after=5 * DAY + INSTANT)


def test_a_clock_that_stands_still_has_not_run_out() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer), after=DAY)
    life.wait(8 * DAY)
    assert life.do(extension(life, until=life.now + DAY))


def test_an_extension_moves_a_deadline_later() -> None:
    life = at_stage(Stage.INVESTIGATION)
    due = life.clock(ClockName.INVESTIGATION).due_at
    with pytest.raises(ExtensionNotLater):
        life.do(extension(life, until=due))
    assert life.do(extension(life, until=due + INSTANT))


def test_one_clock_is_extended_as_often_as_the_policy_allows() -> None:
    life = at_stage(Stage.INVESTIGATION)
    for days in (6, 7):
        life.do(extension(life, until=life.now + days * DAY))
    with pytest.raises(ExtensionsExhausted):
        life.do(extension(life, until=life.now + 8 * DAY))


def test_who_works_a_complaint_does_not_grant_it_more_time() -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(OwnApproval):
        life.do(extension(life), role=Role.LEAD, id="zhang.wei")


def test_delays_are_told_to_the_customer() -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(CustomerNotTold):
        life.do(extension(life, customer_told=False))


@pytest.mark.parametrize("clock", ["moon/1", "intake/1"])
def test_a_clock_that_does_not_run_is_not_extended(clock: str) -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(UnknownItem) as refused:
        life.do(extension(life, clock=clock))
    assert "investigation/1" in refused.value.possible


def test_daily_feedback_and_acknowledgements_are_not_extended() -> None:
    life = by_hand()
    for clock in ("feedback/1", "acknowledgement/1"):
        with pytest.raises(UnknownItem):
            life.do(extension(life, clock=clock))


# --- the end


@pytest.mark.parametrize("stage", OPEN)
def test_withdrawing_voids_what_was_still_owed(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(example(c.MakePromise, life))
    life.do(example(c.Escalate))
    life.do(example(c.Withdraw), role=Role.SYSTEM)
    assert (life.state.stage, life.state.outcome) == (Stage.CLOSED, Outcome.WITHDRAWN)
    assert life.clock(ClockName.PROMISE).verdict == Verdict.VOID
    assert life.clock(ClockName(stage.value)).verdict == Verdict.VOID
    assert not life.state.open_escalations()
    settled = [fact.clock for fact in life.facts(consequences.ClockSettled)]
    assert len(settled) == len(set(settled))


def test_a_note_on_a_closed_complaint_is_still_taken_and_on_an_ended_one_not() -> None:
    life = at_stage(Stage.CLOSED)
    assert life.do(example(c.AddNote))
    with pytest.raises(AlreadyClosed):
        at_stage(Stage.ENDED).do(example(c.AddNote))
