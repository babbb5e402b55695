"""Ways to write rows into a file, as they come: CSV, JSONL, Parquet, by the ending of the file's name."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.exits import Exit, Stopped
from cli.exports.columns import Column, Type

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_OF_A_GROUP = 5000
"""So many rows are in memory before Parquet writes them."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""


def write(path: Path, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows, and return how many; a file that was there is replaced once all of them are written.

    Raises:
        Stopped: The name says no way to write, or the file cannot be written.
    """
    if path.suffix not in _WAYS:
        raise Stopped(
            Exit.MALFORMED, f"-o: {path.name} must end in {', '.join(_WAYS)}", "redress export -o cases.csv"
        )
    part = path.with_name(f"{path.name}.part")
    counted = _Counted(rows)
    try:
        _WAYS[path.suffix](part, columns, counted)
        part.replace(path)
    except OSError as fault:
        raise Stopped(Exit.MALFORMED, f"{path} cannot be written: {fault.strerror or fault}") from None
    finally:
        part.unlink(missing_ok=True)
    return counted.count


class _Counted:
    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def _csv(path: Path, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([column.name for column in columns])
        for row in rows:
            out.writerow([_cell(column, row[column.name]) for column in columns])


def _cell(column: Column, value: Any) -> str:
    said = _plain(value)
    if said is None:
        return ""
    if isinstance(said, bool):
        return str(said).lower()
    text = str(said)
    return f"'{text}" if column.type == Type.TEXT and text.startswith(_FORMULA) else text


def _jsonl(path: Path, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            line = {column.name: _plain(row[column.name]) for column in columns}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _parquet(path: Path, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([pa.field(column.name, _arrow(column.type)) for column in columns])
    coming = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as out:
        while group := list(islice(coming, ROWS_OF_A_GROUP)):
            arrays = {
                column.name: pa.array([row[column.name] for row in group], _arrow(column.type))
                for column in columns
            }
            out.write_table(pa.table(arrays, schema=schema))


def _arrow(type_: Type) -> pa.DataType:
    import pyarrow as pa

    return {
        Type.TEXT: pa.string(),
        Type.INSTANT: pa.timestamp("us", tz="UTC"),
        Type.NUMBER: pa.int32(),
        Type.YES_NO: pa.bool_(),
    }[type_]


_WAYS = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
