"""How our values travel through Temporal: as JSON, encrypted with AES-256-GCM.

Everything that is a payload is encrypted: arguments, results, summaries, details, failure messages. What is not a
payload stays readable on the server and must say nothing personal: ids, names, failure types, search attributes.
"""

from __future__ import annotations

import base64
import dataclasses
import os
import zlib
from collections.abc import Sequence
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
)

_ENCODING = b"binary/encrypted"
_ZLIB = b"zlib"
_WORTH_COMPRESSING = (
    2_048  # bytes; a pinned policy shrinks to a third, a command would not pay for the attempt
)
_NONCE = 12  # bytes; the size that GCM is specified for


def generate_key() -> bytes:
    """Make a new 256-bit key."""
    return AESGCM.generate_key(bit_length=256)


def read_key(text: str) -> bytes:
    """Read a key from base64.

    Raises:
        ValueError: It is not the base64 of 32 bytes.
    """
    key = base64.b64decode(text, validate=True)
    if len(key) != 32:
        raise ValueError("must be 32 bytes in base64; `openssl rand -base64 32` makes one")
    return key


def is_encrypted(payload: Payload) -> bool:
    """Say whether only the key makes sense of a payload."""
    return payload.metadata.get("encoding") == _ENCODING


class EncryptionCodec(PayloadCodec):
    """Encrypts what goes to the server, and decrypts what comes back. Payloads that are not ours pass through."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt whole payloads, their metadata included."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what we encrypted. What another key encrypted, or somebody altered, stays as it is.

        The converter then refuses it as a value, and with it the one command that carried it. Raised here, it would
        fail the whole task again and again, and the complaint would stand still.
        """
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce, plain, metadata = os.urandom(_NONCE), payload.SerializeToString(), {"encoding": _ENCODING}
        if len(plain) >= _WORTH_COMPRESSING:
            plain, metadata["compression"] = zlib.compress(plain, 1), _ZLIB
        return Payload(metadata=metadata, data=nonce + self._cipher.encrypt(nonce, plain, None))

    def _decrypted(self, payload: Payload) -> Payload:
        if not is_encrypted(payload):
            return payload
        nonce, data = payload.data[:_NONCE], payload.data[_NONCE:]
        try:
            plain = self._cipher.decrypt(nonce, data, None)
            if payload.metadata.get("compression") == _ZLIB:
                plain = zlib.decompress(plain)
            return Payload.FromString(plain)
        except (InvalidTag, ValueError, zlib.error):
            return payload


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


def data_converter(key: bytes) -> DataConverter:
    """Return the converter that every client, worker and replayer of ours must use."""
    return dataclasses.replace(UNENCRYPTED, payload_codec=EncryptionCodec(key))
