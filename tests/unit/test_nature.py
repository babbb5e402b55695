"""A communicative complaint that is handled badly becomes a valid one; a difficult one gets a first responsible."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.changes import head
from complaints.errors import NotCommunicative
from complaints.lifecycle import Stage
from complaints.policy import DifficultRule, Policy
from complaints.policy_file import builtin
from complaints.practices import Mishandling
from complaints.records import Cause, ClockName
from complaints.view import view
from complaints.vocabulary import Nature, Role
from tests.lives import DAY, HOUR, Life, example

DIFFICULT = {"difficult": True, "difficult_reason": "It is her third complaint."}


def converting(*how: Mishandling, **fields: object) -> Policy:
    return replace(builtin(), conversion=how, **fields)  # type: ignore[arg-type]


def communicative(policy: Policy, stage: Stage = Stage.INVESTIGATION, **heard: object) -> Life:
    """She only asks; nothing has gone wrong yet."""
    life = Life(policy)
    life.do(example(c.Register, life))
    life.do(example(c.RecordFirstContact, life, nature=Nature.COMMUNICATIVE, **heard))
    life.do(example(c.Classify, life))
    life.do(example(c.Assign, life))
    return life.to(stage)


def converted(life: Life) -> list[tuple[str, ...]]:
    return [fact.reasons for fact in life.facts(consequences.NatureConverted)]


# --- two natures


def test_nobody_knows_what_a_customer_is_after_before_they_were_heard() -> None:
    life = Life()
    life.do(example(c.Register, life))
    assert life.state.nature is None


def test_a_missed_deadline_converts_it() -> None:
    life = communicative(converting(Mishandling.BREACH))
    life.wait_until(life.clock(ClockName.FEEDBACK).due_at)
    assert converted(life) == [("conversion.breach",)]
    assert (life.state.nature, life.state.converted_at) == (Nature.VALID, life.now)


def test_it_is_converted_once_however_much_is_missed() -> None:
    life = communicative(converting(*Mishandling)).wait(10 * DAY)
    assert len(life.facts(consequences.ClockBreached)) > 1
    assert len(converted(life)) == 1


def test_the_customer_service_department_is_told() -> None:
    life = communicative(converting(Mishandling.BREACH)).wait(10 * DAY)
    (raised,) = [e for e in life.state.escalations.values() if e.cause == Cause.CONVERTED]
    assert "customer_service" in {
        n.recipient for n in life.state.notices.values() if n.escalation == raised.id
    }


def test_a_first_contact_that_came_late_counts_as_soon_as_it_is_known_what_they_are_after() -> None:
    life = Life(converting(Mishandling.BREACH))
    life.do(example(c.Register, life))
    life.wait_until(life.clock(ClockName.FIRST_CONTACT).due_at)
    assert life.state.nature is None
    life.do(example(c.RecordFirstContact, life, nature=Nature.COMMUNICATIVE), after=HOUR)
    assert converted(life) == [("conversion.breach",)]


def test_what_was_missed_before_does_not_count_at_another_first_contact() -> None:
    life = Life(converting(Mishandling.BREACH)).to(Stage.INVESTIGATION)
    life.wait_until(life.clock(ClockName.FEEDBACK).due_at)
    life.do(example(c.RecordFirstContact, life, nature=Nature.COMMUNICATIVE))
    assert not converted(life)


def test_a_reopening_before_they_were_heard_counts() -> None:
    life = Life(converting(Mishandling.REOPENED))
    life.do(example(c.Register, life))
    life.do(example(c.Decline, life))
    life.do(example(c.Reopen, life))
    life.do(example(c.RecordFirstContact, life, nature=Nature.COMMUNICATIVE))
    assert converted(life) == [("conversion.reopened",)]


def test_a_superior_who_does_not_answer_has_missed_nothing_owed_to_the_customer() -> None:
    life = communicative(converting(Mishandling.BREACH))
    life.do(example(c.Escalate, life))
    clock = life.clock(ClockName.ACKNOWLEDGEMENT)
    life.wait_until(clock.due_at)
    assert life.state.clocks[clock.key].breached_at is not None
    assert not converted(life)


def test_a_customer_who_is_not_satisfied_converts_it() -> None:
    life = communicative(converting(Mishandling.DISSATISFIED), Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, life, satisfied=False))
    assert converted(life) == [("conversion.dissatisfied",)]


@pytest.mark.parametrize("by", [c.Reopen, c.RecordSecondCall])
def test_a_reopening_converts_it_whoever_brings_it_about(by: type) -> None:
    rule = replace(builtin().follow_up, second_call=builtin().retention)
    life = communicative(converting(Mishandling.REOPENED, follow_up=rule), Stage.CLOSED)
    life.do(example(by, life, **({"still_settled": False} if by is c.RecordSecondCall else {})))
    assert converted(life) == [("conversion.reopened",)]


def test_a_handler_who_calls_it_difficult_converts_it() -> None:
    life = communicative(converting(Mishandling.DIFFICULT))
    life.do(example(c.Classify, life, **DIFFICULT))
    assert converted(life) == [("conversion.difficult",)]


def test_a_rule_that_finds_it_difficult_converts_it() -> None:
    policy = converting(Mishandling.DIFFICULT, difficult=DifficultRule(intensity=5))
    assert converted(communicative(policy, emotional_intensity=5)) == [("conversion.difficult",)]


@pytest.mark.parametrize("how", Mishandling)
def test_a_valid_complaint_is_never_converted(how: Mishandling) -> None:
    life = Life(converting(how)).to(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, life, satisfied=False))
    life.wait(5 * DAY)
    assert not converted(life)


def test_without_the_section_nothing_is_converted() -> None:
    life = communicative(builtin(), Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, life, satisfied=False))
    life.wait(5 * DAY)
    assert life.state.nature == Nature.COMMUNICATIVE
    assert life.state.converted_at is None


def test_somebody_may_convert_it_by_hand() -> None:
    life = communicative(builtin())
    life.do(example(c.ConvertNature, life), after=HOUR)
    (fact,) = life.facts(consequences.NatureConverted)
    assert (fact.reasons, fact.reason) == ((), "She asked three times, and nobody called back.")
    assert life.escalation().cause == Cause.CONVERTED


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_valid_already_is_not_converted(times: int) -> None:
    life = communicative(builtin()) if times == 2 else Life().to(Stage.INVESTIGATION)
    if times == 2:
        life.do(example(c.ConvertNature, life))
    with pytest.raises(NotCommunicative):
        life.do(example(c.ConvertNature, life))


def test_who_was_not_heard_yet_is_not_converted() -> None:
    life = Life()
    life.do(example(c.Register, life))
    with pytest.raises(NotCommunicative):
        life.do(example(c.ConvertNature, life))


def test_another_first_contact_does_not_take_a_conversion_back() -> None:
    life = communicative(builtin())
    life.do(example(c.ConvertNature, life))
    life.do(example(c.RecordFirstContact, life, nature=Nature.COMMUNICATIVE))
    assert life.state.nature == Nature.VALID


def test_the_records_say_when_it_was_converted() -> None:
    life = communicative(builtin())
    life.do(example(c.ConvertNature, life))
    assert head(life.state).converted_at == view(life.state).converted_at == life.now


# --- the first responsible department


def test_a_difficult_complaint_is_answered_for_by_the_department_the_policy_names() -> None:
    life = communicative(replace(builtin(), first_responsible="service"))
    life.do(example(c.Classify, life, **DIFFICULT))
    assert life.state.first_responsible == view(life.state).first_responsible == "service"
    raised = life.escalation()
    assert (raised.cause, raised.audience, raised.department) == (
        Cause.DIFFICULT,
        Role.CUSTOMER_SERVICE,
        "service",
    )
    assert raised.reason.endswith("first responsible: service")


def test_so_is_one_that_a_rule_finds_difficult_while_nobody_answers_for_it() -> None:
    policy = replace(builtin(), first_responsible="service", difficult=DifficultRule(earlier_complaints=3))
    life = Life(policy)
    life.do(example(c.Register, life, earlier_complaints=3))
    assert life.state.first_responsible == "service"


def test_a_department_that_answers_for_it_already_is_not_named_again() -> None:
    life = communicative(replace(builtin(), first_responsible="billing"))
    life.do(example(c.Classify, life, **DIFFICULT))
    assert life.state.first_responsible is None


def test_without_the_section_nobody_is_named() -> None:
    life = communicative(builtin())
    life.do(example(c.Classify, life, **DIFFICULT))
    assert life.state.first_responsible is None
    assert life.escalation().reason == "difficult complaint"
