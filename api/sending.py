"""One command on its way: whoever sends it may, and what the workflow answers is said to programs."""

from __future__ import annotations

from starlette.responses import JSONResponse

from api.bodies import Heading
from api.rights import check_acts
from api.services import Services
from api.shapes import CommandAnswer
from complaints.commands import AttachFile, Command, Envelope, act_of
from complaints.forms import refill
from complaints.permissions import Caller
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
        id=heading.id,
        actor=caller.actor,
        received_at=heading.received_at,
        command=command,
        expected_seq=heading.expected_seq,
    )
    answer = await services.door.execute(number, envelope)
    created = tuple(answer.created.split(", ")) if answer.created else ()
    return refill(CommandAnswer, answer, created=created)


def answered(answer: CommandAnswer) -> JSONResponse:
    """Write it, with the sequence as its tag."""
    return JSONResponse(plain(answer), headers={"ETag": f'"{answer.seq}"', "Cache-Control": "no-store"})
