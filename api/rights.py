"""What a caller may do at a route, and with which complaint: every door of the API asks here, by one table.

A route names its right (`complaints.permissions.Right`). Whoever has it not at all is told so (403). A complaint that is
not within reach is one that does not exist (404).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from api.access import authenticate
from api.problems import NOT_ALLOWED, Rejected
from api.services import Services
from complaints.lifecycle import WHO_MAY, Act
from complaints.permissions import Caller, Case, Reach, Right, may, reach, right_of
from complaints.vocabulary import Role, is_identifier
from workflows.client import UnknownComplaint, look
from workflows.concerning import concerning

PUBLIC = "public"
"""The mark of a route that anybody may use: health and the pages about the API."""

Who = Annotated[Caller, Depends(authenticate)]


def needs(right: Right) -> Callable[[Request, Caller], Awaitable[None]]:
    """Make the check that lets nobody pass who has not got this right at all."""

    async def check(request: Request, caller: Who) -> None:
        request.state.caller = caller
        if reach(caller, right) == Reach.NONE:
            raise refused(caller, right)

    return check


def refused(caller: Caller, right: Right) -> Rejected:
    """Say that the right is missing, and to whom."""
    who = f"you act as {caller.actor.role}"
    if caller.scopes is not None:
        who += f", with a key for {', '.join(sorted(caller.scopes)) or 'nothing'}"
    return Rejected(NOT_ALLOWED, f"this needs the right {right}; {who}", rule="NotYourRight")


def unknown(number: str) -> UnknownComplaint:
    """Say that there is no such complaint: to whoever may not see it, in the very words that a number gets which nobody has."""
    return UnknownComplaint(f"there is no complaint {number}")


def check_sees(caller: Caller, right: Right, number: str, case: Case) -> None:
    """Let pass who has the right to this complaint.

    Raises:
        Rejected: 403 for those who may only see it, 404 for everybody else.
    """
    if may(caller, right, case):
        return
    raise refused(caller, right) if may(caller, Right.READ, case) else unknown(number)


async def check_acts(services: Services, caller: Caller, act: Act, number: str) -> None:
    """Let pass whoever may do this act to this complaint.

    Raises:
        Rejected: 404 for a complaint out of reach, 403 where the right or the role is missing.
        UnknownComplaint: There is none.
    """
    if not is_number(number):
        raise unknown(number)
    if reach(caller, right_of(act)) != Reach.ALL:
        check_sees(caller, right_of(act), number, await _case(services, caller, number))
    if caller.actor.role not in WHO_MAY[act]:
        who = ", ".join(sorted(WHO_MAY[act]))
        raise Rejected(
            NOT_ALLOWED,
            f"{act} is for {who}; you act as {caller.actor.role}",
            rule="NotYourRole",
            possible=sorted(each for each in Act if caller.actor.role in WHO_MAY[each]),
        )


async def _case(services: Services, caller: Caller, number: str) -> Case:
    """Say whose a complaint is. What a system brought in is told by the number alone."""
    if caller.actor.role == Role.SYSTEM:
        return Case(source=number.partition("-")[0])
    # As its workflow shows it, sealed: whose it is needs no key, which PostgreSQL may be too far away to give.
    shown = partial(look, services.client)
    case = await concerning(caller, Right.ACT, number, services.records.engine, shown)
    if case is None:
        raise unknown(number)
    return case


def is_number(number: str) -> bool:
    """Say whether a complaint could have this number."""
    return 0 < len(number) <= 200 and is_identifier(number)


def check_number(number: str) -> str:
    """Return a number that a complaint could have.

    Raises:
        UnknownComplaint: None could have it.
    """
    if not is_number(number):
        raise UnknownComplaint(number)
    return number
