"""How our values travel through Temporal: as JSON, encrypted with AES-256-GCM.

Everything that is a payload is encrypted: arguments, results, summaries, details, failure messages. What is not a
payload stays readable on the server and must say nothing personal: ids, names, failure types, search attributes.
"""

from __future__ import annotations

import base64
import dataclasses
import os
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec

_ENCODING = b"binary/encrypted"
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


class EncryptionCodec(PayloadCodec):
    """Encrypts what goes to the server, and decrypts what comes back. Payloads that are not ours pass through."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt whole payloads, their metadata included."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what we encrypted."""
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE)
        data = nonce + self._cipher.encrypt(nonce, payload.SerializeToString(), None)
        return Payload(metadata={"encoding": _ENCODING}, data=data)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != _ENCODING:
            return payload
        nonce, data = payload.data[:_NONCE], payload.data[_NONCE:]
        return Payload.FromString(self._cipher.decrypt(nonce, data, None))


def data_converter(key: bytes) -> DataConverter:
    """Return the converter that every client, worker and replayer of ours must use."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(key),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
