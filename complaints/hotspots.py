"""Hot spots: where more complaints came in than chance would bring, by comparison with the same place's own past.

A cell is a category, a place and a department. Its latest window (a week) is compared with the windows before it. Counts of
complaints scatter more than chance alone would let them, so they are taken as negative binomial; then, given how many came
in over all windows together, the share of the latest follows a beta-binomial distribution whatever the rate is. Its upper
tail is the p-value: exact for small counts and for cells that never had any, where approximations fail.

How much they scatter is estimated from the past windows of all cells together, or of the cell itself if it scatters more. All
cells of a run are tested together: a run in which nothing is wrong raises any false alarm at all with a probability of
at most `Watch.false_alarms` (Bonferroni). Windows are whole weeks, so that weekdays cancel out. What this cannot see stands in
docs/hot-spots.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma
from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt

from complaints.forms import Form


@dataclass(frozen=True, kw_only=True, order=True)
class Cell:
    """Where complaints are counted. `place` and `department` are empty where they are not known."""

    category: str
    place: str = ""
    department: str = ""


@dataclass(frozen=True, kw_only=True)
class Watch(Form):
    """How hot spots are looked for.

    Attributes:
        windows: How many windows of the past are compared, and `least_windows` how many there must be at least.
        false_alarms: The probability of any false alarm in a run over all cells.
        least: A hot spot has at least so many complaints in its window, and at least `times` as many as expected.
    """

    window_days: Annotated[int, Ge(1), Le(28)] = 7
    windows: Annotated[int, Ge(4), Le(52)] = 8
    least_windows: Annotated[int, Ge(3), Le(52)] = 4
    false_alarms: Annotated[float, Gt(0), Lt(1)] = 0.01
    least: Annotated[int, Ge(2)] = 5
    times: Annotated[float, Ge(1)] = 2.0


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Why a cell is a hot spot.

    Attributes:
        past: The counts of the windows before, the oldest first; `expected` is their mean.
        p_value: How probable so many or more are by chance; `threshold` is what it had to fall below.
        tested: How many cells were tested in the same run.
    """

    cell: Cell
    count: int
    expected: float
    past: tuple[int, ...]
    p_value: float
    threshold: float
    tested: int


_CAUTION = 1.5
"""A few windows show less scatter than there is: so many times as much is reckoned with."""


def windows_of(
    received: Iterable[tuple[Cell, datetime]], watch: Watch, until: datetime, since: datetime
) -> dict[Cell, list[int]]:
    """Count complaints by cell and window, the oldest window first; the last one ends at `until`.

    Args:
        since: When counting began. Windows that reach further back are left out: nobody counted then.
    """
    length = timedelta(days=watch.window_days)
    known = min(watch.windows + 1, max(0, (until - since) // length))
    counts: dict[Cell, list[int]] = {}
    for cell, at in received:
        back = (until - at) // length
        if at < until and 0 <= back < known:
            counts.setdefault(cell, [0] * known)[known - 1 - back] += 1
    return counts


def find(counts: Mapping[Cell, Sequence[int]], watch: Watch) -> list[Evidence]:
    """Return the hot spots of the latest window, the least probable first.

    Args:
        counts: By cell, one for each window, the oldest first; all of one length.
    """
    tested = {cell: row for cell, row in counts.items() if len(row) > watch.least_windows}
    if not tested:
        return []
    common = _scatter([row[:-1] for row in tested.values()])
    threshold = watch.false_alarms / len(tested)
    found = []
    for cell, row in sorted(tested.items()):
        *past, count = row
        expected = sum(past) / len(past)
        if count < watch.least or count < watch.times * expected:
            continue
        p_value = tail(count, past, _CAUTION * max(common, _scatter([past])))
        if p_value < threshold:
            found.append(
                Evidence(
                    cell=cell,
                    count=count,
                    expected=expected,
                    past=tuple(past),
                    p_value=p_value,
                    threshold=threshold,
                    tested=len(tested),
                )
            )
    return sorted(found, key=lambda evidence: (evidence.p_value, evidence.cell))


def tail(count: int, past: Sequence[int], scatter: float) -> float:
    """Return the probability of at least so many in the latest window, given the total and how much counts scatter.

    Args:
        scatter: By how much the variance exceeds the mean, over the square of the mean; 0 is pure chance (Poisson).

    >>> round(tail(5, (0, 0, 0, 0), 0), 5), round(tail(1, (1, 1, 1, 1), 0), 3)
    (0.00032, 0.672)
    """
    total, others = count + sum(past), len(past)
    if scatter <= 0:
        share = 1 / (others + 1)
        return min(1.0, sum(_binomial(total, k, share) for k in range(count, total + 1)))
    size = 1 / scatter
    return min(1.0, sum(_beta_binomial(total, k, size, others * size) for k in range(count, total + 1)))


def _scatter(rows: Sequence[Sequence[int]]) -> float:
    """Estimate the scatter of counts around their cells' means, by moments, of all rows together."""
    excess = squares = 0.0
    for row in rows:
        n = len(row)
        mean = sum(row) / n
        variance = sum((count - mean) ** 2 for count in row) / (n - 1)
        excess += variance - mean
        squares += mean * mean - variance / n  # unbiased for the square of the true mean
    return max(0.0, excess / squares) if squares > 0 else 0.0


def _binomial(n: int, k: int, p: float) -> float:
    return exp(_choose(n, k)) * p**k * (1 - p) ** (n - k)


def _beta_binomial(n: int, k: int, a: float, b: float) -> float:
    return exp(_choose(n, k) + _beta(k + a, n - k + b) - _beta(a, b))


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
