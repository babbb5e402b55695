"""Keeps secrets out of logs, whoever writes the line: what is known to be one by its name, or by its looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from structlog.typing import EventDict

WITHHELD = "[withheld]"

_NAMES = re.compile(
    r"authorization|cookie|password|passwd|secret|token|credential|api[_-]?key|signature|encryption[_-]?key",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"\brk_[a-z2-7]{12}_\w+"  # our keys
    r"|\beyJ[\w-]{8,}\.[\w-]*(?:\.[\w-]*)?"  # signed tokens
    r"|\b(?:bearer|basic)\s+[\w.~+/=-]+"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)",  # user and password in a URL
    re.IGNORECASE,
)


def withhold_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Copy a log line without secrets; a processor of structlog, to stand before the one that renders."""
    return {name: WITHHELD if _NAMES.search(str(name)) else _without(value) for name, value in event.items()}


def without_secrets(text: str) -> str:
    """Copy a text without what looks like a secret."""
    return _LOOKS.sub(WITHHELD, text)


def _without(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, bytes):
        return without_secrets(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {
            name: WITHHELD if _NAMES.search(str(name)) else _without(inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_without(inner) for inner in value]
    return value
