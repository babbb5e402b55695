"""Gates: an act whose steps have not been done is refused, and says what comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from complaints import commands as c
from complaints.errors import FirstContactMissing, StepMissing
from complaints.forms import Names, RestatedPoint
from complaints.lifecycle import Act, Stage
from complaints.policy_file import builtin
from complaints.practices import FormField, Gate, Step
from complaints.steps import RULES
from complaints.view import view
from complaints.vocabulary import Channel, Severity
from tests.lives import NOBODY_KNOWN, Life, at_stage, cny, example, option

ORDER = {"order": FormField(title=Names(en="Order number", zh="订单号"))}


def gated(before: Act, *needs: Step, form: Any = None, **fields: Any) -> Any:
    gate = Gate(before=before, needs=needs, **fields)
    return replace(builtin(), gates=(gate,), form=form or {})


def refused(life: Life, command: Any) -> StepMissing:
    before = life.state
    with pytest.raises(StepMissing) as refusal:
        life.do(command)
    assert life.state == before
    return refusal.value


def test_every_step_has_its_rule() -> None:
    assert set(RULES) == set(Step)


def test_a_refusal_names_the_step_the_reason_and_the_act_that_does_it() -> None:
    why = Names(en="Expectations first.", zh="先谈期望。")
    life = at_stage(Stage.SOLUTION, gated(Act.OFFER_OPTION, Step.EXPECTATIONS_SET, why=why))
    refusal = refused(life, example(c.OfferOption, life, option=option(life)))
    assert refusal.message == "before offer_option comes expectations_set: Expectations first. 先谈期望。"
    assert refusal.possible == (Act.SET_EXPECTATIONS,)


def test_what_was_done_opens_the_gate() -> None:
    life = at_stage(Stage.SOLUTION, gated(Act.OFFER_OPTION, Step.EXPECTATIONS_SET, Step.EXPLAINED))
    life.do(example(c.SetExpectations))
    refusal = refused(life, example(c.OfferOption, life, option=option(life)))
    assert refusal.possible == (Act.GIVE_FEEDBACK,)
    life.do(c.GiveFeedback(message="读数抄错了一位", channel=Channel.PHONE, explanation=True))
    assert life.do(example(c.OfferOption, life))


def test_expectations_are_set_anew_in_every_round() -> None:
    life = at_stage(Stage.SOLUTION, gated(Act.OFFER_OPTION, Step.EXPECTATIONS_SET))
    life.do(example(c.SetExpectations))
    life.do(example(c.OfferOption, life, option=option(life)))
    life.do(example(c.AcceptOption, life))
    life.to(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    life.do(example(c.RecordFindings))
    refused(life, example(c.OfferOption, life, option=option(life)))


def test_a_gate_for_difficult_complaints_lets_others_pass() -> None:
    policy = gated(Act.OFFER_OPTION, Step.EXPECTATIONS_SET, difficult=True)
    easy = at_stage(Stage.SOLUTION, policy)
    assert easy.do(example(c.OfferOption, easy, option=option(easy)))
    hard = Life(policy).to(Stage.INTAKE)
    hard.do(example(c.Classify, hard, difficult=True, difficult_reason="威胁投诉到媒体"))
    hard.to(Stage.SOLUTION)
    refused(hard, example(c.OfferOption, hard, option=option(hard)))


def test_a_gate_of_a_category_lets_others_pass() -> None:
    policy = gated(Act.OFFER_OPTION, Step.EXPECTATIONS_SET, categories=("noise",))
    life = at_stage(Stage.SOLUTION, policy)
    assert life.do(example(c.OfferOption, life, option=option(life)))


def test_a_gate_from_a_sum_on_lets_smaller_ones_pass() -> None:
    policy = gated(Act.OFFER_OPTION, Step.EXPECTATIONS_SET, from_sum=(cny(300),))
    life = at_stage(Stage.SOLUTION, policy)
    refused(life, example(c.OfferOption, life, option=option(life, 300)))
    assert life.do(example(c.OfferOption, life, option=option(life, 299)))


def test_points_that_the_customer_did_not_agree_to_are_not_agreed() -> None:
    life = at_stage(Stage.INTAKE, gated(Act.CLASSIFY, Step.POINTS_AGREED))
    half = (RestatedPoint(said="电费翻倍", agreed=True), RestatedPoint(said="抄表员没来", agreed=False))
    life.do(example(c.RecordFirstContact, life, points=half))
    refused(life, example(c.Classify, life))
    life.do(example(c.RecordFirstContact, life, points=tuple(replace(p, agreed=True) for p in half)))
    assert life.do(example(c.Classify, life))


def test_no_point_at_all_is_not_point_by_point() -> None:
    life = at_stage(Stage.INTAKE, gated(Act.CLASSIFY, Step.POINTS_AGREED))
    life.do(example(c.RecordFirstContact, life))
    refused(life, example(c.Classify, life))


def test_a_gate_before_the_investigation_keeps_it_at_intake() -> None:
    life = Life(gated(Act.BEGIN_INVESTIGATION, Step.FORM_COMPLETE, form=ORDER))
    life.do(example(c.Register))
    for kind in (c.RecordFirstContact, c.Classify, c.Assign):
        life.do(example(kind, life))
    assert life.state.stage == Stage.INTAKE
    refusal = refused(life, example(c.RecordFindings))
    assert "form_complete (fields: order)" in refusal.message
    assert refusal.possible == (Act.FILL_FORM,)
    life.do(c.FillForm(details={"order": "D88012"}))
    assert view(life.state).stage == Stage.INVESTIGATION


def test_what_else_intake_lacks_is_said_first() -> None:
    life = at_stage(Stage.INTAKE, gated(Act.BEGIN_INVESTIGATION, Step.FORM_COMPLETE, form=ORDER))
    with pytest.raises(FirstContactMissing):
        life.do(example(c.RecordFindings))


def test_a_form_that_came_with_the_registration_is_complete() -> None:
    life = Life(gated(Act.BEGIN_INVESTIGATION, Step.FORM_COMPLETE, form=ORDER))
    life.do(example(c.Register, details={"order": "D88012"}))
    assert life.to(Stage.INVESTIGATION).state.details == {"order": "D88012"}


def test_nothing_is_asked_of_somebody_who_cannot_be_reached() -> None:
    life = Life(gated(Act.CLASSIFY, Step.POINTS_AGREED, Step.NEXT_STEP_AGREED, Step.INTERESTS_RECORDED))
    life.do(example(c.Register, customer=NOBODY_KNOWN))
    assert life.do(example(c.Classify, life, severity=Severity.LOW))


def test_a_letter_is_not_speaking_with_somebody() -> None:
    life = at_stage(Stage.INTAKE, gated(Act.CLASSIFY, Step.SPOKEN_WITH))
    life.do(example(c.RecordFirstContact, life, channel=Channel.LETTER))
    refused(life, example(c.Classify, life))
    life.do(example(c.RecordFirstContact, life, channel=Channel.WALK_IN))
    assert life.do(example(c.Classify, life))


def test_a_concrete_time_is_told_first() -> None:
    life = at_stage(Stage.INTAKE, gated(Act.CLASSIFY, Step.TIME_TOLD))
    life.do(example(c.RecordFirstContact, life))
    assert refused(life, example(c.Classify, life)).possible == (Act.MAKE_PROMISE,)
    life.do(example(c.MakePromise, life))
    assert life.do(example(c.Classify, life))


def test_questions_to_departments_are_answered_first() -> None:
    life = at_stage(Stage.INVESTIGATION, gated(Act.RECORD_FINDINGS, Step.QUESTIONS_ANSWERED))
    life.do(example(c.RequestVerification))
    refused(life, example(c.RecordFindings))
    life.do(example(c.AnswerVerification, life))
    assert life.do(example(c.RecordFindings))


def test_a_contested_liability_is_judged_first() -> None:
    life = at_stage(Stage.SOLUTION, gated(Act.OFFER_OPTION, Step.LIABILITY_SETTLED))
    life.do(example(c.DisputeLiability))
    refused(life, example(c.OfferOption, life, option=option(life)))
    life.do(example(c.JudgeLiability))
    assert life.do(example(c.OfferOption, life))


def test_goodwill_follows_what_was_agreed_before_it_is_closed() -> None:
    life = at_stage(Stage.FOLLOW_UP, gated(Act.CONFIRM_SATISFACTION, Step.GOODWILL_SHOWN))
    refused(life, example(c.RecordFollowUp))
    life.do(example(c.GiveGoodwill))
    assert life.do(example(c.RecordFollowUp))


def test_the_follow_up_itself_may_show_goodwill() -> None:
    life = at_stage(Stage.FOLLOW_UP, gated(Act.CONFIRM_SATISFACTION, Step.GOODWILL_SHOWN))
    assert life.do(example(c.RecordFollowUp, goodwill="一份手写的感谢卡"))


def test_no_goodwill_is_owed_where_nothing_was_agreed() -> None:
    life = at_stage(Stage.INVESTIGATION, gated(Act.CONFIRM_SATISFACTION, Step.GOODWILL_SHOWN))
    life.do(example(c.AdmitUnsolvable))
    assert life.do(example(c.RecordFollowUp))


def test_satisfaction_is_confirmed_in_so_many_words() -> None:
    life = at_stage(Stage.FOLLOW_UP, gated(Act.CONFIRM_SATISFACTION, Step.SATISFACTION_IN_WORDS))
    refused(life, example(c.RecordFollowUp, words=None))
    assert life.do(example(c.RecordFollowUp, words="满意"))


def test_dissatisfaction_passes_every_gate_of_satisfaction() -> None:
    life = at_stage(Stage.FOLLOW_UP, gated(Act.CONFIRM_SATISFACTION, Step.SATISFACTION_IN_WORDS))
    assert life.do(example(c.RecordFollowUp, satisfied=False, words=None))


def test_every_question_of_the_survey_has_its_answer() -> None:
    life = at_stage(Stage.FOLLOW_UP, gated(Act.CONFIRM_SATISFACTION, Step.SURVEY_ANSWERED))
    refused(life, example(c.RecordFollowUp, answers=(5,)))
    assert life.do(example(c.RecordFollowUp, answers=(5, 4, 5)))


def test_whatever_opens_the_last_gate_lets_the_complaint_leave_the_intake() -> None:
    life = Life(gated(Act.BEGIN_INVESTIGATION, Step.TIME_TOLD))
    for kind in (c.Register, c.RecordFirstContact, c.Classify, c.Assign):
        life.do(example(kind, life))
    assert view(life.state).stage == Stage.INTAKE
    life.do(example(c.MakePromise, life))
    assert view(life.state).stage == Stage.INVESTIGATION
