"""What this stresses: the watch for hot spots. How often does it cry wolf, and how small a burst does it see?

The statistics of `complaints.hotspots` on made-up weeks in which nothing is wrong, on weeks with one
burst, and on the city's complaints if their file is there. The numbers are drawn from a fixed seed.
`python -m bench.hot_spots`
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import exp
from pathlib import Path

from complaints.hotspots import Cell, Watch, find, windows_of

CITY = Path(__file__).resolve().parents[2] / "shared" / "data" / "nyc311.csv"
RATES = (0.2, 0.5, 1, 2, 5, 10, 20)
"""Complaints a week that are usual in the made-up cells, over and over."""

Draw = Callable[[random.Random, float, int], int]


def chance(rng: random.Random, rate: float, _: int = 0) -> int:
    """Draw a week's count that only chance moves (Poisson)."""
    limit, count, left = exp(-rate), 0, rng.random()
    while left > limit:
        left *= rng.random()
        count += 1
    return count


def scattered(size: float) -> Draw:
    """Draw a week's count that scatters more: the rate itself is gamma distributed, the more widely the smaller `size`."""
    return lambda rng, rate, _: chance(rng, rng.gammavariate(size, rate / size))


def mixed(rng: random.Random, rate: float, cell: int) -> int:
    """Draw from cells that scatter differently."""
    return scattered((1, 3, 10, 100)[cell % 4])(rng, rate, cell)


WORLDS: dict[str, Draw] = {
    "pure chance": chance,
    "scatter 0.1": scattered(10),
    "scatter 0.33": scattered(3),
    "scatter 1": scattered(1),
    "mixed scatter": mixed,
}


def weeks(rng: random.Random, draw: Draw, cells: int, windows: int) -> dict[Cell, list[int]]:
    """Make up some weeks in which nothing is wrong."""
    return {
        Cell(category=f"cell-{index}"): [draw(rng, RATES[index % len(RATES)], index) for _ in range(windows)]
        for index in range(cells)
    }


def false_alarms(
    draw: Draw, *, runs: int, cells: int = 60, seed: int = 7, watch: Watch | None = None
) -> float:
    """Return the share of runs with any alarm, though nothing was wrong in any."""
    watch, rng = watch or Watch(), random.Random(seed)
    return sum(bool(find(weeks(rng, draw, cells, watch.windows + 1), watch)) for _ in range(runs)) / runs


def seen(times: int, draw: Draw, *, runs: int, rate: float = 5, cells: int = 60, seed: int = 7) -> float:
    """Return the share of runs in which a burst of so many times the usual rate was found."""
    watch, rng, burst = Watch(), random.Random(seed), Cell(category="burst")
    found = 0
    for _ in range(runs):
        counts = weeks(rng, draw, cells, watch.windows + 1)
        past = [draw(rng, rate, 0) for _ in range(watch.windows)]
        counts[burst] = [*past, draw(rng, rate * times, 0)]
        found += any(evidence.cell == burst for evidence in find(counts, watch))
    return found / runs


def city_days(rows: Iterable[Sequence[str]], watch: Watch) -> tuple[int, int]:
    """Count the days on which the city's complaints could be judged, and those with an alarm.

    Args:
        rows: When it was received, the category, the place and the agency.
    """
    received = [
        (
            Cell(category=category, place=place, department=agency),
            datetime.strptime(at, "%m/%d/%Y %H:%M").replace(tzinfo=UTC),
        )
        for at, category, place, agency in rows
    ]
    since, last = min(at for _, at in received), max(at for _, at in received)
    judged = alarms = 0
    until = since + timedelta(days=watch.window_days * (watch.least_windows + 1))
    while until <= last:
        judged += 1
        alarms += bool(find(windows_of(received, watch, until, since), watch))
        until += timedelta(days=1)
    return judged, alarms


def main() -> None:
    """Print the figures of docs/hot-spots.md."""
    watch = Watch()
    print(
        f"60 cells, {watch.windows} past weeks, stated false alarms per run: at most {watch.false_alarms:.3f}"
    )
    for name, draw in WORLDS.items():
        print(f"  {name:14} any false alarm in {false_alarms(draw, runs=2000):.4f} of 2,000 runs")
    print("a burst in a cell with 5 complaints a week, found in so many of 300 runs")
    for name in ("pure chance", "scatter 0.1"):
        shares = ", ".join(
            f"{times} times: {seen(times, WORLDS[name], runs=300):.2f}" for times in (2, 3, 4, 6)
        )
        print(f"  {name:14} {shares}")
    if CITY.exists():
        with CITY.open(encoding="utf-8-sig", newline="") as file:
            names = ("Created Date", "Complaint Type", "Borough", "Agency")
            rows = [[row[name] for name in names] for row in csv.DictReader(file)]
        judged, alarms = city_days(rows, watch)
        print(f"the city's complaints: {alarms} of {judged} days with an alarm")


if __name__ == "__main__":
    main()
