"""The overlay `difficult`: what it adds to any policy, and that it takes nothing away."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.errors import StepMissing
from complaints.forms import RestatedPoint
from complaints.lifecycle import Act, Stage
from complaints.playbook import guidance
from complaints.policy import Policy
from complaints.policy_file import builtin, read, shipped
from complaints.records import Cause
from complaints.vocabulary import Channel, Role, Severity
from tests.lives import Life, cny, example

BASES = tuple(name for name in shipped() if name != "difficult")
KINDS = ("quality", "tariff", "service", "process")
PHASES = (Stage.INTAKE, Stage.INVESTIGATION, Stage.SOLUTION)


@cache
def over(base: str) -> Policy:
    """The overlay laid over a policy that ships."""
    text = f'name: both\nversion: "1"\ntitle: {{en: Both, zh: 两者}}\nextends: [{base}, difficult]\n'
    return read(text, name="both.yaml")


def registered(policy: Policy, **fields: Any) -> Life:
    life = Life(policy)
    life.do(example(c.Register, **{"category": "other", "description": "不好用", **fields}))
    return life


@pytest.mark.parametrize("base", BASES)
def test_it_takes_no_gate_no_guidance_and_no_word_away(base: str) -> None:
    below, both = builtin(base), over(base)
    assert set(below.gates) <= set(both.gates)
    assert set(below.playbook) < set(both.playbook)
    assert set(below.difficult.words) < set(both.difficult.words)
    assert below.severity.words.items() <= both.severity.words.items()
    assert set(below.follow_up.questions) < set(both.follow_up.questions)
    assert (both.clocks, both.statutory, both.ladders) == (below.clocks, below.statutory, below.ladders)


@pytest.mark.parametrize("base", BASES)
def test_four_kinds_are_told_apart_under_every_policy(base: str) -> None:
    assert set(KINDS) <= set(over(base).kinds)


@pytest.mark.parametrize(
    "fields",
    [
        {"earlier_complaints": 1},  # the second time
        {"description": "不解决不走"},  # a threat
        {"description": "I shall see you in court"},
        {"description": "记者已经在路上了"},  # the press
        {"description": "我要起诉"},  # a court
        {"claim": cny(50_000)},  # a sum
    ],
)
def test_it_is_recognised_when_it_comes_in_and_raised_at_once(fields: dict[str, Any]) -> None:
    life = registered(over("default"), **fields)
    assert life.state.difficult
    (escalation,) = life.state.escalations.values()
    assert (escalation.cause, escalation.audience) == (Cause.DIFFICULT, Role.CUSTOMER_SERVICE)
    assert escalation.opened_at == life.now


@pytest.mark.parametrize("contact", [{"emotional_intensity": 4}, {"customer_type": "relentless"}])
def test_the_first_contact_shows_what_the_form_did_not(contact: dict[str, Any]) -> None:
    life = registered(over("default"))
    calm = {"emotional_intensity": 2, "customer_type": "taciturn"}
    assert not life.state.difficult
    life.do(example(c.RecordFirstContact, **{**calm, **contact}))
    assert life.state.difficult


def test_an_ordinary_complaint_meets_no_gate() -> None:
    life = registered(over("default"))
    life.do(example(c.RecordFirstContact, emotional_intensity=2, customer_type="taciturn"))
    life.do(example(c.Classify, severity=Severity.NORMAL))
    life.do(example(c.Assign))
    life.do(example(c.RecordFindings))
    life.do(example(c.PrepareOption))
    life.do(example(c.OfferOption))
    assert life.state.stage == Stage.SOLUTION


def difficult() -> Life:
    return registered(over("default"), description="不解决不走")


POINTS = (RestatedPoint(said="三月多收 128 元", agreed=True), RestatedPoint(said="要书面说明", agreed=True))


def accepted(life: Life) -> Life:
    life.do(example(c.RecordFirstContact, emotional_intensity=3, customer_type="prepared", points=POINTS))
    life.do(
        example(
            c.Classify, severity=Severity.HIGH, kind="tariff", difficult=True, difficult_reason="扬言升级"
        )
    )
    life.do(example(c.Assign))
    return life


def test_phase_one_every_point_is_agreed_before_anything_is_looked_up() -> None:
    life = difficult()
    life.do(example(c.RecordFirstContact, emotional_intensity=3, customer_type="prepared"))
    life.do(example(c.Classify, severity=Severity.HIGH, kind="tariff"))
    life.do(example(c.Assign))
    assert not life.facts(consequences.StageEntered)[1:]
    life.do(example(c.RecordFirstContact, emotional_intensity=3, customer_type="prepared", points=POINTS))
    assert life.state.stage == Stage.INVESTIGATION


def test_phase_two_every_question_is_answered_before_anything_is_concluded() -> None:
    life = accepted(difficult())
    life.do(example(c.RequestVerification))
    with pytest.raises(StepMissing, match="questions_answered"):
        life.do(example(c.RecordFindings))
    life.do(example(c.AnswerVerification, life))
    life.do(example(c.RecordFindings))
    assert life.state.stage == Stage.SOLUTION


def test_phases_three_and_four_explanation_and_expectations_come_before_an_option() -> None:
    life = accepted(difficult())
    life.do(example(c.RecordFindings))
    life.do(example(c.PrepareOption))
    with pytest.raises(StepMissing, match="explained"):
        life.do(example(c.OfferOption))
    life.do(example(c.GiveFeedback, explanation=True))
    with pytest.raises(StepMissing, match="expectations_set"):
        life.do(example(c.OfferOption))
    life.do(example(c.SetExpectations))
    life.do(example(c.OfferOption))


def test_at_the_end_satisfaction_is_assessed_in_words_and_by_every_question() -> None:
    life = accepted(difficult())
    life.do(example(c.RecordFindings))
    life.do(example(c.PrepareOption))
    life.do(example(c.GiveFeedback, explanation=True))
    life.do(example(c.SetExpectations))
    life.do(example(c.OfferOption))
    life.do(example(c.AcceptOption))
    life.do(example(c.PlanAction))
    life.do(example(c.CompleteAction))
    asked = len(life.state.policy.follow_up.questions)
    for words, answers in ((None, (4,) * asked), ("可以", (4,) * (asked - 1))):
        with pytest.raises(StepMissing):
            life.do(example(c.RecordFollowUp, satisfied=True, words=words, answers=answers))
    life.do(example(c.RecordFollowUp, satisfied=True, words="可以", answers=(4,) * asked))
    assert life.state.stage == Stage.CLOSED


@pytest.mark.parametrize("stage", PHASES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_script_in_every_phase(kind: str, stage: Stage) -> None:
    scripts = [e for e in over("telecom").playbook if kind in e.kinds and stage in e.stages]
    assert len(scripts) == 1
    assert scripts[0].difficult


def test_scripts_of_other_kinds_are_not_shown() -> None:
    policy = over("telecom")
    shown = guidance(
        policy,
        stage=Stage.SOLUTION,
        customer_type=None,
        intensity=None,
        kind="tariff",
        difficult=True,
    )
    scripts = {e.say for e in policy.playbook if e.kinds and e.stages == (Stage.SOLUTION,)}
    assert len(scripts & set(shown)) == 1


def test_every_gate_says_which_phase_it_keeps() -> None:
    gates = [gate for gate in builtin("difficult").gates if gate.difficult]
    said = [gate.why.zh for gate in gates if gate.why]
    assert [each[0] for each in said[:4]] == ["一", "二", "三", "四"]
    assert {gate.before for gate in gates} == {
        Act.BEGIN_INVESTIGATION, Act.RECORD_FINDINGS, Act.OFFER_OPTION, Act.CONFIRM_SATISFACTION
    }  # fmt: skip


def test_the_first_contact_is_by_any_channel() -> None:
    life = difficult()
    life.do(
        example(
            c.RecordFirstContact,
            points=POINTS,
            channel=Channel.CHAT,
            emotional_intensity=3,
            customer_type=None,
        )
    )
    assert life.state.first_contact is not None
