"""Compares what was recorded with what is computed now: durations, words, payloads as data, failures.

A payload is compared after decryption, since the same words never encrypt to the same bytes twice. Whoever holds the
key reads the differing values here: they may be personal, so a difference is shown and never logged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure

_ABSENT: Final = object()
_LONGEST = 300  # characters of a value that are shown
_MOST = 10  # places of one payload that are named; one changed deadline changes every hash after it


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where a history and today's code disagree.

    Attributes:
        event_id: The event of the history, counted from 1.
        place: What it is about, such as ``activity 3 (record), argument 1: changes.head.stage``.
        recorded: What the history says.
        now: What today's code does instead.
    """

    event_id: int
    place: str
    recorded: str
    now: str


NOTHING = "nothing"


@dataclass(frozen=True)
class Place:
    """Where a comparison stands; its questions return the differences found there."""

    event_id: int
    what: str

    def differs(self, detail: str, recorded: object, now: object) -> Difference:
        """Make the difference of a detail of this place."""
        place = f"{self.what}{detail}"
        return Difference(event_id=self.event_id, place=place, recorded=_shown(recorded), now=_shown(now))

    def value(self, detail: str, recorded: object, now: object) -> Iterator[Difference]:
        """Compare plain values."""
        if recorded != now:
            yield self.differs(f", {detail}", recorded, now)

    def duration(self, detail: str, recorded: Duration, now: Duration) -> Iterator[Difference]:
        """Compare durations to the nanosecond."""
        if recorded.ToNanoseconds() != now.ToNanoseconds():
            yield self.differs(f", {detail}", _seconds(recorded), _seconds(now))

    def payloads(
        self, detail: str, recorded: Sequence[Payload], now: Sequence[Payload]
    ) -> Iterator[Difference]:
        """Compare lists of decrypted payloads, one by one."""
        if len(recorded) != len(now):
            yield self.differs(f", number of {detail}s", len(recorded), len(now))
        numbered = len(recorded) > 1
        for number, (one, other) in enumerate(zip(recorded, now, strict=False), start=1):
            yield from self.payload(f"{detail} {number}" if numbered else detail, one, other)

    def payload(self, detail: str, recorded: Payload, now: Payload) -> Iterator[Difference]:
        """Compare decrypted payloads as data: the order of fields means nothing."""
        if recorded.data == now.data and _encoding(recorded) == _encoding(now):
            return
        if _encoding(recorded) != _encoding(now):
            yield self.differs(f", encoding of {detail}", _encoding(recorded), _encoding(now))
            return
        if not _encoding(recorded).startswith("json/"):
            yield self.differs(f", {detail}", recorded.data.hex(), now.data.hex())
            return
        found = list(_leaves("", json.loads(recorded.data), json.loads(now.data)))
        for path, one, other in found[:_MOST]:
            yield self.differs(f", {detail}{': ' if path else ''}{path}", one, other)
        if len(found) > _MOST:
            yield self.differs(f", {detail}: further places", len(found) - _MOST, "different as well")

    def fields(
        self, detail: str, recorded: Mapping[str, Payload], now: Mapping[str, Payload]
    ) -> Iterator[Difference]:
        """Compare payloads by name."""
        for name in sorted({*recorded, *now}):
            if name in recorded and name in now:
                yield from self.payload(f"{detail} {name}", recorded[name], now[name])
            else:
                one, other = recorded.get(name), now.get(name)
                yield self.differs(f", {detail} {name}", *(_text(p) if p else _ABSENT for p in (one, other)))

    def failure(self, detail: str, recorded: Failure, now: Failure) -> Iterator[Difference]:
        """Compare failures by what they say; a stack trace names lines of code, which are free to move."""
        was, is_ = recorded.application_failure_info, now.application_failure_info
        yield from self.value(f"{detail}: type", was.type, is_.type)
        yield from self.value(f"{detail}: message", message_of(recorded), message_of(now))
        yield from self.value(f"{detail}: final", was.non_retryable, is_.non_retryable)
        yield from self.payloads(f"{detail}: detail", was.details.payloads, is_.details.payloads)
        if recorded.HasField("cause") or now.HasField("cause"):
            yield from self.failure(f"{detail}: cause", recorded.cause, now.cause)


def message_of(failure: Failure) -> str:
    """Read a failure's message, which travels as a payload of its own."""
    if failure.HasField("encoded_attributes") and failure.encoded_attributes.data:
        return str(json.loads(failure.encoded_attributes.data).get("message", ""))
    return failure.message


def _leaves(path: str, recorded: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Walk down two documents to the places where they part."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in (*recorded, *(key for key in now if key not in recorded)):
            below = f"{path}.{key}" if path else key
            yield from _leaves(below, recorded.get(key, _ABSENT), now.get(key, _ABSENT))
    elif isinstance(recorded, list) and isinstance(now, list):
        for i in range(max(len(recorded), len(now))):
            one = recorded[i] if i < len(recorded) else _ABSENT
            other = now[i] if i < len(now) else _ABSENT
            yield from _leaves(f"{path}[{i}]", one, other)
    # In Python True == 1 and 1 == 1.0; in a record they are not the same.
    elif type(recorded) is not type(now) or recorded != now:
        yield path, recorded, now


def _shown(value: object) -> str:
    if value is _ABSENT:
        return NOTHING
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _seconds(duration: Duration) -> str:
    return f"{duration.ToNanoseconds() / 1e9:.6f} s"


def _encoding(payload: Payload) -> str:
    return payload.metadata.get("encoding", b"").decode(errors="replace")


def _text(payload: Payload) -> str:
    return payload.data.decode(errors="replace")
