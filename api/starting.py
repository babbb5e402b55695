"""Starting a complaint once, however often and by whomever it is asked for.

The complaint is named by its source and reference, a request by its idempotency key. The first request counts. The same
one again gets the same answer; another one under the same name is told which fields differ. What the first one said is
kept as keyed digests only; of a complaint that came in by another door, the complaint itself is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from anyio import to_thread

from api.problems import ANOTHER_BODY, Rejected
from api.reading import find
from api.services import Services
from api.shapes import NewComplaint
from complaints.commands import Envelope, Register
from complaints.errors import Refusal
from complaints.forms import Registration, refill
from complaints.permissions import Caller, Case, Right, may
from complaints.policy import fingerprint
from complaints.sealed import ERASED
from complaints.view import shows_reporter
from complaints.vocabulary import Role
from complaints.wire import Problem, plain
from db import queries, starts
from db.starts import Start
from workflows import client as temporal
from workflows.concerning import concerning
from workflows.names import number_of

_FILLED_BY_US = frozenset({"earlier_complaints", "received_at", "heard"})
"""Fields that a complaint may hold otherwise than they were sent."""

_NOT_KNOWN = ""
"""Stands for the digest of what a complaint of another door can't tell any more."""


async def start(
    services: Services, caller: Caller, form: NewComplaint, key: str | None
) -> tuple[Start, bool]:
    """Start a complaint, or find it. Returns how it was started, and whether that was now.

    Raises:
        Rejected: 409, another one was started under the same name. Which fields differ is told to those who may see
            them: references can be counted through, and anybody could try names and numbers at each until they fit.
        Refusal: The registration is against a rule.
        Unavailable: Send it again.
    """
    try:
        return await _start(services, caller, form, key)
    except _Another as another:
        told = await _may_compare(services, caller, another.number)
        raise another.as_rejected(told=told) from None


async def _start(
    services: Services, caller: Caller, form: NewComplaint, key: str | None
) -> tuple[Start, bool]:
    number = number_of(form.source, form.reference)
    sent = _fields(plain(form))
    known = await services.records.ask(starts.look_up, number, caller.actor.id, key)
    if known.keyed_number not in (None, number):
        differing = (
            _differing(known.start, sent, await services.digest_key())
            if known.start
            else ("source", "reference")
        )
        raise _Another(str(known.keyed_number), differing, "this Idempotency-Key")
    if known.start is not None:
        return _same(known.start, sent, await services.digest_key()), False
    if known.recorded:
        return _same(await _registered(services, number), sent, await services.digest_key()), False
    registration = Envelope(
        id=str(uuid4()),
        actor=caller.actor,
        received_at=form.received_at or datetime.now(UTC),
        command=refill(Register, form),
    )
    try:
        started = await services.door.start(registration, compare=False)
    except Refusal:
        if key is not None:
            await services.records.ask(starts.release, caller.actor.id, key, number)
        raise
    if not started.new:
        return _same(await _present(services, number), sent, await services.digest_key()), False
    first = Start(
        number=number,
        digests=starts.digests_of(sent, number, await services.digest_key()),
        received_at=registration.received_at,
        policy_name=started.policy.name,
        policy_version=started.policy.version,
        policy_sha256=fingerprint(started.policy),
    )
    return await services.records.ask(starts.record, first), True


async def _present(services: Services, number: str) -> Start:
    """Say how a complaint that runs was started: whoever did so just now is about to say it, else ask itself."""
    for _ in range(3):
        found = await services.records.ask(starts.find, number)
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    view = await services.door.look(number)
    assert view.registration is not None
    assert view.received_at is not None
    first = Start(
        number=number,
        digests=await _digests_of_another_door(services, number, plain(view.registration)),
        received_at=view.received_at,
        policy_name=view.policy_name,
        policy_version=view.policy_version,
        policy_sha256=view.policy_sha256,
    )
    return await services.records.ask(starts.record, first)


async def _registered(services: Services, number: str) -> Start:
    """Say how a complaint on record was started, by its first event."""
    first, *_ = await services.records.ask(queries.ledger, number)
    fact = await to_thread.run_sync(services.keys.opened, plain(first.fact), number)
    return Start(
        number=number,
        digests=await _digests_of_another_door(services, number, fact),
        received_at=datetime.fromisoformat(fact["received_at"]),
        policy_name=fact["policy_name"],
        policy_version=fact["policy_version"],
        policy_sha256=fact["policy_sha256"],
    )


async def _digests_of_another_door(
    services: Services, number: str, registration: Mapping[str, Any]
) -> dict[str, str]:
    given = _fields({name: value for name, value in registration.items() if name in _REGISTRATION})
    unknown = {*_FILLED_BY_US, *(name for name, value in given.items() if value == ERASED)}
    return starts.digests_of(given, number, await services.digest_key()) | dict.fromkeys(unknown, _NOT_KNOWN)


_REGISTRATION = frozenset(Registration.__dataclass_fields__)


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """Spread a registration into fields that can be named one by one. What says nothing is as good as not sent."""
    fields = {name: value for name, value in data.items() if value not in (None, [], {}, False, 0)}
    customer = fields.pop("customer", {})
    return fields | {f"customer.{name}": value for name, value in customer.items() if value}


def _same(first: Start, sent: Mapping[str, Any], key: bytes) -> Start:
    differing = _differing(first, sent, key)
    if differing:
        raise _Another(first.number, differing, "this source and reference")
    return first


class _Another(Exception):
    """A complaint was started under this name, by other fields."""

    def __init__(self, number: str, differing: Sequence[str], by: str) -> None:
        super().__init__(number)
        self.number = number
        self._differing = differing
        self._by = by

    def as_rejected(self, *, told: bool) -> Rejected:
        names, rule = self._differing, "differs from the first request"
        detail = f"another complaint was sent with {self._by}: {', '.join(names)}"
        if not told:
            names, rule = ("reference",), "stands for a complaint that you may not see"
            detail = (
                f"another complaint was sent with {self._by}, and what differs is for those who may see it"
            )
        problems = [Problem(field=name, rule=rule) for name in names]
        return Rejected(ANOTHER_BODY, detail, rule="AnotherBody", errors=problems)


async def _may_compare(services: Services, caller: Caller, number: str) -> bool:
    """Say whether somebody may be told how what they send differs from a complaint that is there.

    A system brings in complaints of its own source only, and knows what it sent.
    """
    if caller.actor.role == Role.SYSTEM:
        return may(caller, Right.REGISTER, Case(source=number.partition("-")[0]))
    shown = partial(temporal.look, services.client)
    case = await concerning(caller, Right.READ, number, services.records.engine, shown)
    if case is None or not may(caller, Right.READ, case):
        return False
    found = await find(services, number, None)
    return found.policy is not None and shows_reporter(found.view, found.policy, caller.actor.role)


def _differing(first: Start, sent: Mapping[str, Any], key: bytes) -> tuple[str, ...]:
    """Name the fields that differ from the first request; what is not known of it differs from nothing."""
    now = starts.digests_of(sent, first.number, key)
    names = sorted({*now, *first.digests})
    return tuple(name for name in names if first.digests.get(name) not in (now.get(name), _NOT_KNOWN))
