"""Reads an organisation from a YAML or CSV file, as a whole or not at all.

Every problem names file, line and field. A contact target is never repeated in one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import Any, TypeVar

from complaints import org_words, zones
from complaints.org import Department, Leave, Member, Org, Roster, Shift, WeeklyShift
from complaints.org_sheet import read as read_sheet
from complaints.vocabulary import Role
from complaints.wire import Malformed, Problem, parse
from complaints.working_time import Zone
from complaints.written import Path, Written, read

T = TypeVar("T")
CheckTarget = Callable[[str], object]

_PARTS = ("zone", "departments", "members", "rosters")
_ROLES = tuple(role for role in Role if role != Role.SYSTEM)  # that one is for programs
_USUAL_ZONE = "Asia/Shanghai"


def load(path: FilePath, *, present: Org | None = None, check_target: CheckTarget = str) -> Org:
    """Read a file; one that ends in `.csv` is a sheet of members.

    Args:
        present: The organisation as it stands. A sheet says nothing of zone and rosters, so they stay as they are.
        check_target: Raises ValueError, without repeating it, for a contact target that cannot be used.

    Raises:
        Malformed: Names every line that is against its rule.
    """
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise Malformed(Problem(field="", rule=f"cannot be read: {fault.strerror}", file=path.name)) from None
    if path.suffix.lower() == ".csv":
        written, problems = read_sheet(raw, path.name)
        return _Reader(written, problems, check_target, present).org()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed(Problem(field="", rule="is not UTF-8", file=path.name)) from None
    written, problems = read(text, path.name)
    return _Reader(written, problems, check_target, None).org()


class _Reader:
    """One file. What is wrong is gathered, so that all of it is told at once."""

    def __init__(
        self, written: Written, problems: list[Problem], check_target: CheckTarget, keeps: Org | None
    ) -> None:
        self._written = written
        self._problems = problems
        self._check_target = check_target
        self._keeps = keeps

    def org(self) -> Org:
        if not self._written.entries:
            self._problem((), f"must be a mapping of {', '.join(_PARTS)}")
        for name in self._written.entries:
            if name not in _PARTS:
                self._problem((name,), f"is not a field here; there are {', '.join(_PARTS)}")
        zone = self._zone()
        departments = [self._department(id_, entry) for id_, entry in self._entries("departments")]
        members = [self._member(id_, entry, zone) for id_, entry in self._entries("members")]
        rosters = [self._roster(index, entry, zone) for index, entry in enumerate(self._items("rosters"))]
        if not members:
            self._problem(("members",), "must name somebody")
        org = Org(
            zone=zone,
            departments=tuple(filter(None, departments)),
            members=tuple(filter(None, members)),
            rosters=self._keeps.rosters if self._keeps else tuple(filter(None, rosters)),
        )
        self._cross_check(org)
        if self._problems:
            raise Malformed(*sorted(self._problems, key=lambda problem: problem.line or 0))
        return org

    # --- the parts

    def _zone(self) -> Zone:
        kept = self._keeps.zone.name if self._keeps else _USUAL_ZONE
        name = self._written.entries.get("zone")
        known = self._try(("zone",), zones.resolve, str(name.value) if name else kept)
        return known or zones.resolve(_USUAL_ZONE)

    def _department(self, id_: str, entry: Written) -> Department | None:
        data = self._fields(("departments", id_), entry)
        if data is None:
            return None
        name = data.get("name", id_)
        names = {"en": name, "zh": name} if isinstance(name, str) else name
        return self._parsed(Department, ("departments", id_), {**data, "id": id_, "name": names})

    def _member(self, id_: str, entry: Written, zone: Zone) -> Member | None:
        path: Path = ("members", id_)
        data = self._fields(path, entry)
        if data is None:
            return None
        for name, read_words in (("hours", org_words.week), ("quiet", org_words.quiet)):
            if name in data:
                data[name] = self._try((*path, name), read_words, data[name])
        for name in ("roles", "targets"):
            if isinstance(data.get(name), str):
                data[name] = [data[name]]
        for index, target in enumerate(_list(data.get("targets"))):
            if isinstance(target, str):
                self._try((*path, "targets", index), self._check_target, target)
        leave = [
            self._period(Leave, (*path, "leave", index), each, zone)
            for index, each in enumerate(_list(data.get("leave")))
        ]
        for index, role in enumerate(_list(data.get("roles"))):
            if role not in _ROLES:
                self._problem((*path, "roles", index), f"{role!r} is no role; roles are {', '.join(_ROLES)}")
                data["roles"] = [Role.HANDLER]  # nothing else is to be said of them
        return self._parsed(Member, path, {**data, "id": id_, "leave": [each for each in leave if each]})

    def _roster(self, index: int, entry: Written, zone: Zone) -> Roster | None:
        path: Path = ("rosters", index)
        data = self._fields(path, entry)
        if data is None:
            return None
        shifts = [
            self._period(Shift, (*path, "shifts", number), shift, zone)
            for number, shift in enumerate(_list(data.pop("shifts", None)))
        ]
        weekly: list[WeeklyShift] = []
        for number, shift in enumerate(_list(data.pop("weekly", None))):
            weekly += self._weekly((*path, "weekly", number), shift)
        if not shifts and not weekly:
            self._problem(path, "needs `weekly` or `shifts`")
        return self._parsed(Roster, path, {**data, "shifts": [s for s in shifts if s], "weekly": weekly})

    def _weekly(self, path: Path, data: object) -> list[WeeklyShift]:
        if not isinstance(data, Mapping):
            self._problem(path, "must be a mapping of member, days, hours")
            return []
        missing = [name for name in ("member", "days", "hours") if name not in data]
        for name in missing:
            self._problem((*path, name), "is missing")
        for name in set(data) - {"member", "days", "hours"}:
            self._problem((*path, name), "is not a field here")
        if missing:
            return []
        days = self._try((*path, "days"), org_words.days, data["days"])
        hours = self._try((*path, "hours"), org_words.spans, data["hours"])
        read = [
            self._parsed(WeeklyShift, path, {"member": data["member"], "days": days, "hours": each})
            for each in hours or ()
            if days
        ]
        return [shift for shift in read if shift]

    def _period(self, kind: type[T], path: Path, data: object, zone: Zone) -> T | None:
        """Read a leave or a shift: both run `from` something `until` something."""
        if not isinstance(data, Mapping):
            self._problem(path, "must be a mapping with from and until")
            return None
        rest = {name: value for name, value in data.items() if name not in ("from", "until")}
        for name in ("from", "until"):
            if name not in data:
                self._problem((*path, name), "is missing")
        if not {"from", "until"} <= set(data):
            return None
        begins_at = self._try((*path, "from"), lambda text: org_words.beginning(zone, text), data["from"])
        ends_at = self._try((*path, "until"), lambda text: org_words.ending(zone, text), data["until"])
        if begins_at is None or ends_at is None:
            return None
        if ends_at <= begins_at:
            self._problem((*path, "until"), "must come after `from`")
        return self._parsed(kind, path, {**rest, "begins_at": begins_at, "ends_at": ends_at})

    # --- what only the whole can tell

    def _cross_check(self, org: Org) -> None:
        # By what the file names, so that one mistake is not told again by everything that refers to it.
        departments = set(self._named("departments"))
        left = {member.id for member in org.members if not member.active}
        active = set(self._named("members")) - left
        for department in org.departments:
            path: Path = ("departments", department.id, "parent")
            self._refers(path, department.parent, departments, "department")
            if _is_below_itself(org, department):
                self._problem(path, "makes a circle of parents")
        for member in org.members:
            at: Path = ("members", member.id)
            self._refers((*at, "department"), member.department, departments, "department")
            self._refers((*at, "deputy"), member.deputy, active - {member.id}, "other active member")
            self._check_leave(member, active - {member.id})
        if not self._keeps:
            self._check_rosters(org, departments, active)

    def _check_leave(self, member: Member, others: set[str]) -> None:
        written = _list(self._written.entries["members"].entries[member.id].plain.get("leave"))
        begun = set()
        for index, leave in enumerate(member.leave):
            # Where one of them could not be read, the places of the others are not known.
            path: Path = (
                "members",
                member.id,
                "leave",
                *([index] if len(written) == len(member.leave) else []),
            )
            self._refers((*path, "delegate"), leave.delegate, others, "other active member")
            if leave.begins_at in begun:
                self._problem(path, "begins when another leave does")
            begun.add(leave.begins_at)

    def _check_rosters(self, org: Org, departments: set[str], active: set[str]) -> None:
        seen: set[tuple[str, str | None]] = set()
        written = self._items("rosters")
        if len(written) != len(org.rosters):
            return  # one could not be read, so places would be those of others
        for index, roster in enumerate(org.rosters):
            path: Path = ("rosters", index)
            self._refers((*path, "department"), roster.department, departments, "department")
            if (roster.role.value, roster.department) in seen:
                self._problem(path, "is the second roster for this role and department")
            seen.add((roster.role.value, roster.department))
            for kind in ("weekly", "shifts"):
                for number, line in enumerate(_list(written[index].plain.get(kind))):
                    self._refers((*path, kind, number, "member"), line.get("member"), active, "active member")

    def _refers(self, path: Path, id_: str | None, known: set[str], what: str) -> None:
        if id_ is not None and id_ not in known:
            self._problem(path, f"there is no {what} {id_!r} in this file")

    # --- reading

    def _entries(self, name: str) -> list[tuple[str, Written]]:
        written = self._written.entries.get(name)
        if written is not None and not isinstance(written.value, Mapping | None):
            self._problem((name,), "must be a mapping of ids")
        return list(written.entries.items()) if written else []

    def _named(self, name: str) -> Mapping[str, Written]:
        written = self._written.entries.get(name)
        return written.entries if written else {}

    def _items(self, name: str) -> list[Written]:
        written = self._written.entries.get(name)
        if written is None or written.value is None:
            return []
        if not isinstance(written.value, list):
            self._problem((name,), "must be a list")
            return []
        return list(written.value)

    def _fields(self, path: Path, entry: Written) -> dict[str, Any] | None:
        if not isinstance(entry.value, Mapping):
            self._problem(path, "must be a mapping of fields")
            return None
        if "id" in entry.entries:
            self._problem((*path, "id"), "is not a field here; the name of the entry is the id")
        return {name: value for name, value in entry.plain.items() if value is not None}

    def _try(self, path: Path, read_words: Callable[[Any], T], value: object) -> T | None:
        try:
            return read_words(value)
        except ValueError as error:
            self._problem(path, str(error))
            return None

    def _parsed(self, kind: type[T], path: Path, data: Mapping[str, object]) -> T | None:
        try:
            return parse(kind, data)
        except Malformed as error:
            fields = [problem.field for problem in error.problems]
            for problem in error.problems:
                if any(field.startswith(f"{problem.field}.") for field in fields):
                    continue  # a list is called too short where one of its items was refused
                inner = tuple(int(p) if p.isdecimal() else p for p in problem.field.split(".") if p)
                self._problem((*path, *inner), problem.rule)
            return None

    def _problem(self, path: Path, rule: str) -> None:
        self._problems.append(self._written.problem(path, rule))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_below_itself(org: Org, department: Department) -> bool:
    above, seen = department.parent, set()
    while above is not None and above not in seen:
        if above == department.id:
            return True
        seen.add(above)
        parent = org.department(above)
        above = parent.parent if parent else None
    return False
