"""An idempotency key stands for one request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import KeyReused
from complaints.lifecycle import Stage
from complaints.request_ids import is_reused, request_id
from complaints.vocabulary import Role, is_identifier
from tests.lives import PEOPLE, Life, at_stage

KEYS = st.from_regex(r"[A-Za-z0-9._-]{1,106}", fullmatch=True)
CHECKS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)


def note(life: Life, text: str, command_id: str) -> Envelope:
    return Envelope(
        id=command_id, actor=PEOPLE[Role.HANDLER], received_at=life.now, command=c.AddNote(text=text)
    )


@given(KEYS, CHECKS)
def test_an_id_is_one_however_long_the_key(key: str, check: str) -> None:
    made = request_id(key, check)
    assert is_identifier(made)
    assert len(made) <= 100


@given(KEYS, KEYS, CHECKS, CHECKS)
def test_a_key_is_reused_exactly_by_another_request(key: str, other: str, check: str, differs: str) -> None:
    first = request_id(key, check)
    assert not is_reused(first, [first, key])
    assert is_reused(request_id(key, differs), [first]) is (differs[:16] != check[:16])
    if other != key:
        assert not is_reused(request_id(other, differs), [first])


def test_another_command_under_the_same_key_is_refused() -> None:
    life = at_stage(Stage.INTAKE)
    life.receive(note(life, "the meter is broken", "k.r-0000000000000001"))
    with pytest.raises(KeyReused):
        life.receive(note(life, "the meter is fine", "k.r-0000000000000002"))


def test_the_same_command_under_the_same_key_acts_once() -> None:
    life = at_stage(Stage.INTAKE)
    sent = note(life, "the meter is broken", "k.r-0000000000000001")
    assert life.receive(sent)
    assert life.receive(sent) == []
