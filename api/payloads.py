"""What the codec server does: it seals and encrypts what systems send to Temporal, and shows what lies there.

Each payload says for which workflow it was encrypted, and its key is derived from that: a payload of one complaint cannot
be passed off as another's to somebody who may see only the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from temporalio.api.common.v1 import Payload

from complaints import personal
from complaints.commands import Envelope
from complaints.privacy import without_people
from complaints.wire import Malformed, Problem, parse, plain
from db.keys import Keys
from db.masters import Masters
from workflows.converter import EncryptionCodec, is_encrypted, workflow_of

JSON = b"json/plain"


class Sight(Enum):
    """What somebody may see of a workflow's payloads."""

    NOTHING = 0
    ALL_BUT_PEOPLE = 1  # and no free text, which may name them
    ALL = 2


class Codec:
    """Encodes and decodes, with the keys of the installation."""

    def __init__(self, masters: Masters, keys: Keys) -> None:
        self._masters = masters
        self._keys = keys

    def encoded(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal what is personal in registrations and commands, and encrypt every payload.

        Raises:
            Malformed: A registration or a command has wrong fields; names each.
        """
        return [self._encoded(payload, index) for index, payload in enumerate(payloads)]

    @staticmethod
    def workflows(payloads: Sequence[Payload]) -> set[str]:
        """Name the workflows that payloads were encrypted for."""
        return {workflow_of(payload) for payload in payloads if is_encrypted(payload)}

    def decoded(self, payloads: Sequence[Payload], sights: Mapping[str, Sight]) -> list[Payload]:
        """Decrypt what may be seen; the rest comes back as it was.

        Args:
            sights: What may be seen, by the workflow's id; nothing of one that is not named.
        """
        codec, found = EncryptionCodec(self._masters), []
        for payload in payloads:
            sight = sights.get(workflow_of(payload), Sight.NOTHING)
            if sight is Sight.NOTHING or not is_encrypted(payload):
                found.append(payload)
                continue
            found.append(self._shown(codec.decrypted(payload), workflow_of(payload), sight))
        return found

    def _encoded(self, payload: Payload, index: int) -> Payload:
        number = ""
        if payload.metadata.get("encoding") == JSON:
            data = _read(payload, index)
            _refuse_tokens(data, f"payloads.{index}")
            if isinstance(data, dict):
                number = str(data.get("number") or "")
                data = self._sealed(data, f"payloads.{index}")
                payload = Payload(
                    metadata=payload.metadata, data=json.dumps(data, ensure_ascii=False).encode()
                )
        return EncryptionCodec(self._masters, number).encrypted(payload)

    def _sealed(self, data: dict[str, Any], path: str) -> dict[str, Any]:
        """Seal an envelope, or the one that a start holds; anything else is none of ours."""
        if isinstance(data.get("registration"), Mapping):
            return {**data, "registration": self._sealed(dict(data["registration"]), f"{path}.registration")}
        if "command" not in data:
            return data
        try:
            envelope = parse(Envelope, data)
        except Malformed as malformed:
            raise Malformed(
                *(Problem(field=f"{path}.{p.field}".rstrip("."), rule=p.rule) for p in malformed.problems)
            ) from None
        return {**data, "command": plain(self._keys.sealed_letter(envelope.command))}

    def _shown(self, payload: Payload, workflow: str, sight: Sight) -> Payload:
        """Open a complaint's own texts, or leave people out; a token of another complaint stays closed."""
        if payload.metadata.get("encoding") != JSON:
            return payload
        data = json.loads(payload.data)
        shown = self._keys.opened(data, workflow) if sight is Sight.ALL else without_people(data)
        return Payload(metadata=payload.metadata, data=json.dumps(shown, ensure_ascii=False).encode())


def _read(payload: Payload, index: int) -> Any:
    try:
        return json.loads(payload.data)
    except ValueError:
        raise Malformed(Problem(field=f"payloads.{index}", rule="is not the JSON it says it is")) from None


def _refuse_tokens(data: Any, path: str) -> None:
    """Refuse what looks sealed, wherever it stands: encoded for a complaint one may see, it would be opened there."""
    rule = "must not hold what looks sealed already: it is sealed here"
    wrong = [Problem(field=field, rule=rule) for field in personal.tokens_in(data, path)]
    if wrong:
        raise Malformed(*wrong)
