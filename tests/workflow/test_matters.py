"""Matters on the real server: they wait, warn, climb, end, and what they end in has a life of its own."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from audit.agreement import check
from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import AlreadyClosed, NotYourRole
from complaints.forms import ImprovementPlan
from complaints.lifecycle import Stage
from complaints.matters.commands import Envelope as MatterEnvelope
from complaints.matters.forms import Kind, Status, id_of
from complaints.matters.reviews import Collected, ReviewPlan
from complaints.matters.state import State
from complaints.matters.together import Item, Together
from complaints.matters.view import Answer, View, view
from complaints.policy_file import builtin
from complaints.records import NoticeStatus
from complaints.vocabulary import Role
from db import matters as records
from tests.eventually import eventually
from tests.lives import PEOPLE, example
from tests.matters import DAY, sample
from tests.workflow.cases import QUEUE, Case
from tests.workflow.conftest import Opens
from workflows import matters_client
from workflows.client import start
from workflows.matters_client import UnknownMatter
from workflows.together import CollectReview

_numbers = itertools.count(1)


class Story:
    """One matter on the server whose clocks jump."""

    def __init__(self, env: WorkflowEnvironment, engine: Engine, **opening: Any) -> None:
        self.env = env
        self.engine = engine
        self.command = sample(
            "Open",
            **{"reference": f"story-{next(_numbers)}", "due_at": datetime.now(UTC) + 20 * DAY, **opening},
        )
        self.id = id_of(self.command.kind, self.command.reference)
        self._sent = itertools.count(1)

    async def open(self, **options: Any) -> bool:
        envelope = self._envelope(self.command, Role.CUSTOMER_SERVICE, datetime.now(UTC))
        options = {"task_queue": QUEUE, "continue_after": 1_000_000, **options}
        return (await matters_client.open_(self.env.client, envelope, **options))[1]

    async def do(self, name: str, role: Role = Role.CUSTOMER_SERVICE, **fields: Any) -> Answer:
        envelope = self._envelope(sample(name, **fields), role, await self.now())
        return await matters_client.execute(self.env.client, self.id, envelope)

    def _envelope(self, command: Any, role: Role, received_at: datetime) -> MatterEnvelope:
        return MatterEnvelope(
            id=f"c{next(self._sent)}", actor=PEOPLE[role], received_at=received_at, command=command
        )

    async def now(self) -> datetime:
        return await self.env.get_current_time(self.env.client.get_workflow_handle(self.id))

    async def wait(self, span: timedelta) -> None:
        handle = self.env.client.get_workflow_handle(self.id)
        await asyncio.wait_for(self.env.fast_forward(handle, span), 30)

    async def look(self) -> View:
        return await matters_client.look(self.env.client, self.id)

    def recorded(self) -> State | None:
        with Session(self.engine) as session:
            return records.matter(session, self.id)

    async def agrees(self) -> None:
        """Wait until the records say what the workflow says."""

        async def check() -> None:
            state = self.recorded()
            assert state is not None
            assert view(state) == await self.look()

        await eventually(check)


@pytest.fixture
def story(temporal_env: WorkflowEnvironment, engine: Engine, workers: None) -> Story:
    return Story(temporal_env, engine)


async def test_nobody_ends_it_so_it_warns_and_climbs_to_the_executive(story: Story) -> None:
    assert await story.open()
    await story.wait(28 * DAY)
    told = [notice.recipient for notice in (await story.look()).notices.values()]
    assert told == [
        "person:sun.li",
        "person:sun.li",
        "person:sun.li",
        "lead:billing",
        "customer_service",
        "executive",
    ]
    await story.agrees()
    assert {n.status for n in (await story.look()).notices.values()} == {NoticeStatus.OUTBOX}
    await story.do("Conclude")
    assert (await story.look()).late
    await story.agrees()


async def test_opening_it_twice_finds_it(story: Story) -> None:
    assert [await story.open(), await story.open()] == [True, False]
    assert len((await story.look()).notices) == 1


async def test_what_it_ends_in_is_opened_as_matters_of_their_own(
    temporal_env: WorkflowEnvironment, engine: Engine, workers: None
) -> None:
    review = Story(temporal_env, engine, kind=Kind.REVIEW, department=None, owner=None)
    await review.open()
    plan = ImprovementPlan(
        what="Print the reading.", department="billing", due_at=datetime.now(UTC) + 60 * DAY
    )
    await review.do("Conclude", improvements=(plan, plan))
    await eventually(lambda: _all_opened(review))
    opened = [each.matter for each in (await review.look()).improvements.values()]
    assert opened == [f"improvement.{review.id}.I{n}" for n in (1, 2)]
    first = await matters_client.look(temporal_env.client, str(opened[0]))
    assert first.opening is not None
    assert (first.opening.sources, first.cases) == ((review.id,), ("hotline-2031",))
    handle = temporal_env.client.get_workflow_handle(review.id)
    await asyncio.wait_for(handle.result(), 30)
    await review.agrees()


async def _all_opened(review: Story) -> None:
    assert all(each.matter for each in (await review.look()).improvements.values())


async def test_a_refused_command_leaves_nothing(story: Story) -> None:
    await story.open()
    with pytest.raises(NotYourRole):
        await story.do("Cancel", Role.DESK)
    history = await story.env.client.get_workflow_handle(story.id).fetch_history()
    assert not any(
        event.HasField("workflow_execution_update_accepted_event_attributes") for event in history.events
    )


async def test_an_ended_matter_says_so(story: Story) -> None:
    await story.open()
    await story.do("Cancel")
    handle = story.env.client.get_workflow_handle(story.id)
    await asyncio.wait_for(handle.result(), 30)
    with pytest.raises(AlreadyClosed):
        await story.do("AddNote")
    assert (await story.look()).status == Status.CANCELLED


async def test_an_unknown_matter_is_named(temporal_env: WorkflowEnvironment, workers: None) -> None:
    with pytest.raises(UnknownMatter, match=r"incident\.none"):
        await matters_client.look(temporal_env.client, "incident.none")


# --- from complaints


async def test_an_improvement_goes_on_when_its_complaint_has_ended(case: Case, engine: Engine) -> None:
    await case.to(Stage.CLOSED)
    await case.wait(2 * DAY)
    answer = await case.do(c.RaiseImprovement)
    assert answer.created == "I1"
    await case.wait(15 * DAY)  # the appeal window ends it
    await case.result()
    raised = (await case.look()).improvements["I1"]
    assert raised.matter == f"improvement.{case.number}.I1"
    matter = await matters_client.look(case.env.client, raised.matter)
    assert (matter.status, matter.cases, matter.due_at) == (
        Status.OPEN,
        (case.number,),
        raised.plan.due_at,
    )
    await case.settle()
    await case.facts()
    with Session(engine) as session:
        assert check(session, case.number, await case.look()) == []


async def test_no_improvement_is_lost_across_continue_as_new(
    temporal_env: WorkflowEnvironment, engine: Engine, workers: None
) -> None:
    registration = Envelope(
        id="registration",
        actor=PEOPLE[Role.SYSTEM],
        received_at=datetime.now(UTC),
        command=example(c.Register, source="crowded", reference="improvements"),
    )
    handle, _ = await start(temporal_env.client, registration, builtin(), task_queue=QUEUE, continue_after=40)
    case = Case(temporal_env, handle, engine)
    for _ in range(12):
        await case.do(c.RaiseImprovement)

    async def opened() -> None:
        assert [each.matter for each in (await case.look()).improvements.values()] == [
            f"improvement.{case.number}.I{n}" for n in range(1, 13)
        ]

    async def continued() -> None:
        described = (await handle.describe()).raw_description.workflow_execution_info
        assert described.first_run_id != described.execution.run_id

    await eventually(continued, 30)
    await eventually(opened, 30)
    await handle.terminate("the test is over")


async def test_it_continues_as_new_and_loses_nothing(story: Story) -> None:
    await story.open(continue_after=20)
    for number in range(8):
        await story.do("AddCases", cases=(f"case-{number}",))
        await story.agrees()
    handle = story.env.client.get_workflow_handle(story.id)
    described = await handle.describe()
    assert described.status == WorkflowExecutionStatus.RUNNING
    assert described.run_id != described.raw_description.workflow_execution_info.first_run_id
    assert len((await story.look()).cases) == 9


# --- many complaints at once


async def test_the_complaints_of_an_incident_are_answered_together(
    temporal_env: WorkflowEnvironment, engine: Engine, open_case: Opens
) -> None:
    incident = Story(temporal_env, engine, kind=Kind.INCIDENT, due_at=None)
    await incident.open()
    cases = [await open_case() for _ in range(3)]
    numbers = tuple(case.number for case in cases)
    joined = await _together(incident, c.JoinIncident(incident=incident.id), "join", (*numbers, "case-none"))
    assert [(item.number, item.rule) for item in joined] == [
        *((number, None) for number in sorted(numbers)),
        ("case-none", "AlreadyClosed"),
    ]
    await cases[0].do(c.LinkDuplicate)
    for case in cases:
        await case.settle()
        await case.facts()
    told = await _together(incident, example(c.GiveFeedback), "news")
    assert told == tuple(Item(number=case.number) for case in cases[1:])
    assert await _together(incident, example(c.GiveFeedback), "news") == told
    assert len((await cases[1].look()).feedback) == 1


async def test_whoever_refuses_hinders_nobody(
    temporal_env: WorkflowEnvironment, engine: Engine, open_case: Opens
) -> None:
    incident = Story(temporal_env, engine, kind=Kind.INCIDENT, due_at=None)
    first, second = await open_case(), await open_case()
    await first.do(c.JoinIncident, incident="incident.other")
    joined = await _together(
        incident, c.JoinIncident(incident=incident.id), "join", (first.number, second.number)
    )
    assert {item.number: item.rule for item in joined} == {first.number: "AlreadyDone", second.number: None}


async def _together(
    incident: Story, command: Any, request: str, numbers: tuple[str, ...] = ()
) -> tuple[Item, ...]:
    envelope = Envelope(
        id=request, actor=PEOPLE[Role.CUSTOMER_SERVICE], received_at=datetime.now(UTC), command=command
    )
    work = Together(incident=incident.id, envelope=envelope, numbers=numbers)
    return await asyncio.wait_for(
        matters_client.tell_together(incident.env.client, work, task_queue=QUEUE), 30
    )


async def test_closed_conflicts_are_collected_into_one_review(
    temporal_env: WorkflowEnvironment, engine: Engine, open_case: Opens
) -> None:
    case, calm = await open_case(), await open_case()
    await case.do(c.RecordFirstContact)
    await case.do(c.Classify, difficult=True, difficult_reason="It is in the papers.")
    for each in (case, calm):
        await each.do(c.Withdraw)
        await each.settle()
        await each.facts()
    plan = ReviewPlan(topic="conflicts", title="Closed conflicts", collects=Collected.CLOSED_CONFLICTS)
    review = await _collected(temporal_env, plan)
    assert review is not None
    view = await matters_client.look(temporal_env.client, review)
    assert case.number in view.cases
    assert calm.number not in view.cases
    assert view.opening is not None
    assert f"{case.number}: difficult (疑难投诉)" in view.opening.evidence

    async def seen() -> None:
        assert await _collected(temporal_env, plan) is None

    await eventually(seen)


async def test_contested_liability_is_collected_for_a_session(
    temporal_env: WorkflowEnvironment, case: Case
) -> None:
    await case.to(Stage.SOLUTION)
    await case.do(c.DisputeLiability)
    await case.settle()
    await case.facts()
    plan = ReviewPlan(topic="liability", title="Session", collects=Collected.DISPUTED_LIABILITY)
    review = await _collected(temporal_env, plan)
    assert review is not None
    assert case.number in (await matters_client.look(temporal_env.client, review)).cases
    await case.do(c.JudgeLiability)
    await case.settle()
    await case.facts()
    again = await _collected(temporal_env, replace(plan, topic="liability-again"))
    assert again is None or case.number not in (await matters_client.look(temporal_env.client, again)).cases


async def _collected(env: WorkflowEnvironment, plan: ReviewPlan) -> str | None:
    return await asyncio.wait_for(
        env.client.execute_workflow(CollectReview.run, plan, id=f"collect-{uuid4()}", task_queue=QUEUE), 30
    )
