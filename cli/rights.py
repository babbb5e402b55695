"""What whoever is named may do: the same table as at every other door (`complaints.permissions`).

The command line trusts the operator who runs it to say who they are, since who can run it can also read the key. Where
nobody is named (no --as, no REDRESS_AS) the operator reads, and sees no confidential reporter. Whoever is named is held to
what their role, their department and they themselves may.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from cli import reading
from cli.exits import Exit, Stopped

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from complaints.permissions import Caller, Case, Right
    from complaints.view import View
    from complaints.vocabulary import Actor


def looker(given: str | None = None) -> Caller | None:
    """Return who reads, if anybody is named."""
    if not (given or os.environ.get(reading.AS_VARIABLE)):
        return None
    return caller_of(reading.actor(given))


def caller_of(actor: Actor) -> Caller:
    """Hold somebody to the table."""
    from complaints.permissions import Caller

    return Caller(actor=actor, via="cli")


def demand(caller: Caller | None, right: Right, case: Case | None = None) -> None:
    """Go on only if whoever is named has a right, at all or with this case.

    Raises:
        Stopped: They have not; says who has.
    """
    from complaints.permissions import TABLE, may
    from complaints.vocabulary import Role

    if caller is None or may(caller, right, case):
        return
    if case is not None and may(caller, right):
        raise Stopped(Exit.REFUSED, f"{right} of this is for others than {_named(caller)}")
    have = [role for role in Role if right in TABLE[role]]
    raise Stopped(Exit.REFUSED, f"{right} is for {', '.join(have)}; {_named(caller)} is none of them")


def demand_view(caller: Caller | None, view: View) -> None:
    """Go on only if whoever is named may see a complaint; otherwise they learn no more than that they may not find it.

    Raises:
        Stopped: They may not.
    """
    from complaints.concern import case_of
    from complaints.permissions import Right, may

    if caller is not None and not may(caller, Right.READ, case_of(view)):
        raise unseen(view.number)


def may_see(caller: Caller | None, case: Case | None) -> bool:
    """Say whether whoever reads may read a complaint that is on record."""
    from complaints.permissions import Right, may

    return caller is None or (case is not None and may(caller, Right.READ, case))


def demand_complaints(caller: Caller | None, right: Right, *numbers: str) -> None:
    """Go on only if whoever is named may see these complaints, and has a right with each.

    Raises:
        Stopped: They have not, or there is no such complaint.
        Unavailable: Nobody who could say answers.
    """
    from complaints.permissions import Reach, Right, may, reach

    demand(caller, right)
    if caller is None or (reach(caller, right) == reach(caller, Right.READ) == Reach.ALL):
        return
    for number in numbers:
        case = asyncio.run(_case(caller, right, number))
        if case is None or not may(caller, Right.READ, case):
            raise unseen(number)
        demand(caller, right, case)


def only(caller: Caller | None, right: Right) -> ColumnElement[bool] | None:
    """Return the condition of lists for whoever is named, if anybody is.

    Raises:
        Stopped: They may list nothing at all.
    """
    if caller is None:
        return None
    from db.visibility import is_visible

    demand(caller, right)
    return is_visible(caller, right)


def unseen(number: str) -> Stopped:
    """Say the same of a complaint that somebody may not see as of one that there is not."""
    return Stopped(Exit.NOT_FOUND, f"there is no complaint {number}", "redress list")


async def _case(caller: Caller, right: Right, number: str) -> Case | None:
    from cli.surroundings import settings, temporal
    from db.engine import make_engine
    from workflows import client
    from workflows.concerning import concerning

    async def look(asked: str) -> View:
        return await client.look(await temporal(), asked)

    engine = make_engine(settings().database_url.get_secret_value(), pool_size=1)
    try:
        return await concerning(caller, right, number, engine, look)
    finally:
        engine.dispose()


def _named(caller: Caller) -> str:
    return f"{caller.actor.role}:{caller.actor.id}"
