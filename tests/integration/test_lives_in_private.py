"""Whatever is said in a complaint, under whichever policy: nothing of it stands anywhere, and none of it opens afterwards."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from activities.texts import compose, line_of
from activities.work import NoticeWork
from complaints import commands as c
from complaints import personal
from complaints.changes import changes
from complaints.cloud_event import LedgerLine, body_of
from complaints.commands import Envelope
from complaints.events import Event
from complaints.records import TO_CUSTOMER
from complaints.scoring import heard_in
from complaints.sealed import opened
from complaints.state import State
from complaints.view import view
from complaints.wire import plain
from db.findable import findable
from db.keys import Keys, destroy
from db.tables import LedgerRow
from tests.integration.test_lives_on_record import on_record
from tests.integration.traces import dump
from tests.keys import MASTERS
from tests.lives import Life
from tests.properties.test_lives import Complaints, UnderWhatShips, lives
from workflows.case_file import case_file

_MARK = re.compile(r"qilin\d{6}x")
_numbers = itertools.count(1)


def marked(command: Any, keys: Keys, state: State) -> Any:
    """A command in which every personal text has a mark of its own, sealed as the doors seal it."""
    if isinstance(command, personal.OUR_OWN):
        return command
    if isinstance(command, c.Register):
        said = " ".join(part for part in (command.description, command.asked_remedy) if part)
        command = replace(command, heard=heard_in(state.policy, said))
    own = personal.sealed(command, lambda text: f"qilin{next(_numbers):06d}x{text}"[:200])
    return keys.sealed(state.number, own)


class Private(Life):
    """A life whose commands come in through a door."""

    keys: Keys

    def receive(self, envelope: Envelope) -> list[Event]:
        return super().receive(replace(envelope, command=marked(envelope.command, self.keys, self.state)))


def in_private(machine: type[Complaints], engine: Engine) -> type[Complaints]:
    """The same lives, sealed, and searched in the end."""
    keys, numbers = Keys(engine, MASTERS), itertools.count(1)

    class InPrivate(on_record(machine, engine)):  # type: ignore[misc] # made by a function
        def _new_life(self, policy: Any) -> Life:
            life = Private(policy, number=f"{machine.__name__}-private-{next(numbers)}")
            life.keys = keys
            return life

        def _send(self, command: Any, role: Any, lateness: Any) -> None:
            super()._send(marked(command, keys, self.life.state), role, lateness)

        def teardown(self) -> None:
            super().teardown()
            if self.life.events:
                assert marks_in(*told_of(self.life)) == set()
                whole = changes(self.life.born, self.life.state, self.life.events)
                found = findable(keys, whole)
                with Session(engine) as session:
                    found.write(session)
                    session.commit()

    return InPrivate


def told_of(life: Life) -> list[str]:
    """Everything that anybody but the doors gets to see of a life."""
    state = life.state
    told = [json.dumps(plain(event), ensure_ascii=False) for event in life.events]
    told += [json.dumps(plain(each), ensure_ascii=False) for each in (state, view(state))]
    told.append(case_file(state))
    for event in life.events:
        names = ("seq", "at", "occurred_at", "actor", "command_id")
        fact = plain(event)["fact"]
        line = LedgerLine(number=state.number, fact=fact, **{name: getattr(event, name) for name in names})
        body = body_of(line).decode()
        assert "sealed:" not in body, body
        told.append(body)
    for notice in state.notices.values():
        clock = state.clocks.get(notice.clock or "")
        work = NoticeWork(
            number=state.number,
            notice=notice,
            stage=state.stage,
            severity=state.severity,
            category=state.policy.categories[state.category],
            department=state.department,
            clock=clock.name if clock else None,
            due_at=clock.due_at if clock else None,
            due_local=clock.due_at if clock else None,
            why=notice.why,
        )
        told += [str(compose(work, language)) for language in ("zh", "en")]
        told += (
            [line_of(work, language) for language in ("zh", "en")] if notice.kind not in TO_CUSTOMER else []
        )
    return told


def marks_in(*texts: str) -> set[str]:
    return {mark for text in texts for mark in _MARK.findall(text)}


@pytest.mark.parametrize("machine", [Complaints, UnderWhatShips], ids=lambda each: each.__name__)
def test_of_whole_lives_nothing_stands_anywhere_and_nothing_opens_afterwards(
    machine: type[Complaints], engine: Engine, tmp_path: Path
) -> None:
    lives(in_private(machine, engine), share=0.2)
    stored = dump(engine, tmp_path / "before.sql").decode()
    assert marks_in(stored) == set()
    assert len(readable(engine)) > 50  # they were there, for whoever may see them
    with Session(engine) as session:
        numbers = sorted(set(session.scalars(select(LedgerRow.number))))
        destroy(session, numbers, datetime.now(UTC))
        session.commit()
    assert readable(engine) == set()
    assert marks_in(dump(engine, tmp_path / "after.sql").decode()) == set()


def readable(engine: Engine) -> set[str]:
    """The marks that somebody with every key can read in the ledger."""
    keys = Keys(engine, MASTERS)
    with Session(engine) as session:
        lines = session.execute(select(LedgerRow.number, LedgerRow.fact)).all()
    found = [json.dumps(keys.opened(fact, number)) for number, fact in lines]
    assert opened(found, lambda *_: "") == found
    return marks_in(*found)
