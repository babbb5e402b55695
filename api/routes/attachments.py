"""Files on a complaint: put there, listed, given out, taken away."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import JSONResponse, StreamingResponse

from api import reading
from api.bodies import Headed, Heading, Key, filled_in, raw
from api.doors import (
    CHANGES_WHAT_WAS_SEEN,
    FILE_LOST,
    OF_ONE,
    OF_RULES,
    OF_UPLOAD,
    READS_AT_LEAST,
    STARTS,
    declares,
)
from api.file_part import FIELD, incoming_file
from api.problems import NOT_FOUND, Rejected
from api.rights import Who, check_acts, check_number, check_sees
from api.routes.router import make_router
from api.services import Known, Services
from api.shapes import AttachedFile, FilePage
from api.showing import is_hidden
from complaints.concern import case_of
from complaints.forms import FileRemoval, refill
from complaints.lifecycle import Act
from complaints.permissions import Caller, Right
from complaints.privacy import without_people
from complaints.records import Attachment
from complaints.vocabulary import Identifier
from complaints.wire import plain
from files.errors import FileGone, FileMissing
from files.intake import Sender, attach, is_named_here, remove
from files.naming import disposition
from files.proof import prove

router = make_router(prefix="/v1", tags=["attachments"])

_OF = "/complaints/{number}/attachments"

UPLOAD = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                FIELD: {
                    "type": "string",
                    "contentMediaType": "application/octet-stream",
                    "minLength": 1,
                    "description": "The file. Its part may name the file and declare its type.",
                }
            },
            "required": [FIELD],
            "additionalProperties": False,
        }
    }
}


@router.post(
    _OF,
    **declares(
        Right.ATTACH,
        {201: AttachedFile, 200: AttachedFile},
        content=UPLOAD,
        problems=(*OF_ONE, *OF_RULES, *STARTS, *CHANGES_WHAT_WAS_SEEN, *OF_UPLOAD),
        headers={201: ("Location",), 200: ("Location",)},
    ),
)
async def attach_file(
    number: str, caller: Who, services: Known, headed: Headed, key: Key, request: Request
) -> JSONResponse:
    """Put a file on a complaint. Its digest goes into the ledger, its bytes into a storage of their own, encrypted.

    The same file under the same `Idempotency-Key` is there once (201, then 200); another one under that key is refused
    (409). Its bytes must be what it is declared to be, if it is; PDF, pictures, texts, tables, office documents, mails,
    sound and film are taken.
    """
    await check_acts(services, caller, Act.ATTACH_FILE, number)
    done = await attach(
        services.door,
        services.files,
        services.file_limits,
        number,
        await incoming_file(request),
        _sender(caller, headed, key),
    )
    file = await _shown(services, caller, number, done.attachment)
    where = f"/v1/complaints/{number}/attachments/{done.attachment.id}/content"
    status = HTTPStatus.CREATED if done.new else HTTPStatus.OK
    return JSONResponse(file, status, {"Location": where, "Cache-Control": "no-store"})


@router.get(_OF, **declares(Right.READ, {200: FilePage}, problems=(*OF_ONE, *READS_AT_LEAST)))
async def list_attachments(
    number: str,
    caller: Who,
    services: Known,
    min_seq: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> JSONResponse:
    """List a complaint's files in the order in which they came, those that were removed included."""
    found = await reading.find(services, check_number(number), min_seq)
    check_sees(caller, Right.READ, number, case_of(found.view))
    hidden = is_hidden(caller, found.view, found.policy)
    files = [_said(services, number, each, hidden=hidden) for each in found.view.attachments.values()]
    return JSONResponse({"attachments": files, "as_of": plain(found.as_of)})


@router.get(
    f"{_OF}/{{attachment}}/content",
    **declares(
        Right.READ, {200: bytes}, problems=(*OF_ONE, *FILE_LOST), headers={200: ("Repr-Digest", "ETag")}
    ),
)
async def get_attachment(number: str, attachment: str, caller: Who, services: Known) -> StreamingResponse:
    """Give a file out, once all of it has been proven against the digest in the ledger. It is to be saved, never shown.

    Where the reporter is confidential, only those who may see them get files: one may name them.
    """
    found = await reading.find(services, check_number(number), None)
    check_sees(caller, Right.READ, number, case_of(found.view))
    file = found.view.attachments.get(attachment) or await _live(services, number, attachment)
    if file is None or is_hidden(caller, found.view, found.policy):
        raise Rejected(NOT_FOUND, f"there is no such file on {number}", rule="UnknownFile")
    if not is_named_here(file.id):
        raise Rejected(NOT_FOUND, f"{file.id} is kept somewhere else", rule="KeptElsewhere")
    try:
        _check_kept(file)
        await prove(services.files, number, file)
    except FileMissing:
        _check_kept(await _live(services, number, attachment) or file)  # the records may be behind
        raise
    name = str(services.door.opened(number, file.file_name))
    content = _content(services, number, file)
    return StreamingResponse(content, headers=_headers(file, name), media_type=file.media_type)


@router.post(
    f"{_OF}/{{attachment}}/remove",
    **declares(
        Right.ATTACH,
        {200: AttachedFile},
        body=FileRemoval,
        leaves_out=("attachment",),
        example={"reason": "attached by mistake: it is the neighbour's meter"},
        problems=(*OF_ONE, *OF_RULES, *STARTS, *CHANGES_WHAT_WAS_SEEN),
    ),
)
async def remove_file(
    number: str,
    attachment: Identifier,
    caller: Who,
    services: Known,
    headed: Headed,
    key: Key,
    request: Request,
) -> JSONResponse:
    """Take a file away: its bytes are deleted, what it was stays in the ledger. Why is said in the body, since it may be personal."""
    form = filled_in(FileRemoval, await raw(request), {"attachment": attachment})
    await check_acts(services, caller, Act.REMOVE_FILE, number)
    file = await remove(
        services.door, services.files, number, attachment, form.reason, _sender(caller, headed, key)
    )
    return JSONResponse(await _shown(services, caller, number, file), headers={"Cache-Control": "no-store"})


async def _live(services: Services, number: str, attachment: str) -> Attachment | None:
    return (await services.door.look(number)).attachments.get(attachment)


def _check_kept(file: Attachment) -> None:
    if file.removed_at is not None:
        raise FileGone(file.id)


def _sender(caller: Caller, headed: Heading, key: str | None) -> Sender:
    return Sender(
        actor=caller.actor, received_at=headed.received_at, key=key, expected_seq=headed.expected_seq
    )


async def _shown(services: Services, caller: Caller, number: str, file: Attachment) -> dict[str, Any]:
    """Show a file to whoever has just changed something about it."""
    found = await reading.find(services, number, None)
    return _said(services, number, file, hidden=is_hidden(caller, found.view, found.policy))


def _said(services: Services, number: str, file: Attachment, *, hidden: bool) -> dict[str, Any]:
    data: dict[str, Any] = services.door.opened(number, plain(refill(AttachedFile, file, number=number)))
    return without_people(data) if hidden else data


async def _content(services: Services, number: str, file: Attachment) -> AsyncIterator[bytes]:
    async for chunk in services.files.get(number, file.id):
        yield chunk


def _headers(file: Attachment, name: str) -> dict[str, str]:
    """Whatever is in it, no browser runs it or guesses what it is, and no cache keeps it."""
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    return {
        "Content-Length": str(file.size_bytes),
        "Content-Disposition": disposition(name, file.media_type),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "none",
        "Repr-Digest": f"sha-256=:{digest}:",
        "ETag": f'"{file.sha256}"',
    }
