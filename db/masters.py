"""The master keys: what wraps every other key, and never touches data itself.

They come newest first, so that a new one can be put before the old one; what the old one wrapped stays readable until it
has been wrapped anew (`redress encryption rotate`) and Temporal holds no history from its time.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from db.sealed import WrongKey

KeyService: TypeAlias = Callable[[bytes], bytes]
"""What a key management service does for us: it opens a master key that only it can open."""

_NONCE = 12  # bytes; the size that GCM is specified for


class Masters:
    """The master keys of an installation, the newest first. Holds no connection; made once a process."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("must be 32 bytes in base64; `openssl rand -base64 32` makes one")
        self._keys = {id_of(key): key for key in keys}

    @property
    def newest(self) -> str:
        """The id of the one that wraps from now on."""
        return next(iter(self._keys))

    @property
    def ids(self) -> tuple[str, ...]:
        """By what names they are known, the newest first."""
        return tuple(self._keys)

    @property
    def all(self) -> tuple[bytes, ...]:
        """The keys themselves."""
        return tuple(self._keys.values())

    def key(self, id_: str) -> bytes:
        """Return a key by its id.

        Raises:
            WrongKey: It is not among ours.
        """
        if id_ not in self._keys:
            raise WrongKey
        return self._keys[id_]

    def wrap(self, key: bytes, place: str) -> bytes:
        """Encrypt a key with the newest master, for one place."""
        return _wrap(derived(self._keys[self.newest], "redress wrap"), key, place)

    def unwrap(self, wrapped: bytes, master: str, place: str) -> bytes:
        """Decrypt a key that the master of this id wrapped.

        Raises:
            WrongKey: That master is not among ours, or the key was wrapped for another place, or altered.
        """
        cipher = AESGCM(derived(self.key(master), "redress wrap"))
        try:
            return cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], place.encode())
        except InvalidTag:
            raise WrongKey from None


def read(text: str, service: KeyService | None = None) -> Masters:
    """Read master keys from base64, one or several between commas or on lines, the newest first.

    Args:
        service: Opens each of them first, where what is configured are keys that a key management service wrapped.

    Raises:
        ValueError: One is not the base64 of 32 bytes.
    """
    parts = [part for part in text.replace(",", " ").split() if part]
    found = [base64.b64decode(part, validate=True) for part in parts]
    return Masters([service(key) for key in found] if service else found)


def service_of(name: str) -> KeyService:
    """Find a key service by `module:function`.

    Raises:
        ValueError: There is none of this name.
    """
    module, _, function = name.partition(":")
    try:
        found: KeyService = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError):
        raise ValueError("must be module:function, importable from here") from None
    return found


def id_of(key: bytes) -> str:
    """Return by what name a master key is known; says nothing about it."""
    return hashlib.sha256(b"redress master " + key).hexdigest()[:8]


@lru_cache(maxsize=4096)
def derived(key: bytes, purpose: str) -> bytes:
    """Derive a key for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)


def _wrap(key: bytes, plain: bytes, place: str) -> bytes:
    import os

    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())
