"""Cursors: where a list goes on, as a text that means nothing to anybody else.

It is signed, so that what comes back is what was given out, and bound to the list that it belongs to.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Sequence

from api.problems import NOT_FOUND, Rejected

_SIGNATURE = 12  # bytes; it guards against mistakes, and nothing can be learnt with a forged one


class Cursors:
    """Writes cursors and reads them again, in any process with the same encryption key."""

    def __init__(self, *encryption_keys: bytes) -> None:
        """Take the keys: the first one signs, and what any of them signed is read."""
        self._keys = [hmac.digest(key, b"redress: cursors", "sha256") for key in encryption_keys]

    def write(self, of: str, mark: Sequence[str | None]) -> str:
        """Write where a list goes on."""
        text = json.dumps([of, *mark], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_signature(self._keys[0], text) + text).decode().rstrip("=")

    def read(self, of: str, cursor: str) -> list[str | None]:
        """Read it again.

        Raises:
            Rejected: 404, it is none of ours, or belongs to another list.
        """
        try:
            whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            whole = b""
        text = whole[_SIGNATURE:]
        if not text or not self._is_signed(whole[:_SIGNATURE], text):
            raise _unknown("it is none that was given out")
        found: str
        mark: list[str | None]
        found, *mark = json.loads(text)
        if found != of:
            raise _unknown("it belongs to a list that is sorted otherwise")
        return mark

    def _is_signed(self, signature: bytes, text: bytes) -> bool:
        return any(hmac.compare_digest(signature, _signature(key, text)) for key in self._keys)


def _signature(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")[:_SIGNATURE]


def _unknown(why: str) -> Rejected:
    return Rejected(
        NOT_FOUND,
        f"no list goes on from this cursor: {why}",
        rule="UnknownCursor",
        possible=("begin again without a cursor",),
    )
