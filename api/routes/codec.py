"""The codec server: for the Temporal Web UI, the `temporal` command, and systems that talk to Temporal themselves."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from google.protobuf import json_format
from starlette.responses import Response
from temporalio.api.common.v1 import Payload, Payloads

from api.bodies import raw
from api.doors import declares
from api.payloads import Codec, Sight
from api.rights import Who
from api.services import Known, Services
from api.shapes import PayloadsDocument
from complaints.permissions import Caller, Right, may
from complaints.wire import Malformed, Problem, read
from db.confidentiality import reporters
from db.visibility import cases

router = APIRouter(prefix="/v1/codec", tags=["Temporal"])

EXAMPLE = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "eyJhIjoxfQ=="}]}


def _declared(right: Right) -> dict[str, Any]:
    return declares(right, {200: PayloadsDocument}, body=PayloadsDocument, example=EXAMPLE)


@router.post("/encode", **_declared(Right.REGISTER))
async def encode(request: Request, services: Known) -> Response:
    """Seal what is personal in registrations and commands, and encrypt every payload, before it goes to Temporal.

    A registration or command with wrong fields is refused here, each by its name.
    """
    payloads = _payloads(await raw(request))
    codec = Codec(services.settings.masters, services.keys)
    return _written(await to_thread.run_sync(codec.encoded, payloads))


@router.post("/decode", **_declared(Right.DECODE))
async def decode(request: Request, caller: Who, services: Known) -> Response:
    """Decrypt payloads of complaints that you may see; the others come back as they were.

    Where the reporter is confidential and your role is not one that the policy names, people stay sealed.
    """
    payloads = _payloads(await raw(request))
    codec = Codec(services.settings.masters, services.keys)
    sights = await _sights(services, caller, codec.workflows(payloads))
    return _written(await to_thread.run_sync(codec.decoded, payloads, sights))


async def _sights(services: Services, caller: Caller, numbers: set[str]) -> dict[str, Sight]:
    """Say of each workflow what the caller may see of it; one that is no complaint of theirs shows nothing."""
    known = await services.records.ask(cases, numbers)
    shown_to = await services.records.ask(reporters, numbers)
    sights = {}
    for number, case in known.items():
        if may(caller, Right.DECODE, case):
            sights[number] = (
                Sight.ALL if shown_to[number].shown_to(caller.actor.role) else Sight.ALL_BUT_PEOPLE
            )
    return sights


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
    return Response(json_format.MessageToJson(Payloads(payloads=payloads)), media_type="application/json")
