"""Whom a complaint concerns, asked of the records first and of the workflow where those are behind or away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from complaints import commands as c
from complaints.permissions import Caller, Right, may
from complaints.view import View, view
from complaints.vocabulary import Actor, Role
from db.engine import make_engine
from tests.integration.recorded import registered, write
from workflows.client import Unavailable, UnknownComplaint
from workflows.concerning import concerning


class Workflow:
    """Shows a complaint as it stands, or does not answer; says whether it was asked."""

    def __init__(self, shown: View | None, *, away: bool = False) -> None:
        self.shown, self.away, self.asked = shown, away, False

    async def look(self, number: str) -> View:
        self.asked = True
        if self.away:
            raise Unavailable("no worker answered in time")
        if self.shown is None:
            raise UnknownComplaint(number)
        return self.shown


def handler_of(department: str) -> Caller:
    return Caller(actor=Actor(id="qian.li", role=Role.HANDLER, department=department))


@pytest.fixture
def shown(engine: Engine) -> View:
    """A complaint of billing, on record and in its workflow alike."""
    life = registered("concerning").send(c.RecordFirstContact, c.Classify, c.Assign)
    write(engine, *life.batches)
    return view(life.state)


NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


async def sees(caller: Caller, shown: View, engine: Engine, workflow: Workflow) -> bool:
    case = await concerning(caller, Right.READ, shown.number, engine, workflow.look)
    return case is not None and may(caller, Right.READ, case)


async def test_where_the_records_let_somebody_in_nobody_else_is_asked(shown: View, engine: Engine) -> None:
    assert shown.department is not None
    workflow = Workflow(shown)
    assert await sees(handler_of(shown.department), shown, engine, workflow)
    assert not workflow.asked


async def test_whoever_a_complaint_was_just_handed_to_sees_it_before_it_is_recorded(
    shown: View, engine: Engine
) -> None:
    handed_on = replace(shown, department="metering")
    assert await sees(handler_of("metering"), shown, engine, Workflow(handed_on))
    assert not await sees(handler_of("payroll"), shown, engine, Workflow(handed_on))


async def test_what_is_not_recorded_yet_is_known_to_its_workflow(shown: View, engine: Engine) -> None:
    fresh = replace(shown, number="hotline-fresh")
    assert await sees(handler_of("billing"), fresh, engine, Workflow(fresh)) is (
        shown.department == "billing"
    )


async def test_without_the_records_the_workflow_says(shown: View) -> None:
    away = make_engine(NOWHERE)
    assert shown.department is not None
    assert await sees(handler_of(shown.department), shown, away, Workflow(shown))
    assert not await sees(handler_of("payroll"), shown, away, Workflow(shown))


async def test_without_the_workflow_the_records_say(shown: View, engine: Engine) -> None:
    for gone in (Workflow(None), Workflow(None, away=True)):
        assert not await sees(handler_of("payroll"), shown, engine, gone)


async def test_without_both_nobody_can_say(shown: View) -> None:
    with pytest.raises(Unavailable):
        await sees(handler_of("billing"), shown, make_engine(NOWHERE), Workflow(None, away=True))


async def test_what_neither_knows_is_not_there(engine: Engine, shown: View) -> None:
    caller = handler_of("billing")
    assert await concerning(caller, Right.READ, "c-nowhere", engine, Workflow(None).look) is None
