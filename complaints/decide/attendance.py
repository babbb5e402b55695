"""People who have to come or help: departments that are called together, and a colleague's support."""

from __future__ import annotations

from complaints import commands, facts
from complaints.decide.intake import check_unbiased
from complaints.draft import Draft
from complaints.errors import AlreadyDone, LeadMustAttend, NotYourSummons, UnknownItem
from complaints.forms import Names, refill
from complaints.lifecycle import Act
from complaints.records import Cause, ClockName, NoticeKind, Summons
from complaints.state import State
from complaints.vocabulary import Part, Role


def summon_departments(draft: Draft, command: commands.SummonDepartments) -> None:
    """Tell each, and watch that each sends somebody where the policy says how soon."""
    _check_not_waiting(draft.state, command)
    first = len(draft.state.summons) + 1
    names = tuple(f"S{first + index}" for index in range(len(command.departments)))
    draft.add(refill(facts.DepartmentsSummoned, command, summons=names))
    for name in names:
        _call(draft, draft.state.summons[name])


def send_someone(draft: Draft, command: commands.SendSomeone) -> None:
    """Say who goes; where the lead has to attend it is the lead."""
    state = draft.state
    summons = state.summons.get(command.summons)
    if summons is None:
        raise UnknownItem(f"there is no summons {command.summons}", Act.SUMMON_DEPARTMENTS, *state.summons)
    if draft.actor.role != Role.CUSTOMER_SERVICE and draft.actor.department != summons.department:
        raise NotYourSummons(f"{summons.id} waits for {summons.department}", Act.ADD_NOTE)
    if summons.sent is not None:
        raise AlreadyDone(f"{summons.department} has sent {summons.sent} already", Act.SUMMON_DEPARTMENTS)
    check_unbiased(draft, command.person)
    if _lead_attends(state, summons) and not command.is_lead:
        raise LeadMustAttend(f"the lead of {summons.department} comes in person", Act.SEND_SOMEONE)
    draft.add(refill(facts.SomeoneSent, command))
    draft.fulfil(ClockName.ATTENDANCE, summons.id)


def call_for_support(draft: Draft, command: commands.CallForSupport) -> None:
    """Ask the lead for help, or a colleague by name; it climbs if nobody answers."""
    if command.person is not None:
        check_unbiased(draft, command.person)
    draft.escalate(Cause.SUPPORT, command.what, person=command.person)


def _check_not_waiting(state: State, command: commands.SummonDepartments) -> None:
    """Nobody is called twice for the same: not while they have sent nobody, and not in one breath."""
    waiting = {each.department for each in state.summons.values() if each.sent is None}
    for each in command.departments:
        if each.department in waiting:
            raise AlreadyDone(f"{each.department} is summoned already", Act.SEND_SOMEONE)
        waiting.add(each.department)


def _call(draft: Draft, summons: Summons) -> None:
    clock = None
    rule = draft.state.policy.rule(ClockName.ATTENDANCE)
    if rule.budget_for(draft.state.severity) is not None:
        draft.start_clock(ClockName.ATTENDANCE, summons.id)
        clock = draft.state.open_clocks(ClockName.ATTENDANCE, summons.id)[-1].key
    draft.notify(
        NoticeKind.SUMMONS,
        Role.LEAD,
        summons.id,
        department=summons.department,
        clock=clock,
        why=_IN_PERSON[summons.part] if _lead_attends(draft.state, summons) else _PARTS[summons.part],
    )


def _lead_attends(state: State, summons: Summons) -> bool:
    rule = state.policy.joint
    return summons.lead_attends or (rule is not None and rule.lead_attends_if_difficult and state.difficult)


_PARTS = {
    Part.RESPONSIBLE: Names(en="your department is responsible", zh="贵部门为责任部门"),
    Part.LOCAL: Names(en="it happened in your department's place", zh="贵部门为属地部门"),
    Part.ASSOCIATED: Names(en="your department's work is touched by it", zh="贵部门为关联部门"),
    Part.FIRST_HANDLING: Names(en="your department heard the customer first", zh="贵部门为首接部门"),
}

_IN_PERSON = {
    part: Names(en=f"{why.en}; its lead comes in person", zh=f"{why.zh}，须由部门负责人亲自到场")
    for part, why in _PARTS.items()
}
