"""How long receivers are tried."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from complaints.patience import (
    GIVE_UP_AFTER,
    LONGEST_REST,
    LONGEST_WAIT,
    SPARED_AFTER,
    is_given_up,
    rest_after,
    wait_after,
)
from tests.lives import MONDAY

chances = st.floats(0, 1)
counts = st.integers(1, 10_000)
wishes = st.none() | st.timedeltas(timedelta(0), timedelta(hours=1))


@given(counts, chances, wishes)
def test_a_wait_is_never_shorter_than_asked_for_nor_longer_than_an_hour(
    tries: int, chance: float, wish: timedelta | None
):
    assert (wish or timedelta(seconds=2)) <= wait_after(tries, chance, wish) <= LONGEST_WAIT


@given(counts, chances)
def test_waits_grow_with_every_try(tries: int, chance: float):
    assert wait_after(tries, chance) <= wait_after(tries + 1, chance)


def test_what_failed_together_is_not_tried_again_together():
    assert wait_after(8, 0.0) * 2 == wait_after(8, 1.0)


@given(st.integers(1, SPARED_AFTER - 1), chances)
def test_a_few_failures_spare_nobody(failures: int, chance: float):
    assert rest_after(failures, chance) is None


@given(st.integers(SPARED_AFTER, 10_000), chances)
def test_a_rest_lasts_five_minutes_at_most(failures: int, chance: float):
    rest = rest_after(failures, chance)
    assert rest is not None
    assert timedelta(0) < rest <= LONGEST_REST


def test_three_days_are_three_days():
    assert not is_given_up(MONDAY, MONDAY + GIVE_UP_AFTER - timedelta(microseconds=1))
    assert is_given_up(MONDAY, MONDAY + GIVE_UP_AFTER)
