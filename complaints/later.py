"""Fields that joined a record after histories were recorded.

Hashes, fingerprints and payloads of older complaints know nothing of such a field. So it is left out wherever it says
nothing: an old line of the ledger keeps its hash, an old policy its fingerprint, and a history replays to the letter.
Its default is therefore always the empty value of its type: none, false, or no items.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import Field

T = TypeVar("T")


def says_nothing(value: object) -> bool:
    """Say whether a later field may be left out.

    >>> [says_nothing(value) for value in (None, False, (), {}, "", 0, "no", (0,))]
    [True, True, True, True, True, True, False, False]
    """
    return not value


_MARK = Field(exclude_if=says_nothing)

Later = Annotated[T, _MARK]
"""The type of such a field: `Later[Line | None] = None`."""


@cache
def later_fields(kind: type) -> frozenset[str]:
    """Name the fields of a record that joined it later."""
    hints: dict[str, Any] = get_type_hints(kind, include_extras=True)
    return frozenset(
        name for name, hint in hints.items() if get_origin(hint) is Annotated and _MARK in get_args(hint)[1:]
    )
