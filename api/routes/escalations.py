"""Escalations: those that wait for you, and what can be answered to one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from api.bodies import Headed, filled_in, raw
from api.doors import OF_ONE, declares
from api.rights import Who
from api.routes.commands import OF_COMMANDS
from api.routes.router import make_router
from api.sending import answered, send
from api.services import Known
from api.shapes import CommandAnswer, EscalationPage
from complaints.commands import (
    AcknowledgeEscalation,
    DeclineEscalation,
    ReassignEscalation,
    ResolveEscalation,
)
from complaints.permissions import Right
from complaints.privacy import without_people
from complaints.vocabulary import Identifier
from complaints.wire import plain
from db import waiting
from db.keys import Keys
from db.waiting import Waiting

router = make_router(prefix="/v1", tags=["escalations"])

_OF = "/complaints/{number}/escalations/{escalation}"
_LIST = "escalations"


@router.get("/escalations", **declares(Right.SEARCH, {200: EscalationPage}, problems=OF_ONE))
async def list_escalations(
    caller: Who,
    services: Known,
    mine: bool = True,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> JSONResponse:
    """List the escalations that wait for you: by name, or for your role and department; those called first come first.

    With `mine=false`, all that you may see.
    """
    after = None
    if cursor is not None:
        called_at, number, id_ = services.cursors.read(_LIST, cursor)
        after = (datetime.fromisoformat(str(called_at)), str(number), str(id_))

    def ask(session: Session) -> tuple[list[Any], Any]:
        found, following = waiting.escalations(session, caller, mine=mine, after=after, limit=limit)
        keys = services.keys.within(session)
        return [_shown(keys, each) for each in found], following

    found, following = await services.records.ask(ask)
    mark = [following[0].isoformat(), following[1], following[2]] if following else None
    return JSONResponse(
        {
            "escalations": found,
            "next_cursor": services.cursors.write(_LIST, mark) if mark else None,
        }
    )


def _shown(keys: Keys, each: Waiting) -> dict[str, Any]:
    data: dict[str, Any] = keys.opened(plain(each), each.number)
    visible = data.pop("shown")
    return data if visible else without_people(data)


def _declared(kind: type[Any]) -> dict[str, Any]:
    return declares(
        Right.ACT,
        {200: CommandAnswer},
        body=kind,
        leaves_out=("type", "escalation"),
        problems=OF_COMMANDS,
        headers={200: ("ETag",)},
    )


@router.post(f"{_OF}/acknowledge", **_declared(AcknowledgeEscalation))
async def acknowledge_escalation(
    number: str, escalation: Identifier, caller: Who, services: Known, headed: Headed, request: Request
) -> JSONResponse:
    """Say: I have it. The body is `{}`."""
    command = _command(AcknowledgeEscalation, escalation, await raw(request))
    return answered(await send(services, caller, number, headed, command))


@router.post(f"{_OF}/reassign", **_declared(ReassignEscalation))
async def reassign_escalation(
    number: str, escalation: Identifier, caller: Who, services: Known, headed: Headed, request: Request
) -> JSONResponse:
    """Let somebody else of the same rank take it up."""
    command = _command(ReassignEscalation, escalation, await raw(request))
    return answered(await send(services, caller, number, headed, command))


@router.post(f"{_OF}/decline", **_declared(DeclineEscalation))
async def decline_escalation(
    number: str, escalation: Identifier, caller: Who, services: Known, headed: Headed, request: Request
) -> JSONResponse:
    """Say that it is not yours; it climbs at once."""
    command = _command(DeclineEscalation, escalation, await raw(request))
    return answered(await send(services, caller, number, headed, command))


@router.post(f"{_OF}/resolve", **_declared(ResolveEscalation))
async def resolve_escalation(
    number: str, escalation: Identifier, caller: Who, services: Known, headed: Headed, request: Request
) -> JSONResponse:
    """Say what was done about it."""
    command = _command(ResolveEscalation, escalation, await raw(request))
    return answered(await send(services, caller, number, headed, command))


T = TypeVar("T")


def _command(kind: type[T], escalation: str, text: bytes) -> T:
    return filled_in(kind, text, {"type": kind.__name__, "escalation": escalation})
