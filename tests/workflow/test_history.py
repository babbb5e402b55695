"""What a complaint leaves on the server: as few events as can be, readable with our key and with no other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from temporalio.api.history.v1 import History
from temporalio.api.sdk.v1 import WorkflowMetadata

from complaints import commands as c
from complaints.errors import FirstContactMissing, Refusal
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName
from complaints.vocabulary import Customer
from db.masters import Masters
from tests.conftest import ENCRYPTION_KEY
from tests.lives import HOUR, MINUTE
from tests.workflow.cases import QUEUE, Case
from tests.workflow.conftest import Opens
from workflows.client import execute, start
from workflows.complaint import Complaint, Start
from workflows.converter import data_converter

MARKERS = ("欧阳明月", "139-5550-7788", "水表倒转", "赔我两千", "她哭了", "门牌七号")
"""Words that occur in one complaint only: name, contact, description, remedy, a note, an answer."""


async def shown(case: Case) -> str:
    """The page at the head of the workflow in the UI."""
    answer: WorkflowMetadata = await case.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return answer.current_details


async def test_nothing_personal_can_be_read_without_the_key(open_case: Opens) -> None:
    name, contact, description, remedy, note, answer = MARKERS
    case = await open_case(
        customer=Customer(name=name, contact=contact), description=description, asked_remedy=remedy
    )
    await case.do(c.AddNote, text=note)
    await case.to(Stage.INVESTIGATION)
    await case.do(c.AwaitCustomer, what=answer)
    await case.do(c.CustomerReplied, message=answer)
    with pytest.raises(Refusal):
        await case.do(c.CustomerReplied, message=answer)
    await case.wait_until((await case.clock(ClockName.INVESTIGATION)).due_at)
    history = await case.history()
    description_of_it = (await case.handle.describe()).raw_description.SerializeToString()
    on_the_server = History(events=history).SerializeToString() + description_of_it
    assert case.number.encode() in on_the_server  # we would find what is there
    for marker in MARKERS:
        assert marker.encode() not in on_the_server
        assert marker.encode("unicode_escape") not in on_the_server


async def test_everything_can_be_read_with_the_key(case: Case) -> None:
    (first, *_) = await case.history()
    payloads = first.workflow_execution_started_event_attributes.input.payloads
    (read,) = await data_converter(Masters([ENCRYPTION_KEY])).decode(payloads, [Start])
    assert read.registration.command.customer.name == "王秀英"


async def test_the_ui_lists_a_complaint_by_number_category_and_channel(case: Case) -> None:
    description = await case.handle.describe()
    assert await description.static_summary() == f"{case.number}: Billing and metering, by phone"
    assert await description.static_details() == "Policy default 2"


async def test_the_ui_shows_the_case_file_and_not_the_customer(case: Case) -> None:
    await case.to(Stage.INVESTIGATION)
    page = await shown(case)
    assert page.startswith("**investigation**")
    assert "zhang.wei of billing" in page
    assert "`investigation/1` due" in page
    assert "王秀英" not in page
    await case.wait_until((await case.clock(ClockName.INVESTIGATION)).due_at)
    assert "- overdue: `investigation/1`" in await shown(case)
    assert "waits for lead" in await shown(case)


async def test_search_attributes_cost_an_event_only_when_they_change(case: Case) -> None:
    kind = "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"
    await case.do(c.AddNote)
    await case.do(c.RecordFirstContact)
    assert await case.events(kind) == 0  # what registration says was set at the start
    await case.do(c.Classify)
    assert await case.events(kind) == 1  # severity
    await case.do(c.Assign)
    assert await case.events(kind) == 2  # department and stage in one
    await case.do(c.GiveFeedback)
    await case.do(c.AddNote)
    await case.do(c.MakePromise)
    assert await case.events(kind) == 2
    await case.do(c.Escalate)
    assert await case.events(kind) == 3
    await case.do(c.ResolveEscalation)
    assert await case.events(kind) == 4
    pairs = (await case.handle.describe()).typed_search_attributes
    ours = {p.key.name: p.value for p in pairs if not p.key.name.startswith(("Temporal", "Build"))}
    assert ours == {
        "ComplaintStage": "investigation",
        "Department": "billing",
        "Severity": "high",
        "Escalated": False,
    }


async def test_a_refused_command_leaves_no_event(case: Case) -> None:
    await case.settle()
    before = [event.event_id for event in await case.history()]
    seq = (await case.look()).seq
    for refused in (c.RecordFindings, c.OfferOption, c.CustomerReplied):
        with pytest.raises(Refusal):
            await case.do(refused)
    assert [event.event_id for event in await case.history()] == before
    assert (await case.look()).seq == seq


async def test_a_refusal_says_which_rule_and_what_is_possible_instead(case: Case) -> None:
    with pytest.raises(FirstContactMissing, match="nobody has heard the customer yet") as refused:
        await case.do(c.RecordFindings)
    assert refused.value.possible == ("record_first_contact",)


async def test_a_repeated_command_is_answered_the_same_and_acts_once(case: Case) -> None:
    envelope = await case.envelope(c.MakePromise, command_id="crm-4711")
    first = await execute(case.env.client, case.number, envelope)
    await case.settle()
    before = len(await case.history())
    assert await execute(case.env.client, case.number, envelope) == first
    assert first.created == "P1"
    assert list((await case.look()).promises) == ["P1"]
    assert len(await case.history()) == before


async def test_a_command_repeated_under_another_update_id_still_acts_once(case: Case) -> None:
    """The server forgets update ids with the run; the complaint does not forget its commands."""
    envelope = await case.envelope(c.MakePromise, command_id="crm-4711")
    first = await execute(case.env.client, case.number, envelope)
    again = await case.handle.execute_update(Complaint.execute, envelope, id="another")
    assert (again.seq, again.facts) == (first.seq, ())
    assert list((await case.look()).promises) == ["P1"]


async def test_started_twice_it_is_the_same_complaint(case: Case) -> None:
    registration = await case.envelope(c.Register, source="case", reference=case.number.partition("-")[2])
    registered_at = (await case.look()).received_at
    handle, is_new = await start(case.env.client, registration, builtin(), task_queue=QUEUE)
    assert (handle.id, is_new) == (case.number, False)
    assert (await case.look()).received_at == registered_at


async def test_started_again_after_its_end_it_is_still_the_same_complaint(case: Case) -> None:
    await case.do(c.Transfer)
    await case.result()
    registration = await case.envelope(c.Register, source="case", reference=case.number.partition("-")[2])
    handle, is_new = await start(case.env.client, registration, builtin(), task_queue=QUEUE)
    assert (handle.id, is_new) == (case.number, False)
    assert (await handle.result()).stage == Stage.ENDED


async def test_a_registration_that_is_refused_starts_nothing(case: Case) -> None:
    registration = await case.envelope(c.Register, source="case", reference="refused", category="astrology")
    with pytest.raises(Refusal):
        await start(case.env.client, registration, builtin(), task_queue=QUEUE)
    found = [w.id async for w in case.env.client.list_workflows("WorkflowId = 'case-refused'")]
    assert not found


async def test_the_timer_is_left_alone_when_the_next_deadline_moves_later(case: Case) -> None:
    await case.to(Stage.INVESTIGATION)
    await case.settle()
    armed = await case.armed()
    cancelled = await case.events("TIMER_CANCELED")
    await case.do(c.GiveFeedback)
    await case.do(c.AwaitCustomer)
    await case.do(c.CustomerReplied)
    assert await case.armed() == armed
    assert await case.events("TIMER_CANCELED") == cancelled


async def test_the_timer_is_set_anew_when_a_deadline_comes_earlier(case: Case) -> None:
    await case.settle()
    armed = await case.armed()
    await case.do(c.MakePromise, due_at=await case.now() + HOUR)
    assert await case.armed() == armed + 1
    assert await case.events("TIMER_CANCELED") == 1
    due_at = (await case.clock(ClockName.PROMISE)).due_at
    await case.wait_until(due_at)
    assert (await case.clock(ClockName.PROMISE)).breached_at is not None


async def test_a_timer_that_fires_for_nothing_writes_nothing_down(case: Case) -> None:
    await case.do(c.MakePromise, due_at=await case.now() + HOUR)
    await case.do(c.KeepPromise)
    await case.settle()
    seq, armed = (await case.look()).seq, await case.armed()
    await case.wait(HOUR + MINUTE)
    assert (await case.look()).seq == seq
    assert await case.armed() == armed + 1


async def test_a_command_is_dated_by_the_complaints_own_clock(case: Case) -> None:
    await case.wait(20 * HOUR)
    assert (await case.now()) - datetime.now(UTC) > 19 * HOUR
    await case.do(c.RecordFirstContact)
    settled_at = (await case.clock(ClockName.FIRST_CONTACT)).settled_at
    assert settled_at is not None
    assert abs(settled_at - await case.now()) < MINUTE
