"""Webhooks over HTTP: subscribe, see what became of each event, send events again.

Who may see which subscription, and what is malformed, the desk says (`activities.webhooks.desk`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Path, Query, Response
from starlette.responses import JSONResponse

from activities.webhooks.addresses import Addresses
from activities.webhooks.desk import Ping, Webhooks
from api.bodies import body
from api.cursors import Cursors
from api.doors import OF_ONE, OF_RULES, declares
from api.rights import Who
from api.routes.router import make_router
from api.services import Known
from complaints.forms import refill
from complaints.permissions import Right
from complaints.vocabulary import Reference
from complaints.webhooks import Progress, Replay, Subscription, WebhookDelivery, WebhookDraft
from complaints.wire import plain
from db.webhook_log import Mark
from workflows.settings import networks

router = make_router(prefix="/v1/webhooks", tags=["webhooks"])

_OUTSIDE = CapacityLimiter(4)
"""What asks name servers or receivers may take its time, and takes no thread that the rest needs."""

_LIST = "webhook deliveries"


@dataclass(frozen=True, kw_only=True)
class SubscriptionWithSecret(Subscription):
    """A subscription, and the secret that verifies what is sent to it. It is shown this once."""

    secret: str


@dataclass(frozen=True, kw_only=True)
class SubscriptionList:
    """Subscriptions, the oldest first."""

    items: tuple[Subscription, ...]


@dataclass(frozen=True, kw_only=True)
class DeliveryPage:
    """Events on their way, the newest first. `next` is the cursor of the page after this one, if there is one."""

    items: tuple[WebhookDelivery, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class Queued:
    """How many events are sent again."""

    queued: int


async def desk(services: Known) -> Webhooks:
    """Make the desk on what the application has."""
    addresses = Addresses(networks(services.settings.webhook_allow_private))
    return Webhooks(services.records.engine, lambda: services.keys.columns, addresses)


Desk = Annotated[Webhooks, Depends(desk)]
Name = Annotated[str, Path(max_length=100, description="The subscription's id.")]


# --- subscriptions

_DRAFT = {"url": "https://crm.example.org/redress", "types": ["StageEntered", "ClockBreached"]}


@router.post(
    "",
    **declares(
        Right.SUBSCRIBE,
        {201: SubscriptionWithSecret},
        body=WebhookDraft,
        example=_DRAFT,
        problems=OF_RULES,
    ),
)
async def subscribe(
    caller: Who, webhooks: Desk, draft: Annotated[WebhookDraft, Depends(body(WebhookDraft))]
) -> JSONResponse:
    """Have events sent to a URL from now on. `secret` verifies them; it is shown this once."""
    made = await to_thread.run_sync(lambda: webhooks.create(caller, draft), limiter=_OUTSIDE)
    return JSONResponse(_with_secret(*made), 201)


@router.get("", **declares(Right.SUBSCRIBE, {200: SubscriptionList}))
async def list_subscriptions(caller: Who, services: Known, webhooks: Desk) -> JSONResponse:
    """List your own; whoever may see all complaints sees all subscriptions."""
    found = await services.records.run(lambda: webhooks.find(caller))
    return JSONResponse(plain(SubscriptionList(items=tuple(found))))


@router.get("/{name}", **declares(Right.SUBSCRIBE, {200: Subscription}, problems=OF_ONE))
async def read_subscription(caller: Who, services: Known, webhooks: Desk, name: Name) -> JSONResponse:
    """Read one: how many events wait or are parked, and since when its receiver fails."""
    return JSONResponse(plain(await services.records.run(lambda: webhooks.show(caller, name))))


@router.delete("/{name}", status_code=204, **declares(Right.SUBSCRIBE, {204: None}, problems=OF_ONE))
async def delete_subscription(caller: Who, services: Known, webhooks: Desk, name: Name) -> Response:
    """Delete one; what waits for it is never sent."""
    await services.records.run(lambda: webhooks.remove(caller, name))
    return Response(status_code=204)


@router.post("/{name}/pause", **declares(Right.SUBSCRIBE, {200: Subscription}, problems=OF_ONE))
async def pause_subscription(caller: Who, services: Known, webhooks: Desk, name: Name) -> JSONResponse:
    """Keep events and send none, until it is resumed."""
    return JSONResponse(plain(await services.records.run(lambda: webhooks.pause(caller, name))))


@router.post("/{name}/resume", **declares(Right.SUBSCRIBE, {200: Subscription}, problems=OF_ONE))
async def resume_subscription(caller: Who, services: Known, webhooks: Desk, name: Name) -> JSONResponse:
    """Send what waits at once, in order: after a pause, after a 410, or when a receiver is back."""
    return JSONResponse(plain(await services.records.run(lambda: webhooks.resume(caller, name))))


@router.post("/{name}/secret", **declares(Right.SUBSCRIBE, {200: SubscriptionWithSecret}, problems=OF_ONE))
async def rotate_secret(caller: Who, services: Known, webhooks: Desk, name: Name) -> JSONResponse:
    """Make a new secret, shown this once. For 24 hours events are signed with it and with the one before it."""
    made = await services.records.run(lambda: webhooks.rotate(caller, name))
    return JSONResponse(_with_secret(*made))


@router.post("/{name}/ping", **declares(Right.SUBSCRIBE, {200: Ping}, problems=OF_ONE))
async def ping_receiver(caller: Who, webhooks: Desk, name: Name) -> JSONResponse:
    """Send a signed `org.redress.ping.v1` now, and say what came of it."""
    result = await to_thread.run_sync(lambda: webhooks.ping(caller, name), limiter=_OUTSIDE)
    return JSONResponse(plain(result))


# --- events


@router.get("/{name}/deliveries", **declares(Right.SUBSCRIBE, {200: DeliveryPage}, problems=OF_ONE))
async def list_deliveries(
    caller: Who,
    services: Known,
    webhooks: Desk,
    name: Name,
    progress: Annotated[Progress | None, Query(description="Only those that stand so.")] = None,
    number: Annotated[Reference | None, Query(description="Only those of one complaint.")] = None,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """List what became of events, the newest first, each with its newest attempts."""
    after = _mark(services.cursors, cursor) if cursor else None
    found = await services.records.run(
        lambda: webhooks.deliveries(
            caller, name, progress=progress, number=number, after=after, limit=limit + 1
        )
    )
    page = tuple(found[:limit])
    following = _cursor(services.cursors, page[-1]) if len(found) > limit else None
    return JSONResponse(plain(DeliveryPage(items=page, next=following)))


@router.post(
    "/{name}/replay",
    **declares(
        Right.SUBSCRIBE,
        {202: Queued},
        body=Replay,
        example={"number": "crm-2031", "from_seq": 5},
        problems=(*OF_ONE, *OF_RULES),
    ),
)
async def replay_events(
    caller: Who,
    services: Known,
    webhooks: Desk,
    name: Name,
    what: Annotated[Replay, Depends(body(Replay))],
) -> JSONResponse:
    """Send again, with the ids they had: a complaint's from a sequence on, all since an instant, or all that is parked."""
    queued = await services.records.run(lambda: webhooks.replay(caller, name, what))
    return JSONResponse(plain(Queued(queued=queued)), 202)


def _with_secret(subscription: Subscription, secret: str) -> Any:
    return plain(refill(SubscriptionWithSecret, subscription, secret=secret))


def _cursor(cursors: Cursors, last: WebhookDelivery) -> str:
    return cursors.write(_LIST, [last.queued_at.isoformat(), last.number, str(last.seq)])


def _mark(cursors: Cursors, cursor: str) -> Mark:
    queued_at, number, seq = cursors.read(_LIST, cursor)
    return Mark(queued_at=datetime.fromisoformat(str(queued_at)), number=str(number), seq=int(str(seq)))
