"""Three-way agreement: ledger, read model and workflow say the same of a complaint, or every difference is named.

The ledger is judged by itself: its hashes form a chain from the first event on. Then it is replayed, and the state
that this gives is what the read model's rows and the workflow's view must show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from complaints.changes import changes
from complaints.events import GENESIS, Event, is_authentic
from complaints.evolve import pins, rebuilt
from complaints.facts import Registered
from complaints.policy import Policy, fingerprint
from complaints.state import State
from complaints.view import View, view
from db import queries
from db.queries import ReadModel, UnreadableLedger


class Place(StrEnum):
    """Where a difference was found."""

    LEDGER = "ledger"
    READ_MODEL = "read model"
    WORKFLOW = "workflow"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is not as it must be.

    Attributes:
        what: The event, row or field, such as `event 7 (ClockBreached)` or `clocks promise/1 due_at`.
        expected: What the ledger leads to; where the ledger itself is wrong, what its chain demands. May be
            personal data, as may `found`; empty for what must not be there.
    """

    place: Place
    what: str
    expected: str
    found: str


def check(session: Session, number: str, shown: View | None = None) -> list[Difference]:
    """Read one complaint's records as one instant saw them, and compare.

    Args:
        session: Without a transaction of its own yet.
        shown: What the workflow says; its records follow it by a moment, so ask while nothing is under way.
    """
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        ledger = queries.ledger(session, number)
    except UnreadableLedger as unreadable:
        return [_in_ledger(f"event {unreadable.seq}", "an event", "something unreadable")]
    rows = queries.rows(session, number)
    if not ledger or rows is None:
        return [_in_ledger(number, "a complaint", "no records")]
    return compare(ledger, queries.policies(session, ledger), rows, shown)


def compare(
    ledger: Sequence[Event], policies: Mapping[str, Policy], rows: ReadModel, shown: View | None
) -> list[Difference]:
    """Compare what is recorded of one complaint, and what its workflow shows.

    Args:
        policies: Those that the ledger names, by the fingerprint under which they are recorded.

    A ledger that is not authentic says nothing about the rest, so then only its own differences are returned.
    """
    wrong = [*_check_chain(ledger), *_check_origin(ledger, policies, rows)]
    if wrong:
        return wrong
    state = rebuilt(rows.head.number, ledger, policies)
    found = list(_check_rows(state, rows))
    if shown is not None:
        found += _check_view(state, shown)
    return found


def _check_chain(ledger: Sequence[Event]) -> Iterator[Difference]:
    previous = GENESIS
    for seq, event in enumerate(ledger, start=1):
        what = f"event {event.seq} ({event.fact.type})"
        if event.seq != seq:
            yield _in_ledger(what, f"event {seq}", f"event {event.seq}")
            return  # what follows is shifted, not wrong
        if event.previous != previous:
            yield _in_ledger(f"{what} previous", previous, event.previous)
        if not is_authentic(event):
            yield _in_ledger(what, f"an event with hash {event.hash}", "another one")
        previous = event.hash


def _check_origin(
    ledger: Sequence[Event], policies: Mapping[str, Policy], rows: ReadModel
) -> Iterator[Difference]:
    first = ledger[0].fact
    if not isinstance(first, Registered):
        yield _in_ledger("event 1", "Registered", first.type)
        return
    if first.number != rows.head.number:
        yield _in_ledger("event 1 number", rows.head.number, first.number)
    for sha256 in pins(ledger):
        found = fingerprint(policies[sha256]) if sha256 in policies else ""
        if found != sha256:
            yield _difference(Place.LEDGER, "policy", sha256, found)


def _check_rows(state: State, rows: ReadModel) -> Iterator[Difference]:
    expected = changes(State(number=state.number, policy=state.policy), state, ())
    yield from _unlike(Place.READ_MODEL, "complaint", expected.head, rows.head)
    for field in fields(rows):
        if field.name != "head":
            due: Mapping[str, Any] = getattr(state, field.name)
            yield from _check_section(field.name, due, getattr(rows, field.name))


def _check_section(name: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    for key in {**expected, **found}:
        what = f"{name} {key}"
        if key not in found:
            yield _difference(Place.READ_MODEL, what, expected[key], "")
        elif key not in expected:
            yield _difference(Place.READ_MODEL, what, "", found[key])
        else:
            yield from _unlike(Place.READ_MODEL, what, expected[key], found[key])


def _check_view(state: State, shown: View) -> Iterator[Difference]:
    if shown.seq != state.seq:
        yield _difference(Place.WORKFLOW, "seq", state.seq, shown.seq)
        return  # one has gone on without the other; everything else follows from that
    yield from _unlike(Place.WORKFLOW, "complaint", view(state), shown)


def _unlike(place: Place, what: str, expected: Any, found: Any) -> Iterator[Difference]:
    for field in fields(expected):
        ours, theirs = getattr(expected, field.name), getattr(found, field.name)
        if ours != theirs:
            yield _difference(place, f"{what} {field.name}", ours, theirs)


def _in_ledger(what: str, expected: str, found: str) -> Difference:
    return Difference(place=Place.LEDGER, what=what, expected=expected, found=found)


def _difference(place: Place, what: str, expected: object, found: object) -> Difference:
    return Difference(place=place, what=what, expected=str(expected), found=str(found))
