"""The signing secrets of subscriptions, sealed at rest. Each is bound to its subscription."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from db.sealed import seal, unseal


class _Sealed(Protocol):
    @property
    def subscription(self) -> str: ...
    @property
    def secret(self) -> bytes: ...
    @property
    def former_secret(self) -> bytes | None: ...


Keys: TypeAlias = Callable[[], Sequence[bytes]]
"""Finds what seals columns, the newest first (`db.keys.Keys.columns`); may need the database."""


def sealed(keys: Sequence[bytes], subscription: str, secret: str) -> bytes:
    """Seal the secret of a subscription."""
    return seal(keys, secret, _place(subscription))


def unsealed(keys: Sequence[bytes], row: _Sealed) -> list[str]:
    """Open the secrets that sign today: the new one, and the former one while both do.

    Raises:
        WrongKey: They were sealed with other keys.
    """
    both = [row.secret, row.former_secret]
    return [unseal(keys, each, _place(row.subscription)) for each in both if each is not None]


def _place(subscription: str) -> str:
    return f"webhook_subscriptions/{subscription}/secret"
