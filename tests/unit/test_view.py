"""What people and programs get to see, and what a command is answered with."""

import json

import pytest

from complaints import commands as c
from complaints import wire
from complaints.elapse import next_due
from complaints.lifecycle import WHO_MAY, Act, Stage, acts_at
from complaints.policy import fingerprint
from complaints.view import answer, possible, shows_reporter, view
from complaints.vocabulary import Role
from tests.lives import DAY, Life, at_stage, example, renewed


@pytest.mark.parametrize("stage", Stage)
def test_a_view_can_be_written_as_json_at_every_stage(stage: Stage) -> None:
    life = at_stage(stage)
    shown = json.loads(json.dumps(wire.plain(view(life.state))))
    assert shown["stage"] == stage
    assert "policy" not in shown


@pytest.mark.parametrize("stage", Stage)
def test_what_is_possible_is_what_the_lifecycle_allows_to_those_who_may(stage: Stage) -> None:
    life = at_stage(stage)
    shown = possible(life.state)
    assert {each.act for each in shown} | {Act.ASSIGN} >= set(acts_at(stage))
    assert all(set(each.roles) == WHO_MAY[each.act] for each in shown)


def test_assigning_is_offered_until_somebody_answers_for_it() -> None:
    life = at_stage(Stage.INTAKE)
    assert Act.ASSIGN in {each.act for each in possible(life.state)}
    life.do(example(c.Assign))
    assert Act.ASSIGN not in {each.act for each in possible(life.state)}


def test_a_view_tells_the_next_deadline() -> None:
    life = at_stage(Stage.SOLUTION)
    assert view(life.state).next_due_at == next_due(life.state)
    assert view(at_stage(Stage.ENDED).state).next_due_at is None


@pytest.mark.parametrize(
    ("kind", "stage", "created"),
    [
        (c.RequestVerification, Stage.INVESTIGATION, "V1"),
        (c.PrepareOption, Stage.SOLUTION, "O1"),
        (c.PlanAction, Stage.EXECUTION, "A1"),
        (c.MakePromise, Stage.INTAKE, "P1"),
        (c.GiveFeedback, Stage.INTAKE, "F1"),
        (c.Escalate, Stage.FOLLOW_UP, "E1"),
        (c.AddNote, Stage.CLOSED, None),
    ],
)
def test_an_answer_names_what_was_created(kind: type, stage: Stage, created: str | None) -> None:
    life = at_stage(stage)
    brought = life.do(example(kind, life))
    given = answer(life.state, brought)
    assert given.created == created
    assert given.facts[0] == brought[0].fact.type
    assert (given.number, given.seq, given.stage) == ("hotline-2031", life.state.seq, stage)


def test_the_answer_to_a_repeated_command_has_no_facts() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.AddNote), command_id="note-1")
    assert answer(life.state, life.do(example(c.AddNote), command_id="note-1")).facts == ()


def test_an_answer_has_no_personal_data() -> None:
    life = at_stage(Stage.SOLUTION)
    given = json.dumps(wire.plain(answer(life.state, life.wait(DAY).events)), ensure_ascii=False)
    assert "王秀英" not in given
    assert "138" not in given


def test_a_view_names_the_policy_it_goes_by_and_not_its_text() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.MigratePolicy, life))
    shown = view(life.state)
    assert (shown.policy_version, shown.policy_sha256) == ("3", fingerprint(renewed()))


def test_a_view_tells_who_is_kept_out_and_how_often_nobody_answered() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.Recuse, life))
    life.do(example(c.RecordAttempt, life))
    assert (view(life.state).recused, view(life.state).attempts) == (("sun.hao",), 1)


def confidential_life() -> Life:
    life = Life(renewed(reporter_seen_by=(Role.LEAD,)))
    life.do(example(c.Register, confidential=True))
    return life


@pytest.mark.parametrize(("role", "sees"), [(Role.LEAD, True), (Role.HANDLER, False), (None, False)])
def test_a_confidential_reporter_is_seen_by_the_roles_that_the_policy_names(
    role: Role | None, sees: bool
) -> None:
    life = confidential_life()
    assert shows_reporter(view(life.state), life.state.policy, role) is sees


def test_any_other_customer_is_seen_by_whoever_works_the_complaint() -> None:
    policy = renewed(reporter_seen_by=(Role.LEAD,))
    assert shows_reporter(view(at_stage(Stage.INTAKE, policy).state), policy, Role.HANDLER)
