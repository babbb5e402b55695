"""Secrets in columns: AES-256-GCM with a key derived from the one that encrypts Temporal's payloads.

A sealed text is bound to its place: moved to another row it does not open.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_NONCE = 12  # bytes; the size that GCM is specified for


class WrongKey(Exception):
    """It was sealed with another key, for another place, or altered since."""


def seal(key: bytes, text: str, place: str) -> bytes:
    """Encrypt a text for one place, such as `members/chen.jing/targets`."""
    nonce = os.urandom(_NONCE)
    return _FORMAT + nonce + _cipher(key).encrypt(nonce, text.encode(), place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> str:
    """Decrypt what was sealed for this place.

    Raises:
        WrongKey: This key does not open it here.
    """
    head = len(_FORMAT)
    nonce, data = sealed[head : head + _NONCE], sealed[head + _NONCE :]
    if sealed[:head] != _FORMAT or len(nonce) < _NONCE:
        raise WrongKey
    try:
        return _cipher(key).decrypt(nonce, data, place.encode()).decode()
    except InvalidTag:
        raise WrongKey from None


def _cipher(key: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"redress columns").derive(key)
    return AESGCM(derived)
