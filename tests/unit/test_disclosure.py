"""What of an event leaves the house, and what never does."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from complaints.cloud_event import LedgerLine, body_of, id_of, type_of
from complaints.commands import COMMANDS
from complaints.disclosure import disclosed, left_out
from complaints.events import FACTS
from complaints.privacy import private_fields
from complaints.wire import plain
from tests.integration.recorded import eventful, registered
from tests.lives import WANG_XIUYING, Life, example

LEFT_OUT = {
    *("agreed_next", "answer", "asked_remedy", "asks", "complaint_type", "customer", "customer_type"),
    *("description", "details", "difficult_reason", "emotional_intensity", "evidence", "found", "gesture"),
    *("goodwill", "grounds", "heard", "interest", "message", "motive", "named", "needs", "place", "position"),
    *("question", "reason", "reasons", "receipt", "resolution", "root_cause", "said", "standard", "summary"),
    *("text", "to", "what", "why", "words"),
    *("file_name", "media_type", "sha256"),
}


def test_the_fields_that_are_never_told_are_these():
    """A new field that holds text is left out by itself; whoever wants it told decides so, and here."""
    assert {name for kind in FACTS.values() for name in left_out(kind)} == LEFT_OUT


def test_nothing_is_told_that_is_hidden_from_the_eyes_of_operators():
    told = {f.name for kind in FACTS.values() for f in fields(kind) if f.name not in left_out(kind)}
    # The same word names a yes or no elsewhere: whether feedback answers a question, why a clock moved.
    assert told & private_fields() <= {"answer", "clock", "why"}


def test_no_text_that_people_wrote_is_in_any_event():
    written: set[str] = set()
    for kind in COMMANDS.values():
        written |= _texts(plain(_example(kind)))
    told = b"".join(body_of(_line(event)) for event in eventful().events).decode()
    assert len(written) > 40
    assert [text for text in written if text in told] == []


def test_the_customer_is_in_no_event():
    told = b"".join(body_of(_line(event)) for event in eventful().events).decode()
    assert str(WANG_XIUYING.name) not in told
    assert str(WANG_XIUYING.contact) not in told


def test_what_systems_work_with_is_told():
    registered_fact = disclosed(plain(registered().events[0].fact))
    assert registered_fact["category"] == "billing"
    assert registered_fact["reference"] == "2031"
    assert registered_fact["type"] == "Registered"
    assigned = disclosed(
        {"type": "Assigned", "department": "billing", "handler": "zhang.wei"},
    )
    assert assigned == {"type": "Assigned", "department": "billing", "handler": "zhang.wei"}


def test_money_is_told():
    money = {"amount_minor": 30000, "currency": "CNY"}
    prepared = {"type": "OptionPrepared", "what": "退还", "standard": "第八十一条", "compensation": money}
    assert disclosed(prepared)["compensation"] == money


def test_of_an_unknown_fact_only_its_type_is_told():
    assert disclosed({"type": "Whispered", "to": "王秀英"}) == {"type": "Whispered"}


def test_the_same_event_makes_the_same_bytes():
    line = _line(registered().events[0])
    assert body_of(line) == body_of(line)


def test_sequences_sort_as_texts():
    events = [json.loads(body_of(_line(event))) for event in eventful().events]
    assert [event["sequence"] for event in events] == sorted(event["sequence"] for event in events)
    assert len(events) > 99


def test_ids_and_types_are_data_once_shipped():
    assert id_of("hotline-2031", 5) == "hotline-2031/5"
    assert type_of("ClockBreached") == "org.redress.complaint.ClockBreached.v1"


def _line(event: Any) -> LedgerLine:
    return LedgerLine(
        number="hotline-2031",
        seq=event.seq,
        at=event.at,
        occurred_at=event.occurred_at,
        actor=event.actor,
        command_id=event.command_id,
        fact=plain(event.fact),
    )


def _example(kind: type[Any]) -> Any:
    return example(kind, Life())


def _texts(data: Any) -> set[str]:
    """Everything of some length that is not one word of the system's."""
    if isinstance(data, dict):
        return {text for value in data.values() for text in _texts(value)}
    if isinstance(data, list):
        return {text for value in data for text in _texts(value)}
    return {data} if isinstance(data, str) and (" " in data or not data.isascii()) else set()
