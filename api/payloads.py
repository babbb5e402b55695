"""What the codec server does: it seals and encrypts what systems send to Temporal, and shows what lies there.

Each payload says for which workflow it was encrypted, and its key is derived from that: a payload of one complaint cannot
be passed off as another's to somebody who may see only the other. What is sealed within opens for that complaint alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from temporalio.api.common.v1 import Payload

from api.problems import NOT_ALLOWED, Rejected
from api.rights import refused
from complaints import personal
from complaints.commands import Envelope, Register, act_of
from complaints.permissions import Caller, Case, Reach, Right, may, reach, right_of
from complaints.privacy import without_people
from complaints.wire import Malformed, Problem, plain, read
from db.keys import Keys
from db.masters import Masters
from workflows.converter import EncryptionCodec, is_encrypted, workflow_of

JSON = b"json/plain"

DECODED_BYTES = 64 * 2**20
"""So much is decrypted for one request: what was compressed well could otherwise fill the memory."""


class Sight(Enum):
    """What somebody may see of a workflow's payloads."""

    NOTHING = 0
    ALL_BUT_PEOPLE = 1  # and no free text, which may name them
    ALL = 2


@dataclass(frozen=True, kw_only=True)
class Sights:
    """What somebody may see.

    Attributes:
        of: By the workflow's id.
        otherwise: Of every other workflow, and of payloads that name none.
    """

    of: Mapping[str, Sight]
    otherwise: Sight = Sight.NOTHING


class Codec:
    """Encodes and decodes, with the keys of the installation."""

    def __init__(self, masters: Masters, keys: Keys) -> None:
        self._masters = masters
        self._keys = keys

    def encoded(self, payloads: Sequence[Payload], caller: Caller, workflow: str = "") -> list[Payload]:
        """Seal what is personal in registrations and commands, and encrypt every payload.

        Args:
            workflow: Whose payloads they are; without it, what a start says of itself counts.

        Raises:
            Malformed: A registration or a command has wrong fields, or another sender than the caller; names each.
            Rejected: The caller may send nothing of the kind.
        """
        return [self._encoded(payload, index, caller, workflow) for index, payload in enumerate(payloads)]

    @staticmethod
    def workflows(payloads: Sequence[Payload]) -> set[str]:
        """Name the workflows that payloads were encrypted for."""
        return {workflow_of(payload) for payload in payloads if is_encrypted(payload)}

    def decoded(self, payloads: Sequence[Payload], sights: Sights) -> list[Payload]:
        """Decrypt what may be seen; the rest comes back as it was.

        Raises:
            Malformed: It would be too much at once.
        """
        codec, found, size = EncryptionCodec(self._masters), [], 0
        for payload in payloads:
            workflow = workflow_of(payload)
            sight = sights.of.get(workflow, sights.otherwise)
            if sight is Sight.NOTHING or not is_encrypted(payload):
                found.append(payload)
                continue
            clear = codec.decrypted(payload)
            size += len(clear.data)
            if size > DECODED_BYTES:
                raise Malformed(Problem(field="payloads", rule="are too much at once: ask for fewer"))
            found.append(self._shown(clear, workflow, sight))
        return found

    def _encoded(self, payload: Payload, index: int, caller: Caller, workflow: str) -> Payload:
        path = f"payloads.{index}"
        if payload.metadata.get("encoding") == JSON:
            data = _read(payload, path)
            _refuse_tokens(data, path)
            if isinstance(data, dict):
                workflow = workflow or str(data.get("number") or "")
                data = self._sealed(data, path, caller)
                payload = Payload(metadata=payload.metadata, data=_written(data))
        return EncryptionCodec(self._masters, workflow).encrypted(payload)

    def _sealed(self, data: dict[str, Any], path: str, caller: Caller) -> dict[str, Any]:
        """Seal an envelope, or the one that a start holds; anything else is none of ours."""
        if isinstance(data.get("registration"), dict):
            return {
                **data,
                "registration": self._sealed(data["registration"], f"{path}.registration", caller),
            }
        if "command" not in data:
            return data
        try:
            envelope = read(Envelope, _written(data))
            _check_sender(envelope, caller)
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
        return Payload(metadata=payload.metadata, data=_written(shown))


def _check_sender(envelope: Envelope, caller: Caller) -> None:
    """Let nobody send under another's name, or what they may not.

    Raises:
        Malformed: The envelope names somebody else.
        Rejected: The caller's role or key does not include it.
    """
    if envelope.actor != caller.actor:
        who = json.dumps(plain(caller.actor))
        raise Malformed(Problem(field="actor", rule=f"must be who you are: {who}"))
    right, command = right_of(act_of(envelope.command)), envelope.command
    if reach(caller, right) == Reach.NONE:
        raise refused(caller, right)
    if isinstance(command, Register) and not may(caller, Right.REGISTER, Case(source=command.source)):
        raise Rejected(
            NOT_ALLOWED,
            f"you may start complaints of the source {caller.actor.id} only",
            rule="NotYourSource",
        )


def _read(payload: Payload, path: str) -> Any:
    try:
        data = json.loads(payload.data)
        _written(data)  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Malformed(Problem(field=path, rule="is not the JSON it says it is")) from None
    return data


def _refuse_tokens(data: Any, path: str) -> None:
    """Refuse what looks sealed, wherever it stands: encoded for a complaint one may see, it would be opened there."""
    rule = "must not hold what looks sealed already: it is sealed here"
    wrong = [Problem(field=field, rule=rule) for field in personal.tokens_in(data, path)]
    if wrong:
        raise Malformed(*wrong)


def _written(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()
