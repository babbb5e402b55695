"""The codec server: for the Temporal Web UI, the `temporal` command, and systems that talk to Temporal themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Query, Request
from google.protobuf import json_format
from starlette.responses import Response
from temporalio.api.common.v1 import Payload, Payloads

from api.bodies import raw
from api.doors import declares
from api.limits import PATIENCE, Allowance
from api.payloads import Codec, Sight, Sights
from api.rights import Who, is_number
from api.routes.router import make_router
from api.services import Known, Services
from api.shapes import PayloadsDocument
from complaints.permissions import Caller, Case, Reach, Right, may, reach
from complaints.vocabulary import Role
from complaints.wire import Malformed, Problem, read
from db.confidentiality import reporters
from db.visibility import cases

router = make_router(prefix="/v1/codec", tags=["Temporal"])

LARGER = {"/v1/codec/*": Allowance(bytes=8 * 2**20, patience=PATIENCE + timedelta(seconds=10))}
"""One payload may have 2 MiB in Temporal, and a page of a history many of them."""

EXAMPLE = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "eyJhIjoxfQ=="}]}


def _declared(right: Right) -> dict[str, Any]:
    return declares(right, {200: PayloadsDocument}, body=PayloadsDocument, example=EXAMPLE)


@router.post("/encode", **_declared(Right.REGISTER))
async def encode(
    request: Request,
    caller: Who,
    services: Known,
    workflow: Annotated[str, Query(max_length=200, pattern=r"^[A-Za-z0-9._-]*$")] = "",
) -> Response:
    """Seal what is personal in registrations and commands, and encrypt every payload, before it goes to Temporal.

    A registration or command with wrong fields is refused here, each by its name, and so is one in another's name.
    `workflow` is the complaint that a command goes to: what names it, whoever may see that complaint can decode.
    """
    payloads = _payloads(await raw(request))
    codec = Codec(services.settings.masters, services.keys)
    return _written(await to_thread.run_sync(codec.encoded, payloads, caller, workflow))


@router.post("/decode", **_declared(Right.DECODE))
async def decode(request: Request, caller: Who, services: Known) -> Response:
    """Decrypt payloads of complaints that you may see; the others come back as they were.

    Where the reporter is confidential and your role is not one that the policy names, people and free text are left out.
    """
    payloads = _payloads(await raw(request))
    codec = Codec(services.settings.masters, services.keys)
    sights = await _sights(services, caller, codec.workflows(payloads))
    return _written(await to_thread.run_sync(codec.decoded, payloads, sights))


async def _sights(services: Services, caller: Caller, workflows: set[str]) -> Sights:
    """Say of each workflow what the caller may see of it."""
    numbers = {each for each in workflows if is_number(each)}
    known = await services.records.ask(cases, numbers)
    shown_to = await services.records.ask(reporters, numbers)
    sights = {}
    for number in numbers:
        case, reporter = _case(caller, number, known), shown_to.get(number)
        if case is not None and may(caller, Right.DECODE, case):
            all_of_it = reporter is not None and reporter.shown_to(caller.actor.role)
            sights[number] = Sight.ALL if all_of_it else Sight.ALL_BUT_PEOPLE
    # Matters, schedules, and what names no workflow: nobody's own, so for those who see everything.
    sees_all = reach(caller, Right.DECODE) == Reach.ALL
    return Sights(of=sights, otherwise=Sight.ALL_BUT_PEOPLE if sees_all else Sight.NOTHING)


def _case(caller: Caller, number: str, known: dict[str, Case]) -> Case | None:
    """Say whose a complaint is. What a system brought in is told by the number alone, before it is on record."""
    if number not in known and caller.actor.role == Role.SYSTEM:
        return Case(source=number.partition("-")[0])
    return known.get(number)


def _payloads(text: bytes) -> list[Payload]:
    """Read payloads.

    Raises:
        Malformed: They are none.
    """
    read(PayloadsDocument, text)  # names the wrong field; what newer Temporals add is left alone
    try:
        return list(json_format.Parse(text, Payloads(), ignore_unknown_fields=True).payloads)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError):
        raise Malformed(Problem(field="", rule="must be the JSON of Payloads")) from None


def _written(payloads: list[Payload]) -> Response:
    """Write them, with the list even where it is empty, which protobuf leaves out."""
    text = json_format.MessageToJson(Payloads(payloads=payloads)) if payloads else '{"payloads": []}'
    return Response(text, media_type="application/json")
