"""Reads policy files, and resolves them into what a complaint is pinned to: as a whole, or not at all.

A file may extend another. Its text is then laid over the other's before anything is judged, and each value keeps the
file and line it came from. `policy_shape` judges the fields, `policy_checks` whether they make sense together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from complaints import calendars, policy_checks, policy_shape, written
from complaints.policy import Policy
from complaints.vocabulary import is_identifier
from complaints.wire import Malformed, Problem
from complaints.working_time import Calendar
from complaints.written import Written

FOLDER = Path(__file__).resolve().parent.parent / "policies"

_NEVER_INHERITED = ("name", "version", "title", "extends", "overlay")


def named(name: str) -> Policy:
    """Read one of ours by its name, or a file by its path.

    Raises:
        Malformed: There is none, or it has mistakes.
    """
    if "/" not in name and (FOLDER / f"{name}.yaml").exists():
        return builtin(name)
    if not Path(name).is_file():
        raise Malformed(Problem(field="policy", rule=f"there is none named {name!r}"))
    return load(Path(name))


@lru_cache(maxsize=16)
def builtin(name: str = "default") -> Policy:
    """Return a policy that ships with the product."""
    return load(FOLDER / f"{name}.yaml")


def shipped() -> tuple[str, ...]:
    """Name the policies that ship, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def load(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        Malformed: Names everything that is wrong, by file, line and field.
    """
    return _resolved(_Source.of(path))


def read(text: str, *, name: str) -> Policy:
    """Read the text of a policy file. What it extends is looked for among the policies that ship.

    Args:
        name: What the file is called where its lines are named.

    Raises:
        Malformed: Names everything that is wrong, by file, line and field.
    """
    return _resolved(_Source(name, text))


def _resolved(source: _Source) -> Policy:
    whole, problems = _assembled(source, ())
    if not isinstance(whole.value, Mapping):
        raise Malformed(*problems, whole.problem((), "must be a mapping with the fields of a policy"))
    sections, more = policy_shape.read_sections(whole)
    found, worse = _calendars(whole, sections)
    problems = [*problems, *more, *worse]
    problems += [whole.problem(*mistake) for mistake in policy_checks.mistakes(sections)]
    if problems:
        raise Malformed(
            *sorted(dict.fromkeys(problems), key=lambda p: (p.file != source.name, p.file, p.line or 0))
        )
    return Policy(**sections, calendars=found, places=_places(whole))


# --- extending


@dataclass(frozen=True)
class _Source:
    """A text, what it is called, and the folder whose policies it may extend."""

    name: str
    text: str
    path: Path | None = None

    @classmethod
    def of(cls, path: Path) -> _Source:
        try:
            return cls(path.name, path.read_text(encoding="utf-8"), path.resolve())
        except OSError as fault:
            rule = f"can't be read: {fault.strerror or fault}"
        except UnicodeDecodeError:
            rule = "is no text in UTF-8"
        raise Malformed(Problem(field="", rule=rule, file=path.name, line=1))

    def parent(self, name: str) -> Path | None:
        """Find a policy beside this one, or one that ships; a file that is named like the one it extends is not it."""
        folders = (*([self.path.parent] if self.path else []), FOLDER)
        paths = (folder / f"{name}.yaml" for folder in folders if is_identifier(name))
        return next((path for path in paths if path.is_file() and path.resolve() != self.path), None)


@lru_cache(maxsize=32)
def _text(source: _Source) -> tuple[Written, tuple[Problem, ...]]:
    """Read a text once: many policies stand on the same few, and reading takes longer than all the rest."""
    whole, problems = written.read(source.text, source.name)
    return whole, tuple(problems)


def _assembled(source: _Source, chain: tuple[_Source, ...]) -> tuple[Written, list[Problem]]:
    """Read a text and everything it extends, and lay them over each other. At the bottom is never an overlay."""
    above, mistakes = _text(source)
    problems = list(mistakes)
    whole: Written | None = None
    for name, at in _bases(above, is_alone=not chain):
        path = source.parent(name) if isinstance(name, str) else None
        if path is None:
            beside = "beside this file, or one " if source.path else ""
            rule = f"must name a policy {beside}that ships: {', '.join(shipped())}"
            raise Malformed(*problems, above.problem(at, rule))
        if path in (known.path for known in (*chain, source)):
            circle = " extends ".join([*(known.name for known in (*chain, source)), path.name])
            raise Malformed(*problems, above.problem(at, f"goes in a circle: {circle}"))
        below, more = _assembled(_Source.of(path), (*chain, source))
        problems += more
        if whole is None and _is_overlay(below):
            whole = _heritage(_assembled(_Source.of(FOLDER / "default.yaml"), (*chain, source))[0])
        whole = _heritage(below) if whole is None else _laid_over(whole, below)
    return (above if whole is None else _laid_over(whole, above, is_top=True)), problems


def _heritage(text: Written) -> Written:
    kept = {key: entry for key, entry in text.entries.items() if key not in _NEVER_INHERITED}
    return replace(text, value=kept)


def _laid_over(below: Written, above: Written, *, is_top: bool = False) -> Written:
    return written.merged(below, above if is_top else _heritage(above), adds=_is_overlay(above))


def _is_overlay(text: Written) -> bool:
    overlay = text.entries.get("overlay")
    return overlay is not None and overlay.value is True


def _bases(above: Written, *, is_alone: bool) -> Iterator[tuple[object, written.Path]]:
    """Yield what a text is laid over, in order, and where it says so. An overlay that is read alone lies over the default.

    Raises:
        Malformed: An overlay extends something itself.
    """
    extends, overlay = above.entries.get("extends"), above.entries.get("overlay")
    if overlay is not None and overlay.value not in (True, False):
        raise Malformed(
            above.problem(("overlay",), f"must be true or false, not {policy_shape.shown(overlay.plain)}")
        )
    if _is_overlay(above):
        if extends is not None:
            raise Malformed(
                above.problem(("extends",), "has no place in an overlay: it lies over any policy")
            )
        if is_alone:
            yield "default", ("overlay",)
    elif extends is not None and isinstance(extends.value, list):
        for index, item in enumerate(extends.value):
            yield item.value, ("extends", index)
    elif extends is not None:
        yield extends.value, ("extends",)


# --- calendars


def _calendars(whole: Written, sections: Mapping[str, Any]) -> tuple[dict[str, Calendar], list[Problem]]:
    """Resolve every calendar that the file describes, and every other that it uses."""
    section = whole.entries.get("calendars")
    if section is not None and not isinstance(section.value, Mapping):
        return {}, [whole.problem(("calendars",), "must be a mapping of calendars by name")]
    described = section.plain if section is not None else {}
    found: dict[str, Calendar] = {}
    problems = []
    for name, definition in described.items():
        if not isinstance(definition, Mapping) or not is_identifier(name):
            rule = "must be a name of letters A-Z, digits, '.', '_' and '-', and the fields of a calendar"
            problems.append(whole.problem(("calendars", name), rule))
            continue
        try:
            found[name] = calendars.resolve(name, definition, described)
        except Malformed as error:
            problems += [whole.problem(("calendars", name, *_path(p.field)), p.rule) for p in error.problems]
    for path, name in _uses(sections):
        if name in found or name in described:
            continue
        try:
            found[name] = calendars.resolve(name)
        except Malformed:
            there = ", ".join([*described, *calendars.SHIPPED])
            problems.append(whole.problem(path, f"must be the name of a calendar: {there}; {name} is none"))
    return found, problems


def _uses(sections: Mapping[str, Any]) -> Iterator[tuple[written.Path, str]]:
    """Yield the name of every calendar in use, and where it is used."""
    if "calendar" in sections:
        yield ("calendar",), sections["calendar"]
    for section in ("clocks", "statutory"):
        for name, rule in sections.get(section, {}).items():
            if rule.calendar is not None:
                yield (section, name, "calendar"), rule.calendar
    for name, rungs in sections.get("ladders", {}).items():
        for index, rung in enumerate(rungs):
            if rung.calendar is not None:
                yield ("ladders", name, index, "calendar"), rung.calendar


def _path(field: str) -> written.Path:
    return tuple(int(part) if part.isdigit() else part for part in field.split(".") if part)


# --- places

_WITHOUT_PLACE = (
    "name",
    "version",
    "title",
    "categories",
    "customer_types",
    "playbook",
    "extends",
    "overlay",
    "kinds",
    "motives",
    "form",
)
"""Nothing that has to be explained follows from these."""

_BY_ENTRY = ("clocks", "statutory", "ladders", "pauses", "authority", "calendars", "hazards", "after_closing")
"""Sections whose every entry is listed, even where all stand on one line."""


def _places(whole: Written) -> dict[str, str]:
    """Tell where each rule stands; what lies deeper is listed where it stands elsewhere than what it lies in."""
    places: dict[str, str] = {}
    for path, here in whole.walk():
        if not path or path[0] in _WITHOUT_PLACE or len(path) > (4 if path[0] in _BY_ENTRY else 2):
            continue
        is_entry = len(path) == 1 or (len(path) == 2 and path[0] in _BY_ENTRY)
        if is_entry or here.place != whole.place_of(path[:-1]):
            places[written.dotted(path)] = str(here.place)
    return places
