"""Systems that have a Temporal SDK start complaints and send commands themselves: the examples run, and the rules hold."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHistory,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError

from activities.retention import UNCLAIMED_FOR, Retention
from audit import export
from audit.replay import replay_chain
from audit.sealed import opened
from complaints import commands as c
from complaints.sealed import ERASED
from complaints.vocabulary import Role
from complaints.wire import plain
from db import queries
from db.erasing import erase, of_numbers
from db.key_tables import KeyRow
from db.keys import Keys
from tests.integration import integrators
from tests.integration.desk import Desk, workers
from tests.integration.integrators import Given, example, registration, start
from tests.integration.traces import dump, traces
from tests.keys import MASTERS
from tests.lives import PEOPLE
from tests.lives import example as example_of

EXAMPLES_SAY = ("王女士", "000-0000-0000", "三月电费突然翻倍", "客户说周末在家")
REGISTRATION_SAYS = ("欧阳倩倩", "+86 139 7777 4242", "三月电费突然翻倍")


@pytest.fixture(scope="session")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TypeScript example in a folder of its own, with what it needs."""
    folder = tmp_path_factory.mktemp("typescript")
    integrators.install(folder)
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def given(desk: Desk) -> AsyncIterator[Given]:
    async with workers(desk), integrators.given(desk) as given:
        yield given


@pytest_asyncio.fixture(loop_scope="session")
async def crm(given: Given) -> Client:
    return await given.client()


async def taken_in(given: Given, crm: Client, reference: str, **fields: Any) -> str:
    """A complaint of the CRM's, on record."""
    number = (await start(crm, registration(reference, **fields))).id
    given.desk.opened.append(number)
    await given.desk.agrees(number)
    return number


async def bytes_of(runs: list[WorkflowHistory]) -> bytes:
    """All payloads of a complaint, decrypted: what somebody with every master key can see."""
    found = b""
    for run in runs:
        events, damaged = await opened(run.events, MASTERS)
        assert not damaged
        found += b"".join(event.SerializeToString() for event in events)
    return found


def failure(caught: pytest.ExceptionInfo[Any]) -> ApplicationError:
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


# --- the examples


async def proven(given: Given, number: str, answer: Any, file: Path) -> None:
    """What an example did is on record, replays strictly, and names nobody in clear."""
    assert answer["number"] == number
    assert answer["facts"] == ["NoteAdded"]
    await given.desk.agrees(number)
    runs = await export.fetch(given.desk.client, number)
    assert len(runs) == 2  # one to be taken in, one to live
    reports = await replay_chain(runs, masters=MASTERS)
    assert [report.differences for report in reports] == [(), ()]
    raw = b"".join(event.SerializeToString() for run in runs for event in run.events)
    assert traces(raw, EXAMPLES_SAY) == []
    assert traces(await bytes_of(runs), EXAMPLES_SAY) == []
    assert traces(dump(given.desk.engine, file), EXAMPLES_SAY) == []
    with Session(given.desk.engine) as session:
        told = given.desk.keys.opened_events(queries.ledger(session, number), number)
    assert traces(repr(told).encode(), EXAMPLES_SAY) == list(EXAMPLES_SAY)


async def test_the_python_example_reports_a_complaint(given: Given, tmp_path: Path) -> None:
    answer = await given.python("py-1")
    await proven(given, "crm-py-1", answer, tmp_path / "dump.sql")


async def test_the_typescript_example_reports_a_complaint(
    given: Given, typescript: Path, tmp_path: Path
) -> None:
    answer = await given.typescript("ts-1", typescript)
    await proven(given, "crm-ts-1", answer, tmp_path / "dump.sql")


def test_the_typescript_example_has_no_type_errors(typescript: Path) -> None:
    ran = subprocess.run(
        [integrators.node("npm"), "run", "check"],
        cwd=typescript,
        env=integrators.surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


async def test_the_same_reference_from_either_language_is_one_complaint(
    given: Given, typescript: Path
) -> None:
    await given.python("both-1")
    again = await given.typescript("both-1", typescript)
    shown = await given.desk.agrees("crm-both-1")
    with Session(given.desk.engine) as session:
        told = [event.fact.type for event in queries.ledger(session, "crm-both-1")]
    assert again["seq"] == shown.seq
    assert (told.count("Registered"), told.count("NoteAdded")) == (1, 2)


# --- what is refused


async def test_a_refused_registration_ends_with_the_rule_and_can_be_corrected(
    given: Given, crm: Client
) -> None:
    refused = await start(crm, registration("fix-1", category="weather"))
    with pytest.raises(WorkflowFailureError) as caught:
        await refused.result()
    assert failure(caught).type == "UnknownCategory"
    assert "billing" in failure(caught).details[0]
    corrected = await taken_in(given, crm, "fix-1")
    assert corrected == refused.id
    shown = await given.desk.look(corrected)
    assert shown.category == "billing"


@pytest.mark.parametrize(
    ("number", "workflow"), [("crm-other", "crm-number-1"), ("crm-number-2", "other"), ("x", "x")]
)
async def test_a_number_that_is_not_source_and_reference_is_refused(
    given: Given, crm: Client, number: str, workflow: str
) -> None:
    reference = "number-1" if workflow == "crm-number-1" else "number-2"
    handle = await start(crm, registration(reference), number=number, workflow=workflow)
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert failure(caught).type == "Malformed"


async def test_a_start_in_clear_is_refused(given: Given) -> None:
    bare = await given.bare()
    handle = await start(bare, registration("clear-1"))
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert failure(caught).type == "NotSealed"


async def test_a_command_in_clear_is_refused_and_leaves_no_trace(given: Given, crm: Client) -> None:
    number = await taken_in(given, crm, "clear-2")
    bare = await given.bare()
    note = example().envelope({"type": "AddNote", "text": "客户说周末在家"})
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await bare.get_workflow_handle(number).execute_update("execute", note, id=note["id"])
    assert failure(caught).type == "NotSealed"
    runs = await export.fetch(given.desk.client, number)
    raw = b"".join(event.SerializeToString() for run in runs for event in run.events)
    assert traces(raw, ["客户说周末在家"]) == []


async def test_a_broken_rule_is_the_type_of_the_failure(given: Given, crm: Client) -> None:
    number = await taken_in(given, crm, "rule-1")
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await example().send(crm.get_workflow_handle(number), plain(example_of(c.RecordFindings)))
    assert failure(caught).type == "FirstContactMissing"


async def test_a_command_sent_twice_acts_once_and_is_answered_alike(given: Given, crm: Client) -> None:
    number = await taken_in(given, crm, "twice-1")
    handle = crm.get_workflow_handle(number)
    note = example().envelope({"type": "AddNote", "text": "once"})
    first = await handle.execute_update("execute", note, id=note["id"])
    assert await handle.execute_update("execute", note, id=note["id"]) == first


async def test_what_was_sealed_for_one_complaint_starts_no_other(given: Given, crm: Client) -> None:
    """Or whoever sees the tokens of a confidential reporter would have them opened as a complaint of their own."""
    number = await taken_in(given, crm, "stolen-1", confidential=True)
    sealed = plain((await given.desk.look(number)).registration)
    words = {name: sealed[name] for name in ("customer", "description")}
    bare = await given.bare()
    handle = await start(bare, registration("stolen-2", **words))
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert failure(caught).type == "NotSealed"


# --- while it is being taken in


async def test_a_complaint_that_is_being_taken_in_says_so(desk: Desk, engine: Engine) -> None:
    async with integrators.given(desk) as given:
        crm = await given.client()
        handle = await start(crm, registration("arriving-1"))
        desk.opened.append(handle.id)
        with engine.begin() as connection:  # nobody is taken in while the keys are held
            connection.exec_driver_sql("LOCK TABLE keys IN ACCESS EXCLUSIVE MODE")
            async with workers(desk):
                with pytest.raises(WorkflowQueryFailedError):
                    await handle.query("view")
                bare = await given.bare()
                early = example().envelope(plain(example_of(c.Assign)))
                with pytest.raises(WorkflowUpdateFailedError) as refused:
                    await bare.get_workflow_handle(handle.id).execute_update("execute", early, id=early["id"])
                assert failure(refused).type == "Arriving"
                connection.rollback()
                await example().send(handle, {"type": "AddNote", "text": "later"})
                await desk.agrees(handle.id)


async def test_what_is_sent_while_it_is_being_taken_in_is_answered_once_it_is(
    given: Given, crm: Client
) -> None:
    """Whichever run it meets: the first, the second, or the moment in between."""

    async def report(reference: str) -> Any:
        number = (await start(crm, registration(reference))).id
        given.desk.opened.append(number)
        return await example().send(crm.get_workflow_handle(number), {"type": "AddNote", "text": "now"})

    answers = await asyncio.gather(*(report(f"many-{n}") for n in range(20)))
    assert [answer["facts"] for answer in answers] == [["NoteAdded"]] * 20


# --- forgetting


def letters(engine: Engine, number: str) -> dict[str, bool]:
    """By id, the keys of a complaint's letters, and whether they are still there."""
    with engine.connect() as connection:
        query = select(KeyRow.id, KeyRow.wrapped.is_not(None)).where(
            KeyRow.number == number, KeyRow.id != number
        )
        return {row.id: row[1] for row in connection.execute(query)}


async def test_whoever_is_forgotten_is_gone_from_what_systems_sent_too(given: Given, crm: Client) -> None:
    refused = await start(crm, registration("gone-1", category="weather"))
    with pytest.raises(WorkflowFailureError):
        await refused.result()
    number = await taken_in(given, crm, "gone-1")
    await example().send(crm.get_workflow_handle(number), {"type": "AddNote", "text": "三月电费突然翻倍"})
    await given.desk.do(number, c.Withdraw, role=Role.CUSTOMER_SERVICE)
    await given.desk.agrees(number)
    engine = given.desk.engine
    assert sorted(letters(engine, number).values()) == [True, True, True]  # refused, accepted, the note
    runs = await export.fetch(given.desk.client, number)
    with Session(engine) as session:
        erase(
            session, of_numbers(session, [number]), PEOPLE[Role.CUSTOMER_SERVICE], "asked", datetime.now(UTC)
        )
        session.commit()
    assert sorted(letters(engine, number).values()) == [False, False, False]
    for run in runs:
        events, _ = await opened(run.events, MASTERS)
        sealed = b"".join(event.SerializeToString() for event in events).decode(errors="replace")
        shown = Keys(engine, MASTERS).opened(sealed, number)
        assert ERASED in shown
        assert traces(shown.encode(), REGISTRATION_SAYS) == []
    assert [r.differences for r in await replay_chain(runs, masters=MASTERS)] == [(), ()]


async def test_the_keys_of_what_was_refused_or_never_sent_do_not_stay(given: Given, crm: Client) -> None:
    refused = await start(crm, registration("left-1", category="weather"))
    with pytest.raises(WorkflowFailureError):
        await refused.result()
    number = await taken_in(given, crm, "left-2")
    engine, now = given.desk.engine, datetime.now(UTC)
    given.desk.keys.sealed_letter(example_of(c.AddNote))
    assert Retention(engine, print).forget_due(now) == 0
    assert list(letters(engine, refused.id).values()) == [True]
    long_ago = now - UNCLAIMED_FOR - timedelta(days=1)
    with engine.begin() as connection:
        connection.execute(update(KeyRow).values(made_at=long_ago))
    Retention(engine, print).forget_due(now)
    assert list(letters(engine, refused.id).values()) == [False]
    assert list(letters(engine, number).values()) == [True]
    with engine.connect() as connection:
        nobodys = select(KeyRow.wrapped).where(KeyRow.number.is_(None), KeyRow.id.startswith("+"))
        assert list(connection.scalars(nobodys)) == [None]
