"""Opens a history: every encrypted payload of it is decrypted once, so that replay and comparison read plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History, HistoryEvent

from audit.difference import Difference
from db.masters import Masters
from workflows.converter import EncryptionCodec, is_encrypted


class ReplayImpossible(ValueError):
    """Nothing can be said about a history.

    ReplayImpossible
    ├── NoHistory       it is not the history of a complaint
    └── KeyWrong        it is encrypted, and not with this key
        └── KeyMissing  no key was given
    """


class NoHistory(ReplayImpossible):
    """It is not the whole history of one run of a complaint."""


class KeyWrong(ReplayImpossible):
    """The key does not open it."""


class KeyMissing(KeyWrong):
    """It is encrypted, and no key was given."""


async def opened(
    events: Sequence[HistoryEvent], masters: Masters | None
) -> tuple[list[HistoryEvent], list[Difference]]:
    """Return a decrypted copy of the events, and what could not be decrypted though the key is right.

    Raises:
        KeyMissing: Something is encrypted and there is no key.
        KeyWrong: The key opens nothing of it.
    """
    copy = list(History(events=events).events)
    sealed = [(event, found) for event in copy if (found := [p for p in _payloads(event) if is_encrypted(p)])]
    if not sealed:
        return copy, []
    if masters is None:
        raise KeyMissing(
            "the history is encrypted; REDRESS_ENCRYPTION_KEY must hold the key it was made with"
        )
    codec = EncryptionCodec(masters)
    damaged = []
    for event, payloads in sealed:
        plain = await codec.decode(payloads)
        if any(is_encrypted(payload) for payload in plain):
            damaged.append(event.event_id)
            continue
        for payload, open_ in zip(payloads, plain, strict=True):
            payload.CopyFrom(open_)
    if len(damaged) == len(sealed):
        raise KeyWrong("the history was encrypted with another key than the one given")
    return copy, [
        Difference(
            event_id=event_id,
            place="encrypted payload",
            recorded="cannot be decrypted: it was altered after it was written",
            now="not reached",
        )
        for event_id in damaged
    ]


def _payloads(message: Message) -> Iterator[Payload]:
    """Find every payload below a message, whatever kind of event it is."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        kind = field.message_type
        if kind is None or not _may_hold_payloads(kind):
            continue
        children = [value]
        if kind.GetOptions().map_entry:
            children = value.values()
        elif field.is_repeated:
            children = value
        for child in children:
            yield from _payloads(child)


@cache
def _may_hold_payloads(kind: Descriptor) -> bool:
    """Say whether there can be payloads below messages of a kind; most have none, and looking costs time."""
    seen, waiting = {kind.full_name}, [kind]
    while waiting:
        looked_at = waiting.pop()
        if looked_at.full_name == Payload.DESCRIPTOR.full_name:
            return True
        below = [field.message_type for field in looked_at.fields if field.message_type is not None]
        waiting += [each for each in below if each.full_name not in seen]
        seen |= {each.full_name for each in below}
    return False
