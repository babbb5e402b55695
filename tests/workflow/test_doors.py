"""What comes in broken is refused by itself: the complaint goes on, and its deadlines are watched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from complaints import commands as c
from complaints.errors import AlreadyRegistered, NotYourRole, TimeOutOfBounds
from complaints.records import ClockName
from complaints.vocabulary import Role
from complaints.wire import plain
from db.masters import Masters
from tests.lives import DAY, HOUR
from tests.workflow.cases import Case
from workflows.client import UnknownComplaint, execute, look
from workflows.converter import data_converter, generate_key

PATIENCE = timedelta(seconds=10)


async def still_lives(case: Case) -> None:
    await case.do(c.AddNote)
    clock = await case.clock(ClockName.FIRST_CONTACT)
    await case.wait_until(clock.due_at)
    assert (await case.clock(ClockName.FIRST_CONTACT)).breached_at is not None


@pytest.mark.parametrize(
    "argument",
    [
        None,
        "AddNote",
        [],
        {},
        {"id": "x", "command": {"type": "AddNote", "text": "who and when is missing"}},
    ],
    ids=["null", "text", "list", "empty", "half"],
)
async def test_an_argument_of_another_shape_is_refused(case: Case, argument: Any) -> None:
    before = len(await case.history())
    with pytest.raises(WorkflowUpdateFailedError):
        await case.handle.execute_update("execute", argument, rpc_timeout=PATIENCE)
    await still_lives(case)
    assert len(await case.history()) > before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("received_at", "2026-03-02T09:00:00"),
        ("received_at", "yesterday"),
        ("id", "no spaces, please"),
        ("actor", {"id": "zhang.wei", "role": "emperor"}),
        ("command", {"type": "AddNote", "text": ""}),
        ("command", {"type": "AddNote", "text": "x", "colour": "red"}),
        ("command", {"type": "DropAllComplaints"}),
    ],
)
async def test_a_field_against_its_rule_is_refused(case: Case, field: str, value: Any) -> None:
    whole = plain(await case.envelope(c.AddNote))
    with pytest.raises(WorkflowUpdateFailedError):
        await case.handle.execute_update("execute", {**whole, field: value}, rpc_timeout=PATIENCE)
    await case.handle.execute_update("execute", whole, rpc_timeout=PATIENCE)  # the rest of it was right


async def test_no_argument_and_too_many_are_refused(case: Case) -> None:
    for arguments in ([], [1, 2, 3]):
        with pytest.raises(WorkflowUpdateFailedError):
            await case.handle.execute_update("execute", args=arguments, rpc_timeout=PATIENCE)
    await still_lives(case)


async def test_an_update_nobody_knows_is_refused(case: Case) -> None:
    with pytest.raises(WorkflowUpdateFailedError):
        await case.handle.execute_update("obliterate", rpc_timeout=PATIENCE)
    await still_lives(case)


async def test_a_signal_nobody_knows_changes_nothing(case: Case) -> None:
    seq = (await case.look()).seq
    await case.handle.signal("close_all", "now")
    assert (await case.look()).seq == seq
    await still_lives(case)


async def test_a_caller_with_another_key_is_refused_and_holds_nobody_up(case: Case) -> None:
    stranger = Client(
        service_client=case.env.client.service_client,
        namespace=case.env.client.namespace,
        data_converter=data_converter(Masters([generate_key()])),
    )
    envelope = await case.envelope(c.AddNote)
    with pytest.raises(WorkflowUpdateFailedError):
        await execute(stranger, case.number, envelope, patience=PATIENCE)
    await still_lives(case)


async def test_a_caller_with_another_key_reads_nothing(case: Case) -> None:
    stranger = Client(
        service_client=case.env.client.service_client,
        namespace=case.env.client.namespace,
        data_converter=data_converter(Masters([generate_key()])),
    )
    with pytest.raises(KeyError, match="binary/encrypted"):
        await look(stranger, case.number)


async def test_a_second_registration_is_refused(case: Case) -> None:
    with pytest.raises(AlreadyRegistered):
        await case.do(c.Register, role=Role.SYSTEM)


async def test_a_role_that_may_not_act_is_refused(case: Case) -> None:
    with pytest.raises(NotYourRole):
        await case.do(c.AddNote, role=Role.AUDITOR)


@pytest.mark.parametrize("wrong_by", [2 * HOUR, -100 * DAY], ids=["ahead", "long ago"])
async def test_a_command_from_another_time_is_refused(case: Case, wrong_by: timedelta) -> None:
    envelope = await case.envelope(c.RecordFirstContact)
    with pytest.raises(TimeOutOfBounds):
        await execute(
            case.env.client, case.number, replace(envelope, received_at=envelope.received_at + wrong_by)
        )


async def test_a_number_nobody_has_is_unknown(case: Case) -> None:
    with pytest.raises(UnknownComplaint, match="hotline-0"):
        await execute(case.env.client, "hotline-0", await case.envelope(c.AddNote))
    with pytest.raises(UnknownComplaint, match="hotline-0"):
        await look(case.env.client, "hotline-0")
