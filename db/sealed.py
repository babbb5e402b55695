"""Secrets in columns: AES-256-GCM with a key derived from the one that encrypts Temporal's payloads.

A sealed text is bound to its place: moved to another row it does not open.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_NONCE = 12  # bytes; the size that GCM is specified for


class WrongKey(Exception):
    """It was sealed with another key, for another place, or altered since."""


def seal(key: bytes | Sequence[bytes], text: str, place: str) -> bytes:
    """Encrypt a text for one place, such as `members/chen.jing/targets`, with the first of the keys."""
    key = key if isinstance(key, bytes) else key[0]
    nonce = os.urandom(_NONCE)
    return _FORMAT + nonce + _cipher(key).encrypt(nonce, text.encode(), place.encode())


def unseal(key: bytes | Sequence[bytes], sealed: bytes, place: str) -> str:
    """Decrypt what was sealed for this place, by the first key that opens it.

    Raises:
        WrongKey: None opens it here.
    """
    head = len(_FORMAT)
    nonce, data = sealed[head : head + _NONCE], sealed[head + _NONCE :]
    if sealed[:head] != _FORMAT or len(nonce) < _NONCE:
        raise WrongKey
    for each in (key,) if isinstance(key, bytes) else key:
        try:
            return _cipher(each).decrypt(nonce, data, place.encode()).decode()
        except InvalidTag:
            continue
    raise WrongKey


def _cipher(key: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"redress columns").derive(key)
    return AESGCM(derived)
