"""Output of the command line: tables for people, JSON for programs, times that both can read.

Nothing is cut off: what is too long for its column goes on in the next line.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from complaints.working_time import Zone

_WIDTH_OF_A_PIPE = 100
_LONGEST_UNBROKEN_WORD = 14


@cache
def console() -> Console:
    """Where people read; colours and line width only where somebody looks."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _WIDTH_OF_A_PIPE
    return Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def say(*lines: RenderableType) -> None:
    """Print for people; a plain line is never broken, since scripts may look for it."""
    for line in lines:
        console().print(line, soft_wrap=isinstance(line, str))


def say_json(data: Any) -> None:
    """Print for programs: one JSON document."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """Lay out rows. A column whose name ends in `*` may be broken over several lines, as may the last one."""
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    laid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for index, name in enumerate(columns):
        flows = name.endswith("*") or name == columns[-1]
        words = [word for row in rows for word in row[index].split()]
        longest = max((cell_len(word) for word in words), default=0)
        laid.add_column(
            name.removesuffix("*"),
            no_wrap=not flows,
            overflow="fold",
            min_width=min(longest, _LONGEST_UNBROKEN_WORD),
        )
    for row in rows:
        laid.add_row(*(Text(cell) for cell in row))
    return laid


def heading(text: str) -> RenderableType:
    """Set a heading apart."""
    from rich.text import Text

    return Text(f"\n{text}", style="bold")


def moment(instant: datetime, zone: Zone | None) -> str:
    """Write an instant to the minute, on the organisation's clocks where they are known, else in UTC."""
    from complaints.working_time import local_time

    local = local_time(zone, instant) if zone else instant.astimezone(UTC)
    return f"{local:%Y-%m-%d %H:%M}"


def span(length: timedelta) -> str:
    """Write a length of time in its two largest units: 3 d 4 h, 5 h 12 min, 40 s."""
    seconds = max(int(length.total_seconds()), 0)
    parts = [
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    ]
    first = next((i for i, (amount, _) in enumerate(parts) if amount), len(parts) - 1)
    shown = parts[first : first + 2] if first < 2 else parts[first : first + 1]
    return " ".join(f"{amount} {unit}" for amount, unit in shown if amount) or "0 s"


def working_span(length: timedelta) -> str:
    """Write a length of working time in hours: nobody works a day of 24."""
    minutes = max(int(length.total_seconds()) // 60, 0)
    hours = f"{minutes // 60} h " if minutes >= 60 else ""
    return f"{hours}{minutes % 60} min".removesuffix(" 0 min") if hours else f"{minutes} min"


def words(name: str) -> str:
    """Write a name of the system as words."""
    return name.replace("_", " ")
