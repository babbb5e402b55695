"""What the codec server does: it seals and encrypts what systems send to Temporal, and shows what lies there.

Each payload says for which workflow it was encrypted, and its key is derived from that: a payload of one complaint cannot
be passed off as another's to somebody who may see only the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from temporalio.api.common.v1 import Payload

from complaints import personal
from complaints.commands import Envelope
from complaints.wire import Malformed, Problem, parse, plain
from db.keys import Keys
from db.masters import Masters
from workflows.converter import EncryptionCodec, is_encrypted, workflow_of

JSON = b"json/plain"


class Sight(Enum):
    """What somebody may see of a workflow's payloads."""

    NOTHING = 0
    ALL_BUT_PEOPLE = 1
    ALL = 2


class Codec:
    """Encodes and decodes, with the keys of the installation."""

    def __init__(self, masters: Masters, keys: Keys) -> None:
        self._masters = masters
        self._keys = keys

    async def encoded(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal what is personal in registrations and commands, and encrypt every payload.

        Raises:
            Malformed: A registration or a command has wrong fields; names each.
        """
        return [await self._encoded(payload, index) for index, payload in enumerate(payloads)]

    async def decoded(self, payloads: Sequence[Payload], sight: Callable[[str], Sight]) -> list[Payload]:
        """Decrypt what may be seen; the rest comes back as it was.

        Args:
            sight: Says of a workflow's id what may be seen of it.
        """
        found = []
        for payload in payloads:
            seen = sight(workflow_of(payload)) if is_encrypted(payload) else Sight.NOTHING
            if seen is Sight.NOTHING:
                found.append(payload)
                continue
            (clear,) = await EncryptionCodec(self._masters).decode([payload])
            found.append(self._opened(clear) if seen is Sight.ALL else clear)
        return found

    async def _encoded(self, payload: Payload, index: int) -> Payload:
        number = ""
        if payload.metadata.get("encoding") == JSON:
            data = _read(payload, index)
            if isinstance(data, dict):
                number = str(data.get("number") or "")
                data = self._sealed(data, f"payloads.{index}")
                payload = Payload(
                    metadata=payload.metadata, data=json.dumps(data, ensure_ascii=False).encode()
                )
        (encrypted,) = await EncryptionCodec(self._masters, number).encode([payload])
        return encrypted

    def _sealed(self, data: dict[str, Any], path: str) -> dict[str, Any]:
        """Seal an envelope, or the one that a start holds; anything else is none of ours."""
        if isinstance(data.get("registration"), Mapping):
            return {**data, "registration": self._sealed(dict(data["registration"]), f"{path}.registration")}
        if "command" not in data:
            return data
        try:
            envelope = parse(Envelope, data)
            personal.refuse_tokens(envelope.command)
        except Malformed as malformed:
            raise Malformed(
                *(Problem(field=f"{path}.{p.field}".rstrip("."), rule=p.rule) for p in malformed.problems)
            ) from None
        return {**data, "command": plain(self._keys.sealed_letter(envelope.command))}

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != JSON:
            return payload
        opened = self._keys.opened(json.loads(payload.data))
        return Payload(metadata=payload.metadata, data=json.dumps(opened, ensure_ascii=False).encode())


def _read(payload: Payload, index: int) -> Any:
    try:
        return json.loads(payload.data)
    except ValueError:
        raise Malformed(Problem(field=f"payloads.{index}", rule="is not the JSON it says it is")) from None
