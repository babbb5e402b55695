"""What outlives a complaint: improvements raised from it, and the incident that it is one of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import commands as c
from complaints import consequences, errors, facts, working_time
from complaints.decide.outliving import improvement_opened
from complaints.evolve import replayed
from complaints.lifecycle import OPEN, Stage
from complaints.policy import Policy
from complaints.policy_file import builtin
from complaints.practices import Improvements
from complaints.view import view
from complaints.vocabulary import ComplaintType, Role
from complaints.working_time import Budget, Unit
from tests.lives import DAY, Life, at_stage, example

WITHIN = Budget(amount=20, unit=Unit.CALENDAR_DAYS)


def improving(*, from_structural: bool = False) -> Policy:
    return replace(builtin(), improvements=Improvements(within=WITHIN, from_structural=from_structural))


def structural(policy: Policy) -> Life:
    life = at_stage(Stage.INTAKE, policy=policy)
    life.do(example(c.RecordFirstContact, life, complaint_type=ComplaintType.STRUCTURAL))
    for kind in (c.Classify, c.Assign, c.RecordFindings):
        life.do(example(kind, life))
    return life


@pytest.mark.parametrize("stage", [*OPEN, Stage.CLOSED])
def test_an_improvement_is_raised_at_any_stage_and_after_closing(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(example(c.RaiseImprovement, life))
    assert life.state.stage == stage
    (raised,) = life.state.improvements.values()
    assert (raised.id, raised.plan.owner, raised.matter) == ("I1", "wu.gang", None)
    assert raised.raised_at == life.now


def test_without_a_date_the_policy_gives_one() -> None:
    life = at_stage(Stage.INVESTIGATION, policy=improving())
    life.do(example(c.RaiseImprovement, life, due_at=None))
    (fact,) = life.facts(facts.ImprovementRaised)
    assert fact.due_at == working_time.add(life.now, WITHIN, life.state.policy.working_time(None))


def test_without_either_it_is_refused() -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(errors.DueMissing):
        life.do(example(c.RaiseImprovement, life, due_at=None))


def test_a_date_that_has_gone_by_is_refused() -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(errors.DueInThePast):
        life.do(example(c.RaiseImprovement, life, due_at=life.now))


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.AUDITOR])
def test_who_does_not_work_it_raises_none(role: Role) -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(errors.NotYourRole):
        life.do(example(c.RaiseImprovement, life), role=role)


def test_a_structural_complaint_raises_one_with_its_findings() -> None:
    life = structural(improving(from_structural=True))
    (raised,) = life.state.improvements.values()
    assert life.state.findings is not None
    assert raised.plan.department == life.state.findings.responsible_department
    assert raised.plan.what == life.state.findings.root_cause
    assert raised.plan.owner is None


@pytest.mark.parametrize("policy", [builtin(), improving()], ids=["no section", "not set"])
def test_unless_the_policy_says_so_none_is_raised_by_itself(policy: Policy) -> None:
    assert structural(policy).state.improvements == {}


def test_another_complaint_raises_none_by_itself() -> None:
    life = at_stage(Stage.SOLUTION, policy=improving(from_structural=True))
    assert life.state.improvements == {}


def test_a_department_gets_one_by_itself_however_often_findings_are_recorded() -> None:
    life = structural(improving(from_structural=True))
    for kind in (c.PrepareOption, c.OfferOption, c.AcceptOption, c.PlanAction, c.CompleteAction):
        life.do(example(kind, life))
    life.do(example(c.RecordFollowUp, life, satisfied=False, words="还是不对"))
    life.do(example(c.RecordFindings, life))
    assert list(life.state.improvements) == ["I1"]


def test_that_it_was_opened_is_known_once() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RaiseImprovement, life))
    events = improvement_opened(life.state, "I1", "improvement.x.I1", life.now + timedelta(seconds=1))
    state = replayed(life.state, events)
    assert isinstance(events[0].fact, consequences.ImprovementOpened)
    assert view(state).improvements["I1"].matter == "improvement.x.I1"
    assert state.unopened_improvements == []
    assert improvement_opened(state, "I1", "improvement.x.I1", life.now + DAY) == []


@pytest.mark.parametrize("stage", OPEN)
def test_an_open_complaint_joins_an_incident(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(example(c.JoinIncident, life), role=Role.SYSTEM)
    assert (life.state.incident, life.state.stage) == ("incident.flood-7", stage)


def test_it_joins_one_incident_only() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.JoinIncident, life))
    with pytest.raises(errors.AlreadyDone):
        life.do(example(c.JoinIncident, life, incident="incident.other"))
