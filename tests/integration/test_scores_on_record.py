"""Scores read from the ledger: one pass, cut by time, back to the single case."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints import scores
from complaints.scores import add_up
from complaints.vocabulary import Role
from db.scores import contributions, spent
from tests.integration.recorded import RecordedLife, eventful, registered, write
from tests.lives import DAY, MONDAY, example


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def on_the_spot(reference: str) -> RecordedLife:
    life = registered(reference).send(c.RecordFirstContact)
    life.do(example(c.ResolveAtFirstContact), role=Role.DESK)
    life.cut()
    return life.send(c.RecordFollowUp)


def test_the_ledger_on_record_gives_what_the_life_gives(engine: Engine, session: Session):
    life = eventful()
    write(engine, *life.batches)
    found = tuple(contributions(session))
    assert found == scores.contributions("hotline-2031", life.events)
    figures = add_up(found)
    assert figures.missed > 0
    assert (figures.broken, figures.dissatisfied, figures.ratings) == (1, 1, 1)
    assert figures.cost == {"CNY": 30000}


def test_all_cases_are_read_with_one_query(engine: Engine, session: Session):
    for reference in range(5):
        write(engine, *on_the_spot(str(reference)).batches)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert add_up(contributions(session)).at_first_contact == 5
    assert len(asked) == 1


def test_a_span_of_time_is_cut_by_when_each_thing_happened(engine: Engine, session: Session):
    early, late = on_the_spot("1"), eventful("2")
    write(engine, *early.batches, *late.batches)
    until = MONDAY + DAY
    before, after = list(contributions(session, until=until)), list(contributions(session, since=until))
    assert {each.number for each in before} == {"hotline-1"}, (
        "the other one's first contact was missed a day later"
    )
    assert {each.number for each in after} == {"hotline-2"}
    assert len(before) + len(after) == len(list(contributions(session)))


def test_one_case_is_read_alone(engine: Engine, session: Session):
    write(engine, *on_the_spot("1").batches, *on_the_spot("2").batches)
    assert {each.number for each in contributions(session, numbers=["hotline-2"])} == {"hotline-2"}


def test_what_cases_cost_is_told_for_each_of_them(engine: Engine, session: Session):
    write(engine, *on_the_spot("1").batches, *registered("2").batches)
    assert spent(session, ["hotline-1", "hotline-2"]) == {"hotline-1": {"CNY": 12800}, "hotline-2": {}}
    assert spent(session, []) == {}
