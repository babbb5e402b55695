"""How a hot spot becomes a matter: what it is called, its evidence in words, and how one that is open is found again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from complaints.hotspots import Cell, Evidence, Watch
from complaints.matters.commands import AddCases, Open
from complaints.matters.forms import Kind, title_of

TO_ACT = timedelta(days=3)
"""How long the customer service department has to say what comes of it."""

_MOST_CASES = 200


def topic_of(cell: Cell) -> str:
    """Name a cell, so that its hot spot is found again while it is open."""
    key = f"{cell.category}\x1f{cell.place}\x1f{cell.department}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def opening(evidence: Evidence, cases: tuple[str, ...], watch: Watch, at: datetime) -> Open:
    """Open a hot spot of the window that ends at an instant; once a day and cell."""
    cell = evidence.cell
    where = ", ".join(part for part in (cell.category, cell.place, cell.department) if part)
    topic = topic_of(cell)
    return Open(
        kind=Kind.HOT_SPOT,
        reference=f"{topic}-{at:%Y%m%d}",
        title=title_of(f"热点 Hot spot: {where}"),
        topic=topic,
        due_at=at + TO_ACT,
        cases=cases[:_MOST_CASES],
        evidence=lines(evidence, watch),
    )


def lines(evidence: Evidence, watch: Watch) -> tuple[str, ...]:
    """Write the evidence in words, so that anybody can reckon it again."""
    past = ", ".join(str(count) for count in evidence.past)
    days, windows, count = watch.window_days, len(evidence.past), evidence.count
    expected, tested = f"{evidence.expected:.1f}", evidence.tested
    chance, limit = f"{evidence.p_value:.2g}", f"{evidence.threshold:.2g}"
    return (
        f"{count} complaints in {days} days; {expected} expected from the {windows} windows before ({past}).",
        f"近 {days} 天 {count} 件；此前 {windows} 期（{past}）平均 {expected} 件。",
        f"Probability by chance {chance}; an alarm is raised below {limit}, with {tested} cells tested.",
        f"偶然发生的概率 {chance}；低于 {limit} 时预警，共检验 {tested} 格。",
    )


def more(known: tuple[str, ...], cases: tuple[str, ...]) -> AddCases | None:
    """Add what came in since, if anything did."""
    fresh = tuple(number for number in cases if number not in known)[: _MOST_CASES - len(known)]
    return AddCases(cases=fresh) if fresh else None
