"""Matters on record: written once, in order, whatever is tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from complaints.matters.facts import Event
from complaints.matters.forms import Kind, Status
from complaints.matters.view import head
from db.engine import make_engine
from db.matters import ledger_of, list_matters, matter, record
from db.records import LedgerConflict, LedgerGap
from tests.matters import DAY, Matter


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def write(engine: Engine, life: Matter, events: list[Event] | None = None) -> int:
    with Session(engine) as session:
        written = record(session, head(life.state), events or life.events, life.state.cases)
        session.commit()
    return written


@pytest.fixture
def life(engine: Engine) -> Matter:
    life = Matter()
    life.wait(30 * DAY)
    life.do("AddNote")
    write(engine, life)
    return life


def test_what_was_written_reads_as_it_was(engine: Engine, life: Matter) -> None:
    with Session(engine) as session:
        assert matter(session, life.state.id) == life.state
        assert ledger_of(session, life.state.id) == life.events
        assert list_matters(session, kind=Kind.IMPROVEMENT, status=Status.OPEN) == [head(life.state)]
        assert list_matters(session, case="hotline-2031") == [head(life.state)]
        assert list_matters(session, case="hotline-9") == []
        assert matter(session, "improvement.none") is None


def test_a_batch_that_comes_again_changes_nothing(engine: Engine, life: Matter) -> None:
    assert write(engine, life) == 0


def test_a_batch_waits_for_the_one_before(engine: Engine, life: Matter) -> None:
    known = len(life.events)
    life.do("AddNote")
    life.do("Conclude")
    with pytest.raises(LedgerGap):
        write(engine, life, life.events[known + 1 :])
    assert write(engine, life, life.events[known:]) == 2


def test_another_history_of_the_same_matter_is_found_out(engine: Engine, life: Matter) -> None:
    other = Matter(title="Something else")
    with pytest.raises(LedgerConflict):
        write(engine, other)


@pytest.mark.parametrize("edit", ["UPDATE matter_events SET fact = '{}'", "DELETE FROM matter_events"])
def test_events_are_written_once(engine: Engine, life: Matter, edit: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(edit))


def test_events_are_a_chain(engine: Engine, life: Matter) -> None:
    forged = (
        "INSERT INTO matter_events (matter, seq, at, occurred_at, actor_id, actor_role, fact, previous, hash) "
        "SELECT matter, seq + 1, at, occurred_at, actor_id, actor_role, fact, repeat('1', 64), repeat('2', 64) "
        "FROM matter_events ORDER BY seq DESC LIMIT 1"
    )
    with pytest.raises(DBAPIError, match="chain"), engine.begin() as connection:
        connection.execute(text(forged))


@pytest.mark.parametrize(
    ("rule", "edit"),
    [
        ("matters_is_opened", "seq = 0"),
        ("matters_hash_is_a_digest", "hash = 'x'"),
        ("matters_end_has_instant", "status = 'cancelled'"),
        ("matters_end_awaits_nothing", "status = 'cancelled', ended_at = opened_at, next_due_at = opened_at"),
        ("matters_done_has_decisions", "status = 'done', ended_at = opened_at, next_due_at = NULL"),
        ("matters_improvement_has_owner", "department = NULL"),
        ("matters_missed_when_due", "missed_at = due_at - interval '1 second'"),
        ("matters_kind", "kind = 'other'"),
        ("matters_status", "status = 'other', ended_at = opened_at, next_due_at = NULL"),
    ],
)
def test_no_row_says_what_no_life_leads_to(engine: Engine, life: Matter, rule: str, edit: str) -> None:
    with pytest.raises(IntegrityError, match=rule), engine.begin() as connection:
        connection.execute(text(f"UPDATE matters SET {edit}"))
