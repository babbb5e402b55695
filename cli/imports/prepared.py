"""Rows on their way from the file: registrations that may be started, and what is wrong with the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.imports.filling import is_meant, registration
from cli.imports.rows import Rows, Unreadable
from cli.imports.shape import Map
from complaints.wire import Malformed

if TYPE_CHECKING:
    from complaints.commands import Envelope
    from complaints.vocabulary import Actor


@dataclass(frozen=True)
class Ready:
    """A row that has become a registration."""

    line: int
    number: str
    registration: Envelope


@dataclass(frozen=True)
class Bad:
    """One thing that is wrong with a row."""

    line: int
    field: str
    rule: str


@dataclass(frozen=True)
class PassedOver:
    """A row that the map is not about."""

    line: int


def prepared(
    rows: Rows, map_: Map, *, path: Path, actor: Actor, at: datetime
) -> Iterator[Ready | PassedOver | tuple[Bad, ...]]:
    """Make a registration of each row of a file, in order.

    Args:
        at: When they are taken over.
    """
    with closing(sqlite3.connect("")) as file:  # is gone when it is closed
        yield from _prepared(rows, map_, path.name, actor, at, _Seen(file))


def _prepared(
    rows: Rows, map_: Map, file: str, actor: Actor, at: datetime, seen: _Seen
) -> Iterator[Ready | PassedOver | tuple[Bad, ...]]:
    for row in rows:
        if isinstance(row, Unreadable):
            yield (Bad(row.line, "", row.rule),)
        elif not is_meant(map_, row.cells):
            yield PassedOver(row.line)
        else:
            try:
                made = registration(map_, row.cells, line=row.line, file=file, actor=actor, at=at)
            except Malformed as error:
                yield tuple(Bad(row.line, problem.field, problem.rule) for problem in error.problems)
                continue
            number = number_of(made)
            first = seen.first_line(number, row.line)
            if first == row.line:
                yield Ready(row.line, number, made)
            else:
                yield (Bad(row.line, "reference", f"is that of line {first}"),)


def number_of(made: Envelope) -> str:
    """Return the number that a registration will have."""
    from workflows.names import number_of

    form: Any = made.command
    return number_of(form.source, form.reference)


class _Seen:
    """On which line each number stood first: in a file of its own, since a list may be long."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._file.execute("CREATE TABLE seen (number TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def first_line(self, number: str, line: int) -> int:
        self._file.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (number, line))
        [first] = self._file.execute("SELECT line FROM seen WHERE number = ?", (number,)).fetchone()
        return int(first)
