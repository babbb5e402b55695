"""Ids of commands that tell whether the same request came again, or another one under its name.

A sender's idempotency key says "the same"; whether it is the same only its contents say. So the id of a command is the key
with a check of what it stands for: the same request has the same id and acts once, another one is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from typing import Final

_MARK: Final = ".r-"
_CHECK_LENGTH: Final = 16
_LONGEST: Final = 100 - len(_MARK) - _CHECK_LENGTH


def request_id(key: str, check: str) -> str:
    """Make a command's id.

    Args:
        key: The sender's idempotency key.
        check: A digest of who sends what, in hexadecimal, which nobody can make who has no secret of ours.

    >>> request_id("7f1c2b", "00112233445566778899")
    '7f1c2b.r-0011223344556677'
    """
    shown = key if len(key) <= _LONGEST else sha256(key.encode()).hexdigest()
    return f"{shown}{_MARK}{check[:_CHECK_LENGTH]}"


def is_reused(id_: str, former: Collection[str]) -> bool:
    """Say whether the key of an id stood for another request among former ones.

    >>> is_reused("7f1c2b.r-0011223344556677", ["7f1c2b.r-8899aabbccddeeff"])
    True
    >>> is_reused("7f1c2b.r-0011223344556677", ["7f1c2b.r-0011223344556677", "7f1c2b"])
    False
    """
    key, mark, _ = id_.rpartition(_MARK)
    return bool(mark) and any(each != id_ and each.rpartition(_MARK)[0] == key for each in former)
