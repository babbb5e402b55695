"""Who sees which complaint: the condition of queries and `permissions.may` say the same, on whatever rows there are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.concern import case_of
from complaints.permissions import Caller, Reach, Right, may, reach
from complaints.view import view
from complaints.vocabulary import Actor, Role
from db.tables import (
    ActionRow,
    ComplaintRow,
    EscalationRow,
    LedgerRow,
    PolicyRow,
    Table,
    VerificationRow,
    table_of,
)
from db.visibility import case, cases, is_visible
from tests.databases import Databases
from tests.integration.recorded import eventful, registered, write
from tests.lives import HOUR

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOURCES = ("crm", "hotline")
DEPARTMENTS = ("billing", "metering", "works")
PEOPLE = ("chen.jing", "li.wei", "sun.hao", "wang.fang")
COMPLAINTS = 150


@pytest.fixture(scope="module")
def records(databases: Databases) -> Iterator[Engine]:
    """Many complaints in all constellations; triggers and references are off, since none of them has a history."""
    from db.engine import make_engine

    with databases.migrated() as url:
        engine = make_engine(url)
        with Session(engine) as session:
            session.execute(text("SET session_replication_role = replica"))
            session.execute(insert(PolicyRow).values(sha256="0" * 64, name="p", version="1", resolved={}))
            chance = random.Random(2031)
            for number in range(COMPLAINTS):
                _write(session, f"c-{number}", chance)
            session.commit()
        yield engine
        engine.dispose()


def _write(session: Session, number: str, chance: random.Random) -> None:
    department = chance.choice((None, *DEPARTMENTS))
    _insert(
        session,
        ComplaintRow,
        number=number,
        source=chance.choice(SOURCES),
        reference=number,
        department=department,
        handler=chance.choice(PEOPLE) if department else None,
    )
    for place in range(chance.choice((0, 0, 1, 2))):
        _insert(
            session, VerificationRow, number=number, id=f"V{place}", department=chance.choice(DEPARTMENTS)
        )
    for place in range(chance.choice((0, 0, 1, 2))):
        resolved, acknowledged = chance.random() < 0.5, chance.random() < 0.5
        _insert(
            session,
            EscalationRow,
            number=number,
            id=f"E{place}",
            department=chance.choice((None, *DEPARTMENTS)),
            person=chance.choice((None, *PEOPLE)),
            acknowledged_by=chance.choice(PEOPLE) if acknowledged else None,
            acknowledged_at=AT if acknowledged else None,
            resolved_at=AT if resolved else None,
            resolution="settled" if resolved else None,
            clock="overall/1",
            calls=1,
        )
    if chance.random() < 0.2:
        _insert(session, ActionRow, number=number, id="A1", owner=chance.choice(PEOPLE))
    if chance.random() < 0.2:
        called = [{"department": each, "part": "local"} for each in chance.sample(DEPARTMENTS, 2)]
        _insert(
            session, LedgerRow, number=number, fact={"type": "DepartmentsSummoned", "departments": called}
        )
    # Facts of other kinds name departments too, and call nobody.
    _insert(
        session,
        LedgerRow,
        number=number,
        seq=2,
        fact={"type": "Other", "departments": [{"department": "works"}]},
    )


_USUAL: dict[str, Any] = {
    "seq": 1,
    "cycle": 1,
    "round": 1,
    "rung": 0,
    "channel": "phone",
    "severity": "normal",
    "stage": "investigation",
    "justified": "unknown",
    "cause": "breach",
    "audience": "lead",
    "actor_role": "handler",
    "kind": "refund",
    "policy_sha256": "0" * 64,
}


def _insert(session: Session, kind: type[Table], **values: Any) -> None:
    """Fill in what decides nothing."""
    given = dict(values)
    for column in table_of(kind).columns:
        if column.name in given or column.nullable or column.computed is not None:
            continue
        of_type = {bool: False, int: 0, datetime: AT, str: "x", dict: {}}
        given[column.name] = _USUAL.get(column.name, of_type.get(column.type.python_type))
    if kind is LedgerRow:
        digest = f"{abs(hash((given['number'], given['seq']))):064x}"
        given.update(hash=digest, previous="0" * 64)
    if kind is ComplaintRow:
        given.update(hash="0" * 64, received_at=AT + timedelta(minutes=len(given["number"])))
    session.execute(insert(kind).values(**given))


callers = st.builds(
    Caller,
    actor=st.builds(
        Actor,
        id=st.sampled_from((*PEOPLE, *SOURCES)),
        role=st.sampled_from(Role),
        department=st.sampled_from((None, *DEPARTMENTS, "payroll")),
    ),
    scopes=st.none() | st.frozensets(st.sampled_from(Right), max_size=4),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(caller=callers, right=st.sampled_from((Right.READ, Right.SEARCH, Right.ACT, Right.EXPORT)))
def test_queries_and_rules_agree_on_who_sees_what(records: Engine, caller: Caller, right: Right) -> None:
    with Session(records) as session:
        listed = set(session.scalars(select(ComplaintRow.number).where(is_visible(caller, right))))
        known = cases(session, [f"c-{number}" for number in range(COMPLAINTS)])
    assert listed == {number for number, each in known.items() if may(caller, right, each)}


def test_the_rows_tell_the_reaches_apart(records: Engine) -> None:
    """Or the comparison above would compare nothing."""

    def seen(role: Role, id_: str, department: str | None = None) -> int:
        caller = Caller(actor=Actor(id=id_, role=role, department=department))
        with Session(records) as session:
            return len(set(session.scalars(select(ComplaintRow.number).where(is_visible(caller)))))

    counts = [
        seen(Role.HANDLER, "nobody"),
        seen(Role.HANDLER, "li.wei"),
        seen(Role.HANDLER, "li.wei", "billing"),
        seen(Role.AUDITOR, "li.wei"),
    ]
    assert counts == sorted(set(counts))
    assert (counts[0] > 0, counts[-1]) == (True, COMPLAINTS)
    assert reach(Caller(actor=Actor(id="crm", role=Role.SYSTEM)), Right.READ) == Reach.OWN
    assert 0 < seen(Role.SYSTEM, "crm") < COMPLAINTS


def test_what_is_not_on_record_has_no_case(records: Engine) -> None:
    with Session(records) as session:
        assert case(session, "c-nowhere") is None
        assert cases(session, []) == {}


def test_a_complaint_concerns_the_same_people_on_record_as_in_its_workflow(engine: Engine) -> None:
    life = registered("concerns")
    life.pass_time(26 * HOUR)
    life.send(c.RecordFirstContact, c.Classify, c.Assign, c.RequestVerification, c.Escalate)
    life.send(c.AcknowledgeEscalation, c.SummonDepartments)
    lives = (life, eventful())
    for each in lives:
        write(engine, *each.batches)
    for each in lives:
        with Session(engine) as session:
            recorded = case(session, each.state.number)
        assert recorded == case_of(view(each.state))
        assert recorded is not None
        assert recorded.departments
