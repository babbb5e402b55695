"""Who is told of a matter, resolved at the instant at which it comes up.

Whoever is meant is looked for in this order: on duty by roster; the holder of the role; while that person is on
leave the delegate of the leave, then the deputy. Where that finds nobody, the duty of the customer service
department is told, and the reason says why. A recused person is never found, nor does anybody stand in for them:
a deputy would judge in the place of somebody who may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.forms import Names
from complaints.org import Leave, Member, Org, is_at_work
from complaints.vocabulary import Role
from complaints.working_time import local_time


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Who was found.

    Attributes:
        people: Empty where there is nobody to tell.
        audience: The role in which they are told; another than was asked for where nobody was found for that.
        reason: Why they; empty only where no organisation is known at all.
    """

    people: tuple[str, ...]
    audience: Role
    reason: Names | None = None

    @property
    def why(self) -> str:
        """The reason in English, or nothing."""
        return self.reason.en if self.reason else ""


def route(
    org: Org,
    *,
    audience: Role,
    department: str | None,
    at: datetime,
    recused: frozenset[str] = frozenset(),
    person: str | None = None,
) -> Routing:
    """Find who is told.

    Args:
        department: Whose lead is meant; the department of the matter for other roles.
        recused: Who must not be told: named in the complaint, or in conflict.
        person: The handler who is meant; without one nobody is assigned.
    """
    if not org.members:
        return Routing(people=(), audience=audience)
    search = _Search(org, at, recused)
    if audience == Role.CUSTOMER_SERVICE:
        return search.duty()
    found = search.meant(audience, department, person)
    if found.people:
        return found
    duty = search.duty()
    before = found.reason or Names(en="", zh="")
    if not duty.people:
        return Routing(people=(), audience=duty.audience, reason=_joined([before, duty.reason or before]))
    told = Names(en="the customer service department's duty is told", zh="由客户服务部值班人员处理")
    return Routing(people=duty.people, audience=duty.audience, reason=_joined([before, told]))


class _Search:
    """One search, at one instant."""

    def __init__(self, org: Org, at: datetime, recused: frozenset[str]) -> None:
        self._org = org
        self._at = at
        self._recused = recused
        self._members = {member.id: member for member in org.members}

    def meant(self, audience: Role, department: str | None, person: str | None) -> Routing:
        """Find who is meant themselves, with no regard to the customer service department."""
        match audience:
            case Role.HANDLER:
                return self._handler(person, department)
            case Role.LEAD:
                return self._lead(department)
            case _:
                return self._holders(audience, department)

    def duty(self) -> Routing:
        """Find the customer service department's duty: by roster, else those at work, else all of its members."""
        role = Role.CUSTOMER_SERVICE
        rosters = [r for r in self._org.rosters if r.role == role]
        on_duty = [id_ for roster in rosters for id_ in roster.on_duty(self._org.zone, self._at)]
        if people := self._present(on_duty):
            reason = Names(
                en=f"on duty for the customer service department: {_list(people)}",
                zh=f"客户服务部值班:{_list(people)}",
            )
            return Routing(people=people, audience=role, reason=reason)
        members = [m for m in self._org.members if m.active and role in m.roles]
        themselves = [m for m in members if self._present([m.id]) == (m.id,)]
        at_work = [m for m in themselves if is_at_work(m, self._org.zone, self._at)]
        if people := self._present(m.id for m in at_work or themselves or members):
            reason = Names(
                en=f"no roster covers this time; of the customer service department: {_list(people)}",
                zh=f"此时无人排班;客户服务部:{_list(people)}",
            )
            return Routing(people=people, audience=role, reason=reason)
        reason = Names(
            en="nobody of the customer service department can be told", zh="客户服务部没有可以通知的人"
        )
        return Routing(people=(), audience=role, reason=reason)

    def _lead(self, department: str | None) -> Routing:
        if department is None:
            return _nobody(Role.LEAD, Names(en="no department is assigned", zh="尚未指定部门"))
        known = self._org.department(department)
        if known is None:
            return _nobody(
                Role.LEAD, Names(en=f"department {department} is unknown", zh=f"部门{department}不存在")
            )
        if not known.active:
            reason = Names(en=f"department {department} is no longer active", zh=f"部门{department}已撤销")
            return _nobody(Role.LEAD, reason)
        leads = [
            m for m in self._org.members if m.active and m.department == department and Role.LEAD in m.roles
        ]
        nobody = Names(en=f"department {department} has no lead", zh=f"部门{department}没有负责人")
        return self._on_duty_or(Role.LEAD, department, leads, nobody)

    def _handler(self, person: str | None, department: str | None) -> Routing:
        if person is None:
            return _nobody(Role.HANDLER, Names(en="nobody is assigned", zh="尚未指定处理人"))
        handler = self._members.get(person)
        if handler is None:
            reason = Names(en=f"handler {person} is unknown", zh=f"处理人{person}不存在")
        elif people := self._present([person]):
            return Routing(people=people, audience=Role.HANDLER, reason=self._why_they(Role.HANDLER, handler))
        else:
            reason = self._why_not(Role.HANDLER, handler)
        lead = self._lead(department or (handler.department if handler else None))
        return Routing(
            people=lead.people, audience=lead.audience, reason=_joined([reason, lead.reason or reason])
        )

    def _holders(self, role: Role, department: str | None) -> Routing:
        holders = [m for m in self._org.members if m.active and role in m.roles]
        of_department = [m for m in holders if m.department == department]
        zh = _ZH.get(role, role.value)
        nobody = Names(en=f"nobody has the role {role.value}", zh=f"没有担任{zh}的人")
        return self._on_duty_or(role, department, of_department or holders, nobody)

    def _on_duty_or(
        self, role: Role, department: str | None, holders: Sequence[Member], nobody: Names
    ) -> Routing:
        """Find who is on duty for a role, else its holders or who stands in for them."""
        on_duty = self._org.on_roster(role, department, self._at)
        if people := self._present(on_duty):
            en, zh = (f" of {department}", department or "") if department else ("", "")
            reason = Names(
                en=f"on duty as {role.value}{en}: {_list(people)}",
                zh=f"{zh}{_ZH.get(role, role.value)}值班:{_list(people)}",
            )
            return Routing(people=people, audience=role, reason=reason)
        there = [holder for holder in holders if self._present([holder.id])]
        if people := self._present(holder.id for holder in there):
            return Routing(
                people=people, audience=role, reason=_joined([self._why_they(role, m) for m in there])
            )
        return _nobody(role, _joined([self._why_not(role, m) for m in holders]) if holders else nobody)

    def _present(self, ids: Iterable[str]) -> tuple[str, ...]:
        """List them, or who stands in for them, each once; those for whom nobody does are left out."""
        found = (self._stands_in(id_, frozenset()) for id_ in ids)
        return tuple(dict.fromkeys(id_ for id_ in found if id_ is not None))

    def _stands_in(self, id_: str | None, asked: frozenset[str]) -> str | None:
        member = self._members.get(id_ or "")
        if member is None or not member.active or member.id in self._recused | asked:
            return None
        leave = member.leave_at(self._at)
        if leave is None:
            return member.id
        candidates = (self._stands_in(each, asked | {member.id}) for each in _stand_ins(member, leave))
        return next((each for each in candidates if each is not None), None)

    def _why_they(self, role: Role, meant: Member) -> Names:
        leave = meant.leave_at(self._at)
        title = _ZH.get(role, role.value)
        if leave is None:
            return Names(en=f"{role.value} {meant.id}", zh=f"{title}{meant.id}")
        there, until = self._stands_in(meant.id, frozenset()), self._until(leave)
        return Names(
            en=f"{role.value} {meant.id} is on leave until {until}; {there} stands in",
            zh=f"{title}{meant.id}休假至{until},由{there}代理",
        )

    def _why_not(self, role: Role, meant: Member) -> Names:
        what = self._absence(meant, frozenset())
        return Names(en=f"{role.value} {what.en}", zh=f"{_ZH.get(role, role.value)}{what.zh}")

    def _absence(self, member: Member, asked: frozenset[str]) -> Names:
        """Say why neither this member nor anybody in their place is there."""
        id_, leave = member.id, member.leave_at(self._at)
        if not member.active:
            return Names(en=f"{id_} is no longer active", zh=f"{id_}已停用")
        if id_ in self._recused:
            return Names(en=f"{id_} is recused", zh=f"{id_}须回避")
        if leave is None:  # asked again in a circle of deputies
            return Names(en=f"{id_} is not there", zh=f"{id_}不在")
        until = self._until(leave)
        away = Names(en=f"{id_} is on leave until {until}", zh=f"{id_}休假至{until}")
        deputies = [self._members[each] for each in _stand_ins(member, leave) if each in self._members]
        if not deputies:
            return Names(en=f"{away.en} without a deputy", zh=f"{away.zh},且没有代理人")
        further = [deputy for deputy in deputies if deputy.id not in asked | {id_}]
        if not further:
            return Names(en=f"{away.en} and deputies stand in a circle", zh=f"{away.zh},且代理人互相代理")
        others = [self._absence(deputy, asked | {id_}) for deputy in further]
        return Names(
            en=", ".join([away.en, *(f"deputy {other.en}" for other in others)]),
            zh=",".join([away.zh, *(f"代理人{other.zh}" for other in others)]),
        )

    def _until(self, leave: Leave) -> str:
        """Write the last day of a leave, or its last minute where it ends within a day."""
        end = local_time(self._org.zone, leave.ends_at)
        if (end.hour, end.minute) == (0, 0):
            return f"{end - timedelta(days=1):%Y-%m-%d}"
        return f"{end:%Y-%m-%d %H:%M}"


_ZH = {
    Role.DESK: "首接岗",
    Role.HANDLER: "处理人",
    Role.LEAD: "负责人",
    Role.CUSTOMER_SERVICE: "客户服务部",
    Role.EXECUTIVE: "高管",
    Role.MEDIATOR: "调解人",
    Role.AUDITOR: "审计",
}


def _stand_ins(member: Member, leave: Leave) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in (leave.delegate, member.deputy) if each))


def _nobody(audience: Role, reason: Names) -> Routing:
    return Routing(people=(), audience=audience, reason=reason)


def _joined(reasons: Sequence[Names]) -> Names:
    return Names(en="; ".join(r.en for r in reasons), zh=";".join(r.zh for r in reasons))


def _list(people: Sequence[str]) -> str:
    return ", ".join(people)
