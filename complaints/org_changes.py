"""What an import of an organisation changes: said line by line, and never a contact target itself."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from complaints.canonical import canonical
from complaints.org import Department, Member, Org, Roster

Part = TypeVar("Part", Department, Member)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference: `+` somebody is new, `~` something is different, `-` somebody was left out and is deactivated."""

    sign: str
    what: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        details = f": {', '.join(self.details)}" if self.details else ""
        return f"{self.sign} {self.what}{details}"


def merged(old: Org, new: Org) -> Org:
    """Return the organisation that an import leads to, everything in order: who is left out is kept, but not active.

    Their contact targets and leave are forgotten; ledgers go on naming them.
    """
    gone = [
        replace(m, active=False, targets=(), leave=(), deputy=None)
        for m in _missing(old.members, new.members)
    ]
    closed = [replace(d, active=False, parent=None) for d in _missing(old.departments, new.departments)]
    members = [replace(m, leave=tuple(sorted(m.leave, key=canonical))) for m in (*new.members, *gone)]
    rosters = [
        replace(
            r, shifts=tuple(sorted(r.shifts, key=canonical)), weekly=tuple(sorted(r.weekly, key=canonical))
        )
        for r in new.rosters
        if r.shifts or r.weekly
    ]
    return Org(
        zone=new.zone,
        departments=tuple(sorted((*new.departments, *closed), key=lambda d: d.id)),
        members=tuple(sorted(members, key=lambda m: m.id)),
        rosters=tuple(sorted(rosters, key=_place)),
    )


def compare(old: Org, new: Org) -> list[Change]:
    """List what is different in `new`, which `merged` made."""
    changes = [] if old.zone.name == new.zone.name else [_different("zone", old.zone.name, new.zone.name)]
    changes += _compare_parts("department", old.departments, new.departments)
    changes += _compare_parts("member", old.members, new.members)
    return changes + _compare_rosters(old.rosters, new.rosters)


def _compare_parts(kind: str, old: tuple[Part, ...], new: tuple[Part, ...]) -> list[Change]:
    known = {part.id: part for part in old}
    changes = []
    for part in new:
        before, what = known.get(part.id), f"{kind} {part.id}"
        if before is None:
            changes.append(Change(sign="+", what=what))
        elif before.active and not part.active:
            changes.append(Change(sign="-", what=what, details=("is no longer active",)))
        elif details := _details(before, part):
            changes.append(Change(sign="~", what=what, details=details))
    return changes


def _details(before: Any, after: Any) -> tuple[str, ...]:
    names = [f.name for f in fields(after) if getattr(before, f.name) != getattr(after, f.name)]
    return tuple(_detail(name, getattr(before, name), getattr(after, name)) for name in names)


def _detail(name: str, before: object, after: object) -> str:
    if name in ("department", "parent", "calendar", "language", "deputy", "active", "roles"):
        return f"{name} {_shown(before)} -> {_shown(after)}"
    return name  # personal, secret, or too long to be read in a line


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(value) or "none"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _compare_rosters(old: tuple[Roster, ...], new: tuple[Roster, ...]) -> list[Change]:
    before, after = ({_place(roster): roster for roster in rosters} for rosters in (old, new))
    changes = []
    for place in sorted({*before, *after}):
        what = "roster " + " of ".join(filter(None, place))
        if place not in before:
            changes.append(Change(sign="+", what=what))
        elif place not in after:
            changes.append(Change(sign="-", what=what))
        elif before[place] != after[place]:
            changes.append(Change(sign="~", what=what, details=_details(before[place], after[place])))
    return changes


def _different(what: str, before: str, after: str) -> Change:
    return Change(sign="~", what=what, details=(f"{before} -> {after}",))


def _place(roster: Roster) -> tuple[str, str]:
    return (roster.role.value, roster.department or "")


def _missing(old: tuple[Part, ...], new: tuple[Part, ...]) -> list[Part]:
    named = {part.id for part in new}
    return [part for part in old if part.id not in named]
