"""Reads YAML as data whose every value knows the file and line it stands in.

Scalars are text, whole numbers, decimals, `true`, `false` and `null`, and nothing else: YAML 1.1 would read `17:00` as
1020, `no` as false and `2026-05-20` as a date. What a text means is for the schema to say. Tags and merge keys are
refused; anchors and aliases are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from complaints.wire import Malformed, Problem

Path: TypeAlias = "tuple[str | int, ...]"
Scalar: TypeAlias = "str | int | float | bool | None"

_MOST_VALUES = 50_000
"""Aliases of aliases make a short file very long; no file of ours comes near this."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; the first is 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Written:
    """A value and where it stands: the line of its key, or of its dash in a list."""

    value: Mapping[str, Written] | Sequence[Written] | Scalar
    place: Place

    @property
    def entries(self) -> Mapping[str, Written]:
        """The entries of a mapping; none where this is something else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def plain(self) -> Any:
        """The value without its places, as JSON would have it."""
        match self.value:
            case Mapping():
                return {name: entry.plain for name, entry in self.value.items()}
            case list():
                return [item.plain for item in self.value]
            case scalar:
                return scalar

    def place_of(self, path: Path) -> Place:
        """Find where something stands; what is not there is looked for where it would have to be."""
        here = self
        for part in path:
            inside = here._inside(part)
            if inside is None:
                break
            here = inside
        return here.place

    def problem(self, path: Path, rule: str) -> Problem:
        """Say of something in here what is wrong with it."""
        place = self.place_of(path)
        return Problem(field=dotted(path), rule=rule, file=place.file, line=place.line)

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Written]]:
        """Yield everything in here with its path, from the outside inwards."""
        yield path, self
        if isinstance(self.value, list):
            for index, item in enumerate(self.value):
                yield from item.walk((*path, index))
        for name, entry in self.entries.items():
            yield from entry.walk((*path, name))

    def _inside(self, part: str | int) -> Written | None:
        found: Written | None = self.entries.get(str(part))
        if isinstance(self.value, list) and isinstance(part, int) and part < len(self.value):
            found = self.value[part]
        return found


def dotted(path: Path) -> str:
    """Write a path as people name fields."""
    return ".".join(str(part) for part in path)


def merged(below: Written, above: Written, *, adds: bool = False) -> Written:
    """Lay one text over another: mappings entry by entry, anything else as a whole.

    `null` takes away what is there below. Where nothing is, it stays for the schema to judge.

    Args:
        adds: Lists are put after those below; what is there already is not said twice.
    """
    if adds and isinstance(below.value, list) and isinstance(above.value, list):
        said = [item.plain for item in below.value]
        more = [item for item in above.value if item.plain not in said]
        return Written([*below.value, *more], below.place)
    if not (isinstance(below.value, Mapping) and isinstance(above.value, Mapping)):
        return above
    entries = dict(below.value)
    for name, entry in above.value.items():
        if name in entries and entry.value is None:
            del entries[name]
        else:
            entries[name] = merged(entries[name], entry, adds=adds) if name in entries else entry
    return Written(entries, above.place)


def read(text: str, file: str) -> tuple[Written, list[Problem]]:
    """Read a text as one value, and tell what can be told without knowing its schema, such as names that stand twice.

    Raises:
        Malformed: It is no YAML at all.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
        if node is None:
            return Written(None, Place(file, 1)), []
        reading = _Reading(file)
        return reading.value(node, (), Place(file, node.start_mark.line + 1)), reading.problems
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise _unreadable(file, mark.line + 1 if mark else 1, f"is no YAML: {said}") from None
    except yaml.YAMLError as error:
        raise _unreadable(file, 1, f"is no YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise _unreadable(file, 1, "is nested too deeply") from None


def _unreadable(file: str, line: int, rule: str) -> Malformed:
    return Malformed(Problem(field="", rule=rule, file=file, line=line))


@dataclass
class _Reading:
    """One file being read."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def value(self, node: yaml.Node, path: Path, place: Place) -> Written:
        self.values += 1
        if self.values > _MOST_VALUES:
            raise _unreadable(self.file, place.line, f"has more than {_MOST_VALUES} values")
        match node:
            case yaml.MappingNode():
                return Written(self._entries(node, path), place)
            case yaml.SequenceNode():
                items = [self.value(n, (*path, i), self._place(n)) for i, n in enumerate(node.value)]
                return Written(items, place)
            case _:
                return Written(self._scalar(node, path), place)

    def _entries(self, node: yaml.MappingNode, path: Path) -> dict[str, Written]:
        entries: dict[str, Written] = {}
        for key, value in node.value:
            place = self._place(key)
            if not isinstance(key, yaml.ScalarNode):
                self._problem(path, place, "has a name that is no text")
            elif key.value == "<<":
                self._problem((*path, "<<"), place, "merge keys are not read here; `extends` is")
            elif key.value in entries:
                first = entries[key.value].place.line
                self._problem((*path, key.value), place, f"stands here twice; the first is on line {first}")
            else:
                entries[key.value] = self.value(value, (*path, key.value), place)
        return entries

    def _scalar(self, node: yaml.Node, path: Path) -> Scalar:
        read = _TAGS.get(node.tag)
        if read is None:
            self._problem(path, self._place(node), f"has the tag {node.tag}; tags are not read here")
            return str(node.value)
        try:
            scalar: Scalar = read(node.value)
            return scalar
        except ValueError:
            self._problem(path, self._place(node), f"is not what its tag {node.tag} says")
            return str(node.value)

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1)

    def _problem(self, path: Path, place: Place, rule: str) -> None:
        self.problems.append(Problem(field=dotted(path), rule=rule, file=place.file, line=place.line))


class _Loader(yaml.BaseLoader):
    """Knows the scalars of JSON."""


_TEXT, _INT, _FLOAT, _BOOL, _NULL = (
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")
)
_TAGS: Mapping[str, Any] = {
    _TEXT: str,
    _INT: int,
    _FLOAT: float,
    _BOOL: lambda text: text.lower() == "true",
    _NULL: lambda _: None,
}
for _tag, _pattern, _first in (
    (_INT, r"[-+]?(0|[1-9][0-9]{0,17})", "-+0123456789"),
    (_FLOAT, r"[-+]?[0-9]{1,17}\.[0-9]{1,17}", "-+0123456789"),
    (_BOOL, r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (_NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern})$"), list(_first))
