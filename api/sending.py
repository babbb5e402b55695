"""One command on its way: whoever sends it may, and what the workflow answers is said to programs."""

from __future__ import annotations

import hmac
from uuid import uuid4

from starlette.responses import JSONResponse

from api.bodies import Heading
from api.rights import check_acts
from api.services import Services
from api.shapes import CommandAnswer
from complaints.canonical import canonical
from complaints.commands import AttachFile, Command, Envelope, act_of
from complaints.forms import refill
from complaints.permissions import Caller
from complaints.request_ids import request_id
from complaints.wire import Malformed, Problem, plain
from files.intake import is_named_here


async def send(
    services: Services, caller: Caller, number: str, heading: Heading, command: Command
) -> CommandAnswer:
    """Let a command act.

    Raises:
        Malformed: It says that a file is kept here, which only whoever puts it here can know.
        Rejected: It is not for this caller.
        Refusal: A rule says no.
        UnknownComplaint: There is no such complaint.
        Unavailable: No answer in time.
    """
    if isinstance(command, AttachFile) and is_named_here(command.attachment):
        raise Malformed(
            Problem(field="attachment", rule="is a name of files that are kept here; send the file itself")
        )
    await check_acts(services, caller, act_of(command), number)
    envelope = Envelope(
        id=await _id(services, caller, number, heading, command),
        actor=caller.actor,
        received_at=heading.received_at,
        command=command,
        expected_seq=heading.expected_seq,
    )
    answer = await services.door.execute(number, envelope)
    created = tuple(answer.created.split(", ")) if answer.created else ()
    return refill(CommandAnswer, answer, created=created)


async def _id(services: Services, caller: Caller, number: str, heading: Heading, command: Command) -> str:
    """Name a command after its key and what it says: only the same one again is the same."""
    if heading.key is None:
        return str(uuid4())
    sent = canonical([number, caller.actor.id, plain(command)]).encode()
    return request_id(heading.key, hmac.digest(await services.digest_key(), sent, "sha256").hex())


def answered(answer: CommandAnswer) -> JSONResponse:
    """Write it, with the sequence as its tag."""
    return JSONResponse(plain(answer), headers={"ETag": f'"{answer.seq}"', "Cache-Control": "no-store"})
