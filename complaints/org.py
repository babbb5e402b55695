"""The people of an organisation: departments, members, leave and duty rosters, and who is there at an instant.

Instants are UTC; weekly patterns count in the organisation's zone. Who is told of a matter is decided in `routing`;
files are read by `org_file`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Le, Len, MinLen

from complaints.forms import Form, Names
from complaints.policy import QuietHours
from complaints.vocabulary import Identifier, Instant, Line, Role
from complaints.working_time import Interval, Zone, instant_of, local_time

Weekday: TypeAlias = Annotated[int, Ge(0), Le(6)]
"""Monday is 0."""

Week: TypeAlias = Annotated[tuple[tuple[Interval, ...], ...], Len(7, 7)]
"""The hours of each weekday, Monday first."""

Target: TypeAlias = Annotated[str, MinLen(1)]
"""Where somebody is reached, such as `dingtalk://TOKEN`. It holds secrets."""


@dataclass(frozen=True, kw_only=True)
class Department(Form):
    """A part of the organisation. One that is no longer active is as good as unknown.

    Attributes:
        calendar: The policy's calendar by which it works; empty means the policy's own.
    """

    id: Identifier
    name: Names
    parent: Identifier | None = None
    calendar: Identifier | None = None
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Leave(Form):
    """Time in which a member is not told anything; `ends_at` is no longer part of it.

    Attributes:
        delegate: Who stands in; empty means the member's deputy.
    """

    begins_at: Instant
    ends_at: Instant
    delegate: Identifier | None = None


@dataclass(frozen=True, kw_only=True)
class Member(Form):
    """Somebody who works here.

    Attributes:
        hours: When they are usually at work; empty where nothing is known about it.
        quiet: When nothing that can wait is sent to them.
        targets: Where they are reached, in the order in which it is tried. Never shown, never logged.
        deputy: Who stands in while they are on leave.
    """

    id: Identifier
    name: Line
    department: Identifier
    roles: Annotated[tuple[Role, ...], MinLen(1)]
    language: Literal["zh", "en"] = "zh"
    hours: Week | None = None
    quiet: QuietHours | None = None
    targets: tuple[Target, ...] = field(default=(), repr=False)
    deputy: Identifier | None = None
    active: bool = True
    leave: tuple[Leave, ...] = ()

    def leave_at(self, at: datetime) -> Leave | None:
        """Return the leave that this member is on; of several the one that lasts longest."""
        now = [leave for leave in self.leave if leave.begins_at <= at < leave.ends_at]
        return max(now, key=lambda leave: leave.ends_at, default=None)


@dataclass(frozen=True, kw_only=True)
class Shift(Form):
    """Duty from one instant to another."""

    member: Identifier
    begins_at: Instant
    ends_at: Instant


@dataclass(frozen=True, kw_only=True)
class WeeklyShift(Form):
    """Duty that comes again every week, in local time; a night shift belongs to the day it began on."""

    member: Identifier
    days: Annotated[tuple[Weekday, ...], MinLen(1)]
    hours: Interval


@dataclass(frozen=True, kw_only=True)
class Roster(Form):
    """Who is on duty for a role. While a shift lasts it stands in the place of the weekly pattern: a swap, a holiday.

    Attributes:
        department: Empty means for the whole organisation.
    """

    role: Role
    department: Identifier | None = None
    shifts: tuple[Shift, ...] = ()
    weekly: tuple[WeeklyShift, ...] = ()

    def on_duty(self, zone: Zone, at: datetime) -> tuple[str, ...]:
        """List who is on duty, each once."""
        named = [shift.member for shift in self.shifts if shift.begins_at <= at < shift.ends_at]
        if not named:
            named = [s.member for s in self.weekly if _covers(_every(s.days, s.hours), zone, at)]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, kw_only=True)
class Org(Form):
    """An organisation as it stands. One without members says nothing about anybody."""

    zone: Zone
    departments: tuple[Department, ...] = ()
    members: tuple[Member, ...] = ()
    rosters: tuple[Roster, ...] = ()

    def department(self, id_: str | None) -> Department | None:
        """Find a department."""
        return next((each for each in self.departments if each.id == id_), None)

    def member(self, id_: str | None) -> Member | None:
        """Find a member."""
        return next((each for each in self.members if each.id == id_), None)

    def on_roster(self, role: Role, department: str | None, at: datetime) -> tuple[str, ...]:
        """List who is on duty for a role: by the department's own rosters, else by those of the whole organisation."""
        for which in dict.fromkeys((department, None)):
            rosters = [r for r in self.rosters if r.role == role and r.department == which]
            found = [member for roster in rosters for member in roster.on_duty(self.zone, at)]
            if found:
                return tuple(dict.fromkeys(found))
        return ()


def is_at_work(member: Member, zone: Zone, at: datetime) -> bool:
    """Say whether it is within a member's usual hours; where those are not known, it always is."""
    return member.hours is None or _covers(member.hours, zone, at)


def quiet_until(quiet: QuietHours | None, zone: Zone, at: datetime) -> datetime | None:
    """Return the end of the quiet hours that `at` lies in; empty outside of them."""
    if quiet is None or quiet.start == quiet.end:
        return None
    wall = local_time(zone, at)
    now = wall.time()
    across_midnight = quiet.start > quiet.end
    is_quiet = (now >= quiet.start or now < quiet.end) if across_midnight else quiet.start <= now < quiet.end
    if not is_quiet:
        return None
    day = wall.date() + timedelta(days=int(across_midnight and now >= quiet.start))
    return instant_of(zone, datetime.combine(day, quiet.end))


def _every(days: tuple[Weekday, ...], hours: Interval) -> Week:
    return tuple((hours,) if day in days else () for day in range(7))


def _covers(week: Week, zone: Zone, at: datetime) -> bool:
    """Say whether an instant lies in the hours of its local day, or in the night shift of the day before."""
    wall = local_time(zone, at)
    minute = wall.hour * 60 + wall.minute
    today, yesterday = week[wall.weekday()], week[wall.weekday() - 1]
    return any(hours.start <= minute < hours.end for hours in today) or any(
        hours.start <= minute + 1440 < hours.end for hours in yesterday
    )


def gaps(org: Org) -> list[str]:
    """Say where an escalation would not reach whom it is meant for."""
    active = [member for member in org.members if member.active]
    found = [
        f"department {department.id} has no lead; its escalations go to the customer service department"
        for department in org.departments
        if department.active
        and not any(
            m.department == department.id and {Role.LEAD, Role.CUSTOMER_SERVICE} & set(m.roles)
            for m in active
        )
        and not any(r.role == Role.LEAD and r.department in (department.id, None) for r in org.rosters)
    ]
    if not any(Role.CUSTOMER_SERVICE in member.roles for member in active):
        found.append("nobody has the role customer_service; what nobody else takes has nowhere to go")
    unreached = [member.id for member in active if not member.targets]
    if unreached:
        found.append(f"without a contact target: {', '.join(unreached)}")
    return found
