"""Dangers that a complaint hints at, or that somebody declares: told at once, and looked at on site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.errors import AlreadyDone, UnknownItem
from complaints.explain import of_complaint
from complaints.forms import Names
from complaints.lifecycle import OPEN, Stage
from complaints.policy_file import builtin
from complaints.practices import Hazard
from complaints.records import Cause, ClockName, Verdict
from complaints.vocabulary import Role
from tests.lives import DAY, HOUR, Life, at_stage, example, hours

LIVE_WIRE = Hazard(
    title=Names(en="Live wire", zh="导线带电"), words=("漏电", "live wire"), on_site_within=hours(2)
)
GAS = Hazard(title=Names(en="Gas", zh="燃气"), words=("煤气味",), tell=Role.EXECUTIVE)
UNSPOKEN = Hazard(title=Names(en="Flood", zh="水淹"), on_site_within=hours(4))
HAZARDS = {"live_wire": LIVE_WIRE, "gas": GAS, "flood": UNSPOKEN}


def registered(description: str, hazards: Mapping[str, Hazard] | None = None, **fields: object) -> Life:
    life = Life(replace(builtin(), hazards=HAZARDS if hazards is None else hazards))
    life.do(example(c.Register, life, description=description, **fields))
    return life


def raised(life: Life) -> list[tuple[Role, str]]:
    return [(e.audience, e.reason) for e in life.state.escalations.values() if e.cause == Cause.HAZARD]


# --- hinted at


def test_a_hazard_that_is_mentioned_is_told_the_moment_it_is_registered() -> None:
    life = registered("楼道里的电表箱漏电,手一碰就麻。")
    assert raised(life) == [(Role.CUSTOMER_SERVICE, "hazard: Live wire (导线带电)")]
    assert life.escalation().opened_at == life.now


def test_it_is_found_in_what_the_customer_asks_for() -> None:
    life = registered("The cable is down.", asked_remedy="Take the LIVE WIRE away")
    assert [fact.hazard for fact in life.facts(consequences.HazardSuspected)] == ["live_wire"]


def test_each_hazard_goes_to_whom_the_policy_names() -> None:
    life = registered("漏电,还有煤气味")
    assert [audience for audience, _ in raised(life)] == [Role.EXECUTIVE, Role.CUSTOMER_SERVICE]


def test_the_order_of_a_policys_hazards_does_not_matter() -> None:
    text = "漏电,还有煤气味"
    assert raised(registered(text, dict(reversed(HAZARDS.items())))) == raised(registered(text))


def test_somebody_has_to_be_there_by_when_the_policy_says() -> None:
    life = registered("漏电")
    clock = life.clock(ClockName.EMERGENCY)
    assert (clock.subject, clock.due_at) == ("H1", life.now + 2 * HOUR)
    assert life.state.emergencies["H1"].hazard == "live_wire"


def test_a_hazard_to_which_nobody_has_to_go_is_told_alone() -> None:
    life = registered("煤气味")
    assert not life.clocks(ClockName.EMERGENCY)
    assert not life.state.emergencies


@pytest.mark.parametrize("hazards", [HAZARDS, {}])
def test_what_hints_at_nothing_raises_nothing(hazards: Mapping[str, Hazard]) -> None:
    life = registered("三月电费比上月多了三倍", hazards)
    assert not raised(life)
    assert not life.facts(consequences.HazardSuspected)


# --- declared


@pytest.mark.parametrize("stage", OPEN)
def test_an_emergency_is_declared_at_any_open_stage(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(example(c.DeclareEmergency, life))
    assert raised(life) == [(Role.CUSTOMER_SERVICE, "an emergency was declared")]
    assert life.state.emergencies["H1"].what == "电表箱冒烟"


def test_a_hazard_that_is_declared_has_the_policys_time() -> None:
    life = registered("三月电费")
    life.do(example(c.DeclareEmergency, life, hazard="flood"), after=HOUR)
    assert life.clock(ClockName.EMERGENCY).due_at == life.now + 4 * HOUR


def test_an_emergency_without_a_name_has_no_clock() -> None:
    life = registered("三月电费")
    life.do(example(c.DeclareEmergency, life))
    assert not life.clocks(ClockName.EMERGENCY)


def test_an_unknown_hazard_is_refused_with_the_known_ones() -> None:
    life = registered("三月电费")
    with pytest.raises(UnknownItem) as refused:
        life.do(example(c.DeclareEmergency, life, hazard="comet"))
    assert refused.value.possible == ("flood", "gas", "live_wire")


def test_a_system_may_declare_one() -> None:
    life = at_stage(Stage.INVESTIGATION)
    assert life.do(example(c.DeclareEmergency, life), role=Role.SYSTEM)


def test_who_is_kept_out_may_still_warn_of_a_danger() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(c.Recuse(person="zhang.wei", reason="It is about him."))
    assert life.do(example(c.DeclareEmergency, life))


# --- on site


def test_being_there_in_time_meets_the_clock() -> None:
    life = registered("漏电")
    life.do(example(c.AttendEmergency, life), after=2 * HOUR)
    assert life.clock(ClockName.EMERGENCY).verdict == Verdict.MET


def test_what_was_made_safe_stands_down() -> None:
    life = registered("漏电")
    life.do(example(c.AttendEmergency, life))
    assert life.state.emergencies["H1"].made_safe
    assert not life.state.escalations["E1"].is_open


def test_what_is_not_safe_yet_stays_raised() -> None:
    life = registered("漏电")
    life.do(example(c.AttendEmergency, life, made_safe=False))
    assert life.state.escalations["E1"].is_open
    life.do(example(c.AttendEmergency, life), after=HOUR)
    assert not life.state.escalations["E1"].is_open
    assert life.state.emergencies["H1"].attended_at == life.now - HOUR


def test_what_is_safe_is_not_attended_again() -> None:
    life = registered("漏电")
    life.do(example(c.AttendEmergency, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.AttendEmergency, life))


def test_an_unknown_emergency_names_the_known_ones() -> None:
    life = registered("漏电")
    with pytest.raises(UnknownItem) as refused:
        life.do(example(c.AttendEmergency, life, emergency="H9"))
    assert "H1" in refused.value.possible


def test_an_emergency_that_nobody_attends_escalates() -> None:
    life = registered("漏电").wait(2 * HOUR)
    clock = life.clock(ClockName.EMERGENCY)
    assert clock.breached_at == clock.due_at
    assert life.state.escalations[clock.escalation or ""].cause == Cause.BREACH


def test_another_severity_leaves_its_time_alone() -> None:
    life = registered("漏电")
    due_at = life.clock(ClockName.EMERGENCY).due_at
    life.do(example(c.ChangeSeverity, life))
    assert life.clock(ClockName.EMERGENCY).due_at == due_at


def test_closing_voids_the_clock_and_stands_the_hazard_down() -> None:
    life = registered("漏电")
    life.do(example(c.Withdraw, life))
    assert life.clock(ClockName.EMERGENCY).verdict == Verdict.VOID
    assert not life.state.open_escalations()


def test_its_deadline_is_explained_by_the_hazard() -> None:
    life = registered("漏电").wait(DAY)
    (found,) = [
        e for e in of_complaint(life.state, life.events, now=life.now) if e.name == ClockName.EMERGENCY
    ]
    assert found.rule.path == "hazards.live_wire"
    assert found.adds_up
