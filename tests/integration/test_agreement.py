"""Whoever edits the ledger, the read model or the workflow is found out, and the place is named."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from audit.agreement import Difference, Place, check
from complaints.view import view
from tests.integration.recorded import eventful, registered, write

EDITS = [
    ("complaint description", "UPDATE complaints SET description = 'All is well.'"),
    ("complaint score", "UPDATE complaints SET score = 5"),
    ("complaint next_due_at", "UPDATE complaints SET next_due_at = NULL"),
    ("complaint customer", "UPDATE complaints SET customer_contact = '+86 139'"),
    ("clocks promise/1 breached_at", "UPDATE clocks SET breached_at = NULL WHERE key = 'promise/1'"),
    ("clocks promise/1 due_at", "UPDATE clocks SET due_at = due_at - interval '1 microsecond' WHERE key = 'promise/1'"),
    ("clocks promise/1", "DELETE FROM clocks WHERE key = 'promise/1'"),
    ("escalations E4 reason", "UPDATE escalations SET reason = '' WHERE id = 'E4'"),
    ("escalations E9", "INSERT INTO escalations (number, id, cause, clock, rung, audience, department, reason, ladder, calls, opened_at, called_at) SELECT number, 'E9', cause, clock, rung, audience, department, reason, ladder, calls, opened_at, called_at FROM escalations WHERE id = 'E4'"),
    ("verifications V1 answer", "UPDATE verifications SET answer = 'We do not know.'"),
    ("options O1 draft", "UPDATE options SET compensation_minor = 1 WHERE id = 'O1'"),
    ("approvals R1 decided_by", "UPDATE approvals SET decided_by = 'zhao.zong' WHERE id = 'R1'"),
    ("actions A1 plan", "UPDATE actions SET owner = 'nobody'"),
    ("promises P1 kept_at", "UPDATE promises SET kept_at = due_at"),
    ("feedback F1 form", "UPDATE feedback SET message = '' WHERE id = 'F1'"),
    ("notices hotline-2031:E4.0:lead:billing recipient", "UPDATE notices SET recipient = 'lead:kitchen' WHERE escalation = 'E4' AND audience = 'lead'"),
]  # fmt: skip

FORGERIES = [
    ("event 5 (", "UPDATE ledger SET at = at + interval '1 microsecond' WHERE seq = 5"),
    ("event 5 (", "UPDATE ledger SET occurred_at = occurred_at - interval '1 day' WHERE seq = 5"),
    ("event 1 (Registered)", "UPDATE ledger SET fact = jsonb_set(fact, '{description}', '\"All is well.\"') WHERE seq = 1"),
    ("event 5 (", "UPDATE ledger SET actor_id = 'nobody' WHERE seq = 5"),
    ("event 5 (", "UPDATE ledger SET hash = repeat('a', 64) WHERE seq = 5"),
    ("event 6 (", "DELETE FROM ledger WHERE seq = 5"),
    ("event 2", "UPDATE ledger SET fact = '{\"type\": \"Forgotten\"}' WHERE seq = 2"),
]  # fmt: skip


@pytest.fixture
def recorded(engine: Engine) -> Engine:
    """Holds one eventful life."""
    write(engine, eventful().whole())
    return engine


def checked(engine: Engine, **of_view: Any) -> list[Difference]:
    with Session(engine) as session:
        return check(session, "hotline-2031", replace(view(eventful().state), **of_view))


def forge(engine: Engine, sql: str) -> None:
    """Edit as an administrator can who wants to, guards or no guards."""
    with engine.begin() as connection:
        for table in ("ledger", "policies"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(sql))


def test_an_honest_record_agrees(recorded: Engine):
    assert checked(recorded) == []


@pytest.mark.parametrize(("what", "sql"), EDITS, ids=[what for what, _ in EDITS])
def test_an_edited_row_of_the_read_model_is_named(recorded: Engine, what: str, sql: str):
    forge(recorded, sql)
    assert [(each.place, each.what) for each in checked(recorded)] == [(Place.READ_MODEL, what)]


@pytest.mark.parametrize(("what", "sql"), FORGERIES)
def test_an_edited_line_of_the_ledger_is_named(recorded: Engine, what: str, sql: str):
    forge(recorded, sql)
    first, *_ = checked(recorded)
    assert first.place == Place.LEDGER
    assert first.what.startswith(what)


def test_an_edited_policy_is_named(recorded: Engine):
    forge(
        recorded, "UPDATE policies SET resolved = jsonb_set(resolved, '{rejections_before_mediation}', '9')"
    )
    assert [(each.place, each.what) for each in checked(recorded)] == [(Place.LEDGER, "policy")]


def test_a_shortened_ledger_is_told_from_the_rows(recorded: Engine):
    forge(recorded, "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)")
    differences = checked(recorded)
    assert (Place.READ_MODEL, "complaint seq") in [(each.place, each.what) for each in differences]
    assert (Place.WORKFLOW, "seq") in [(each.place, each.what) for each in differences]


def test_a_workflow_that_shows_something_else_is_named(recorded: Engine):
    (difference,) = checked(recorded, handler="nobody")
    expected = Difference(
        place=Place.WORKFLOW, what="complaint handler", expected="zhang.wei", found="nobody"
    )
    assert difference == expected


def test_a_workflow_that_has_gone_on_is_one_difference(recorded: Engine):
    (difference,) = checked(recorded, seq=999, handler="nobody")
    assert (difference.place, difference.what, difference.found) == (Place.WORKFLOW, "seq", "999")


def test_the_workflow_need_not_be_asked(recorded: Engine):
    with Session(recorded) as session:
        assert check(session, "hotline-2031") == []


def test_a_complaint_without_records_does_not_agree(engine: Engine):
    write(engine, *registered("1").batches)
    (difference,) = checked(engine)
    assert (difference.place, difference.found) == (Place.LEDGER, "no records")
