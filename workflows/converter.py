"""How our values travel through Temporal: as JSON, encrypted with AES-256-GCM.

Everything that is a payload is encrypted: arguments, results, summaries, details, failure messages. What is not a
payload stays readable on the server and must say nothing personal: ids, names, failure types, search attributes.

Each workflow's payloads have a key of their own, derived from a master key and the workflow's id, which both stand beside
the ciphertext: whoever may decrypt one complaint's payloads can be told from whoever may decrypt another's.
"""

from __future__ import annotations

import dataclasses
import os
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)

from db.masters import Masters, derived
from db.sealed import WrongKey

_ENCODING = b"binary/encrypted"
_ZLIB = b"zlib"
_WORTH_COMPRESSING = (
    2_048  # bytes; a pinned policy shrinks to a third, a command would not pay for the attempt
)
_NONCE = 12  # bytes; the size that GCM is specified for


def generate_key() -> bytes:
    """Make a new 256-bit key."""
    return AESGCM.generate_key(bit_length=256)


def is_encrypted(payload: Payload) -> bool:
    """Say whether only the key makes sense of a payload."""
    return payload.metadata.get("encoding") == _ENCODING


class EncryptionCodec(PayloadCodec, WithSerializationContext):
    """Encrypts what goes to the server, and decrypts what comes back. Payloads that are not ours pass through."""

    def __init__(self, masters: Masters, workflow: str = "") -> None:
        self._masters = masters
        self._workflow = workflow

    def with_context(self, context: SerializationContext) -> EncryptionCodec:
        """Return the codec of one workflow, whose activities share its key."""
        workflow = getattr(context, "workflow_id", None) or ""
        return self if workflow == self._workflow else EncryptionCodec(self._masters, workflow)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt whole payloads, their metadata included."""
        return [self.encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what we encrypted. What another key encrypted, or somebody altered, stays as it is.

        The converter then refuses it as a value, and with it the one command that carried it. Raised here, it would
        fail the whole task again and again, and the complaint would stand still.
        """
        return [self.decrypted(payload) for payload in payloads]

    def encrypted(self, payload: Payload) -> Payload:
        """Encrypt one payload."""
        nonce, plain = os.urandom(_NONCE), payload.SerializeToString()
        metadata = {
            "encoding": _ENCODING,
            "key": self._masters.newest.encode(),
            "workflow": self._workflow.encode(),
        }
        if len(plain) >= _WORTH_COMPRESSING:
            plain, metadata["compression"] = zlib.compress(plain, 1), _ZLIB
        cipher = _cipher(self._masters.key(self._masters.newest), self._workflow)
        return Payload(metadata=metadata, data=nonce + cipher.encrypt(nonce, plain, None))

    def decrypted(self, payload: Payload) -> Payload:
        """Decrypt one payload; what cannot be decrypted comes back as it is."""
        if not is_encrypted(payload):
            return payload
        nonce, data = payload.data[:_NONCE], payload.data[_NONCE:]
        for cipher in self._ciphers(payload):
            try:
                plain = cipher.decrypt(nonce, data, None)
                if payload.metadata.get("compression") == _ZLIB:
                    plain = zlib.decompress(plain)
                return Payload.FromString(plain)
            except (InvalidTag, ValueError, zlib.error):
                continue
        return payload

    def _ciphers(self, payload: Payload) -> list[AESGCM]:
        """Return what may open a payload: before keys had names, every master key encrypted by itself."""
        name = payload.metadata.get("key")
        if name is None:
            return [AESGCM(key) for key in self._masters.all]
        try:
            master = self._masters.key(name.decode())
        except (WrongKey, UnicodeDecodeError):
            return []
        return [_cipher(master, workflow_of(payload))]


def workflow_of(payload: Payload) -> str:
    """Name the workflow that a payload was encrypted for; nothing where it has no key of its own."""
    return payload.metadata.get("workflow", b"").decode(errors="replace")


@lru_cache(maxsize=4096)
def _cipher(master: bytes, workflow: str) -> AESGCM:
    return AESGCM(derived(master, f"redress payloads {workflow}"))


class _RecordsConverter(PydanticJSONPlainPayloadConverter):
    """Writes our records by their types, which know what is left out where it says nothing (`complaints.later`)."""

    def to_payload(self, value: Any) -> Payload | None:
        if not dataclasses.is_dataclass(value):
            return super().to_payload(value)
        kind: type = type(value)
        data = self._type_adapter(kind).dump_json(value)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=data)


_JSON = _RecordsConverter()


class SharedConverter(CompositePayloadConverter):
    """The SDK's converter for pydantic, with one store of type adapters for the whole process.

    Every workflow instance gets a converter of its own. With a store of its own as well, each complaint would build
    the adapters for its start and its commands anew: half a second, in which the worker does nothing else.
    """

    def __init__(self) -> None:
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(_JSON if isinstance(each, JSONPlainPayloadConverter) else each for each in usual))


def prepare(*kinds: type) -> None:
    """Build the adapters for what will be converted.

    A worker does this before it takes work: several complaints at once that build the same big one for each other
    make the first tasks take longer than a task may.
    """
    for kind in kinds:
        _JSON._type_adapter(kind)


UNENCRYPTED = DataConverter(
    payload_converter_class=SharedConverter,
    failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
)
"""How values look below the encryption; for histories that have been decrypted."""


def data_converter(masters: Masters) -> DataConverter:
    """Return the converter that every client, worker and replayer of ours must use."""
    return dataclasses.replace(UNENCRYPTED, payload_codec=EncryptionCodec(masters))
