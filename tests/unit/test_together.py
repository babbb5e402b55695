"""One command for many complaints, and the review that a collection becomes."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from complaints import commands as c
from complaints.commands import Envelope
from complaints.matters.decide import take_turn
from complaints.matters.forms import id_of
from complaints.matters.reviews import SIGNS, Collected, Found, ReviewPlan, Sign, opening
from complaints.matters.state import State
from complaints.matters.together import for_one, shares
from complaints.vocabulary import Role
from complaints.wire import parse, plain
from tests.lives import PEOPLE, example
from tests.matters import MONDAY

ENVELOPE = Envelope(
    id="request",
    actor=PEOPLE[Role.CUSTOMER_SERVICE],
    received_at=MONDAY,
    command=example(c.GiveFeedback),
)


def test_each_complaint_gets_it_under_an_id_of_its_own() -> None:
    assert for_one(ENVELOPE, "hotline-2031").id == "request-hotline-2031"


def test_the_id_fits_however_long_the_number() -> None:
    one, other = (for_one(ENVELOPE, f"hotline-{'9' * 99}{last}") for last in "12")
    assert parse(Envelope, plain(one)) == one
    assert one.id != other.id


@given(st.lists(st.text(max_size=3), max_size=60).map(tuple), st.integers(1, 20))
def test_every_complaint_is_in_one_share(numbers: tuple[str, ...], size: int) -> None:
    divided = shares(ENVELOPE, numbers, size)
    assert tuple(number for share in divided for number in share.numbers) == numbers
    assert all(0 < len(share.numbers) <= size for share in divided)


def test_a_collection_becomes_a_review_with_a_date_and_its_evidence() -> None:
    plan = ReviewPlan(topic="conflicts", title="Conflicts", collects=Collected.CLOSED_CONFLICTS)
    found = (Found(number="hotline-1", signs=(Sign.MEDIATED, Sign.REOPENED)),)
    envelope = opening(plan, found, MONDAY)
    state = take_turn(
        State(id=id_of(envelope.command.kind, envelope.command.reference)),  # type: ignore[union-attr]
        envelope,
        MONDAY,
    ).state
    assert state.id == "review.conflicts.2026-03-02.0100"
    assert (state.cases, state.due_at) == (("hotline-1",), MONDAY + timedelta(days=14))
    assert state.opening is not None
    assert state.opening.evidence == ("hotline-1: mediated, reopened (经过调解、重新受理)",)


def test_every_sign_is_said_in_both_languages() -> None:
    assert set(SIGNS) == set(Sign)
