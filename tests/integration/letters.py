"""Letters for the tests of bundles, and what a worker does with them: try again when told to."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Engine, select
from temporalio.exceptions import ApplicationError

from activities.bundles import Bundles, Letter
from activities.channels import Message, Sender, Sent
from db.delivery_tables import DeliveryRow, WaitingRow
from tests.eventually import eventually_sync


def letter(number: int, *, lane: str = "person:chen.jing", notice: str | None = None) -> Letter:
    """An escalation of a missed promise."""
    complaint = f"hotline-{number}"
    data = {
        "complaint": complaint,
        "kind": "escalation",
        "recipient": lane,
        "escalation": "E1",
        "due_at": f"2026-03-02T01:00:{number % 60:02}+00:00",
    }
    message = Message(
        id=notice or f"{complaint}:E1.0:lead:billing/chen.jing",
        subject=f"Escalation: complaint {complaint}",
        body="All there is to say of this one.",
        data=data,
    )
    return Letter(lane=lane, language="en", message=message, line=f"{complaint}: promise breach")


def letters(count: int) -> list[Letter]:
    return [letter(number) for number in range(1, count + 1)]


def deliver(bundles: Bundles, letter: Letter, senders: Sequence[Sender]) -> Sent:
    """Do what the engine does: try again until the time has come."""
    (sent,) = deliver_all(bundles, [letter], senders)
    return sent


def deliver_all(
    bundles: Bundles | Sequence[Bundles], letters: Sequence[Letter], senders: Sequence[Sender]
) -> list[Sent]:
    """Deliver them, many at once; one whose time has not come leaves its thread to the next, as with the engine.

    Of several workers each takes its share.
    """
    workers = [bundles] if isinstance(bundles, Bundles) else list(bundles)
    sent: dict[str, Sent] = {}

    def attempt(index: int) -> None:
        with contextlib.suppress(_Waits):
            sent[letters[index].notice] = _attempt(workers[index % len(workers)], letters[index], senders)

    def all_of_them() -> list[Sent]:
        list(pool.map(attempt, [i for i, each in enumerate(letters) if each.notice not in sent]))
        assert len(sent) == len(letters)
        return [sent[each.notice] for each in letters]

    with ThreadPoolExecutor(12) as pool:
        return eventually_sync(all_of_them)


class _Waits(Exception):
    """Its time has not come."""


def _attempt(bundles: Bundles, letter: Letter, senders: Sequence[Sender]) -> Sent:
    try:
        return bundles.deliver(letter, senders)
    except ApplicationError as answer:
        if answer.type == "Waits":
            raise _Waits from None
        raise


def recorded(engine: Engine) -> dict[str, Any]:
    """By notice, the row that says what came of it."""
    with engine.connect() as connection:
        rows = connection.execute(select(*DeliveryRow.__table__.columns)).all()
    return {row.notice: row for row in rows}


def waiting(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(WaitingRow.notice)))
