"""Makes a registration of a row, as its map says. What is wrong with it is told field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from cli.imports.shape import BRACES, REQUIRED, Condition, Kind, Map, Pick, columns_of_text, kind_of
from complaints.vocabulary import LONGEST_TEXT

if TYPE_CHECKING:
    from complaints.commands import Envelope
    from complaints.vocabulary import Actor

Cell: TypeAlias = "str | Sequence[str]"
Cells: TypeAlias = "Mapping[str, Cell]"

WRITTEN = ("iso", "unix", "unix_ms")
"""Ways to write an instant that need no directives."""

_YES, _NO = ("true", "yes", "y", "1", "是"), ("false", "no", "n", "0", "否")

_LONG = ("description", "asked_remedy", "resolution")
_LONGEST_LINE = 200

_PRIVATE = ("description", "asked_remedy", "resolution", "place", "named", "customer.", "details.")
"""What is said of these does not quote them: reports are read by more people than complaints are."""


class Wrong(ValueError):
    """A field of a row cannot be made."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def is_meant(map_: Map, cells: Cells) -> bool:
    """Say whether a row is one of those that the map is about."""
    return all(_holds(condition, cells) for condition in map_.reading.only)


def registration(map_: Map, cells: Cells, *, line: int, file: str, actor: Actor, at: datetime) -> Envelope:
    """Make the registration of a row.

    Args:
        at: When it is taken over.

    Raises:
        Malformed: Names every field that cannot be made, or that is not what it must be.
    """
    import hashlib

    from complaints.commands import Envelope
    from complaints.wire import Malformed, Problem, parse

    made, problems = _made(map_, cells)
    if problems:
        raise Malformed(*(Problem(field=name, rule=rule) for name, rule in problems))
    data = _arranged(made)
    number = f"{data['source']}-{data['reference']}"
    received_at = data.pop("received_at")
    command = {**data, "type": "Register"}
    command["imported"] = {**command["imported"], "at": at, "origin": f"{file[-180:]}:{line}"}
    # The same row is the same command, so that sending it again does nothing.
    id_ = f"import-{hashlib.sha256(number.encode()).hexdigest()[:32]}"
    whole = {"id": id_, "actor": actor, "received_at": received_at, "command": command}
    try:
        return parse(Envelope, whole)
    except Malformed as error:
        raise Malformed(*(Problem(field=_named(p.field), rule=p.rule) for p in error.problems)) from None


def _made(map_: Map, cells: Cells) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    made: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for name, pick in map_.fields.items():
        try:
            value = _value(name, pick, cells, map_.reading.zone)
        except Wrong as wrong:
            problems.append((name, wrong.rule))
            continue
        if value is not None:
            made[name] = value
        elif name in REQUIRED or (pick.required and _applies(pick, cells)):
            problems.append((name, "is empty"))
    told = {name for name, _ in problems}
    lacking = [
        (that, f"is empty, and {this} is not")
        for this, that in (
            ("closed_at", "outcome"),
            ("outcome", "closed_at"),
            ("department", "handler"),
            ("handler", "department"),
            ("claim.amount", "claim.currency"),
        )
        if this in made and that not in made and that not in told
    ]
    return made, [*problems, *lacking]


def _applies(pick: Pick, cells: Cells) -> bool:
    return all(_holds(condition, cells) for condition in pick.when)


def _holds(condition: Condition, cells: Cells) -> bool:
    cell = cells.get(condition.column, "")
    said = cell.strip() if isinstance(cell, str) else ", ".join(cell)
    if condition.is_in is not None:
        return said in condition.is_in
    if condition.not_in is not None:
        return said not in condition.not_in
    return bool(said) == condition.filled


def _value(name: str, pick: Pick, cells: Cells, zone: str) -> Any:
    """Return what a field of this row is; None where it is empty."""
    if not _applies(pick, cells):
        return None
    kind = kind_of(name)
    said = _said(pick, cells, is_list=kind == Kind.LIST)
    if isinstance(said, tuple):
        return said or None
    said = _worded(pick, said, shows=not name.startswith(_PRIVATE))
    if not said:
        return None
    match kind:
        case Kind.INSTANT:
            return _instant(pick, said, zone)
        case Kind.NUMBER:
            return _sum(pick, said) if name == "claim.amount" else _count(said)
        case Kind.YES_NO:
            return _yes_or_no(said)
        case Kind.LIST:
            return tuple(part.strip() for part in said.split(pick.split) if part.strip()) or None
        case _:
            return _fitting(pick, said, LONGEST_TEXT if name in _LONG else _LONGEST_LINE)


def _said(pick: Pick, cells: Cells, *, is_list: bool) -> str | tuple[str, ...]:
    if pick.constant is not None:
        return str(pick.constant).lower() if isinstance(pick.constant, bool) else str(pick.constant)
    if pick.column:
        return next(
            (cell for column in pick.column if (cell := _cell(pick, cells, column, is_list=is_list))), ""
        )
    if pick.join:
        found = (_cell(pick, cells, column) for column in pick.join)
        return pick.by.join(str(cell) for cell in found if cell)
    assert pick.text is not None  # a map is judged before it is used
    values = {column: str(_cell(pick, cells, column)) for column in columns_of_text(pick.text)}
    return BRACES.sub(lambda found: values[found[1]], pick.text) if any(values.values()) or not values else ""


def _cell(pick: Pick, cells: Cells, column: str, *, is_list: bool = False) -> str | tuple[str, ...]:
    cell = cells.get(column, "")
    if not isinstance(cell, str):
        if not is_list:
            raise Wrong(f"{column} is a list, and one value is wanted")
        return tuple(cell)
    cell = cell.strip()
    return "" if cell in pick.nothing else cell


def _worded(pick: Pick, said: str, *, shows: bool) -> str:
    for part, instead in pick.replace.items():
        said = said.replace(part, instead)
    said = said.strip()
    if pick.lower:
        said = said.lower()
    if pick.values is None or pick.constant is not None or not said:
        return said
    if said in pick.values:
        return pick.values[said]
    if pick.otherwise is None:
        raise Wrong(
            f"{said[:60]!r} is not in the table of values" if shows else "is not in the table of values"
        )
    return pick.otherwise


def _instant(pick: Pick, said: str, zone: str) -> datetime:
    for how in pick.date:
        try:
            read = _read(said, how)
            break
        except (ValueError, OverflowError, OSError):
            continue
    else:
        raise Wrong(f"{said[:40]!r} is no date as {' or '.join(pick.date)}")
    if read.tzinfo is None:
        read = read.replace(tzinfo=_zone(pick.zone or zone))
    try:
        return read.astimezone(UTC)
    except OverflowError:
        raise Wrong(f"{said[:40]!r} lies beyond all time") from None


def _read(said: str, how: str) -> datetime:
    match how:
        case "iso":
            return datetime.fromisoformat(said)
        case "unix":
            return datetime.fromtimestamp(float(said), UTC)
        case "unix_ms":
            return datetime.fromtimestamp(float(said) / 1000, UTC)
        case _:
            return datetime.strptime(said, how)  # noqa: DTZ007 - the zone is the map's


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _count(said: str) -> int:
    try:
        return int(said)
    except ValueError:
        raise Wrong(f"{said[:40]!r} is no whole number") from None


def _sum(pick: Pick, said: str) -> int:
    """Read a sum in the currency's minor unit."""
    try:
        minor = Decimal(said.replace(",", "").replace(" ", "")).scaleb(pick.decimals)
    except (InvalidOperation, ValueError):
        minor = Decimal("NaN")
    if not minor.is_finite() or minor != minor.to_integral_value():
        raise Wrong(f"{said[:40]!r} is no sum with {pick.decimals} decimals")
    return int(minor)


def _yes_or_no(said: str) -> bool:
    if said.lower() not in _YES + _NO:
        raise Wrong(f"{said[:20]!r} is neither yes nor no")
    return said.lower() in _YES


def _fitting(pick: Pick, said: str, longest: int) -> str:
    if len(said) > longest and pick.longest == "cut":
        return said[: longest - 1] + "…"
    return said


# --- the shape of a registration


_OF_IMPORTED = {
    "severity": ("severity",),
    "department": ("assigned", "department"),
    "handler": ("assigned", "handler"),
    "first_contact_at": ("first_contact_at",),
    "closed_at": ("closed", "at"),
    "outcome": ("closed", "outcome"),
    "resolution": ("closed", "resolution"),
}
"""Where a field of a map stands in what is known from elsewhere."""


def _arranged(made: dict[str, Any]) -> dict[str, Any]:
    """Put the fields where a registration has them."""
    data: dict[str, Any] = {"customer": {}, "imported": {}}
    closed = "closed_at" in made
    for name, value in made.items():
        if name == "resolution" and not closed:
            continue
        if name == "claim.amount":
            data.setdefault("claim", {})["amount_minor"] = value
        elif name == "claim.currency":
            if "claim.amount" in made:
                data.setdefault("claim", {})["currency"] = value
        elif name in _OF_IMPORTED:
            _put(data["imported"], _OF_IMPORTED[name], value)
        else:
            _put(data, tuple(name.split(".", 1)), value)
    return data


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})
    data[path[-1]] = value


_NAMES = {f"imported.{'.'.join(path)}": name for name, path in _OF_IMPORTED.items()}


def _named(field: str) -> str:
    """Name a field as the map does."""
    bare = field.removeprefix("command.").removeprefix("Register.")
    return _NAMES.get(bare, "claim.amount" if bare == "claim.amount_minor" else bare)
