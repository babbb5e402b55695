"""Reads a sheet (CSV) of members as if it had been written in YAML, each value with its row.

A sheet has one row for each member. A row without an id describes a department only, such as one that others
belong to. UTF-8 and GB18030 are read, with commas, semicolons or tabs between the cells.
"""

from __future__ import annotations

import csv
import io

from complaints.wire import Malformed, Problem
from complaints.written import Path, Place, Written

COLUMNS = {
    "id": "工号",
    "name": "姓名",
    "department": "部门",
    "department_zh": "部门名称",
    "department_en": "部门英文名",
    "parent": "上级部门",
    "calendar": "日历",
    "roles": "角色",
    "language": "语言",
    "hours": "工作时间",
    "quiet": "免打扰",
    "targets": "联系方式",
    "deputy": "代理人",
    "active": "在职",
    "leave": "休假",
}
"""The columns, by either name. Several roles and targets are parted by spaces, several leaves by semicolons."""

_OF_DEPARTMENT = ("parent", "calendar")

_YES, _NO = ("yes", "true", "1", "是", "在职"), ("no", "false", "0", "否", "离职")


def read(raw: bytes, file: str) -> tuple[Written, list[Problem]]:
    """Read a sheet; the problems are those that can be told from the sheet alone.

    Raises:
        Malformed: It is no such sheet at all.
    """
    text = _decoded(raw, file)
    sheet = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = _header(next(sheet, []), file)
        rows = [(sheet.line_num, row) for row in sheet]
    except csv.Error as error:
        raise Malformed(
            Problem(field="", rule=f"is no CSV: {error}", file=file, line=sheet.line_num)
        ) from None
    reading = _Sheet(file)
    for line, row in rows:
        if any(cell.strip() for cell in row):
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
            reading.add(Place(file, line), cells, is_too_long=len(row) > len(header))
    return reading.written(), reading.problems


def _decoded(raw: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # the latter is what spreadsheets write in China
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Malformed(Problem(field="", rule="is neither UTF-8 nor GB18030", file=file))


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _header(cells: list[str], file: str) -> list[str]:
    names = {**{name: name for name in COLUMNS}, **{zh: name for name, zh in COLUMNS.items()}}
    header = [cell.strip() for cell in cells]
    problems = [
        Problem(field=cell, rule=f"is no column; there are {', '.join(COLUMNS)}", file=file, line=1)
        for cell in header
        if cell not in names
    ]
    read_ = [names.get(cell, cell) for cell in header]
    problems += [
        Problem(field=name, rule="the column is missing", file=file, line=1)
        for name in ("id", "name", "department", "roles")
        if name not in read_
    ]
    problems += [
        Problem(field=name, rule="the column stands here twice", file=file, line=1)
        for name in dict.fromkeys(read_)
        if read_.count(name) > 1
    ]
    if problems:
        raise Malformed(*problems)
    return read_


class _Sheet:
    """The rows read so far."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._departments: dict[str, Written] = {}
        self._members: dict[str, Written] = {}

    def add(self, place: Place, cells: dict[str, str], *, is_too_long: bool) -> None:
        if is_too_long:
            self._problem((), place, "has more cells than the first row; a cell with a comma needs quotes")
        self._add_department(place, cells)
        id_ = cells.pop("id", None)
        if id_ is None:
            for name in cells:
                self._problem((name,), place, "belongs to a member, and the row has no id")
        elif id_ in self._members:
            self._problem(
                ("members", id_),
                place,
                f"stands here twice; the first is on line {self._members[id_].place.line}",
            )
        else:
            fields = {name: self._field(("members", id_, name), place, cell) for name, cell in cells.items()}
            self._members[id_] = Written(fields, place)

    def written(self) -> Written:
        start = Place(self._file, 1)
        return Written(
            {"departments": Written(self._departments, start), "members": Written(self._members, start)},
            start,
        )

    def _add_department(self, place: Place, cells: dict[str, str]) -> None:
        """Take what a row says of its department; the cells that are about it alone are used up."""
        en, zh = cells.pop("department_en", None), cells.pop("department_zh", None)
        said = {name: cells.pop(name) for name in _OF_DEPARTMENT if name in cells}
        id_ = cells.get("department")
        if id_ is None:
            if "id" not in cells:
                self._problem(("department",), place, "is missing")
            return
        if "id" not in cells:
            cells.pop("department")
        known = self._departments.get(id_, Written({}, place))
        fields = dict(known.entries)
        if en or zh or not fields:
            names = {"en": en or zh or id_, "zh": zh or en or id_}
            fields["name"] = Written({name: Written(text, place) for name, text in names.items()}, place)
        for name, cell in said.items():
            if name in fields and fields[name].value != cell:
                self._problem(("departments", id_, name), place, "says something else than a row above")
            fields[name] = Written(cell, place)
        self._departments[id_] = Written(fields, known.place)

    def _field(self, path: Path, place: Place, cell: str) -> Written:
        match path[-1]:
            case "roles" | "targets":
                return Written([Written(part, place) for part in cell.split()], place)
            case "active":
                return Written(self._yes_or_no(path, place, cell), place)
            case "leave":
                read_ = [self._leave(path, place, each) for each in cell.split(";") if each.strip()]
                return Written([leave for leave in read_ if leave], place)
            case _:
                return Written(cell, place)

    def _leave(self, path: Path, place: Place, text: str) -> Written | None:
        """Read `FROM/UNTIL`, with the delegate's id behind it if there is one."""
        when, _, delegate = text.strip().partition(" ")
        begins, slash, ends = when.partition("/")
        if not slash:
            self._problem(path, place, "must be FROM/UNTIL [DELEGATE], such as 2026-04-27/2026-05-03 li.wei")
            return Written(
                {"from": Written("2000-01-01", place), "until": Written("2000-01-01", place)}, place
            )
        said = {"from": begins, "until": ends, **({"delegate": delegate.strip()} if delegate else {})}
        return Written({name: Written(value, place) for name, value in said.items()}, place)

    def _yes_or_no(self, path: Path, place: Place, cell: str) -> bool:
        if cell.lower() not in _YES + _NO:
            self._problem(path, place, "must be yes or no")
        return cell.lower() in _YES

    def _problem(self, path: Path, place: Place, rule: str) -> None:
        field = ".".join(str(part) for part in path)
        self.problems.append(Problem(field=field, rule=rule, file=place.file, line=place.line))
