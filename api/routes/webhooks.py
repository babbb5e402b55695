"""Webhooks over HTTP: subscribe, see what became of each event, send events again.

Who may see which subscription, and what is malformed, the desk says (`activities.webhooks.desk`); `api.problems` says how
it sounds over HTTP.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from activities.webhooks.desk import Webhooks
from complaints.permissions import Caller, Right
from complaints.webhooks import Delivery, Draft, Progress, Replay, Subscription
from complaints.wire import Malformed, Problem, parse, plain, schema
from db.webhook_log import Mark

T = TypeVar("T")

MAX_BYTES = 64 * 1024
"""More than any body here needs; a larger one is refused while it is read."""

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


# --- what a route is given


async def caller(request: Request) -> Caller:
    """Say who asks. The application has the way to find out: `app.state.authenticate`."""
    found: Caller = await request.app.state.authenticate(request)
    return found


def desk(request: Request) -> Webhooks:
    """Find the desk of the application: `app.state.webhooks`."""
    found: Webhooks = request.app.state.webhooks
    return found


def body(kind: type[T]) -> Callable[[Request], Any]:
    """Make the dependency that reads one of our dataclasses, every wrong field named."""

    async def read(request: Request) -> T:
        text = bytearray()
        async for chunk in request.stream():
            text += chunk
            if len(text) > MAX_BYTES:
                raise Malformed(Problem(field="", rule=f"must not be longer than {MAX_BYTES} bytes"))
        try:
            data = json.loads(bytes(text))
        except (ValueError, RecursionError):
            raise Malformed(Problem(field="", rule="must be JSON")) from None
        if not isinstance(data, dict):
            raise Malformed(Problem(field="", rule="must be a JSON object"))
        return parse(kind, data)

    return read


def _declared(kind: type[object] | None = None) -> dict[str, Any]:
    """What the OpenAPI document says of a route: the right it needs, and the body it reads."""
    declared: dict[str, Any] = {"x-right": Right.SUBSCRIBE.value}
    if kind is not None:
        content = {"application/json": {"schema": schema(kind)}}
        declared["requestBody"] = {"required": True, "content": content}
    return declared


Who = Annotated[Caller, Depends(caller)]
Desk = Annotated[Webhooks, Depends(desk)]


# --- subscriptions


@router.post("", status_code=201, summary="Subscribe", openapi_extra=_declared(Draft))
def create(who: Who, webhooks: Desk, draft: Annotated[Draft, Depends(body(Draft))]) -> dict[str, Any]:
    """From now on, events are sent to the URL. `secret` verifies them; it is shown this once."""
    subscription, secret = webhooks.create(who, draft)
    return {**_shown(subscription), "secret": secret}


@router.get("", summary="List subscriptions", openapi_extra=_declared())
def find(who: Who, webhooks: Desk) -> dict[str, Any]:
    """Your own; whoever may see all complaints sees all subscriptions."""
    return {"items": [_shown(each) for each in webhooks.find(who)]}


@router.get("/{name}", summary="Show a subscription", openapi_extra=_declared())
def show(who: Who, webhooks: Desk, name: str) -> dict[str, Any]:
    """With how many events wait or are parked, and since when its receiver fails."""
    return _shown(webhooks.show(who, name))


@router.delete("/{name}", status_code=204, summary="Delete a subscription", openapi_extra=_declared())
def remove(who: Who, webhooks: Desk, name: str) -> Response:
    """What waits for it is never sent."""
    webhooks.remove(who, name)
    return Response(status_code=204)


@router.post("/{name}/pause", summary="Pause", openapi_extra=_declared())
def pause(who: Who, webhooks: Desk, name: str) -> dict[str, Any]:
    """Events are kept and not sent, until it is resumed."""
    return _shown(webhooks.pause(who, name))


@router.post("/{name}/resume", summary="Resume", openapi_extra=_declared())
def resume(who: Who, webhooks: Desk, name: str) -> dict[str, Any]:
    """What waits is sent at once, in order. Also for a subscription that was disabled, or whose receiver rests."""
    return _shown(webhooks.resume(who, name))


@router.post("/{name}/secret", summary="Rotate the secret", openapi_extra=_declared())
def rotate(who: Who, webhooks: Desk, name: str) -> dict[str, Any]:
    """For 24 hours events carry two signatures: by the new secret, shown this once, and by the one before it."""
    subscription, secret = webhooks.rotate(who, name)
    return {**_shown(subscription), "secret": secret}


@router.post("/{name}/ping", summary="Test the receiver", openapi_extra=_declared())
def ping(who: Who, webhooks: Desk, name: str) -> dict[str, Any]:
    """Sends a signed `org.redress.ping.v1` now, and says what came of it."""
    result: dict[str, Any] = plain(webhooks.ping(who, name))
    return result


# --- events


@router.get("/{name}/deliveries", summary="What became of events", openapi_extra=_declared())
def deliveries(
    who: Who,
    webhooks: Desk,
    name: str,
    progress: Annotated[Progress | None, Query(description="Only those that stand so.")] = None,
    number: Annotated[str | None, Query(max_length=200, description="Only those of one complaint.")] = None,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The newest first, each with its newest attempts."""
    after = _mark(cursor) if cursor else None
    found = webhooks.deliveries(who, name, progress=progress, number=number, after=after, limit=limit + 1)
    page = found[:limit]
    following = _cursor(page[-1]) if len(found) > limit else None
    return {"items": [plain(each) for each in page], "next": following}


@router.post("/{name}/replay", status_code=202, summary="Send events again", openapi_extra=_declared(Replay))
def replay(
    who: Who, webhooks: Desk, name: str, what: Annotated[Replay, Depends(body(Replay))]
) -> dict[str, int]:
    """Of one complaint from a sequence on, of all since an instant, or all that is parked; with the ids they had."""
    return {"queued": webhooks.replay(who, name, what)}


def _shown(subscription: Subscription) -> dict[str, Any]:
    shown: dict[str, Any] = plain(subscription)
    return shown


# --- where a list goes on


def _cursor(last: Delivery) -> str:
    mark = [last.queued_at.isoformat(), last.number, last.seq]
    return base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()


def _mark(cursor: str) -> Mark:
    """Read a cursor.

    Raises:
        Malformed: It is none that was given out.
    """
    try:
        queued_at, number, seq = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        mark = Mark(queued_at=datetime.fromisoformat(queued_at), number=str(number), seq=int(seq))
        fine = mark.queued_at.tzinfo is not None and 0 < mark.seq < 2**31 and "\x00" not in mark.number
    except (binascii.Error, ValueError, TypeError, RecursionError, OverflowError):
        fine = False
    if not fine:
        raise Malformed(Problem(field="cursor", rule="is none that was given out"))
    return mark
