"""One complaint, found: on record, and where it is not on record yet, by asking the complaint itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.problems import NOT_RECORDED, Rejected
from api.services import Services
from api.shapes import Freshness
from complaints.events import Event
from complaints.evolve import pins, rebuilt
from complaints.policy import Policy, fingerprint
from complaints.policy_file import FOLDER, builtin
from complaints.view import View, view
from db import policies, queries

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
        Rejected: 503, the records have not got the event yet.
        UnknownComplaint: There is none.
        Unavailable: Nobody knows whether there is one.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + MIN_SEQ_SECONDS
    while True:
        found = await services.records.ask(_recorded, number)
        if found is not None and found.view.seq >= (min_seq or 0):
            return found
        if found is None:
            live = await _live(services, number)
            if min_seq is None:
                return live
        if loop.time() > until:
            stands = f"they are at {found.view.seq}" if found else "they have none of it"
            raise Rejected(
                NOT_RECORDED,
                f"the records of {number} have no event {min_seq} yet; {stands}",
                rule="NotRecordedYet",
            )
        await asyncio.sleep(_PAUSE_SECONDS)


def _recorded(session: Session, number: str) -> Found | None:
    events = queries.ledger(session, number)
    if not events:
        return None
    pinned = {sha256: policies.read(session, sha256) for sha256 in pins(events)}
    state = rebuilt(number, events, pinned)
    as_of = Freshness(seq=state.seq, at=state.at, source="records")
    return Found(view=view(state), events=tuple(events), policy=state.policy, as_of=as_of)


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
