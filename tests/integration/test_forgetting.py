"""A person is forgotten: nothing of them is left anywhere, and everything can still be proven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from activities.retention import Retention
from audit import agreement, export
from audit.replay import replay_chain
from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import CustomerForgotten, StillOpen
from complaints.policy_file import builtin
from complaints.sealed import ERASED
from complaints.vocabulary import Customer, Outcome, Role
from complaints.wire import plain
from db import queries
from db.erasing import due, erase, of_customer
from db.intake import prepare
from db.keys import Keys
from db.masters import Masters
from db.search import search
from tests.integration.desk import Desk, workers
from tests.integration.recorded import registered
from tests.integration.traces import dump, traces
from tests.keys import ENCRYPTION_KEY, MASTERS, keys_of
from tests.lives import PEOPLE, example
from workflows.door import Door

NAME, PHONE, ACCOUNT = "欧阳倩倩", "+86 139 7777 4242", "6222-0000-4242"
WORDS = ("三月电费突然翻倍", "麒麟小区", "退还多收电费", "kept shouting about Qilin")
SAID = (NAME, PHONE, ACCOUNT, *WORDS)
LIU_MIN = PEOPLE[Role.CUSTOMER_SERVICE]


def registration(reference: str) -> Envelope:
    form = example(
        c.Register,
        source="desk",
        reference=reference,
        customer=Customer(name=NAME, contact=PHONE, account=ACCOUNT),
        description=f"{WORDS[0]}，{WORDS[1]}的{NAME}",
        asked_remedy=WORDS[2],
    )
    return Envelope(id="r", actor=PEOPLE[Role.SYSTEM], received_at=datetime.now(UTC), command=form)


async def lived(door: Door, desk: Desk, reference: str) -> str:
    """A complaint by 欧阳倩倩, worked on in her own words and withdrawn."""
    number = (await door.start(registration(reference))).number
    desk.opened.append(number)
    note = desk.envelope(c.AddNote(text=f"{NAME} {WORDS[3]}"))
    await door.execute(number, note)
    await door.execute(number, desk.envelope(example(c.Withdraw, reason=f"{NAME} said so")))
    return number


@pytest.fixture
def door(desk: Desk, engine: Engine) -> Door:
    return Door(desk.client, engine, MASTERS, builtin)


def forget(engine: Engine, contact: str) -> list[str]:
    with Session(engine) as session:
        found = of_customer(session, keys_of(engine).within(session), contact)
        erase(session, found, LIU_MIN, "asked to be forgotten", datetime.now(UTC))
        session.commit()
    return [each.number for each in found]


async def test_a_forgotten_person_is_nowhere_and_the_proof_stands(
    desk: Desk, engine: Engine, door: Door, tmp_path: Path
) -> None:
    async with workers(desk):
        number = await lived(door, desk, "forgotten")
        await desk.agrees(number)
        shown = await door.look(number)
        assert shown.registration
        assert shown.registration.customer.name == NAME  # before, whoever may see her sees her
        assert forget(engine, "13977774242") == [number]

        door.keys.forget([number])
        shown = await door.look(number)
        assert shown.registration
        assert shown.registration.customer.name == ERASED
        assert traces(repr(shown).encode(), SAID) == []
        await desk.agrees(number)
        history = await export.export(desk.client, number)
    assert traces(dump(engine, tmp_path / "dump.sql"), SAID) == []
    assert traces(history.encode(), SAID) == []
    clear = await opened_bytes(history)
    assert traces(clear, SAID) == []
    assert [report.identical for report in await replay_chain(export.load(history), masters=MASTERS)] == [
        True
    ]
    with Session(engine) as session:
        assert agreement.check(session, number) == []


async def opened_bytes(history: str) -> bytes:
    """All payloads of a history, decrypted: what somebody with every master key can see."""
    from audit.sealed import opened

    found = b""
    for run in export.load(history):
        events, damaged = await opened(run.events, MASTERS)
        assert not damaged
        found += b"".join(event.SerializeToString() for event in events)
    assert b"sealed:" in found  # her tokens are there, and closed for ever
    return found


async def test_before_she_is_forgotten_nothing_of_her_lies_in_clear_either(
    desk: Desk, engine: Engine, door: Door, tmp_path: Path
) -> None:
    async with workers(desk):
        number = await lived(door, desk, "sealed")
        await desk.agrees(number)
        history = await export.export(desk.client, number)
    assert traces(dump(engine, tmp_path / "dump.sql"), SAID) == []
    assert traces(history.encode(), SAID) == []
    assert traces(await opened_bytes(history), SAID) == []


async def test_a_sealed_complaint_is_found_by_its_words_and_by_its_customer(
    desk: Desk, engine: Engine, door: Door
) -> None:
    async with workers(desk):
        number = await lived(door, desk, "found")
        await desk.agrees(number)
    with Session(engine) as session:
        keys = keys_of(engine).within(session)
        (found,) = search(session, keys, ["麒麟小区"])
        assert (found.number, "麒麟小区" in found.passage) == (number, True)
        for spelling in ("13977774242", "139-7777-4242", ACCOUNT):
            assert [each.number for each in of_customer(session, keys, spelling)] == [number]
    forget(engine, PHONE)
    with Session(engine) as session:
        assert search(session, keys_of(engine).within(session), ["麒麟小区"]) == []
        assert of_customer(session, keys_of(engine).within(session), PHONE) == []


async def test_a_second_complaint_of_the_same_customer_is_recognised_though_both_are_sealed(
    desk: Desk, engine: Engine, door: Door
) -> None:
    async with workers(desk):
        first = await lived(door, desk, "one")
        await desk.agrees(first)
    prepared = prepare(engine, door.keys, registration("two"), builtin)
    assert isinstance(prepared.registration.command, c.Register)
    assert prepared.registration.command.earlier_complaints == 1
    assert [each.number for each in prepared.similar] == [first]


async def test_an_open_complaint_is_not_forgotten(desk: Desk, engine: Engine, door: Door) -> None:
    async with workers(desk):
        number = (await door.start(registration("open"))).number
        desk.opened.append(number)
        await desk.agrees(number)
    with pytest.raises(StillOpen):
        forget(engine, PHONE)
    shown: Any = door.opened(number, plain(await_rows(engine, number)))
    assert shown["customer"]["name"] == NAME


def await_rows(engine: Engine, number: str) -> Any:
    with Session(engine) as session:
        read = queries.rows(session, number)
    assert read is not None
    return read.head


async def test_nothing_more_is_put_on_file_of_somebody_forgotten(
    desk: Desk, engine: Engine, door: Door
) -> None:
    async with workers(desk):
        number = await lived(door, desk, "over")
        await desk.agrees(number)
        forget(engine, PHONE)
        door.keys.forget([number])
        with pytest.raises(CustomerForgotten):
            await door.execute(number, desk.envelope(c.AddNote(text="one more word")))


async def test_retention_forgets_what_ended_long_enough_ago(engine: Engine) -> None:
    life = registered("1").send(c.LinkDuplicate)
    from tests.integration.recorded import write

    write(engine, *life.batches)
    assert life.state.outcome == Outcome.DUPLICATE
    closed_at = life.state.closed_at
    assert closed_at is not None
    kept = timedelta(days=builtin().retention.amount)
    with Session(engine) as session:
        assert list(due(session, closed_at + kept - timedelta(seconds=1))) == []
        assert [each.number for each in due(session, closed_at + kept)] == [life.state.number]
    of_files: list[str] = []
    retention = Retention(engine, of_files.extend)
    assert retention.forget_due(closed_at + kept) == 1
    assert retention.forget_due(closed_at + kept) == 0
    assert of_files == [life.state.number]


def test_two_who_seal_the_first_word_at_once_use_one_key(engine: Engine) -> None:
    from concurrent.futures import ThreadPoolExecutor

    note = c.AddNote(text="first word")
    several = [Keys(engine, MASTERS) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        closed = list(pool.map(lambda keys: keys.sealed("desk-9", note), several))
    reader = Keys(engine, MASTERS)
    assert {reader.opened(each.text, "desk-9") for each in closed} == {"first word"}


def test_what_one_complaints_key_sealed_stays_closed_in_another(engine: Engine) -> None:
    keys = keys_of(engine)
    foreign = keys.sealed("desk-1", c.AddNote(text="secret")).text
    assert keys.opened(foreign, "desk-1") == "secret"
    assert keys.opened(foreign, "desk-2") == "[sealed]"


def test_a_token_that_was_altered_opens_for_nobody(engine: Engine) -> None:
    keys = keys_of(engine)
    closed = keys.sealed("desk-1", c.AddNote(text="secret")).text
    assert keys.opened(closed[:-2] + ("AA" if closed[-2:] != "AA" else "BB"), "desk-1") == "[sealed]"


def test_a_new_master_key_wraps_what_the_old_one_did(engine: Engine) -> None:
    closed = keys_of(engine).sealed("desk-1", c.AddNote(text="secret")).text
    new = bytes(reversed(range(32)))
    both = Keys(engine, Masters([new, ENCRYPTION_KEY]))
    assert both.rotate() == 1
    assert both.rotate() == 0
    assert Keys(engine, Masters([new])).opened(closed, "desk-1") == "secret"


def test_every_word_of_the_dump_test_would_be_seen(engine: Engine, tmp_path: Path) -> None:
    """The search for traces finds what is there, in the very dump: it cannot pass for being blind."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE leak (said TEXT)"))
        connection.execute(text("INSERT INTO leak VALUES (:said)"), [{"said": said} for said in SAID])
    assert traces(dump(engine, tmp_path / "dump.sql"), SAID) == list(SAID)
