"""A policy that somebody wrote from docs/policies alone, and a table of deadlines that they counted by hand beforehand.

The desk is open from 07:00 to 21:00, at weekends from 08:00 to 18:00. Saturday 5 December 2026 is closed, and Thursday the
31st ends at 13:00. All in Shanghai.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from complaints.policy_file import load
from complaints.records import ClockName
from tests.wall_clock import WallClock

AIRPORT = load(Path(__file__).parent / "packs" / "airport.yaml")
WALL = WallClock(AIRPORT)

# received; first contact in 4 hours of the desk; intake in 8; acknowledged in 2 hours; answer in 5 days; baggage in 21
MOMENTS = [
    ("2026-12-01 10:00", "2026-12-01 14:00", "2026-12-01 18:00", "2026-12-01 12:00", "2026-12-07 21:00", "2026-12-23 00:00"),
    ("2026-12-04 20:30", "2026-12-06 11:30", "2026-12-06 15:30", "2026-12-04 22:30", "2026-12-10 21:00", "2026-12-26 00:00"),
    ("2026-12-05 12:00", "2026-12-06 12:00", "2026-12-06 16:00", "2026-12-05 14:00", "2026-12-10 21:00", "2026-12-27 00:00"),
    ("2026-12-06 17:30", "2026-12-07 10:30", "2026-12-07 14:30", "2026-12-06 19:30", "2026-12-11 21:00", "2026-12-28 00:00"),
    ("2026-12-30 21:00", "2026-12-31 11:00", "2027-01-01 09:00", "2026-12-30 23:00", "2027-01-04 21:00", "2027-01-21 00:00"),
    ("2026-12-31 10:30", "2027-01-01 08:30", "2027-01-01 12:30", "2026-12-31 12:30", "2027-01-05 21:00", "2027-01-22 00:00"),
]  # fmt: skip


@pytest.mark.parametrize("row", MOMENTS, ids=[row[0] for row in MOMENTS])
def test_deadlines_are_those_that_were_counted_by_hand(row: tuple[str, ...]) -> None:
    received, *by_hand = row
    assert [
        WALL.internal(received, ClockName.FIRST_CONTACT),
        WALL.internal(received, ClockName.INTAKE),
        *(WALL.statutory(received, duty) for duty in ("acknowledged", "answer", "baggage_settled")),
    ] == by_hand
