"""Who may do what: the table of rights, and how far each reaches."""

import pytest

from complaints.lifecycle import Act
from complaints.permissions import TABLE, Caller, Case, Reach, Right, excludes, may, may_act, reach
from complaints.vocabulary import Actor, Role

BILLING = Case(source="crm", department="billing", handler="zhang.wei")


def caller(role: Role, id_: str = "somebody", department: str | None = None, **more: object) -> Caller:
    return Caller(actor=Actor(id=id_, role=role, department=department), **more)  # type: ignore[arg-type]


def test_every_role_stands_in_the_table() -> None:
    assert set(TABLE) == set(Role)


def test_a_handler_sees_their_own_department_and_no_other() -> None:
    assert may(caller(Role.HANDLER, department="billing"), Right.READ, BILLING)
    assert not may(caller(Role.HANDLER, department="metering"), Right.READ, BILLING)
    assert not may(caller(Role.HANDLER), Right.READ, BILLING)


def test_what_nobody_answers_for_yet_is_seen_by_every_department() -> None:
    assert may(caller(Role.DESK, department="hall"), Right.READ, Case(source="crm"))


def test_a_department_that_was_asked_sees_what_it_was_asked_about() -> None:
    case = Case(source="crm", department="billing", departments=frozenset({"metering"}))
    assert may(caller(Role.HANDLER, department="metering"), Right.ACT, case)


def test_whoever_an_escalation_waits_for_sees_it() -> None:
    case = Case(source="crm", department="billing", people=frozenset({"sun.hao"}))
    assert may(caller(Role.LEAD, "sun.hao", "works"), Right.ACT, case)


def test_a_system_sees_what_it_brought_in_and_nothing_else() -> None:
    assert may(caller(Role.SYSTEM, "crm"), Right.READ, BILLING)
    assert not may(caller(Role.SYSTEM, "hotline"), Right.READ, BILLING)
    assert not may(caller(Role.SYSTEM, "hotline"), Right.READ, Case(source="crm"))


def test_auditors_read_everything_and_change_nothing() -> None:
    auditor = caller(Role.AUDITOR)
    assert reach(auditor, Right.READ) == Reach.ALL
    assert not any(may_act(auditor, act, BILLING) for act in Act)
    changing = (Right.ACT, Right.REGISTER, Right.IMPORT, Right.ATTACH, Right.ERASE, Right.MANAGE_KEYS)
    assert not any(may(auditor, right) for right in (*changing, Right.SUBSCRIBE))


@pytest.mark.parametrize("right", Right)
def test_a_scope_takes_away_and_never_adds(right: Right) -> None:
    everything = caller(Role.AUDITOR, scopes=frozenset(Right))
    nothing = caller(Role.CUSTOMER_SERVICE, scopes=frozenset())
    assert reach(everything, right) == reach(caller(Role.AUDITOR), right)
    assert reach(nothing, right) == Reach.NONE


def test_nobody_is_an_auditor_and_something_else() -> None:
    assert excludes(frozenset({Role.AUDITOR, Role.HANDLER}))
    assert not excludes(frozenset({Role.LEAD, Role.HANDLER}))
    assert not excludes(frozenset({Role.AUDITOR}))
