"""Who is named in a complaint, or in conflict, is kept out of it, and can still say what they know."""

from __future__ import annotations

import pytest

from complaints import commands as c
from complaints.errors import AlreadyDone, ConflictOfInterest
from complaints.lifecycle import Stage
from complaints.records import Cause, ClockName, Verdict
from complaints.vocabulary import Actor, Role
from tests.lives import DAY, HOUR, PEOPLE, Life, at_stage, cny, example, option

SUN_HAO = Actor(id="sun.hao", role=Role.HANDLER, department="metering")


def named(*people: str) -> Life:
    """A complaint about members of staff, who are named in it."""
    life = Life()
    life.do(example(c.Register, named=people))
    return life


def recused(stage: Stage, person: str = "sun.hao") -> Life:
    life = at_stage(stage)
    life.do(example(c.Recuse, person=person), role=Role.CUSTOMER_SERVICE)
    return life


# --- not in charge


def test_who_is_named_in_a_complaint_is_kept_out_of_it() -> None:
    assert named("zhang.wei", "sun.hao").state.recused == ("zhang.wei", "sun.hao")


def test_who_is_kept_out_is_not_assigned() -> None:
    life = named("zhang.wei")
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.Assign, handler="zhang.wei"), role=Role.LEAD)
    assert life.do(example(c.Assign, handler="qian.duo"), role=Role.LEAD)


def test_who_is_kept_out_is_not_put_in_the_place_of_another() -> None:
    with pytest.raises(ConflictOfInterest):
        recused(Stage.INVESTIGATION).do(
            c.Reassign(department="metering", handler="sun.hao", reason="She knows the meter.")
        )


def test_no_escalation_is_handed_to_who_is_kept_out() -> None:
    life = recused(Stage.INVESTIGATION)
    life.do(example(c.Escalate))
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.ReassignEscalation, life, person="sun.hao"))


# --- does not act


@pytest.mark.parametrize(
    "kind", [c.GiveFeedback, c.RequestVerification, c.RecordFindings, c.Escalate, c.Withdraw, c.MakePromise]
)
def test_who_is_kept_out_does_nothing(kind: type) -> None:
    life = recused(Stage.INVESTIGATION)
    before = life.state
    with pytest.raises(ConflictOfInterest) as refused:
        life.do(example(kind, life), actor=SUN_HAO)
    assert refused.value.possible == ("add_note", "answer_verification", "attach_file", "declare_emergency")
    assert life.state == before


def test_who_is_kept_out_approves_nothing() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(c.RequestApproval(option=option(life, 3_000)))
    life.do(example(c.Recuse, person=PEOPLE[Role.LEAD].id), role=Role.CUSTOMER_SERVICE)
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.Approve, life), role=Role.LEAD)
    assert life.do(example(c.Approve, life), role=Role.CUSTOMER_SERVICE)


def test_who_is_kept_out_settles_nothing_on_the_spot() -> None:
    life = named("xiao.li")
    life.do(example(c.RecordFirstContact))
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.ResolveAtFirstContact, compensation=cny(10)), role=Role.DESK)


def test_who_is_kept_out_acknowledges_nothing() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.MakePromise, life))
    life.wait(DAY)
    life.do(example(c.Recuse, person=PEOPLE[Role.LEAD].id), role=Role.CUSTOMER_SERVICE)
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)


def test_who_is_kept_out_may_add_a_note() -> None:
    assert recused(Stage.INVESTIGATION).do(example(c.AddNote), actor=SUN_HAO)


def test_who_is_kept_out_may_answer_what_they_are_asked() -> None:
    life = recused(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.do(example(c.AnswerVerification, life), actor=SUN_HAO)
    assert life.clock(ClockName.VERIFICATION).verdict == Verdict.MET


def test_an_act_of_another_role_is_refused_for_the_role_first() -> None:
    """Nobody learns from a refusal who is named in a complaint that they may not act in anyway."""
    life = named("inspector")
    with pytest.raises(Exception, match="auditor"):
        life.do(example(c.Classify), role=Role.AUDITOR)


# --- who handles it now


def test_recusing_who_handles_it_calls_their_lead() -> None:
    life = recused(Stage.INVESTIGATION, "zhang.wei")
    assert (life.escalation().cause, life.escalation().audience) == (Cause.RECUSAL, Role.LEAD)
    assert "hotline-2031:E1.0:lead:billing" in life.state.notices


def test_naming_somebody_else_answers_that_call() -> None:
    life = recused(Stage.INVESTIGATION, "zhang.wei")
    life.do(example(c.Reassign, handler="qian.duo"), after=HOUR)
    assert not life.escalation().is_open


def test_a_call_for_somebody_else_that_nobody_answers_climbs() -> None:
    life = recused(Stage.INVESTIGATION, "zhang.wei").wait(4 * HOUR)
    assert life.state.escalations["E1"].audience == Role.CUSTOMER_SERVICE


def test_recusing_somebody_else_calls_nobody() -> None:
    assert not recused(Stage.INVESTIGATION).state.escalations


def test_recusing_who_handled_a_closed_complaint_calls_nobody() -> None:
    assert not recused(Stage.CLOSED, "zhang.wei").state.escalations


def test_somebody_is_recused_once() -> None:
    with pytest.raises(AlreadyDone):
        recused(Stage.INVESTIGATION).do(example(c.Recuse))


def test_anybody_on_the_staff_may_declare_themselves_in_conflict() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(c.Recuse(person="zhang.wei", reason="She is my aunt."), role=Role.HANDLER)
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.RecordFindings), role=Role.HANDLER)


def test_who_is_kept_out_stays_out_when_it_is_reopened() -> None:
    life = recused(Stage.CLOSED)
    life.do(example(c.Reopen))
    with pytest.raises(ConflictOfInterest):
        life.do(example(c.GiveFeedback), actor=SUN_HAO)
