"""Whoever acts on what they saw acts only while it is still so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import MovedOn
from complaints.lifecycle import Stage
from complaints.vocabulary import Role
from complaints.wire import plain
from tests.lives import PEOPLE, Life, at_stage, example


def note(life: Life, expected_seq: int | None, *, command_id: str = "note") -> Envelope:
    return Envelope(
        id=command_id,
        actor=PEOPLE[Role.HANDLER],
        received_at=life.now,
        command=example(c.AddNote),
        expected_seq=expected_seq,
    )


def test_a_command_on_the_present_sequence_acts() -> None:
    life = at_stage(Stage.INTAKE)
    assert life.receive(note(life, life.state.seq))


def test_a_command_on_an_earlier_sequence_is_refused() -> None:
    life = at_stage(Stage.INTAKE)
    seen = life.state.seq
    life.do(example(c.AddNote))
    with pytest.raises(MovedOn):
        life.receive(note(life, seen))


def test_a_repeated_command_is_answered_though_it_moved_the_sequence_itself() -> None:
    life = at_stage(Stage.INTAKE)
    sent = note(life, life.state.seq)
    life.receive(sent)
    assert life.receive(sent) == []


def test_what_time_brings_meanwhile_is_nothing_that_was_seen() -> None:
    life = at_stage(Stage.INTAKE)
    seen = life.state.seq
    life.outage(timedelta(days=2))
    assert life.receive(note(life, seen))


def test_an_envelope_without_it_is_written_as_ever() -> None:
    life = at_stage(Stage.INTAKE)
    assert "expected_seq" not in plain(note(life, None))
