"""Hot spots: false alarms are as rare as stated, bursts are found, and the arithmetic is exact."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.hot_spots import CITY, WORLDS, chance, city_days, false_alarms, seen
from complaints.hotspots import Cell, Watch, find, tail, windows_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(days=7)
CELL = Cell(category="outage", place="north", department="grid")
counts = st.integers(0, 30)
pasts = st.lists(counts, min_size=4, max_size=8)


@pytest.mark.parametrize("world", WORLDS)
def test_where_nothing_is_wrong_false_alarms_are_as_rare_as_stated(world: str) -> None:
    """At a true rate of 1 %, more than 11 alarms in 500 runs come up in less than one seed of a hundred."""
    assert false_alarms(WORLDS[world], runs=500) <= 11 / 500


def test_a_rate_that_is_allowed_is_used() -> None:
    """The watch is not blind: with a generous rate there are false alarms."""
    watch = Watch(false_alarms=0.9, least=2, times=1)
    assert false_alarms(chance, runs=200, watch=watch) > 0.1


def test_a_burst_is_found() -> None:
    assert seen(6, WORLDS["pure chance"], runs=100) > 0.8
    assert seen(6, WORLDS["scatter 0.1"], runs=100) > 0.35


def _city() -> list[list[str]]:
    """The city's complaints, or, where their file is not at hand, as many made up in the same way."""
    if CITY.exists():
        with CITY.open(encoding="utf-8-sig", newline="") as file:
            names = ("Created Date", "Complaint Type", "Borough", "Agency")
            return [[row[name] for name in names] for row in csv.DictReader(file)]
    rng, begin = random.Random(311), datetime(2025, 1, 1, tzinfo=UTC)
    kinds = ("Dead Animal", "Animal-Abuse", "Animal in a Park", "Pet Shop")
    places = ("BROOKLYN", "QUEENS", "BRONX", "MANHATTAN", "STATEN ISLAND")
    return [
        [f"{begin + timedelta(days=day, hours=rng.random() * 23):%m/%d/%Y %H:%M}", kind, place, "DSNY"]
        for day in range(73)
        for kind, place in product(kinds, places)
        for _ in range(chance(rng, 3.4))
    ]


def test_two_months_of_the_city_raise_no_alarm_on_ordinary_days() -> None:
    judged, alarms = city_days(_city(), Watch())
    assert judged >= 30
    assert alarms == 0


def test_a_burst_among_the_citys_complaints_is_found_on_its_day() -> None:
    rows = _city()
    last = max(datetime.strptime(row[0], "%m/%d/%Y %H:%M").replace(tzinfo=UTC) for row in rows)
    burst = [
        [f"{last - timedelta(hours=hour):%m/%d/%Y %H:%M}", "Fallen Tree", "QUEENS", "DPR"]
        for hour in range(24, 48)  # what is younger may lie behind the last look of the day
    ]
    assert city_days([*rows, *burst], Watch())[1] >= 1


# --- arithmetic


@given(count=counts, past=pasts, scatter=st.sampled_from((0.0, 0.05, 0.5, 2.0)))
def test_a_tail_is_a_probability_and_shrinks_with_the_count(
    count: int, past: list[int], scatter: float
) -> None:
    here = tail(count, past, scatter)
    assert 0 < here <= 1
    assert tail(count + 1, past, scatter) <= here + 1e-9


@given(past=pasts)
def test_every_count_is_at_least_nothing(past: list[int]) -> None:
    assert tail(0, past, 0.0) == pytest.approx(1)
    assert tail(0, past, 0.7) == pytest.approx(1)


def test_without_scatter_the_tail_is_binomial() -> None:
    share = 1 / 5
    exact = sum(comb(9, k) * share**k * (1 - share) ** (9 - k) for k in range(5, 10))
    assert tail(5, (1, 1, 1, 1), 0.0) == pytest.approx(exact)


def test_scatter_makes_a_burst_less_surprising() -> None:
    assert tail(12, (2, 3, 2, 3), 0.0) < tail(12, (2, 3, 2, 3), 0.2) < tail(12, (2, 3, 2, 3), 1.0)


# --- counting


def test_complaints_are_counted_by_week_the_oldest_first() -> None:
    received = [(CELL, NOW - timedelta(days=days)) for days in (1, 6, 8, 30)]
    found = windows_of(received, Watch(), NOW, NOW - 10 * WEEK)
    assert found == {CELL: [0, 0, 0, 0, 1, 0, 0, 1, 2]}


def test_what_comes_after_the_window_does_not_count() -> None:
    received = [(CELL, NOW), (CELL, NOW + WEEK), (CELL, NOW - timedelta(seconds=1))]
    assert windows_of(received, Watch(), NOW, NOW - 10 * WEEK)[CELL][-1] == 1


def test_weeks_before_counting_began_are_not_taken_for_quiet_ones() -> None:
    received = [(CELL, NOW - timedelta(days=days)) for days in range(30)]
    assert len(windows_of(received, Watch(), NOW, NOW - 4 * WEEK)[CELL]) == 4
    assert find(windows_of(received, Watch(), NOW, NOW - 4 * WEEK), Watch()) == []


def test_a_hot_spot_comes_with_its_evidence() -> None:
    (evidence,) = find({CELL: [1, 2, 1, 0, 2, 1, 1, 0, 14]}, Watch())
    assert (evidence.cell, evidence.count, evidence.past) == (CELL, 14, (1, 2, 1, 0, 2, 1, 1, 0))
    assert evidence.expected == 1
    assert evidence.p_value < evidence.threshold == 0.01
    assert evidence.tested == 1


def test_a_place_that_never_had_any_is_found_too() -> None:
    assert find({CELL: [0, 0, 0, 0, 0, 0, 0, 0, 6]}, Watch())


def test_a_handful_is_no_hot_spot_however_improbable() -> None:
    assert find({CELL: [0, 0, 0, 0, 0, 0, 0, 0, 4]}, Watch()) == []
