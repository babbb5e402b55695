"""What an API key looks like: `rk_<id>_<secret><checksum>`, so that scanners for leaked secrets find it for sure.

The secret has 256 bits of chance. What is kept of it is an HMAC under a key of ours, which the master key wraps: a copy of the
database alone recognises no key. A slow hash (argon2, bcrypt) makes up for passwords that can be guessed; nobody guesses
256 bits, so it would only make every request slow.
"""

from __future__ import annotations

import hmac
import re
import secrets
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "rk_"

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_SHAPE = re.compile(
    r"rk_(?P<id>[a-z2-7]{12})_(?P<secret>[0-9A-Za-z]{43})(?P<checksum>[0-9A-Za-z]{6})", re.ASCII
)


@dataclass(frozen=True)
class Secret:
    """A key as its owner has it. Never kept, never logged."""

    id: str
    text: str

    def __repr__(self) -> str:
        """Show which one, and nothing of it."""
        return f"<the key {self.id}>"


def make_secret(id_: str | None = None) -> Secret:
    """Make a new one; with an id, a new secret of the key that has it."""
    id_ = id_ or "".join(secrets.choice(_ID_LETTERS) for _ in range(12))
    body = f"{PREFIX}{id_}_{_base62(int.from_bytes(secrets.token_bytes(32)), 43)}"
    return Secret(id_, body + _checksum(body))


def read_secret(text: str) -> Secret | None:
    """Read one as it comes in; none if it is mistyped, cut off or made up. Asks no database.

    >>> read_secret("rk_mistyped")
    """
    found = _SHAPE.fullmatch(text)
    if found is None or not hmac.compare_digest(_checksum(text[:-6]), found["checksum"]):
        return None
    return Secret(found["id"], text)


class Digests:
    """Recognises secrets under a key of ours: the first of several makes new digests, the others still recognise."""

    def __init__(self, keys: Sequence[bytes] | Callable[[], Sequence[bytes]]) -> None:
        """Make it.

        Args:
            keys: What they are, or how to read them when they are first needed (`ready`).
        """
        self._source = keys if callable(keys) else lambda: keys

    def ready(self) -> None:
        """Read the keys, which may ask the database."""
        _ = self._keys

    @cached_property
    def _keys(self) -> tuple[bytes, ...]:
        return tuple(
            HKDF(algorithm=SHA256(), length=32, salt=None, info=b"redress api keys").derive(key)
            for key in self._source()
        )

    def of(self, secret: Secret) -> bytes:
        """Make what is kept of a secret."""
        return _digest(self._keys[0], secret)

    def match(self, secret: Secret, digest: bytes) -> bool:
        """Say whether it is the one; takes the same time whatever the answer."""
        return sum(hmac.compare_digest(_digest(key, secret), digest) for key in self._keys) > 0


def _digest(key: bytes, secret: Secret) -> bytes:
    return hmac.digest(key, secret.text.encode(), sha256)


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), 6)


def _base62(number: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        number, place = divmod(number, 62)
        letters = _LETTERS[place] + letters
    return letters
