"""An explanation as a page: the rule, the way day by day, what moved it, what came of it, who was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from cli.explain_words import BEGINNINGS, Language, Words
from cli.printing import console, heading, table
from complaints.explanation import Explanation, Moved, Standing
from complaints.records import ClockName, Move
from complaints.timeline import BUSINESS, Day, Stretch, Way
from complaints.vocabulary import ENGINE, PauseOwner
from complaints.working_time import Ends

if TYPE_CHECKING:
    from rich.console import RenderableType

_ROOM_FOR_HOURS = 96
"""From which width on the hours of a day stand on one line."""


def overview(number: str, explained: Sequence[Explanation], words: Words) -> Iterator[RenderableType]:
    """List all clocks of a complaint, a line each."""
    yield heading(f"{number}  {words('all_clocks')}")
    columns = (words("clock"), f"{words('watches')}*", words("due"), words("stands"))
    rows = [(e.clock, _watches(e, words), words.moment(e.due_at), _stands(e, words)) for e in explained]
    yield table(columns, rows)


@dataclass(frozen=True)
class Page:
    """One clock, in full."""

    it: Explanation
    words: Words

    def lines(self) -> Iterator[RenderableType]:
        """Lay the page out, from top to bottom."""
        from rich.text import Text

        it, words = self.it, self.words
        yield heading(f"{it.clock}  {_watches(it, words)}")
        yield Text(f"{words('due')} {words.moment(it.due_at)}  {_stands(it, words)}")
        if it.provisional:
            yield Text(words("provisional"), style="yellow")
        yield _pairs(self._grounds())
        if it.days:
            yield heading(words("day_by_day"))
            flows = "*" if console().width < _ROOM_FOR_HOURS else ""
            columns = (words("day"), f"{words('what')}*", words("hours") + flows, words("used"), "")
            yield table(columns, self._days())
            yield Text(self._sum())
        if it.moves or it.paused_at:
            yield heading(words("moves"))
            yield table(
                (words("when"), f"{words('why')}*", f"{words('who')}*", words("from_to")), self._moves()
            )
        if it.settled_at or it.detected_at or it.warnings:
            yield heading(words("times"))
            yield _pairs(self._times())
        if it.told:
            yield heading(words("told"))
            yield table([words(name) for name in ("recipient", "about", "when", "stands")], self._told())
        yield Text(
            f"\n{words('adds_up' if it.adds_up else 'adds_not_up')}", style="" if it.adds_up else "bold red"
        )

    # --- sections

    def _grounds(self) -> list[tuple[str, str]]:
        it, words = self.it, self.words
        rule = it.rule
        policy = words(
            "rule_is",
            path=rule.path,
            policy=rule.policy_name,
            version=rule.policy_version,
            place=rule.place or words("no_place"),
            sha256=rule.policy_sha256,
        )
        rows = [(words("rule"), policy)]
        if rule.source:
            rows.append((words("source"), rule.source))
        rows.append((words("began"), f"{words.moment(it.started_at)}  {self._began()}".rstrip()))
        if it.budget is None:
            named = "daily" if it.name == ClockName.FEEDBACK else "named"
            rows.append((words("budget"), words(named if it.has_target else "no_target")))
            return rows
        rows.append((words("budget"), words.budget(it.budget, rule.severity)))
        which = "on_calendar" if it.budget.unit in BUSINESS else "around_the_clock"
        rows.append((words("calendar"), words(which, calendar=it.calendar, zone=it.zone)))
        return rows

    def _began(self) -> str:
        began = self.it.began
        if began is None:
            return ""
        en, zh = BEGINNINGS.get(began.fact, (began.fact, began.fact))
        what = (zh if self.words.language == Language.ZH else en).format(about=self.words.term(began.about))
        by = self.words("the_clock") if began.by == ENGINE.id else began.by
        return self.words("by", what=what, by=by)

    def _days(self) -> list[tuple[str, ...]]:
        """Days that are alike and count nothing share a line."""
        rows: list[tuple[str, ...]] = []
        for _, group in groupby(self.it.days, key=_likeness):
            alike = list(group)
            first, last = alike[0], alike[-1]
            on = self.words.day(first.on)
            if last is not first:
                on += f" – {self.words.day(last.on, with_year=False)}"
            used = self.words.length(first.used) if first.used else "-"
            number = self.words("number", number=first.counts_as) if first.counts_as else ""
            hours = self._hours(first, whole=last is not first)
            rows.append((on, self._nature(first), hours, used, number))
        return rows

    def _sum(self) -> str:
        """Say what the days come to: days where whole days count, else time."""
        it, words = self.it, self.words
        if it.budget and self._counts_days():
            last = max((day.counts_as or 0 for day in it.days), default=0)
            return words("sum_days", last=last, amount=it.budget.amount)
        used, allowed = it.used or timedelta(), it.allowed or timedelta()
        return words("sum_time", used=words.length(used), allowed=words.length(allowed))

    def _nature(self, day: Day) -> str:
        words = self.words
        said = words.term(day.kind)
        if day.name:
            own = day.name.en != day.name.zh and words.language == Language.EN
            said += f": {day.name.zh} / {day.name.en}" if own else f": {words.of(day.name)}"
        if day.clocks_moved:
            which = "forward" if day.clocks_moved > timedelta() else "back"
            said += f"; {words(which, length=words.length(abs(day.clocks_moved)))}"
        return said if day.is_known else f"{said}; {words('not_announced')}"

    def _hours(self, day: Day, *, whole: bool) -> str:
        """Say when the clock ran and when it stood still; a pause goes through breaks and closing time."""
        words = self.words
        said = []
        for start, end, stretch in _joined(day):
            hours = f"{words.clock_time(start, day.on)}-{words.clock_time(end, day.on)}"
            if whole or hours == "00:00-24:00":
                hours = words("all_day")
            if stretch.way == Way.PAUSED:
                owner = words.term(stretch.owner) if stretch.owner else "-"
                hours = words("still", hours=hours, owner=owner)
            said.append(hours)
        is_paused = any(stretch.way == Way.PAUSED for stretch in day.stretches)
        return ("\n" if is_paused or len(said) > 3 else ", ").join(said) or words("skipped")

    def _moves(self) -> list[tuple[str, str, str, str]]:
        words, it = self.words, self.it
        rows = [
            (
                words.moment(move.at),
                self._why(move),
                words("the_clock") if move.by == ENGINE.id else move.by,
                f"{words.moment(move.was_due_at)} → {words.moment(move.due_at)}",
            )
            for move in it.moves
        ]
        if it.paused_at and it.left is not None:
            owner = words.term(it.waiting_for) if it.waiting_for else "-"
            still = words(
                "stood_still" if it.settled_at else "standing_still",
                since=words.moment(it.paused_at),
                owner=owner,
                left=words.length(it.left),
            )
            rows.append((words.moment(it.paused_at), still, "", ""))
        return rows

    def _why(self, move: Moved) -> str:
        words = self.words
        if move.why != Move.RESUMED or move.since is None:
            return words(move.why.value)
        said = {
            "since": words.moment(move.since),
            "length": words.on_the_wall(move.stood_still or timedelta()),
            "owner": words.term(move.owner) if move.owner else "-",
        }
        if self._counts_days():
            return words("resumed_days", **said)
        return words("resumed", **said, left=words.length(move.left or timedelta()))

    def _counts_days(self) -> bool:
        """Whether whole days count, to the end of the last."""
        return self.it.budget is not None and self.it.budget.ends != Ends.SAME_TIME

    def _times(self) -> list[tuple[str, str]]:
        words, it = self.words, self.it
        rows = [
            (
                words("warned", percent=w.percent),
                words("sent" if w.is_sent else "not_sent", at=words.moment(w.at)),
            )
            for w in it.warnings
        ]
        rows.append((words("due"), words.moment(it.due_at)))
        for name, at in (("detected", it.detected_at), ("told_first", it.delivered_at)):
            if at:
                length = words.length(at - it.due_at)
                rows.append((words(name), words("after", at=words.moment(at), length=length)))
        if it.settled_at:
            rows.append((words("settled"), f"{words.moment(it.settled_at)}  {words.term(it.standing)}"))
        return rows

    def _told(self) -> list[tuple[str, str, str, str]]:
        words = self.words
        return [
            (
                told.recipient,
                words.term(told.kind),
                words.moment(told.delivered_at or told.queued_at),
                words.term(told.status)
                + (f" ({told.channel})" if told.channel and told.delivered_at else ""),
            )
            for told in self.it.told
        ]


def _watches(it: Explanation, words: Words) -> str:
    if it.rule.title:
        return words.of(it.rule.title)
    subject = f" {it.subject}" if it.subject else ""
    return f"{words.term(it.name)}{subject}"


def _stands(it: Explanation, words: Words) -> str:
    standing = words.term(it.standing)
    if it.settled_at is not None:
        return words("ended", standing=standing, at=words.moment(it.settled_at))
    left = words.length(abs(it.left or timedelta()))
    which = {Standing.OVERDUE: "late", Standing.PAUSED: "keeps"}.get(it.standing, "left")
    return words(which, standing=standing, left=left)


def _pairs(rows: Sequence[tuple[str, str]]) -> RenderableType:
    """Lay out what has a name and a value each."""
    from rich.table import Table
    from rich.text import Text

    laid = Table.grid(padding=(0, 2, 0, 0))
    laid.add_column(no_wrap=True)
    laid.add_column(overflow="fold")
    for name, value in rows:
        laid.add_row(Text(name), Text(value))
    return laid


# --- days in few words


def _joined(day: Day) -> list[tuple[datetime, datetime, Stretch]]:
    """Join what lies side by side and is alike; closing time and breaks are left out."""
    joined: list[tuple[datetime, datetime, Stretch]] = []
    for stretch in day.stretches:
        if stretch.way == Way.CLOSED:
            continue
        if joined and joined[-1][1] == stretch.start and _by_way(joined[-1][2]) == _by_way(stretch):
            joined[-1] = (joined[-1][0], stretch.end, stretch)
        else:
            joined.append((stretch.start, stretch.end, stretch))
    return joined


def _by_way(stretch: Stretch) -> tuple[Way, PauseOwner | None]:
    return stretch.way, stretch.owner


def _likeness(day: Day) -> tuple[object, ...]:
    """Days share a line if nothing of them counts, for the same reason; the others are lines of their own."""
    ways = {_by_way(stretch) for stretch in day.stretches}
    if len(ways) > 1 or day.used or day.clocks_moved or day.counts_as:
        return (day.on,)
    return (day.kind, day.name, day.is_known, *ways)
