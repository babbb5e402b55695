"""Finds out whom a complaint concerns: from the records, and from the workflow where those are behind or away.

The records lag by a second or so. Where they let somebody in, that is taken; before they keep anybody out, the workflow is
asked. So whoever a complaint was just handed to sees it at once, and whoever it was taken from may look a second longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from complaints.concern import case_of
from complaints.permissions import Caller, Case, Reach, Right, may, reach
from complaints.view import View
from db.engine import for_reading
from db.visibility import case as recorded_case
from workflows.client import Unavailable, UnknownComplaint

Look = Callable[[str], Awaitable[View]]


async def concerning(caller: Caller, right: Right, number: str, engine: Engine, look: Look) -> Case | None:
    """Return what decides whether a right reaches a complaint; None if there is no such complaint.

    Args:
        look: Shows a complaint as its workflow sees it, as `workflows.client.look`.

    Raises:
        Unavailable: Neither records nor workflow know enough to say.
    """
    try:
        known = await asyncio.to_thread(_recorded, engine, number)
    except SQLAlchemyError:
        known = None
    if known is not None and (may(caller, right, known) or reach(caller, right) == Reach.NONE):
        return known
    try:
        return case_of(await look(number))
    except UnknownComplaint:  # too old for Temporal to have kept it, or none at all
        return known
    except Unavailable:
        if known is None:
            raise
        return known


def _recorded(engine: Engine, number: str) -> Case | None:
    with Session(for_reading(engine)) as session:
        return recorded_case(session, number)
