"""Sealed texts: what people said, and who they are, as everything behind the doors knows it.

A door seals personal values with a key of the complaint before they go anywhere, and opens them for those who may see
them. Rules, workflows and tables carry the token, which says nothing; destroying the key leaves it for ever closed, and
no hash, no decision and no replay is changed by that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from pydantic import Field

PREFIX: Final = "sealed:"
LETTER: Final = "+"
"""What the id of a key begins with that belongs to nobody yet: sealed before it was known for which complaint."""

_TOKEN = re.compile(r"sealed:([A-Za-z0-9._+-]{1,140}):([A-Za-z0-9_-]{38,})")
"""The id of a key, then the base64url of a nonce of 12 bytes, the text's bytes, and a tag of 16."""

ERASED: Final = "[erased]"
"""What stands where somebody was forgotten."""

CLOSED: Final = "[sealed]"
"""What stands where the key is not the complaint's, or not ours."""

LONGEST_TOKEN = 24_000
"""4,000 characters of four bytes, in base64, with the id of the key before them."""


def token(key: str, sealed: str) -> str:
    """Write what a key sealed as a text.

    >>> is_sealed(token("crm-1", "A" * 40)), is_sealed("sealed: the meter"), is_sealed("王女士")
    (True, False, False)
    """
    return f"{PREFIX}{key}:{sealed}"


def is_sealed(text: str) -> bool:
    """Say whether a text is one sealed value and nothing else."""
    return text.startswith(PREFIX) and len(text) <= LONGEST_TOKEN and _TOKEN.fullmatch(text) is not None


def has_sealed(text: str) -> bool:
    """Say whether a sealed value stands somewhere in a text."""
    return PREFIX in text and _TOKEN.search(text) is not None


def keys_in(data: Any) -> set[str]:
    """Name the keys of all that is sealed in JSON-ready data."""
    return {key for text in _texts(data) for key, _ in _TOKEN.findall(text)}


def opened(data: Any, opens: Callable[[str, str], str]) -> Any:
    """Copy JSON-ready data with every sealed value opened.

    Args:
        opens: Gets the id of the key and what it sealed, and says what to put in its place.
    """
    if isinstance(data, str):
        return _TOKEN.sub(lambda found: opens(found[1], found[2]), data) if PREFIX in data else data
    if isinstance(data, dict):
        return {name: opened(value, opens) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [opened(item, opens) for item in data]
    return data


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        if PREFIX in data:
            yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from _texts(item)


# --- how long a text may be: what people wrote is measured in the clear, a token is as long as it is


def is_short_enough_text(text: str) -> bool:
    """Say whether a text is one that people write, or sealed."""
    return len(text) <= 4000 or is_sealed(text)


def is_short_enough_line(text: str) -> bool:
    """Say whether a line is one that people write, or sealed."""
    return len(text) <= 200 or is_sealed(text)


TEXT_LIMIT = Field(json_schema_extra={"maxLength": 4000})
LINE_LIMIT = Field(json_schema_extra={"maxLength": 200})
"""What a schema says of the two: doors take clear text only."""
