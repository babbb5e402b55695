"""Investigation: questions with clocks of their own, findings, and who is liable."""

import pytest

from complaints import commands as c
from complaints.errors import AlreadyDone, NotDisputed, NotYourRole, UnknownItem
from complaints.lifecycle import Stage
from complaints.records import Cause, ClockName, Verdict
from complaints.vocabulary import Justified, Role
from tests.lives import DAY, HOUR, INSTANT, at_stage, example


def test_each_question_has_a_clock_of_its_own() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.do(example(c.RequestVerification, department="legal"), after=HOUR)
    assert [(k.subject, k.due_at) for k in life.clocks(ClockName.VERIFICATION)] == [
        ("V1", life.now - HOUR + DAY),
        ("V2", life.now + DAY),
    ]


def test_an_answer_settles_its_own_question_only() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.do(example(c.RequestVerification))
    life.do(example(c.AnswerVerification, verification="V1"), role=Role.SYSTEM)
    assert [k.verdict for k in life.clocks(ClockName.VERIFICATION)] == [Verdict.MET, None]
    assert life.state.verifications["V1"].answered_by == "crm"


def test_a_missed_question_goes_to_the_lead_of_the_department_that_was_asked() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.wait_until(life.clock(ClockName.VERIFICATION).due_at)
    assert (life.escalation().audience, life.escalation().department) == (Role.LEAD, "metering")
    assert "hotline-2031:E1.0:lead:metering" in life.state.notices


def test_a_late_answer_is_taken_and_stands_the_escalation_down() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.do(example(c.AnswerVerification, life), after=DAY + INSTANT)
    assert life.clock(ClockName.VERIFICATION).verdict == Verdict.BREACHED
    assert not life.escalation().is_open


def test_a_question_is_answered_once() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.do(example(c.AnswerVerification, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.AnswerVerification, life))


def test_a_question_nobody_asked_is_unknown() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    with pytest.raises(UnknownItem) as refused:
        life.do(example(c.AnswerVerification, verification="V7"))
    assert refused.value.possible == ("V1",)


def test_a_question_goes_on_ticking_after_the_findings() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.do(example(c.RecordFindings))
    assert life.clock(ClockName.VERIFICATION).is_ticking


def test_findings_have_the_last_word_on_whether_it_is_justified() -> None:
    life = at_stage(Stage.INVESTIGATION)
    at_first = life.state.justified
    life.do(example(c.RecordFindings, justified=Justified.NO))
    assert (at_first, life.state.justified) == (Justified.YES, Justified.NO)


def test_findings_meet_the_clock_of_the_investigation() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RecordFindings), after=5 * DAY)
    assert life.clock(ClockName.INVESTIGATION).verdict == Verdict.MET
    assert life.clock(ClockName.SOLUTION).due_at == life.now + 5 * DAY


@pytest.mark.parametrize("stage", [Stage.SOLUTION, Stage.EXECUTION])
def test_a_contested_liability_is_judged_by_the_customer_service_department_only(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(example(c.DisputeLiability))
    assert (life.escalation().cause, life.escalation().audience) == (Cause.DISPUTED, Role.CUSTOMER_SERVICE)
    with pytest.raises(NotYourRole):
        life.do(example(c.JudgeLiability), role=Role.LEAD)
    life.do(example(c.JudgeLiability))
    assert life.state.findings is not None
    assert life.state.findings.responsible_department == "billing"
    assert life.state.disputed is None
    assert not life.escalation().is_open


def test_a_liability_is_contested_once_at_a_time() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.DisputeLiability))
    with pytest.raises(AlreadyDone):
        life.do(example(c.DisputeLiability))
    life.do(example(c.JudgeLiability))
    assert life.do(example(c.DisputeLiability))


def test_only_a_contested_liability_is_judged() -> None:
    with pytest.raises(NotDisputed):
        at_stage(Stage.SOLUTION).do(example(c.JudgeLiability))
