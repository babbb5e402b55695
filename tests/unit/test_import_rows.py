"""Files are read row by row; what cannot be read is told by its line, and everything else is read."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from cli.imports import mapping
from cli.imports.prepared import Ready, prepared
from cli.imports.rows import LONGEST_LINE, Row, Rows, Unreadable
from cli.imports.shape import Map
from complaints.vocabulary import Actor, Role
from complaints.wire import Malformed

CRM = Actor(id="oldcrm", role=Role.SYSTEM)
NOW = datetime(2026, 3, 2, tzinfo=UTC)

Read: TypeAlias = Callable[..., list[Any]]


def a_map(head: str = "") -> Map:
    text = f"""\
{head}
fields:
  source: oldcrm
  reference: {{column: id}}
  channel: phone
  category: other
  description: {{column: said}}
  received_at: {{column: received}}
"""
    return mapping.read(text, "crm.yaml")


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a file of these bytes."""

    def read(raw: bytes | str, head: str = "") -> list[Row | Unreadable]:
        path = tmp_path / "old.csv"
        path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return list(Rows(path, a_map(head)))

    return read


HEADER = "id,said,received\n"


def told(rows: list[Row | Unreadable]) -> list[tuple[int, str]]:
    return [(row.line, row.rule) for row in rows if isinstance(row, Unreadable)]


def ids(rows: list[Row | Unreadable]) -> list[str]:
    return [str(row.cells["id"]) for row in rows if isinstance(row, Row)]


def test_rows_know_their_lines(read: Read):
    rows = read(HEADER + 'a,"two\nlines",x\n\nb,one,x\n')
    assert [(row.line, row.cells["id"]) for row in rows] == [(2, "a"), (5, "b")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_do_elsewhere(read: Read, end: str):
    assert ids(read((HEADER + "a,b,c\nd,e,f\n").replace("\n", end))) == ["a", "d"]


def test_a_mark_of_the_byte_order_is_no_part_of_a_name(read: Read):
    assert ids(read("\ufeff" + HEADER + "a,b,c\n")) == ["a"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_other_encodings_are_named_in_the_map(read: Read, encoding: str):
    [row] = read((HEADER + "a,电费太高,c\n").encode(encoding), f"encoding: {encoding}")
    assert row.cells["said"] == "电费太高"


def test_bytes_that_are_no_text_are_told_by_their_line(read: Read):
    rows = read(HEADER.encode() + b"a,b,c\nd,\xff\xfe,f\ng,h,i\n")
    assert told(rows) == [(3, "is no text in utf-8 (byte 0xff)")]
    assert ids(rows) == ["a", "g"]


def test_another_encoding_than_the_map_says_is_told(read: Read):
    rows = read((HEADER + "a,电费,c\nb,plain,c\n").encode("gb18030"))
    assert [line for line, _ in told(rows)] == [2]
    assert ids(rows) == ["b"]


def test_a_row_with_too_few_or_too_many_cells_is_told(read: Read):
    rows = read(HEADER + "a,b\nc,d,e,f\ng,h,i\n")
    assert [line for line, _ in told(rows)] == [2, 3]
    assert ids(rows) == ["g"]


def test_a_quote_that_is_never_closed_costs_only_its_own_line(read: Read):
    rows = read(HEADER + 'a,"b,c\n' + "".join(f"r{n},said,c\n" for n in range(50)))
    assert told(rows) == [(2, "opens a quote that is not closed")]
    assert len(ids(rows)) == 50


def test_a_quote_that_is_never_closed_costs_no_memory(read: Read):
    rows = read(HEADER + 'a,"b,c\n' + "".join(f"r{n},{'said ' * 20},c\n" for n in range(5000)))
    assert told(rows) == [(2, "opens a quote that is not closed")]
    assert len(ids(rows)) == 5000


def test_a_quote_in_the_middle_of_a_cell_is_told(read: Read):
    rows = read(HEADER + 'a,"b" c,d\ne,f,g\n')
    assert [line for line, _ in told(rows)] == [2]
    assert ids(rows) == ["e"]


def test_a_line_of_ten_megabytes_is_told(read: Read):
    rows = read(HEADER + "a," + "x" * 10_000_000 + ",c\nd,e,f\n")
    assert told(rows) == [(2, f"has more than {LONGEST_LINE} characters")]
    assert ids(rows) == ["d"]


def test_nothing_but_a_header_is_no_rows(read: Read):
    assert read(HEADER) == []


@pytest.mark.parametrize("raw", ["", "\n", "\ufeff", "   \n"])
def test_an_empty_file_is_refused(read: Read, raw: str):
    with pytest.raises(Malformed, match="is empty"):
        read(raw)


def test_a_column_that_stands_twice_is_refused_where_it_is_looked_at(read: Read):
    with pytest.raises(Malformed, match=r"crm.yaml:4: fields.reference: .*'id', which old.csv has twice"):
        read("id,id,said,received\n")


def test_a_column_that_stands_twice_and_is_not_looked_at_does_no_harm(read: Read):
    assert ids(read("id,x,x,said,received\na,1,2,b,c\n")) == ["a"]


def test_a_column_that_is_not_there_is_told_by_the_line_of_the_map(read: Read):
    with pytest.raises(
        Malformed, match=r"crm.yaml:7: fields.description: .*'said'.* has not; it has id, received"
    ):
        read("id,received\n")


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(Malformed, match="can't be read"):
        list(Rows(Path("nowhere.csv"), a_map()))


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(Malformed, match="can't be read"):
        list(Rows(tmp_path, a_map()))


# --- JSON


JSONL = "format: jsonl"


def test_json_is_read_a_document_a_line(read: Read):
    rows = read('{"id": 7, "said": "x", "more": {"deep": true}}\n\n{"id": null}\n', JSONL)
    assert [(row.line, row.cells) for row in rows] == [
        (1, {"id": "7", "said": "x", "more.deep": "true"}),
        (3, {"id": ""}),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[1, 2]", "must be an object"),
        ("7", "must be an object"),
        ('{"id": NaN}', "has NaN"),
        ('{"id": Infinity}', "has Infinity"),
        ('{"id": 1, "id": 2}', "has 'id' twice"),
        ('{"id": ', "is no JSON"),
        ('{"id": 1} x', "is no JSON"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"id": ' + "9" * 5000 + "}", "is no JSON"),
    ],
)
def test_what_is_no_such_document_is_told(read: Read, line: str, said: str):
    rows = read(line + '\n{"id": "next"}\n', JSONL)
    assert [rule.startswith(said) for _, rule in told(rows)] == [True], told(rows)
    assert ids(rows) == ["next"]


def test_a_long_document_is_told(read: Read):
    rows = read(json.dumps({"id": "x" * 2_000_000}) + '\n{"id": "next"}\n', JSONL)
    assert [line for line, _ in told(rows)] == [1]
    assert ids(rows) == ["next"]


# --- many


def _file_of(count: int, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines(
            f"ref-{n},{'the bill is wrong ' * 5},2025-03-0{n % 9 + 1}T10:00:00+08:00\n" for n in range(count)
        )
    return path


def _peak(rows: Iterator[object]) -> int:
    tracemalloc.start()
    for _ in rows:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_many_rows_take_no_more_memory_than_few(tmp_path: Path):
    few, many = _file_of(500, tmp_path / "few.csv"), _file_of(5_000, tmp_path / "many.csv")
    map_ = a_map()

    def through(path: Path) -> Iterator[object]:
        return prepared(Rows(path, map_), map_, path=path, actor=CRM, at=NOW)

    assert all(isinstance(row, Ready) for row in through(few))
    assert _peak(through(many)) < _peak(through(few)) + 200_000
