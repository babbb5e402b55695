"""At the edge: nothing malformed gets in, and what was written is read back equal."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from complaints import commands as c
from complaints import pinned, wire
from complaints.commands import COMMANDS, Envelope
from complaints.events import Event, is_authentic
from complaints.evolve import replayed
from complaints.lifecycle import Stage
from complaints.policy import Policy, fingerprint, text_of
from complaints.state import State
from complaints.vocabulary import Customer
from complaints.wire import Malformed
from tests.lives import DAY, PEOPLE, at_stage, example, renewed


def through_json(value: object) -> Any:
    return json.loads(json.dumps(wire.plain(value), ensure_ascii=False))


@pytest.mark.parametrize("kind", COMMANDS.values())
def test_a_command_written_and_read_is_the_same(kind: type) -> None:
    command = example(kind)
    assert wire.parse_command(kind.__name__, through_json(command)) == command


@pytest.mark.parametrize("kind", COMMANDS.values())
def test_an_envelope_knows_its_command_by_name(kind: type) -> None:
    life = at_stage(Stage.INTAKE)
    envelope = Envelope(
        id="c1", actor=next(iter(PEOPLE.values())), received_at=life.now, command=example(kind)
    )
    assert wire.parse(Envelope, through_json(envelope)) == envelope


def test_a_ledger_written_and_read_leads_to_the_same_state() -> None:
    life = at_stage(Stage.INVESTIGATION).wait(6 * DAY).to(Stage.ENDED)
    read = [wire.parse_event(through_json(event)) for event in life.events]
    assert read == life.events
    assert all(is_authentic(event) for event in read)
    assert replayed(life.born, read) == life.state


def test_a_state_written_and_read_is_the_same() -> None:
    life = at_stage(Stage.INVESTIGATION).wait(6 * DAY).to(Stage.CLOSED)
    read = wire.parse(State, through_json(life.state))
    assert replace(read, policy=life.state.policy) == life.state
    assert fingerprint(read.policy) == fingerprint(life.state.policy)


def test_a_policy_written_and_read_is_the_same() -> None:
    policy = at_stage(Stage.NEW).state.policy
    assert fingerprint(wire.parse(Policy, through_json(policy))) == fingerprint(policy)


def test_a_policy_read_from_its_text_is_the_same() -> None:
    policy = at_stage(Stage.NEW).state.policy
    assert fingerprint(pinned.read(text_of(renewed(policy)))) == fingerprint(renewed(policy))


def test_the_text_of_a_policy_is_the_same_however_it_was_read() -> None:
    policy = renewed()
    assert text_of(wire.parse(Policy, json.loads(text_of(policy)))) == text_of(policy)


def test_an_altered_event_is_not_authentic() -> None:
    (first, *_) = at_stage(Stage.INTAKE).events
    altered = through_json(first)
    altered["fact"]["description"] = altered["fact"]["description"].replace("三倍", "两倍")
    assert is_authentic(first)
    assert not is_authentic(wire.parse_event(altered))


def test_an_event_of_an_unknown_type_is_malformed() -> None:
    (first, *_) = at_stage(Stage.INTAKE).events
    with pytest.raises(Malformed):
        wire.parse(Event, through_json(first) | {"fact": {"type": "MoonLanded"}})


def test_a_command_nobody_knows_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Malformed, match="'MoonLanding' is none of Register, "):
        wire.parse_command("MoonLanding", {})


REGISTER = through_json(example(c.Register))


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"moon": 1}, "moon", "is not a field here"),
        ({"customer": {"nmae": "王"}}, "customer.nmae", "is not a field here"),
        ({"description": " \n"}, "description", "must not be blank"),
        ({"description": "a\x00b"}, "description", "NUL"),
        ({"description": "好" * 4001}, "description", "4000"),
        ({"channel": "pigeon"}, "channel", "phone"),
        ({"source": "Hot-line"}, "source", "lower-case"),
        ({"reference": "20 31"}, "reference", "letters A-Z"),
        ({"reference": "二"}, "reference", "letters A-Z"),
        ({"type": "Withdraw"}, "type", "Register"),
    ],
)
def test_what_is_wrong_is_said_field_by_field(changes: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(Malformed) as refused:
        wire.parse_command("Register", REGISTER | changes)
    (problem,) = refused.value.problems
    assert problem.field == field
    assert rule in problem.rule


def test_every_missing_field_is_named() -> None:
    with pytest.raises(Malformed) as refused:
        wire.parse_command("Assign", {})
    assert {(p.field, p.rule) for p in refused.value.problems} == {
        ("department", "is missing"),
        ("handler", "is missing"),
    }


@pytest.mark.parametrize(
    ("due_at", "rule"),
    [
        ("2026-03-01T09:00:00", "UTC offset"),
        ("1999-12-31T23:59:59Z", "between the years 2000 and 2199"),
        ("9999-12-31T23:59:59-12:00", "between the years 2000 and 2199"),
        ("tomorrow", "datetime"),
    ],
)
def test_an_instant_is_unambiguous_and_within_reach(due_at: str, rule: str) -> None:
    with pytest.raises(Malformed, match=rule):
        wire.parse_command("MakePromise", {"what": "回电", "due_at": due_at})


def test_an_instant_keeps_the_offset_it_was_said_in() -> None:
    promise = wire.parse_command("MakePromise", {"what": "回电", "due_at": "2026-03-01T09:00:00+08:00"})
    assert isinstance(promise, c.MakePromise)
    assert promise.due_at == datetime.fromisoformat("2026-03-01T01:00:00+00:00")


@pytest.mark.parametrize("score", [0, 6])
def test_a_score_is_one_to_five(score: int) -> None:
    with pytest.raises(Malformed):
        wire.parse_command("RecordFollowUp", {"satisfied": True, "score": score})


@pytest.mark.parametrize(
    "money",
    [
        {"amount_minor": -1, "currency": "CNY"},
        {"amount_minor": 1, "currency": "cny"},
        {"amount_minor": 1, "currency": "CN"},
        {"amount_minor": 0.5, "currency": "CNY"},
    ],
)
def test_money_is_a_whole_number_of_minor_units_in_a_currency(money: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        wire.parse_command("PrepareOption", {"what": "退款", "standard": "第八十一条", "compensation": money})


def test_text_that_no_database_could_hold_is_refused() -> None:
    with pytest.raises(Malformed):
        wire.parse_command("AddNote", {"text": "half a character: \ud83d"})


def test_a_schema_names_the_fields() -> None:
    assert set(wire.schema(Customer)["properties"]) == {
        "name",
        "contact",
        "language",
        "anonymous",
        "account",
    }


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b'{"text": "x", "text": "y"}', "text"),
        (b'{"text": 1}', "text"),
        (b'{"text": "\\ud800"}', ""),
        (b'{"text": NaN}', "text"),
        (b"[" * 10_000, ""),
        (b"\xff", ""),
    ],
)
def test_json_is_read_strictly(text: bytes, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        wire.read(c.AddNote, text)
    assert {problem.field for problem in refused.value.problems} == {field}


def test_false_is_not_a_number() -> None:
    with pytest.raises(Malformed):
        wire.read(c.RecordFollowUp, b'{"satisfied": true, "score": true}')


@pytest.mark.parametrize("kind", COMMANDS.values())
def test_a_command_written_and_read_strictly_is_the_same(kind: type) -> None:
    command = example(kind)
    assert wire.read(kind, json.dumps(wire.plain(command)).encode()) == command
