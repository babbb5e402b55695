"""Departments that are called together, each with somebody to send, and a colleague who is called for help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints import consequences, facts
from complaints.errors import (
    AlreadyDone,
    ConflictOfInterest,
    LeadMustAttend,
    NotYourEscalation,
    NotYourSummons,
    StepMissing,
    UnknownItem,
)
from complaints.forms import SummonedDepartment
from complaints.lifecycle import OPEN, Act, Stage
from complaints.policy import Policy
from complaints.policy_file import builtin
from complaints.practices import Gate, Joint, Step
from complaints.records import Cause, ClockName, Escalation, NoticeKind, NoticeStatus, Verdict
from complaints.view import answer, view
from complaints.vocabulary import Actor, Part, Role, Severity
from tests.lives import DAY, HOUR, Life, at_stage, example, hours, with_clock

QIAN_DUO = Actor(id="qian.duo", role=Role.HANDLER, department="metering")
DIFFICULT = {"difficult": True, "difficult_reason": "The neighbours have come with her."}


def punctual(**fields: object) -> Policy:
    """A policy under which a department sends somebody within eight hours."""
    return replace(with_clock(ClockName.ATTENDANCE, budget=hours(8)), **fields)  # type: ignore[arg-type]


def summoned(policy: Policy | None = None, **fields: object) -> Life:
    """Metering (S1) and the eastern district (S2) are called together."""
    life = at_stage(Stage.INVESTIGATION, policy or punctual())
    life.do(example(c.SummonDepartments, life, **fields))
    return life


def of_metering(life: Life) -> list[Escalation]:
    return [e for e in life.state.escalations.values() if e.department == "metering"]


# --- the call


def test_each_department_has_a_summons_of_its_own() -> None:
    called = summoned().state.summons
    assert [(s.id, s.department, s.part) for s in called.values()] == [
        ("S1", "metering", Part.RESPONSIBLE),
        ("S2", "east", Part.LOCAL),
    ]


def test_the_answer_names_every_summons() -> None:
    life = at_stage(Stage.INVESTIGATION, punctual())
    brought = life.do(example(c.SummonDepartments, life))
    assert answer(life.state, brought).created == "S1, S2"


def test_each_lead_is_told_what_part_the_department_has() -> None:
    told = [n for n in summoned().state.notices.values() if n.kind == NoticeKind.SUMMONS]
    assert [notice.recipient for notice in told] == ["lead:metering", "lead:east"]
    assert [notice.why.zh for notice in told if notice.why] == ["贵部门为责任部门", "贵部门为属地部门"]


def test_a_summons_is_about_the_department_that_is_called() -> None:
    life = summoned()
    told = [n for n in life.state.notices.values() if n.kind == NoticeKind.SUMMONS]
    assert [life.state.department_of(notice) for notice in told] == ["metering", "east"]
    assert life.state.department == "billing"


@pytest.mark.parametrize("stage", OPEN)
def test_departments_are_called_at_any_open_stage(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(example(c.SummonDepartments, life))
    assert len(life.state.summons) == 2


def test_a_department_that_never_came_is_watched_again_when_the_complaint_is_reopened() -> None:
    life = summoned(punctual())
    first, second = life.state.summons
    life.do(example(c.SendSomeone, life, summons=first))
    life.do(example(c.Withdraw))
    assert not life.state.open_clocks(ClockName.ATTENDANCE)
    life.do(example(c.Reopen))
    assert [clock.subject for clock in life.state.open_clocks(ClockName.ATTENDANCE)] == [second]


def test_without_a_budget_there_is_no_clock_and_no_fault_of_the_policy() -> None:
    life = summoned(builtin())
    assert not life.clocks(ClockName.ATTENDANCE)
    assert not life.state.escalations


def test_a_department_that_has_sent_nobody_is_not_called_again() -> None:
    life = summoned()
    with pytest.raises(AlreadyDone):
        life.do(example(c.SummonDepartments, life))


def test_a_department_is_called_once_in_one_breath() -> None:
    twice = tuple(SummonedDepartment(department="east", part=part) for part in (Part.LOCAL, Part.ASSOCIATED))
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(AlreadyDone):
        life.do(example(c.SummonDepartments, life, departments=twice))
    assert not life.state.summons


def test_a_department_that_came_may_be_called_once_more() -> None:
    life = summoned()
    for name in ("S1", "S2"):
        life.do(example(c.SendSomeone, life, summons=name))
    life.do(example(c.SummonDepartments, life))
    assert list(life.state.summons) == ["S1", "S2", "S3", "S4"]


# --- who comes


def test_sending_somebody_in_time_meets_the_clock() -> None:
    life = summoned()
    life.do(c.SendSomeone(summons="S1", person="qian.duo"), actor=QIAN_DUO, after=8 * HOUR)
    first, second = life.clocks(ClockName.ATTENDANCE)
    assert (first.subject, first.verdict) == ("S1", Verdict.MET)
    assert (second.subject, second.breached_at) == ("S2", life.now)
    assert (life.state.summons["S1"].sent, life.state.summons["S1"].sent_at) == ("qian.duo", life.now)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.LEAD, Role.DESK])
def test_nobody_sends_another_departments_people(role: Role) -> None:
    life = summoned()
    with pytest.raises(NotYourSummons):
        life.do(example(c.SendSomeone, life), role=role)


def test_the_customer_service_department_speaks_for_any() -> None:
    life = summoned()
    assert life.do(example(c.SendSomeone, life, summons="S2"), role=Role.CUSTOMER_SERVICE)


def test_somebody_is_sent_once() -> None:
    life = summoned()
    life.do(example(c.SendSomeone, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.SendSomeone, life))


def test_an_unknown_summons_names_the_known_ones() -> None:
    life = summoned()
    with pytest.raises(UnknownItem) as refused:
        life.do(example(c.SendSomeone, life, summons="S9"))
    assert {"S1", "S2"} <= set(refused.value.possible)


def test_nobody_who_is_kept_out_is_sent() -> None:
    life = summoned()
    life.do(c.Recuse(person="qian.duo", reason="He read the meter."))
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.SendSomeone, life, person="qian.duo"))


def test_a_lead_who_was_asked_for_comes_in_person() -> None:
    life = summoned(lead_attends=True)
    with pytest.raises(LeadMustAttend):
        life.do(example(c.SendSomeone, life))
    assert life.do(example(c.SendSomeone, life, is_lead=True))


def test_leads_come_to_difficult_complaints_where_the_policy_says_so() -> None:
    life = summoned(punctual(joint=Joint(lead_attends_if_difficult=True)))
    life.do(example(c.SendSomeone, life, summons="S1"))
    life.do(example(c.Classify, life, **DIFFICULT))
    with pytest.raises(LeadMustAttend):
        life.do(example(c.SendSomeone, life, summons="S2"))


def test_without_that_rule_a_difficult_complaint_asks_for_no_lead() -> None:
    life = summoned()
    life.do(example(c.Classify, life, **DIFFICULT))
    assert life.do(example(c.SendSomeone, life))


# --- who does not


def test_a_department_that_sends_nobody_is_escalated_to_its_own_lead_first() -> None:
    life = summoned().wait(8 * HOUR)
    first, *_ = of_metering(life)
    assert (first.cause, first.audience, first.clock) == (Cause.BREACH, Role.LEAD, "attendance/1")
    assert "lead:metering" in {n.recipient for n in life.state.notices.values() if n.escalation == first.id}


def test_it_climbs_to_the_customer_service_department() -> None:
    life = summoned().wait(5 * DAY)
    first, *_ = of_metering(life)
    assert Role.CUSTOMER_SERVICE in {
        n.audience for n in life.state.notices.values() if n.escalation == first.id
    }


def test_somebody_who_comes_late_stands_the_escalation_down() -> None:
    life = summoned().wait(9 * HOUR)
    life.do(example(c.SendSomeone, life, summons="S1"))
    assert life.clocks(ClockName.ATTENDANCE)[0].verdict == Verdict.BREACHED
    assert not of_metering(life)[0].is_open


def test_another_severity_has_another_time_to_come() -> None:
    policy = with_clock(ClockName.ATTENDANCE, budget=hours(8), by_severity={Severity.CRITICAL: hours(1)})
    life = summoned(policy)
    life.do(example(c.ChangeSeverity, life))
    assert {k.due_at for k in life.clocks(ClockName.ATTENDANCE)} == {life.now + HOUR}


def test_closing_voids_what_nobody_came_to() -> None:
    life = summoned()
    life.do(example(c.Withdraw, life))
    assert {k.verdict for k in life.clocks(ClockName.ATTENDANCE)} == {Verdict.VOID}


def test_nobody_is_woken_to_send_who_has_been_sent() -> None:
    life = summoned()
    notice = next(n for n in life.state.notices.values() if n.recipient == "lead:metering")
    life.state = replace(
        life.state,
        notices={**life.state.notices, notice.id: replace(notice, not_before=life.now + 9 * HOUR)},
    )
    life.do(example(c.SendSomeone, life, summons="S1"))
    assert life.state.notices[notice.id].status == NoticeStatus.WITHDRAWN


def test_the_view_shows_who_was_called_and_who_came() -> None:
    life = summoned()
    life.do(example(c.SendSomeone, life, summons="S1"))
    assert view(life.state).summons == life.state.summons
    assert [f.person for f in life.facts(facts.SomeoneSent)] == ["qian.duo"]


# --- support


def called(**fields: object) -> Life:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.CallForSupport, life, **fields))
    return life


def test_a_call_for_support_goes_to_the_lead() -> None:
    raised = called().escalation()
    assert (raised.cause, raised.audience, raised.department, raised.person) == (
        Cause.SUPPORT,
        Role.LEAD,
        "billing",
        None,
    )


def test_a_call_for_a_colleague_is_told_to_them_by_name() -> None:
    life = called(person="qian.duo")
    assert life.escalation().person == "qian.duo"
    (told,) = life.state.notices.values()
    assert told.recipient == "person:qian.duo"


@pytest.mark.parametrize("kind", [c.AcknowledgeEscalation, c.ResolveEscalation, c.DeclineEscalation])
def test_a_colleague_who_is_called_may_answer_whatever_their_role(kind: type) -> None:
    life = called(person="qian.duo")
    assert life.do(example(kind, life), actor=QIAN_DUO)


@pytest.mark.parametrize("kind", [c.AcknowledgeEscalation, c.ResolveEscalation, c.DeclineEscalation])
def test_a_colleague_who_is_not_called_may_not(kind: type) -> None:
    life = called(person="qian.duo")
    with pytest.raises(NotYourEscalation):
        life.do(example(kind, life), role=Role.HANDLER)


def test_a_colleague_who_does_not_answer_is_passed_over() -> None:
    life = called(person="qian.duo").wait(3 * DAY)
    climbed = life.facts(consequences.EscalationClimbed)[0]
    assert climbed.audience == Role.CUSTOMER_SERVICE
    assert life.state.escalations[climbed.escalation].person is None


def test_nobody_who_is_kept_out_is_called_for_support() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(c.Recuse(person="qian.duo", reason="He read the meter."))
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.CallForSupport, life, person="qian.duo"))


def test_a_mediator_may_call_for_support() -> None:
    life = at_stage(Stage.SOLUTION)
    assert life.do(example(c.CallForSupport, life), role=Role.MEDIATOR)


# --- a gate


def test_a_gate_waits_for_every_department_that_was_called() -> None:
    life = summoned(punctual(gates=(Gate(before=Act.RECORD_FINDINGS, needs=(Step.DEPARTMENTS_CAME,)),)))
    life.do(example(c.SendSomeone, life, summons="S1"))
    with pytest.raises(StepMissing) as refused:
        life.do(example(c.RecordFindings, life))
    assert Act.SEND_SOMEONE in refused.value.possible
    life.do(example(c.SendSomeone, life, summons="S2"))
    assert life.do(example(c.RecordFindings, life))
