"""Complaints: start one, read one, page through what happened, list and search."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import JSONResponse

from api import showing
from api.bodies import Key, body
from api.doors import OF_ONE, OF_RULES, READS_AT_LEAST, STARTS, declares
from api.problems import NOT_ALLOWED, Rejected
from api.reading import find
from api.rights import Who, check_number, check_sees, refused
from api.routes.router import make_router
from api.services import Known
from api.shapes import (
    ComplaintPage,
    NewComplaint,
    PinnedPolicy,
    ShownComplaint,
    StartedComplaint,
    Timeline,
)
from api.starting import start
from complaints.concern import case_of
from complaints.lifecycle import Stage
from complaints.permissions import Case, Right, may
from complaints.vocabulary import Identifier, Instant, Line, Severity, Source
from complaints.wire import plain
from db import listing
from db.listing import Filters, Mark, Sort

router = make_router(prefix="/v1/complaints", tags=["complaints"])

MinSeq = Annotated[int | None, Query(ge=1, le=10**9)]


@router.post(
    "",
    **declares(
        Right.REGISTER,
        {201: StartedComplaint, 200: StartedComplaint},
        body=NewComplaint,
        problems=(*OF_RULES, *STARTS),
        headers={201: ("Location",), 200: ("Location",)},
    ),
)
async def start_complaint(
    caller: Who,
    key: Key,
    form: Annotated[NewComplaint, Depends(body(NewComplaint))],
    services: Known,
) -> JSONResponse:
    """Start a complaint: 201 for a new one, 200 with the same answer for the same one again.

    `source` and `reference` name the complaint for ever, and an `Idempotency-Key` names the request. Another body under
    either name is refused (409), with the fields that differ if you may read them. A system may bring in complaints of
    its own source only. With `imported`, the right `import` is needed as well.
    """
    if not may(caller, Right.REGISTER, Case(source=form.source)):
        raise Rejected(
            NOT_ALLOWED,
            f"you may start complaints of the source {caller.actor.id} only",
            rule="NotYourSource",
        )
    if form.imported is not None and not may(caller, Right.IMPORT, Case(source=form.source)):
        raise refused(caller, Right.IMPORT)  # the rules know the actor, and not what their key is for
    first, new = await start(services, caller, form, key)
    source, _, reference = first.number.partition("-")
    policy = PinnedPolicy(name=first.policy_name, version=first.policy_version, sha256=first.policy_sha256)
    answer = StartedComplaint(
        number=first.number,
        source=source,
        reference=reference,
        received_at=first.received_at,
        policy=policy,
    )
    location = {"Location": f"/v1/complaints/{first.number}"}
    return JSONResponse(plain(answer), 201 if new else 200, location)


@router.get("", **declares(Right.SEARCH, {200: ComplaintPage}, problems=OF_ONE))
async def list_complaints(
    caller: Who,
    services: Known,
    stage: Annotated[list[Stage] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    department: Identifier | None = None,
    handler: Identifier | None = None,
    category: Identifier | None = None,
    source: Source | None = None,
    overdue: bool | None = None,
    text: Line | None = None,
    received_from: Instant | None = None,
    received_to: Instant | None = None,
    sort: Sort = Sort.RECEIVED,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> JSONResponse:
    """List the complaints that you may see, narrowed by filters that all have to hold.

    `text` finds complaints that have all of its words, in Chinese and English. `received_to` itself no longer counts.
    Pages are stable: what comes in meanwhile moves nothing from one to another.
    """
    mark = None
    if cursor is not None:
        value, number = services.cursors.read(sort, cursor)
        mark = Mark(value=value, number=number or "")
    filters = Filters(
        stage=stage or (),
        severity=severity or (),
        department=department,
        handler=handler,
        category=category,
        source=source,
        overdue=overdue,
        text=text,
        received_from=received_from,
        received_to=received_to,
    )
    lines, following = await services.records.ask(
        listing.page, services.keys, caller, filters, sort, now=datetime.now(UTC), after=mark, limit=limit
    )
    on = services.cursors.write(sort, [following.value, following.number]) if following else None
    return JSONResponse(plain(ComplaintPage(complaints=tuple(lines), next_cursor=on)))


@router.get(
    "/{number}",
    **declares(
        Right.READ, {200: ShownComplaint}, problems=(*OF_ONE, *READS_AT_LEAST), headers={200: ("ETag",)}
    ),
)
async def read_complaint(number: str, caller: Who, services: Known, min_seq: MinSeq = None) -> JSONResponse:
    """Read one complaint: its state, its clocks with the time that is left, what may be done next and by whom.

    It comes from the records, and `as_of` says how fresh they are; they follow the complaint within a second or so.
    With `min_seq` the answer has at least that event, or is a 503 if it does not arrive within 3 seconds. The `ETag` is
    the sequence: send it as `If-Match` with a command.
    """
    found = await find(services, check_number(number), min_seq)
    check_sees(caller, Right.READ, number, case_of(found.view))
    shown = showing.complaint(caller, found.view, found.policy, found.as_of, datetime.now(UTC))
    return JSONResponse(shown, headers={"ETag": f'"{found.view.seq}"', "Cache-Control": "no-store"})


@router.get(
    "/{number}/timeline", **declares(Right.READ, {200: Timeline}, problems=(*OF_ONE, *READS_AT_LEAST))
)
async def read_timeline(
    number: str,
    caller: Who,
    services: Known,
    after: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    min_seq: MinSeq = None,
) -> JSONResponse:
    """Page through what happened to a complaint, the first event first. Each event holds the hash of the one before."""
    found = await find(services, check_number(number), min_seq)
    check_sees(caller, Right.READ, number, case_of(found.view))
    hidden = showing.is_hidden(caller, found.view, found.policy)
    page = [each for each in found.events if each.seq > after][:limit]
    more = bool(page) and page[-1].seq < found.view.seq
    return JSONResponse(
        {
            "number": number,
            "as_of": plain(found.as_of),
            "hidden": hidden,
            "events": [showing.event(each, hidden=hidden) for each in page],
            "next_after": page[-1].seq if more else None,
        }
    )
