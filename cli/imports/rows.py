"""Reads a file row by row, however long it is. A row that cannot be read is told by its line, and the next one is read.

Lines are counted as an editor counts them. A quote that nobody closes would swallow all that follows: after so much
text it is given up, told by the line on which it was opened, and reading goes on with the line after that.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from cli.imports.shape import Format, Map, Reading
from complaints.wire import Malformed, Problem

LONGEST_LINE = 1_000_000
"""Characters. No complaint has more to say; a line that has is no line of such a file."""

LONGEST_CELL = 131_072


@dataclass(frozen=True)
class Row:
    """What stands in a row, by column; of JSON only what is text, a number, yes or no, or a list of these."""

    line: int
    cells: Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Unreadable:
    """A row that is none."""

    line: int
    rule: str


class Rows:
    """The rows of a file, from the first to the last.

    Attributes:
        done: How much of the file has been read, in bytes, of `size`.
    """

    def __init__(self, path: Path, map_: Map) -> None:
        self._path = path
        self._map = map_
        self.size = 0
        self._tell: Callable[[], int] = lambda: 0

    @property
    def name(self) -> str:
        """What the file is called."""
        return self._path.name

    @property
    def done(self) -> int:
        """How many bytes of the file have been read."""
        return self._tell()

    def __iter__(self) -> Iterator[Row | Unreadable]:
        """Read the file.

        Raises:
            Malformed: It cannot be opened, is empty, or lacks a column that the map names.
        """
        try:
            raw = self._path.open("rb")
            self.size = self._path.stat().st_size
        except OSError as fault:
            raise Malformed(_of_file(self._path, f"can't be read: {fault.strerror or fault}")) from None
        with raw:
            self._tell = lambda: 0 if raw.closed else raw.tell()
            # What is not in the encoding becomes half a surrogate, and is told of the row where it stands.
            text = TextIOWrapper(raw, _encoding(self._map.reading), errors="surrogateescape", newline="")
            lines = _Lines(text)
            try:
                if self._map.reading.format == Format.CSV:
                    yield from _of_csv(lines, self._path, self._map)
                else:
                    yield from _of_jsonl(lines, self._map.reading.encoding)
            except UnicodeError as fault:  # an encoding whose bytes cannot be told apart
                rule = f"is no text in {self._map.reading.encoding} from about here on: {fault}"
                yield Unreadable(lines.number + 1, rule)
            finally:
                text.detach()


def _encoding(reading: Reading) -> str:
    return (
        "utf-8-sig" if reading.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else reading.encoding
    )


@dataclass
class _Lines:
    """The lines of a text, which can be given back.

    Attributes:
        number: Of the line that was read last.
        record: The lines of the record that is being read.
        cut: A line of it was longer than any line may be, and was left out.
    """

    text: TextIOWrapper
    number: int = 0
    record: list[str] = field(default_factory=list)
    cut: int | None = None
    _again: deque[str] = field(default_factory=deque)

    def begin(self) -> None:
        """Begin another record."""
        self.record.clear()
        self.cut = None

    def give_back(self) -> None:
        """Read all lines of the record but its first once more."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        del self.record[1:]

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self.text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LONGEST_LINE and not line.endswith(("\n", "\r")):
            self._skip_rest()
            self.cut = self.number
            line = "\n"
        self.record.append(line)
        return line

    def _skip_rest(self) -> None:
        while rest := self.text.readline(LONGEST_LINE):
            if rest.endswith(("\n", "\r")):
                return


# --- CSV


def _of_csv(lines: _Lines, path: Path, map_: Map) -> Iterator[Row | Unreadable]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=map_.reading.delimiter, strict=True)
    header = _header(reader, lines, path, map_)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            first = lines.number - len(lines.record) + 1
            lines.give_back()
            yield Unreadable(first, _said_of_csv(error))
            continue
        line = lines.number - len(lines.record) + 1
        if lines.cut is not None:
            yield Unreadable(lines.cut, f"has more than {LONGEST_LINE} characters")
        elif (rule := _fault(cells, header, map_.reading.encoding)) is not None:
            yield Unreadable(line, rule)
        elif cells and any(cells):
            yield Row(line, dict(zip(header, cells, strict=True)))


def _fault(cells: list[str], header: list[str], encoding: str) -> str | None:
    if cells and len(cells) != len(header):
        return f"has {len(cells)} cells, and the header {len(header)}; a cell with a separator in it needs quotes"
    return next((rule for cell in cells if (rule := _is_no_text(cell, encoding))), None)


def _is_no_text(cell: str, encoding: str) -> str | None:
    if cell.isascii():
        return None
    strange = next((sign for sign in cell if "\ud800" <= sign <= "\udfff"), None)
    if strange is None:
        return None
    said = f" (byte 0x{ord(strange) & 0xFF:02x})" if "\udc80" <= strange <= "\udcff" else ""
    return f"is no text in {encoding}{said}"


def _said_of_csv(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end of data" in said or "field larger" in said:
        return "opens a quote that is not closed"
    return f"is no CSV: {said}"


def _header(reader: Any, lines: _Lines, path: Path, map_: Map) -> list[str]:
    try:
        header = [cell.strip().removeprefix("\ufeff") for cell in next(reader, [])]
    except csv.Error as error:
        raise Malformed(_of_file(path, _said_of_csv(error))) from None
    if not any(header):
        raise Malformed(_of_file(path, "is empty; the first line must name the columns"))
    if lines.cut is not None:
        raise Malformed(_of_file(path, f"has more than {LONGEST_LINE} characters"))
    if (
        rule := next((r for cell in header if (r := _is_no_text(cell, map_.reading.encoding))), None)
    ) is not None:
        raise Malformed(_of_file(path, rule))
    _check_columns(header, path, map_)
    return header


def _check_columns(header: list[str], path: Path, map_: Map) -> None:
    asked = [
        (f"fields.{name}", column, map_.places[name])
        for name, pick in map_.fields.items()
        for column in pick.columns
    ]
    asked += [("only", condition.column, ("", 0)) for condition in map_.reading.only]
    problems = []
    for name, column, (file, line) in asked:
        if header.count(column) != 1:
            times = "twice" if column in header else "not"
            rule = f"looks at the column {column!r}, which {path.name} has {times}"
            rule += "" if column in header else f"; it has {', '.join(header)}"
            problems.append(Problem(field=name, rule=rule, file=file, line=line or None))
    if problems:
        raise Malformed(*dict.fromkeys(problems))


def _of_file(path: Path, rule: str) -> Problem:
    return Problem(field="", rule=rule, file=path.name, line=1)


# --- JSON, a document a line


def _of_jsonl(lines: _Lines, encoding: str) -> Iterator[Row | Unreadable]:
    for text in lines:
        line, cut = lines.number, lines.cut
        lines.begin()
        if cut is not None:
            yield Unreadable(line, f"has more than {LONGEST_LINE} characters")
        elif (rule := _is_no_text(text, encoding)) is not None:
            yield Unreadable(line, rule)
        elif text.strip().removeprefix("\ufeff"):
            yield _row_of_json(text.removeprefix("\ufeff"), line)


def _row_of_json(text: str, line: int) -> Row | Unreadable:
    try:
        data = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
        if not isinstance(data, dict):
            return Unreadable(line, 'must be an object, such as {"reference": "4711"}')
        return Row(line, dict(_flat(data)))
    except _Strange as strange:
        return Unreadable(line, str(strange))
    except RecursionError:
        return Unreadable(line, "is nested too deeply")
    except ValueError as error:
        return Unreadable(line, f"is no JSON: {error}")


class _Strange(ValueError):
    """It is JSON for some readers, and means nothing to others."""


def _no_number(name: str) -> Any:
    raise _Strange(f"has {name}, which is no number in JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name in found if [key for key, _ in pairs].count(name) > 1)
        raise _Strange(f"has {twice!r} twice")
    return found


def _flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | Sequence[str]]]:
    for name, value in data.items():
        column = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flat(value, f"{column}.")
        elif isinstance(value, list):
            yield column, [_text(item) for item in value]
        else:
            yield column, _text(value)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
