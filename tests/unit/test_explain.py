"""Explanations: the way from a start to a deadline, day by day, and the proof that it leads there."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cli.explain_words import BEGINNINGS, SENTENCES, TERMS
from complaints import commands as c
from complaints.events import FACTS
from complaints.explain import explain, of_complaint
from complaints.explanation import Explanation, Standing
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import Policy, fingerprint, text_of
from complaints.policy_file import builtin
from complaints.records import Adjustment, Clock, ClockName, Move, NoticeKind, NoticeStatus, Verdict
from complaints.timeline import DayKind, Way
from complaints.vocabulary import PauseOwner, Role, Severity
from complaints.wire import parse, plain
from complaints.working_time import (
    Budget,
    Calendar,
    Ends,
    Interval,
    SpecialDay,
    Unit,
    add,
    elapsed,
    instant_of,
    shifted,
)
from complaints.zones import resolve as zone
from tests.lives import Life, at_stage

HOURS = (Interval(start=510, end=720), Interval(start=810, end=1050))  # 08:30-12:00, 13:30-17:30
SPRING = Names(en="Spring Festival", zh="春节")
HALL = Calendar(
    name="hall",
    zone=zone("Asia/Shanghai"),
    week=(HOURS,) * 5 + ((),) * 2,
    special=(
        SpecialDay(on=date(2026, 2, 14), hours=HOURS, name=SPRING),
        *(SpecialDay(on=date(2026, 2, day), hours=(), name=SPRING) for day in range(15, 24)),
        SpecialDay(on=date(2026, 2, 28), hours=HOURS, name=SPRING),
        SpecialDay(on=date(2026, 3, 6), hours=HOURS[:1], name=Names(en="Half day", zh="半天")),
    ),
    known_until=date(2026, 12, 31),
)
NIGHTS = Calendar(
    name="nights",
    zone=zone("America/New_York"),
    week=((Interval(start=1320, end=1800),),) * 5 + ((),) * 2,
)
CALENDARS = {"hall": HALL, "nights": NIGHTS}


def policy(**changes: Any) -> Policy:
    return replace(builtin(), calendars=CALENDARS, calendar="hall", **changes)


POLICY = policy()


def hall(text: str) -> datetime:
    """An instant, by the clock on the hall's wall."""
    return instant_of(HALL.zone, datetime.fromisoformat(text))


def budget(amount: int, unit: Unit, **how: Any) -> Budget:
    return Budget(amount=amount, unit=unit, **how)


def clock(start: datetime, allowed: Budget | None, *, calendar: str = "hall", **more: Any) -> Clock:
    due_at = add(start, allowed, CALENDARS[calendar]) if allowed else start + timedelta(days=2)
    values: dict[str, Any] = {
        "key": "solution/1",
        "name": ClockName.SOLUTION,
        "subject": "",
        "cycle": 1,
        "round": 1,
        "started_at": start,
        "budget": allowed,
        "calendar": calendar,
        "ladder": "",
        "due_at": due_at,
        "warn_percent": (),
        "warn_at": (),
    }
    return Clock(**{**values, **more})


def resumed(clock_: Clock, since: datetime, until: datetime) -> Clock:
    calendar = CALENDARS[clock_.calendar]
    due_at = shifted(clock_.due_at, since, until, clock_.budget, calendar)
    return _moved(clock_, Move.RESUMED, until, due_at, since=since, owner=PauseOwner.CUSTOMER)


def extended(clock_: Clock, at: datetime, until: datetime) -> Clock:
    return _moved(clock_, Move.EXTENDED, at, until)


def _moved(clock_: Clock, why: Move, at: datetime, due_at: datetime, **more: Any) -> Clock:
    move = Adjustment(why=why, at=at, was_due_at=clock_.due_at, due_at=due_at, by="chen.jing", **more)
    return replace(clock_, due_at=due_at, adjustments=(*clock_.adjustments, move))


def told(clock_: Clock, **more: Any) -> Explanation:
    return explain(POLICY, clock_, now=more.pop("now", clock_.started_at), **more)


def days(explanation: Explanation) -> dict[str, tuple[str, float]]:
    """Each day with its kind and the hours it counts."""
    return {str(day.on)[5:]: (day.kind.value, day.used / timedelta(hours=1)) for day in explanation.days}


# --- the way, day by day


def test_holidays_are_skipped_and_make_up_days_used() -> None:
    explained = told(clock(hall("2026-02-13 15:00"), budget(17, Unit.BUSINESS_HOURS)))
    assert days(explained) == {
        "02-13": ("working", 2.5),
        "02-14": ("make_up", 7.5),
        **{f"02-{day}": ("holiday", 0) for day in range(15, 24)},
        "02-24": ("working", 7.0),
    }
    assert explained.due_at == hall("2026-02-24 17:00")
    assert explained.adds_up


def test_a_holiday_and_a_make_up_day_are_called_by_name() -> None:
    explained = told(clock(hall("2026-02-13 15:00"), budget(17, Unit.BUSINESS_HOURS)))
    names = {day.on.day: day.name for day in explained.days}
    assert names[13] is None
    assert names[14] == names[16] == SPRING


def test_a_break_is_left_out_of_what_a_day_counts() -> None:
    (day,) = told(clock(hall("2026-03-02 11:00"), budget(2, Unit.BUSINESS_HOURS))).days
    assert [(s.way, s.used / timedelta(hours=1)) for s in day.stretches] == [
        (Way.RUNS, 1),
        (Way.CLOSED, 0),
        (Way.RUNS, 1),
    ]


def test_half_a_day_says_that_its_hours_are_others() -> None:
    explained = told(clock(hall("2026-03-06 08:30"), budget(5, Unit.BUSINESS_HOURS)))
    assert days(explained)["03-06"] == ("altered", 3.5)
    assert days(explained)["03-07"] == ("off", 0)


def test_business_days_are_numbered_on_working_days_only() -> None:
    explained = told(clock(hall("2026-02-13 15:00"), budget(3, Unit.BUSINESS_DAYS)))
    counted = {day.on.isoformat(): day.counts_as for day in explained.days if day.counts_as}
    assert counted == {"2026-02-14": 1, "2026-02-24": 2, "2026-02-25": 3}


def test_the_day_of_receipt_is_number_one_where_the_rule_counts_it() -> None:
    allowed = budget(2, Unit.BUSINESS_DAYS, ends=Ends.CLOSE, counts_first_day=True)
    explained = told(clock(hall("2026-03-02 09:00"), allowed))
    assert [day.counts_as for day in explained.days] == [1, 2]


def test_days_that_a_pause_took_are_not_numbered() -> None:
    start = hall("2026-03-09 09:00")
    running = clock(start, budget(3, Unit.BUSINESS_DAYS, ends=Ends.CLOSE))
    moved = resumed(running, hall("2026-03-11 10:00"), hall("2026-03-13 10:00"))
    explained = told(moved)
    assert [day.counts_as for day in explained.days if day.kind == DayKind.WORKING] == [
        None,
        1,
        None,
        None,
        2,
        3,
    ]
    assert explained.adds_up


def test_around_the_clock_every_hour_counts_on_holidays_too() -> None:
    explained = told(clock(hall("2026-02-14 12:00"), budget(48, Unit.CALENDAR_HOURS)))
    assert days(explained) == {
        "02-14": ("make_up", 12),
        "02-15": ("holiday", 24),
        "02-16": ("holiday", 12),
    }


def test_a_night_shift_belongs_to_the_day_on_which_it_began() -> None:
    start = instant_of(NIGHTS.zone, datetime.fromisoformat("2026-03-04T23:00"))
    (day,) = told(clock(start, budget(6, Unit.BUSINESS_HOURS), calendar="nights")).days
    assert day.on == date(2026, 3, 4)
    assert day.used == timedelta(hours=6)


def test_a_day_on_which_clocks_go_forward_says_so() -> None:
    start = instant_of(NIGHTS.zone, datetime.fromisoformat("2026-03-07T12:00"))
    explained = told(clock(start, budget(48, Unit.CALENDAR_HOURS), calendar="nights"))
    assert {day.on.day: day.clocks_moved for day in explained.days if day.clocks_moved} == {
        8: timedelta(hours=1)
    }
    assert {day.on.day: day.used for day in explained.days}[8] == timedelta(hours=23)


def test_days_whose_holidays_are_not_announced_are_marked() -> None:
    explained = told(clock(hall("2026-12-31 09:00"), budget(2, Unit.BUSINESS_DAYS)))
    assert [day.is_known for day in explained.days][:2] == [True, False]


# --- moves


def test_a_pause_names_its_owner_and_what_was_left() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(10, Unit.BUSINESS_HOURS))
    moved = resumed(running, hall("2026-03-02 14:30"), hall("2026-03-05 09:00"))
    explained = told(moved)
    (move,) = explained.moves
    assert (move.owner, move.left, move.stood_still) == (
        PauseOwner.CUSTOMER,
        timedelta(hours=5, minutes=30),
        timedelta(days=2, hours=18, minutes=30),
    )
    assert days(explained) == {
        "03-02": ("working", 4.5),
        "03-03": ("working", 0),
        "03-04": ("working", 0),
        "03-05": ("working", 5.5),
    }
    assert explained.used == explained.allowed == timedelta(hours=10)


def test_an_extension_is_allowed_on_top_of_the_budget() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(5, Unit.BUSINESS_HOURS))
    explained = told(extended(running, hall("2026-03-02 10:00"), hall("2026-03-03 09:30")))
    assert explained.first_due_at == running.due_at
    assert explained.allowed == timedelta(hours=8, minutes=30)
    assert explained.adds_up


def test_a_change_of_severity_is_counted_anew_with_the_pauses_before_it() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(10, Unit.BUSINESS_HOURS))
    moved = resumed(running, hall("2026-03-02 09:30"), hall("2026-03-03 08:30"))
    shorter = budget(5, Unit.BUSINESS_HOURS)
    due_at = shifted(
        add(running.started_at, shorter, HALL),
        hall("2026-03-02 09:30"),
        hall("2026-03-03 08:30"),
        shorter,
        HALL,
    )
    changed = replace(_moved(moved, Move.SEVERITY, hall("2026-03-03 09:00"), due_at), budget=shorter)
    explained = told(changed)
    assert explained.due_at == hall("2026-03-03 14:00")
    assert explained.used == explained.allowed == timedelta(hours=5)
    assert explained.adds_up


def test_a_shorter_budget_leaves_the_time_until_the_change() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(10, Unit.BUSINESS_HOURS))
    at = hall("2026-03-02 15:00")
    shorter = budget(2, Unit.BUSINESS_HOURS)
    changed = replace(_moved(running, Move.SEVERITY, at, at), budget=shorter)
    explained = told(changed)
    assert explained.allowed == timedelta(hours=5)
    assert explained.adds_up


def test_what_changes_while_a_clock_stands_still_asks_for_nothing_before_it_goes_on() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(10, Unit.BUSINESS_HOURS))
    stopped_at, goes_on_at = hall("2026-03-02 10:30"), hall("2026-03-02 15:00")
    changed = _moved(running, Move.SEVERITY, hall("2026-03-02 11:30"), stopped_at)
    moved = _moved(changed, Move.RESUMED, goes_on_at, goes_on_at, since=stopped_at, owner=PauseOwner.VENDOR)
    explained = told(replace(moved, budget=budget(1, Unit.BUSINESS_HOURS)))
    assert explained.used == explained.allowed == timedelta(hours=2)
    assert explained.adds_up


def test_a_clock_that_stands_still_is_told_up_to_where_it_stopped() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(10, Unit.BUSINESS_HOURS))
    paused = replace(running, paused_at=hall("2026-03-02 10:30"))
    explained = told(paused, waiting_for=PauseOwner.VENDOR)
    assert (explained.standing, explained.waiting_for) == (Standing.PAUSED, PauseOwner.VENDOR)
    assert (explained.used, explained.left) == (timedelta(hours=2), timedelta(hours=8))
    assert explained.adds_up


def test_a_deadline_that_was_named_has_no_days_but_its_moves() -> None:
    explained = told(
        extended(clock(hall("2026-03-02 08:30"), None), hall("2026-03-03 08:30"), hall("2026-03-09 12:00"))
    )
    assert (explained.days, explained.allowed, len(explained.moves)) == ((), None, 1)
    assert explained.adds_up


@pytest.mark.parametrize("by", [timedelta(minutes=1), timedelta(days=-1)])
def test_a_deadline_that_was_altered_does_not_add_up(by: timedelta) -> None:
    running = clock(hall("2026-03-02 08:30"), budget(10, Unit.BUSINESS_HOURS))
    assert not told(replace(running, due_at=running.due_at + by)).adds_up


def test_a_move_that_was_altered_does_not_add_up() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(10, Unit.BUSINESS_HOURS))
    moved = resumed(running, hall("2026-03-02 14:30"), hall("2026-03-05 09:00"))
    (move,) = moved.adjustments
    assert not told(replace(moved, adjustments=(replace(move, since=move.at - timedelta(hours=1)),))).adds_up


# --- how it stands


def test_a_missed_clock_has_its_three_times() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(2, Unit.BUSINESS_HOURS))
    seen, said = running.due_at + timedelta(seconds=1), running.due_at + timedelta(seconds=9)
    missed = replace(running, breached_at=seen, delivered_at=said, settled_at=said, verdict=Verdict.BREACHED)
    explained = told(missed)
    assert (explained.due_at, explained.detected_at, explained.delivered_at) == (running.due_at, seen, said)
    assert explained.standing == Standing.BREACHED
    assert explained.left is None


def test_what_is_left_is_working_time_and_negative_when_overdue() -> None:
    running = clock(hall("2026-03-02 08:30"), budget(5, Unit.BUSINESS_HOURS))
    assert told(running, now=hall("2026-03-02 10:30")).left == timedelta(hours=3)
    late = told(running, now=hall("2026-03-03 08:30"))
    assert (late.left, late.standing) == (timedelta(hours=-2.5), Standing.OVERDUE)


def test_the_rule_is_named_with_its_place() -> None:
    placed = policy(places={"clocks.solution": "hall.yaml:42"})
    explained = explain(placed, clock(hall("2026-03-02 08:30"), None), now=hall("2026-03-02 08:30"))
    assert (explained.rule.path, explained.rule.place) == ("clocks.solution", "hall.yaml:42")


def test_the_severity_is_named_where_it_has_a_budget_of_its_own() -> None:
    own = budget(2, Unit.BUSINESS_HOURS)
    rule = replace(POLICY.rule(ClockName.SOLUTION), by_severity={Severity.HIGH: own})
    sorted_ = policy(
        clocks={**POLICY.clocks, ClockName.SOLUTION: rule},
        places={"clocks.solution": "hall.yaml:42", "clocks.solution.by_severity.high": "hall.yaml:44"},
    )
    running = clock(hall("2026-03-02 08:30"), own)
    high = explain(sorted_, running, now=running.started_at, severity=Severity.HIGH).rule
    assert (high.severity, high.place) == (Severity.HIGH, "hall.yaml:44")
    normal = explain(sorted_, running, now=running.started_at, severity=Severity.NORMAL).rule
    assert (normal.severity, normal.place) == (None, "hall.yaml:42")


def test_an_explanation_survives_the_wire() -> None:
    running = clock(hall("2026-02-13 15:00"), budget(17, Unit.BUSINESS_HOURS))
    explained = told(resumed(running, hall("2026-02-14 09:00"), hall("2026-02-24 09:00")))
    assert parse(Explanation, plain(explained)) == explained


# --- the law: what an explanation says leads to the deadline on record

BUDGETS = st.one_of(
    st.builds(budget, st.integers(1, 3000), st.just(Unit.BUSINESS_MINUTES)),
    st.builds(budget, st.integers(1, 60), st.sampled_from([Unit.BUSINESS_HOURS, Unit.CALENDAR_HOURS])),
    st.builds(
        budget,
        st.integers(1, 12),
        st.sampled_from([Unit.BUSINESS_DAYS, Unit.CALENDAR_DAYS]),
        ends=st.sampled_from(Ends),
        counts_first_day=st.booleans(),
    ),
)
STARTS = st.integers(0, 60 * 24 * 400).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
MOVES = st.lists(st.tuples(st.booleans(), st.integers(0, 95), st.integers(0, 9000)), max_size=3)


@settings(max_examples=150, deadline=None)
@given(STARTS, BUDGETS, st.sampled_from(sorted(CALENDARS)), MOVES)
@example(  # began within a night, and stood still until that night was over
    datetime(2026, 1, 2, 5, tzinfo=UTC),
    budget(1, Unit.BUSINESS_DAYS, ends=Ends.MIDNIGHT, counts_first_day=False),
    "nights",
    [(True, 0, 360)],
)
@example(  # began after that day's close
    datetime(2026, 1, 2, 13, 20, tzinfo=UTC),
    budget(1, Unit.CALENDAR_DAYS, ends=Ends.CLOSE, counts_first_day=True),
    "hall",
    [(True, 61, 624)],
)
def test_what_the_days_count_leads_to_the_deadline(
    start: datetime, allowed: Budget, calendar: str, moves: list[tuple[bool, int, int]]
) -> None:
    moving = clock(start, allowed, calendar=calendar)
    at = start
    assume(start < moving.due_at)
    for is_pause, percent, minutes in moves:
        since = at + (moving.due_at - at) * percent / 100
        assume(since < moving.due_at)
        later = timedelta(minutes=minutes)
        moving = (
            resumed(moving, since, since + later)
            if is_pause
            else extended(moving, since, moving.due_at + later)
        )
        at = since + later if is_pause else since
        assume(at < moving.due_at)
    explained = told(moving)
    assert explained.adds_up
    _tiles_everything(explained)
    _leads_there(explained, CALENDARS[calendar], is_extended=any(not is_pause for is_pause, *_ in moves))


def _tiles_everything(explained: Explanation) -> None:
    stretches = sorted((s for day in explained.days for s in day.stretches), key=lambda s: s.start)
    assert stretches[0].start == explained.started_at
    assert stretches[-1].end == explained.due_at
    assert all(a.end == b.start for a, b in pairwise(stretches))
    assert all(s.used == (s.end - s.start if s.way == Way.RUNS else timedelta()) for s in stretches)


def _leads_there(explained: Explanation, calendar: Calendar, *, is_extended: bool) -> None:
    """Add up what is said, by other means than the explanation's own."""
    assert explained.budget is not None
    due_at = explained.first_due_at
    for move in explained.moves:
        assert move.was_due_at == due_at
        due_at = move.due_at
    assert due_at == explained.due_at
    by_the_clock = explained.budget.ends == Ends.SAME_TIME
    if not by_the_clock and not is_extended:
        numbers = [day.counts_as for day in explained.days if day.counts_as]
        assert numbers == list(range(1, explained.budget.amount + 1))
    if not by_the_clock or is_extended:
        return
    used = sum((day.used for day in explained.days), timedelta())
    units = {Unit.BUSINESS_MINUTES: timedelta(minutes=1), Unit.BUSINESS_HOURS: timedelta(hours=1)}
    if explained.budget.unit in units:
        assert used == explained.budget.amount * units[explained.budget.unit]
    elif explained.budget.unit == Unit.BUSINESS_DAYS:
        assert used == elapsed(explained.started_at, explained.first_due_at, calendar)
    else:
        assert used == explained.first_due_at - explained.started_at


# --- a whole complaint


def explained_life(life: Life, **more: Any) -> dict[str, Explanation]:
    return {e.clock: e for e in of_complaint(life.state, life.events, now=life.now, **more)}


@pytest.mark.parametrize(
    ("clock_", "fact"),
    [
        ("first_contact/1", "Registered"),
        ("intake/1", "StageEntered"),
        ("feedback/1", "Registered"),
        ("solution/1", "StageEntered"),
    ],
)
def test_what_began_a_clock_is_named(clock_: str, fact: str) -> None:
    began = explained_life(at_stage(Stage.SOLUTION))[clock_].began
    assert began is not None
    assert began.fact == fact


def test_what_time_brought_about_begins_clocks_too() -> None:
    life = at_stage(Stage.SOLUTION).wait(timedelta(days=2))
    explained = explained_life(life)
    said = {name: e.began and (e.began.fact, e.began.about) for name, e in explained.items()}
    assert said["feedback/2"] == ("ClockBreached", "feedback/1")
    assert said["acknowledgement/1"] == ("EscalationOpened", "E1")


def test_a_migrated_clock_is_explained_by_the_policy_that_gave_its_deadline() -> None:
    life = at_stage(Stage.SOLUTION)
    other = builtin("power-utility")
    life.do(
        c.MigratePolicy(policy=text_of(other), reason="新的服务承诺", approver="li.na"),
        role=Role.CUSTOMER_SERVICE,
        after=timedelta(hours=1),
    )
    explained = explained_life(life, policies={fingerprint(p): p for p in (builtin(), other)})
    assert explained["intake/1"].rule.policy_name == "default"
    assert explained["solution/1"].rule.policy_name == "power-utility"
    assert [move.why for move in explained["solution/1"].moves] == ["migrated"]


def test_who_was_told_of_a_clock_is_listed() -> None:
    life = at_stage(Stage.SOLUTION).wait(timedelta(days=6))
    told_ = explained_life(life)["solution/1"].told
    assert {notice.kind for notice in told_} == {"warning", "escalation"}


# --- words


def test_everything_that_can_be_told_has_words_in_both_languages() -> None:
    kinds = (ClockName, Standing, Unit, Severity, PauseOwner, DayKind, NoticeKind, NoticeStatus)
    assert {member.value for kind in kinds for member in kind} <= TERMS.keys()
    assert {move.value for move in Move} <= SENTENCES.keys()
    for en, zh in (*TERMS.values(), *SENTENCES.values(), *BEGINNINGS.values()):
        assert en
        assert zh
        assert sorted(re.findall(r"{\w+}", en)) == sorted(re.findall(r"{\w+}", zh))


def test_every_beginning_is_a_fact() -> None:
    assert BEGINNINGS.keys() <= FACTS.keys()
