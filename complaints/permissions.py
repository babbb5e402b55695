"""Who may do what, and to which complaints: one table for every door.

The lifecycle says which roles may do which act (`lifecycle.WHO_MAY`); this table says how far each role reaches, and who
may do what is no act: read, search, import, erase, manage keys. What is not in the table is not allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from complaints.lifecycle import WHO_MAY, Act
from complaints.vocabulary import Actor, Role


class Reach(StrEnum):
    """To which complaints a right extends, from none to all."""

    NONE = "none"
    OWN = "own"  # those that the caller brought in or handles
    DEPARTMENT = "department"  # those, and the ones of the caller's department
    ALL = "all"


class Right(StrEnum):
    """What is no act of the lifecycle, and still not for everybody."""

    READ = "read"  # one complaint: its state, clocks and timeline
    SEARCH = "search"  # lists, filters, words
    REGISTER = "register"  # start complaints
    ACT = "act"  # send commands; which ones, the lifecycle says
    ATTACH = "attach"  # put files on a complaint
    READ_RULES = "read_rules"  # policies and calendars
    READ_ORG = "read_org"  # departments, people on duty
    WRITE_ORG = "write_org"  # import who works here
    EXPORT = "export"  # cases as files
    IMPORT = "import"  # cases of another system, with their true dates
    SUBSCRIBE = "subscribe"  # webhooks
    MANAGE_KEYS = "manage_keys"  # API keys of systems
    DECODE = "decode"  # payloads in Temporal's UI and command line
    ERASE = "erase"  # destroy a customer's keys


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, as the door has found out.

    Attributes:
        actor: Under which name, in which role and for which department they act.
        scopes: What they may do at most, where less than their role may (API keys); empty for no such limit.
        via: How they proved who they are, such as `key:crm-2026` or `oidc`; for logs and limits.
    """

    actor: Actor
    scopes: frozenset[Right] | None = None
    via: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What of a complaint decides who may see it.

    Attributes:
        source: The system that brought it in.
        departments: Others that were asked or called to it: for a verification, by a summons, by an escalation.
        people: Who is named in it to do something: whoever an escalation waits for, or an action belongs to.
    """

    source: str
    department: str | None = None
    handler: str | None = None
    departments: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


_EVERYWHERE = Reach.ALL
_OURS = Reach.DEPARTMENT

TABLE: dict[Role, dict[Right, Reach]] = {
    Role.SYSTEM: {
        **dict.fromkeys((Right.REGISTER, Right.READ, Right.SEARCH, Right.ACT, Right.ATTACH), Reach.OWN),
        **dict.fromkeys((Right.EXPORT, Right.IMPORT, Right.SUBSCRIBE, Right.DECODE), Reach.OWN),
        **dict.fromkeys((Right.READ_RULES, Right.READ_ORG), _EVERYWHERE),
    },
    Role.DESK: {
        **dict.fromkeys((Right.REGISTER, Right.READ, Right.SEARCH, Right.ACT, Right.ATTACH), _OURS),
        **dict.fromkeys((Right.READ_RULES, Right.READ_ORG), _EVERYWHERE),
    },
    Role.HANDLER: {
        **dict.fromkeys((Right.REGISTER, Right.READ, Right.SEARCH, Right.ACT, Right.ATTACH), _OURS),
        **dict.fromkeys((Right.READ_RULES, Right.READ_ORG), _EVERYWHERE),
    },
    Role.MEDIATOR: {
        **dict.fromkeys((Right.READ, Right.SEARCH, Right.ACT, Right.ATTACH), _EVERYWHERE),
        **dict.fromkeys((Right.READ_RULES, Right.READ_ORG), _EVERYWHERE),
    },
    Role.LEAD: {
        **dict.fromkeys((Right.REGISTER, Right.READ, Right.SEARCH, Right.ACT, Right.ATTACH), _OURS),
        **dict.fromkeys((Right.EXPORT, Right.DECODE), _OURS),
        **dict.fromkeys((Right.READ_RULES, Right.READ_ORG), _EVERYWHERE),
    },
    Role.CUSTOMER_SERVICE: dict.fromkeys(Right, _EVERYWHERE),
    Role.EXECUTIVE: {
        **dict.fromkeys((Right.READ, Right.SEARCH, Right.ACT, Right.EXPORT, Right.DECODE), _EVERYWHERE),
        **dict.fromkeys((Right.READ_RULES, Right.READ_ORG), _EVERYWHERE),
    },
    Role.AUDITOR: {
        **dict.fromkeys((Right.READ, Right.SEARCH, Right.EXPORT, Right.DECODE), _EVERYWHERE),
        **dict.fromkeys((Right.READ_RULES, Right.READ_ORG), _EVERYWHERE),
    },
}
"""How far each role's rights reach. Auditors read everything and change nothing."""

APART = frozenset({Role.AUDITOR})
"""Roles that nobody has together with another: whoever looks over others' shoulders does none of their work."""


def rights_by_role() -> str:
    """Write the table as Markdown: how far each right of each role reaches."""
    lines = [f"| right | {' | '.join(Role)} |", f"|---|{'---|' * len(Role)}"]
    for right in Right:
        extents = (TABLE[role].get(right, Reach.NONE) for role in Role)
        cells = ("-" if extent == Reach.NONE else extent.value for extent in extents)
        lines.append(f"| {right} | {' | '.join(cells)} |")
    return "\n".join(lines)


def reach(caller: Caller, right: Right) -> Reach:
    """Say to which complaints a right of the caller's extends."""
    if caller.scopes is not None and right not in caller.scopes:
        return Reach.NONE
    return TABLE[caller.actor.role].get(right, Reach.NONE)


def may(caller: Caller, right: Right, case: Case | None = None) -> bool:
    """Say whether the caller may: at all, or with this complaint."""
    extent = reach(caller, right)
    if case is None or extent in (Reach.NONE, Reach.ALL):
        return extent != Reach.NONE
    return _is_own(caller.actor, case) or (
        extent == Reach.DEPARTMENT and _is_of_department(caller.actor, case)
    )


def may_act(caller: Caller, act: Act, case: Case) -> bool:
    """Say whether the lifecycle gives the act to the caller's role, and the complaint is within their reach."""
    return caller.actor.role in WHO_MAY[act] and may(caller, right_of(act), case)


def right_of(act: Act) -> Right:
    """Name the right that an act needs."""
    return _RIGHTS.get(act, Right.ACT)


_RIGHTS = {Act.REGISTER: Right.REGISTER, Act.ATTACH_FILE: Right.ATTACH, Act.REMOVE_FILE: Right.ATTACH}


def excludes(roles: frozenset[Role]) -> bool:
    """Say whether these are roles that one person must not have together (four eyes)."""
    return len(roles) > 1 and bool(roles & APART)


def _is_own(actor: Actor, case: Case) -> bool:
    if actor.role == Role.SYSTEM:
        return actor.id == case.source
    return actor.id == case.handler or actor.id in case.people


def _is_of_department(actor: Actor, case: Case) -> bool:
    """What nobody answers for yet is everybody's: somebody has to take it up."""
    if case.department is None:
        return True
    return actor.department is not None and actor.department in {case.department, *case.departments}
