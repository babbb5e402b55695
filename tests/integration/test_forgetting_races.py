"""Somebody is forgotten while something of theirs is on its way: it is closed, and found by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from temporalio.exceptions import ApplicationError

from activities.intake import Intake
from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import CustomerForgotten, NotSealed, StillOpen
from complaints.policy_file import builtin
from complaints.sealed import ERASED
from complaints.vocabulary import Customer, Role
from complaints.wire import plain
from db import starts
from db.erasing import erase, of_numbers
from db.findable import findable, index_anew
from db.history import with_history
from db.key_tables import ContactRow, KeyRow, SaidRow
from db.keys import Keys
from db.records import record
from db.start_tables import StartKeyRow, StartRow
from files.forgetting import forget_files
from files.storage import Files
from tests.integration.recorded import RecordedLife, write
from tests.keys import MASTERS, keys_of
from tests.lives import PEOPLE, WANG_XIUYING, example

LIU_MIN = PEOPLE[Role.CUSTOMER_SERVICE]
LONG_AFTER = datetime.now(UTC) + timedelta(days=1)


def withdrawn(engine: Engine, reference: str = "1") -> RecordedLife:
    """A complaint by 王秀英, sealed as doors seal it, on record and closed."""
    keys = keys_of(engine)
    life = RecordedLife(number=f"hotline-{reference}")
    form = example(c.Register, reference=reference, customer=replace(WANG_XIUYING, account="A-1"))
    life.do(keys.sealed(life.state.number, form))
    life.do(keys.sealed(life.state.number, example(c.Withdraw)))
    life.cut()
    write(engine, *life.batches)
    return life


def forget(engine: Engine, number: str) -> None:
    with Session(engine) as session:
        erase(session, of_numbers(session, [number]), LIU_MIN, "asked to be forgotten", datetime.now(UTC))
        session.commit()


def findable_lines(engine: Engine) -> int:
    with Session(engine) as session:
        return sum(
            session.scalar(select(func.count()).select_from(row)) or 0 for row in (SaidRow, ContactRow)
        )


def reopened(life: RecordedLife, keys: Keys, *, letter: bool) -> str:
    """Take her complaint up again in words that were sealed before she was forgotten; returns the words' token."""
    command: c.Reopen = example(c.Reopen)
    number = life.state.number
    closed = keys.sealed_letter(command) if letter else keys.sealed(number, command)
    life.do(closed)
    assert life.cut()
    return closed.reason


@pytest.mark.parametrize("letter", [True, False], ids=["letter", "remembered key"])
def test_words_on_their_way_are_closed_when_they_are_recorded(engine: Engine, letter: bool) -> None:
    life, elsewhere = withdrawn(engine), Keys(engine, MASTERS)
    number = life.state.number
    token = reopened(life, elsewhere, letter=letter)
    assert elsewhere.data_key(number)  # another process remembers her key
    forget(engine, number)
    write(engine, life.batches[-1])
    assert Keys(engine, MASTERS).opened(token, number) == ERASED
    assert findable_lines(engine) == 0


@pytest.mark.parametrize("first", ["recording", "erasing"])
def test_a_recording_and_an_erasure_take_turns(engine: Engine, first: str) -> None:
    life, keys = withdrawn(engine), Keys(engine, MASTERS)
    number = life.state.number
    life.do(keys.sealed(number, example(c.Reopen)))
    batch = life.cut()
    assert batch
    found = findable(keys, batch[0])
    other: Future[Any]
    with ThreadPoolExecutor(1) as pool, Session(engine) as session:
        if first == "recording":
            record(session, *batch)
            found.write(session)
            other = pool.submit(forget, engine, number)
            session.commit()
            with pytest.raises(StillOpen):  # it was closed when she was looked for, and is open now
                other.result(timeout=20)
            return
        erase(session, of_numbers(session, [number]), LIU_MIN, "asked", datetime.now(UTC))
        other = pool.submit(write, engine, batch)
        session.commit()
        other.result(timeout=20)
    assert findable_lines(engine) == 0


def test_indexing_anew_finds_nobody_who_was_forgotten(engine: Engine) -> None:
    life, remembering = withdrawn(engine), Keys(engine, MASTERS)
    remembering.data_key(life.state.number)
    forget(engine, life.state.number)
    with Session(engine) as session:
        assert index_anew(session, remembering) == []
        session.commit()
    assert findable_lines(engine) == 0


def test_a_batch_that_is_recorded_again_makes_nobody_findable_again(engine: Engine) -> None:
    life = withdrawn(engine)
    batches = list(life.batches)
    remembering = Keys(engine, MASTERS)
    found = findable(remembering, batches[0][0])  # opened before, written after
    assert found.said
    forget(engine, life.state.number)
    with Session(engine) as session:
        found.write(session)
        session.commit()
    assert findable_lines(engine) == 0


def test_of_a_start_by_http_nothing_is_left(engine: Engine) -> None:
    life = withdrawn(engine)
    number = life.state.number
    sent = {"customer.contact": "+86 138 0000 2031"}
    start = starts.Start(
        number=number,
        digests=starts.digests_of(sent, number, bytes(32)),
        received_at=datetime.now(UTC),
        policy_name="default",
        policy_version="1",
        policy_sha256="0" * 64,
    )
    with Session(engine) as session:
        starts.record(session, start)
        starts.look_up(session, number, "crm", "13800002031")
        session.commit()
    forget(engine, number)
    with Session(engine) as session:
        assert session.scalars(select(StartRow)).all() == []
        assert session.scalars(select(StartKeyRow)).all() == []


def test_one_who_never_had_a_key_gets_none_after_they_were_forgotten(engine: Engine) -> None:
    """A complaint from before there were keys: what is said of it from now on is at least not readable."""
    life = RecordedLife(number="hotline-old")
    life.do(example(c.Register, reference="old"))
    life.do(example(c.Withdraw))
    life.cut()
    write(engine, *life.batches)
    forget(engine, "hotline-old")
    with pytest.raises(CustomerForgotten):
        Keys(engine, MASTERS).sealed("hotline-old", c.AddNote(text="王秀英 called"))


def test_a_forgotten_customer_who_complains_anew_is_somebody_new(engine: Engine) -> None:
    life = withdrawn(engine)
    forget(engine, life.state.number)
    form = example(c.Register, reference="2", customer=WANG_XIUYING)
    keys = Keys(engine, MASTERS)
    with Session(engine) as session:
        counted = with_history(
            session, keys.within(session), form, builtin(), number="hotline-2", received_at=LONG_AFTER
        )
    assert counted.earlier_complaints == form.earlier_complaints == 0
    closed = keys.sealed("hotline-2", form)
    assert keys.opened(plain(closed), "hotline-2") == plain(form)


def test_a_start_of_somebody_forgotten_is_refused_and_its_letter_closed(engine: Engine) -> None:
    """Sent straight to Temporal, once its server remembers no complaint of this number any more."""
    life, keys = withdrawn(engine), Keys(engine, MASTERS)
    forget(engine, life.state.number)
    form = keys.sealed_letter(example(c.Register, reference="1"))
    envelope = Envelope(id="r", actor=PEOPLE[Role.SYSTEM], received_at=datetime.now(UTC), command=form)
    with pytest.raises(ApplicationError) as refused:
        Intake(engine, keys, builtin).take_in(life.state.number, envelope)
    assert refused.value.type in (CustomerForgotten.__name__, NotSealed.__name__)
    assert Keys(engine, MASTERS).opened(form.description, life.state.number) == ERASED


def test_forgetting_deletes_the_files_of_these_complaints_and_no_others(
    engine: Engine, tmp_path: Path
) -> None:
    keys = Keys(engine, MASTERS)
    files = Files(str(tmp_path), keys.data_key)

    async def put(number: str) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"a photograph of her"

        await files.put(number, "a-1", chunks())

    for number in ("hotline-1", "hotline-12", "hotline-1.2"):
        asyncio.run(put(number))
    assert forget_files(str(tmp_path), keys.data_key, ["hotline-1"]) == 1
    assert sorted(path.parent.name for path in tmp_path.glob("*/*")) == ["hotline-1.2", "hotline-12"]


def test_a_destroyed_key_leaves_nothing_of_itself(engine: Engine) -> None:
    life = withdrawn(engine)
    forget(engine, life.state.number)
    with Session(engine) as session:
        rows = session.scalars(select(KeyRow).where(KeyRow.number == life.state.number)).all()
    assert [(row.wrapped, row.destroyed_at is not None) for row in rows] == [(None, True)]


def test_whoever_was_never_reachable_is_forgotten_as_well(engine: Engine) -> None:
    keys = keys_of(engine)
    life = RecordedLife(number="hotline-3")
    life.do(keys.sealed("hotline-3", example(c.Register, reference="3", customer=Customer(name="王"))))
    life.do(keys.sealed("hotline-3", example(c.Withdraw)))
    life.cut()
    write(engine, *life.batches)
    forget(engine, "hotline-3")
    assert findable_lines(engine) == 0
