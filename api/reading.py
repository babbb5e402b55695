"""One complaint, found: on record, and where it is not on record yet, by asking the complaint itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.problems import NO_SUCH_EVENT, NOT_RECORDED, Rejected
from api.services import Services
from api.shapes import Freshness
from complaints.events import Event
from complaints.evolve import pins, rebuilt
from complaints.policy import Policy, fingerprint
from complaints.policy_file import FOLDER, builtin
from complaints.view import View, view
from db import policies, queries
from db.keys import Keys
from workflows.client import UnknownComplaint
from workflows.door import opened_view

MIN_SEQ_SECONDS = 3.0
"""How long a reader waits for the records to catch up."""

_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Found:
    """A complaint, its events as far as they are on record, and the policy that it goes by if that is known."""

    view: View
    events: tuple[Event, ...]
    policy: Policy | None
    as_of: Freshness


async def find(services: Services, number: str, min_seq: int | None) -> Found:
    """Find a complaint that has at least this event.

    Raises:
        Rejected: 409, there is no such event; 503, the records have not got it yet.
        UnknownComplaint: There is none.
        Unavailable: Nobody knows whether there is one.
    """
    found = await services.records.ask(_recorded, number, services.keys)
    if found is not None and found.view.seq >= (min_seq or 0):
        return found
    try:
        live = await _live(services, number)
    except UnknownComplaint:
        if found is None:
            raise
        live = found  # it has ended, and Temporal no longer keeps it
    if min_seq is None:
        return live
    if live.view.seq < min_seq:
        raise Rejected(
            NO_SUCH_EVENT,
            f"complaint {number} stands at event {live.view.seq}; {min_seq} has not happened",
            rule="NoSuchEvent",
        )
    return await _recorded_up_to(services, number, min_seq)


async def _recorded_up_to(services: Services, number: str, min_seq: int) -> Found:
    loop = asyncio.get_running_loop()
    until = loop.time() + MIN_SEQ_SECONDS
    while loop.time() < until:
        await asyncio.sleep(_PAUSE_SECONDS)
        found = await services.records.ask(_recorded, number, services.keys)
        if found is not None and found.view.seq >= min_seq:
            return found
    raise Rejected(NOT_RECORDED, f"event {min_seq} of {number} is not on record yet", rule="NotRecordedYet")


def _recorded(session: Session, number: str, keys: Keys) -> Found | None:
    """Find it as it is on record, opened."""
    events = queries.ledger(session, number)
    if not events:
        return None
    pinned = {sha256: policies.read(session, sha256) for sha256 in pins(events)}
    state = rebuilt(number, events, pinned)
    as_of = Freshness(seq=state.seq, at=state.at, source="records")
    known = keys.within(session)
    opened = known.opened_events(events, number)
    return Found(view=opened_view(known, view(state)), events=tuple(opened), policy=state.policy, as_of=as_of)


async def _live(services: Services, number: str) -> Found:
    shown = await services.door.look(number)
    policy = await services.records.ask(_policy, shown, services.settings.policy)
    return Found(
        view=shown, events=(), policy=policy, as_of=Freshness(seq=shown.seq, at=None, source="workflow")
    )


def _policy(session: Session, shown: View, usual: str) -> Policy | None:
    """Find a policy that no complaint was recorded under yet: one in force, or the one that ships."""
    try:
        return policies.read(session, shown.policy_sha256)
    except policies.UnknownPolicy:
        if "/" in usual or not (FOLDER / f"{usual}.yaml").exists():
            return None
        shipped = builtin(usual)
        return shipped if fingerprint(shipped) == shown.policy_sha256 else None
