"""The key of each complaint's files, where complaints have none of their own: derived from the master key."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from files.storage import KeyOf


def derived_from(master: bytes) -> KeyOf:
    """Return what derives a complaint's key from its number. Such a key cannot be destroyed by itself."""

    def key_of(number: str) -> bytes:
        info = f"redress files of {number}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)

    return key_of
