"""Stores an organisation and reads it again. Contact targets are sealed; without the key they stay so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace as with_
from datetime import datetime, time

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from complaints import zones
from complaints.canonical import canonical
from complaints.forms import Names
from complaints.org import Department, Leave, Member, Org, Roster, Shift, WeeklyShift
from complaints.org_changes import Change, compare, merged
from complaints.policy import QuietHours
from complaints.vocabulary import Role
from complaints.wire import parse, plain
from complaints.working_time import Interval
from db.org_tables import DepartmentRow, DutyRow, LeaveRow, MemberRow, OrgVersionRow
from db.sealed import WrongKey, seal, unseal

USUAL_ZONE = "Asia/Shanghai"

_UNREADABLE = "sealed with another key"


def version(session: Session) -> int | None:
    """Return the number of the newest version; empty while nothing was imported."""
    return session.scalar(select(func.max(OrgVersionRow.version)))


def read(session: Session) -> Org:
    """Return the organisation as it stands, without contact targets."""
    zone = session.scalar(select(OrgVersionRow.zone).order_by(OrgVersionRow.version.desc()).limit(1))
    session.expire_all()  # an import may have written since, past the session's own objects
    leaves: dict[str, list[Leave]] = {}
    for row in session.scalars(select(LeaveRow)):
        leave = Leave(begins_at=row.begins_at, ends_at=row.ends_at, delegate=row.delegate)
        leaves.setdefault(row.member, []).append(leave)
    departments = session.scalars(select(DepartmentRow).order_by(DepartmentRow.id))
    members = session.scalars(select(MemberRow).order_by(MemberRow.id))
    org = Org(
        zone=zones.resolve(zone or USUAL_ZONE),
        departments=tuple(_department(row) for row in departments),
        members=tuple(_member(row, tuple(leaves.get(row.id, ()))) for row in members),
        rosters=_rosters(list(session.scalars(select(DutyRow).order_by(DutyRow.line)))),
    )
    return merged(org, org)  # in order, whatever the database's collation


def channels(session: Session) -> dict[str, tuple[str, ...]]:
    """Say by which kinds of services each member is reached."""
    return {id_: tuple(kinds) for id_, kinds in session.execute(select(MemberRow.id, MemberRow.channels))}


def all_targets(session: Session, key: bytes | Sequence[bytes]) -> dict[str, tuple[str, ...] | None]:
    """Return every member's contact targets; nothing for one whose targets another key has sealed."""
    found: dict[str, tuple[str, ...] | None] = {}
    for member, sealed in session.execute(select(MemberRow.id, MemberRow.targets)):
        try:
            found[member] = () if sealed is None else _unsealed(member, sealed, key)
        except WrongKey:
            found[member] = None
    return found


def foresee(session: Session, org: Org, key: bytes | Sequence[bytes]) -> tuple[Org, list[Change]]:
    """Return what importing an organisation would lead to, and its changes. Writes nothing."""
    targets = all_targets(session, key)
    present = read(session)
    members = tuple(
        with_(m, targets=(_UNREADABLE,) if targets[m.id] is None else targets[m.id] or ())
        for m in present.members
    )
    old = with_(present, members=members)
    new = merged(old, org)
    return new, compare(old, new)


def replace(
    session: Session, org: Org, *, by: str, at: datetime, key: bytes | Sequence[bytes]
) -> list[Change]:
    """Bring the stored organisation to this one, and return what changed. The caller commits.

    Importing the same again changes nothing and makes no version. Imports take turns.
    """
    session.execute(text("LOCK TABLE org_versions IN SHARE ROW EXCLUSIVE MODE"))
    new, changes = foresee(session, org, key)
    if not changes:
        return []
    for department in new.departments:
        _upsert(session, DepartmentRow, _department_values(department))
    for member in new.members:
        _upsert(session, MemberRow, _member_values(member, key))
    session.execute(delete(LeaveRow))
    session.execute(delete(DutyRow))
    session.add_all(
        LeaveRow(member=m.id, begins_at=leave.begins_at, ends_at=leave.ends_at, delegate=leave.delegate)
        for m in new.members
        for leave in m.leave
    )
    session.add_all(_duty_rows(new))
    session.add(
        OrgVersionRow(
            version=(version(session) or 0) + 1,
            sha256=hashlib.sha256(canonical(_without_targets(new)).encode()).hexdigest(),
            zone=new.zone.name,
            changes=[str(change) for change in changes],
            imported_at=at,
            imported_by=by,
        )
    )
    session.flush()
    return changes


def _without_targets(org: Org) -> Org:
    """Leave out what must not be guessed from a hash."""
    return with_(org, members=tuple(with_(member, targets=()) for member in org.members))


def _place(member: str) -> str:
    return f"members/{member}/targets"


def _unsealed(member: str, sealed: bytes, key: bytes | Sequence[bytes]) -> tuple[str, ...]:
    return tuple(json.loads(unseal(key, sealed, _place(member))))


def _kind(target: str) -> str:
    scheme = target.strip().partition(":")[0].partition("+")[0].lower()
    return "e-mail" if scheme in ("smtp", "smtps") else scheme


def _upsert(session: Session, table: type[DepartmentRow | MemberRow], values: dict[str, object]) -> None:
    statement = insert(table).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def _department_values(department: Department) -> dict[str, object]:
    return {
        "id": department.id,
        "name_en": department.name.en,
        "name_zh": department.name.zh,
        "parent": department.parent,
        "calendar": department.calendar,
        "active": department.active,
    }


def _member_values(member: Member, key: bytes | Sequence[bytes]) -> dict[str, object]:
    targets = list(member.targets)
    return {
        "id": member.id,
        "name": member.name,
        "department": member.department,
        "roles": [role.value for role in member.roles],
        "language": member.language,
        "hours": None if member.hours is None else plain(member)["hours"],
        "quiet_start": member.quiet and member.quiet.start,
        "quiet_end": member.quiet and member.quiet.end,
        "targets": seal(key, json.dumps(targets), _place(member.id)) if targets else None,
        "channels": list(dict.fromkeys(_kind(target) for target in targets)),
        "deputy": member.deputy,
        "active": member.active,
    }


def _duty_rows(org: Org) -> list[DutyRow]:
    rows: list[DutyRow] = []
    for roster in org.rosters:
        place = {"role": roster.role.value, "department": roster.department}
        for shift in roster.shifts:
            times = {"begins_at": shift.begins_at, "ends_at": shift.ends_at}
            rows.append(DutyRow(line=len(rows), member=shift.member, **place, **times))
        for weekly in roster.weekly:
            hours = {"start_minute": weekly.hours.start, "end_minute": weekly.hours.end}
            rows.append(
                DutyRow(line=len(rows), member=weekly.member, days=list(weekly.days), **place, **hours)
            )
    return rows


def _department(row: DepartmentRow) -> Department:
    return Department(
        id=row.id,
        name=Names(en=row.name_en, zh=row.name_zh),
        parent=row.parent,
        calendar=row.calendar,
        active=row.active,
    )


def _member(row: MemberRow, leave: tuple[Leave, ...]) -> Member:
    return with_(
        parse(
            Member,
            {
                "id": row.id,
                "name": row.name,
                "department": row.department,
                "roles": row.roles,
                "language": row.language,
                "hours": row.hours,
                "deputy": row.deputy,
                "active": row.active,
            },
        ),
        quiet=_quiet(row.quiet_start, row.quiet_end),
        leave=leave,
    )


def _quiet(start: time | None, end: time | None) -> QuietHours | None:
    return QuietHours(start=start, end=end) if start is not None and end is not None else None


def _rosters(rows: list[DutyRow]) -> tuple[Roster, ...]:
    rosters: dict[tuple[str, str | None], Roster] = {}
    for row in rows:
        place = (row.role, row.department)
        roster = rosters.get(place) or Roster(role=Role(row.role), department=row.department)
        if row.begins_at is not None and row.ends_at is not None:
            shift = Shift(member=row.member, begins_at=row.begins_at, ends_at=row.ends_at)
            roster = with_(roster, shifts=(*roster.shifts, shift))
        elif row.days is not None and row.start_minute is not None and row.end_minute is not None:
            hours = Interval(start=row.start_minute, end=row.end_minute)
            weekly = WeeklyShift(member=row.member, days=tuple(row.days), hours=hours)
            roster = with_(roster, weekly=(*roster.weekly, weekly))
        rosters[place] = roster
    return tuple(rosters.values())
