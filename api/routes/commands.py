"""Commands: one, many, and the two that every follow-up needs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import JSONResponse

from api.bodies import Headed, Key, body, filled_in, raw
from api.bulk import run
from api.doors import CHANGES_WHAT_WAS_SEEN, OF_ONE, OF_RULES, declares
from api.rights import Who
from api.routes.router import make_router
from api.sending import answered, send
from api.services import Known
from api.shapes import BulkAnswer, CommandAnswer, LooseBulk
from complaints.commands import Command, GiveFeedback, RecordFollowUp
from complaints.permissions import Right
from complaints.wire import plain, read

router = make_router(prefix="/v1", tags=["commands"])

OF_COMMANDS = (*OF_ONE, *OF_RULES, *CHANGES_WHAT_WAS_SEEN)


@router.post(
    "/complaints/{number}/commands",
    **declares(
        Right.ACT,
        {200: CommandAnswer},
        body=Command,
        problems=OF_COMMANDS,
        headers={200: ("ETag",)},
    ),
)
async def send_command(
    number: str, caller: Who, services: Known, headed: Headed, request: Request
) -> JSONResponse:
    """Let a command act on a complaint; the answer is the state after it, straight from the complaint.

    `type` names the command. The same one under the same `Idempotency-Key` acts once; another one under it is refused
    (409 `KeyReused`). On record the command's id is the key with a check of what it said. `Received-At` is when it reached
    you, by which duties are judged met or missed; without it, now. With `If-Match` it acts only while the
    complaint stands at that sequence (412 otherwise).
    """
    command: Any = read(Command, await raw(request))  # type: ignore[arg-type]  # a union is a type to pydantic
    return answered(await send(services, caller, number, headed, command))


@router.post(
    "/complaints/{number}/feedback",
    **declares(
        Right.ACT,
        {200: CommandAnswer},
        body=GiveFeedback,
        leaves_out=("type",),
        problems=OF_COMMANDS,
        headers={200: ("ETag",)},
    ),
)
async def give_feedback(
    number: str, caller: Who, services: Known, headed: Headed, request: Request
) -> JSONResponse:
    """Record what the customer was told: the command `GiveFeedback`."""
    command = filled_in(GiveFeedback, await raw(request), {"type": "GiveFeedback"})
    return answered(await send(services, caller, number, headed, command))


@router.post(
    "/complaints/{number}/satisfaction",
    **declares(
        Right.ACT,
        {200: CommandAnswer},
        body=RecordFollowUp,
        leaves_out=("type",),
        problems=OF_COMMANDS,
        headers={200: ("ETag",)},
    ),
)
async def record_satisfaction(
    number: str, caller: Who, services: Known, headed: Headed, request: Request
) -> JSONResponse:
    """Record what the customer said when asked whether it is settled: the command `RecordFollowUp`."""
    command = filled_in(RecordFollowUp, await raw(request), {"type": "RecordFollowUp"})
    return answered(await send(services, caller, number, headed, command))


@router.post("/commands", **declares(Right.ACT, {200: BulkAnswer}, body=LooseBulk))
async def send_commands(
    caller: Who,
    services: Known,
    key: Key,
    bulk: Annotated[LooseBulk, Depends(body(LooseBulk))],
) -> JSONResponse:
    """Send up to 100 commands (`BulkItem`) at once; each is answered by itself, with a status and an answer or a problem.

    Commands to the same complaint keep their order, and none waits for those to another. A malformed one stops no other.
    An item without an `id` is named after the `Idempotency-Key` and its place, so that all may be sent again.
    """
    return JSONResponse(plain(await run(services, caller, bulk.commands, key)))
