"""Working time against an oracle that looks at every single minute, around changes of the clocks.

The oracle knows the time zone database and plain lists of hours; it shares no code with what it judges.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from complaints.forms import Names
from complaints.working_time import (
    Budget,
    Calendar,
    Ends,
    Interval,
    SegmentKind,
    SpecialDay,
    Unit,
    add,
    elapsed,
    instant_of,
    is_working_day,
    remaining,
    segments,
    share,
    shifted,
    working_instant,
)
from complaints.zones import resolve

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
Hours = tuple[tuple[int, int], ...]
NAME = Names(en="A day", zh="某日")

# Twelve days of each zone, a change of the clocks five days in; and zones that have none.
WINDOWS = (
    ("Asia/Shanghai", datetime(2026, 9, 24, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 4, 1, tzinfo=UTC)),
    ("Pacific/Honolulu", datetime(2026, 5, 30, tzinfo=UTC)),  # openings are laid out anew from 4 June on
    ("Pacific/Kiritimati", datetime(2026, 5, 30, tzinfo=UTC)),
    ("UTC", datetime(2026, 12, 27, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 3, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 27, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 3, 24, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 10, 20, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 9, 28, tzinfo=UTC)),  # half an hour forward
    ("Australia/Lord_Howe", datetime(2026, 3, 30, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 18, tzinfo=UTC)),  # midnight is skipped
    ("Africa/Cairo", datetime(2026, 10, 24, tzinfo=UTC)),  # the hour before midnight comes twice
    ("Asia/Beirut", datetime(2026, 3, 23, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2026, 10, 19, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 10, 30, tzinfo=UTC)),  # midnight, until 2019
    ("America/Sao_Paulo", datetime(2018, 2, 12, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 25, tzinfo=UTC)),  # 2011-12-30 is skipped altogether
    ("Asia/Dhaka", datetime(2009, 12, 26, tzinfo=UTC)),  # the last hour of a year comes twice
)
WINDOW_MINUTES = 12 * 1440


SHRUNK = (Phase.generate, Phase.shrink)  # explaining a failure takes longer than a test may


def examples(count: int) -> settings:
    return settings(max_examples=count, deadline=None, derandomize=True, phases=SHRUNK)


# --- the oracle


@cache
def walls(zone: str, start: datetime) -> list[datetime]:
    """What the clocks show at each minute of a window."""
    rules = ZoneInfo(zone)
    return [(start + n * MINUTE).astimezone(rules).replace(tzinfo=None) for n in range(WINDOW_MINUTES)]


class World:
    """A window, and hours in it as plain minutes; `days` holds, for each minute, the day it is worked for."""

    def __init__(
        self,
        zone: str,
        start: datetime,
        week: tuple[Hours, ...],
        special: dict[date, Hours],
        calendar: Calendar,
    ) -> None:
        self.zone, self.start, self.week, self.special = zone, start, week, special
        self.calendar = calendar
        self.days = days_worked_for(zone, start, self.hours)

    def minute(self, n: int) -> datetime:
        return self.start + n * MINUTE

    def __repr__(self) -> str:
        special = {day.isoformat(): hours for day, hours in self.special.items()}
        return f"World({self.zone}, {self.start:%F}, week={self.week}, special={special})"

    @property
    def walls(self) -> list[datetime]:
        return walls(self.zone, self.start)

    def hours(self, day: date) -> Hours:
        return self.special.get(day, self.week[day.weekday()])

    def working_days(self) -> list[date]:
        """Return the days of which all minutes lie in the window, and some are worked."""
        whole = sorted({day for day, _ in dates(self.zone, self.start)})[2:-2]
        worked = set(self.days)
        return [day for day in whole if day in worked]

    def worked(self, day: date) -> list[int]:
        return [n for n, worked in enumerate(self.days) if worked == day]


@cache
def dates(zone: str, start: datetime) -> list[tuple[date, list[int]]]:
    """The minutes of day that are shown in a window, in stretches of one date."""
    runs = groupby(walls(zone, start), key=datetime.date)
    return [(day, [wall.hour * 60 + wall.minute for wall in run]) for day, run in runs]


def days_worked_for(zone: str, start: datetime, hours: Callable[[date], Hours]) -> list[date | None]:
    """Look at every single minute: the day before may still be at work, or else this one."""
    found: list[date | None] = []
    for day, shown in dates(zone, start):
        yesterday = day - timedelta(days=1)
        late = minutes_worked(hours(yesterday)) if comes(zone, yesterday) else ()
        today = minutes_worked(hours(day))
        found += [
            yesterday if minute + 1440 in late else day if minute in today else None for minute in shown
        ]
    return found


@cache
def comes(zone: str, day: date) -> bool:
    """Say whether a day is not skipped: nothing can begin on one that is."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date() == day


@cache
def minutes_worked(hours: Hours) -> frozenset[int]:
    return frozenset(minute for start, end in hours for minute in range(start, end))


# --- random worlds


@st.composite
def day_hours(draw: st.DrawFn) -> Hours:
    """No more than three openings, the last of which may go on in the night."""
    cuts: list[int] = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    found = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    late = draw(st.booleans())
    if found and late:
        found[-1] = (found[-1][0], draw(st.integers(1441, 1440 + 360)))
    return tuple(found)


office = st.just(((540, 720), (810, 1050)))
nights = st.just(((1320, 1800),))
off: st.SearchStrategy[Hours] = st.just(())


@st.composite
def worlds(draw: st.DrawFn, *, tidy: bool = False) -> World:
    """A window with a calendar; in a tidy one no night lasts into the hours of the next day."""
    zone, start = draw(st.sampled_from(WINDOWS))
    any_hours = st.one_of(office, nights, off, day_hours())
    usual = draw(any_hours)
    week = tuple(draw(st.one_of(st.just(usual), any_hours)) for _ in range(7))
    days = sorted({day for day, _ in dates(zone, start)})
    special = draw(st.dictionaries(st.sampled_from(days), st.one_of(off, office, any_hours), max_size=4))
    if tidy:
        for day in days:
            mine, following = (special.get(d, week[d.weekday()]) for d in (day, day + timedelta(days=1)))
            assume(not (mine and following and mine[-1][1] - 1440 > following[0][0]))
    calendar = Calendar(
        name="random",
        zone=resolve(zone, 2009, 2027),
        week=tuple(intervals(hours) for hours in week),
        special=tuple(
            SpecialDay(on=day, hours=intervals(hours), name=NAME) for day, hours in sorted(special.items())
        ),
    )
    return World(zone, start, week, special, calendar)


def intervals(hours: Hours) -> tuple[Interval, ...]:
    return tuple(Interval(start=start, end=end) for start, end in hours)


minutes = st.integers(2 * 1440, WINDOW_MINUTES - 1)
starts = st.integers(2 * 1440, 7 * 1440)
ticks = st.integers(0, 59_999_999).map(lambda n: n * TICK)


# --- against the oracle


@examples(50)
@given(worlds(), minutes, minutes)
def test_elapsed_counts_the_minutes_that_are_worked(world: World, one: int, other: int) -> None:
    first, last = sorted((one, other))
    worked = sum(day is not None for day in world.days[first:last])
    assert elapsed(world.minute(first), world.minute(last), world.calendar) == worked * MINUTE
    assert elapsed(world.minute(last), world.minute(first), world.calendar) == timedelta()


@examples(50)
@given(worlds(), starts, st.integers(1, 3_000))
def test_business_minutes_are_due_when_the_last_of_them_is_worked(
    world: World, start: int, amount: int
) -> None:
    ahead = [n for n in range(start, WINDOW_MINUTES) if world.days[n] is not None]
    assume(len(ahead) >= amount)
    due = add(world.minute(start), Budget(amount=amount, unit=Unit.BUSINESS_MINUTES), world.calendar)
    assert due == world.minute(ahead[amount - 1] + 1)


@examples(50)
@given(worlds(tidy=True), starts, st.integers(1, 4))
def test_business_days_end_at_the_same_time_or_as_close_before_it_as_that_day_works(
    world: World, start: int, amount: int
) -> None:
    opened = next((n for n in range(start, WINDOW_MINUTES) if world.days[n] is not None), None)
    assume(opened is not None)
    assert opened is not None
    assert working_instant(world.calendar, world.minute(start)) == world.minute(opened)
    first = world.days[opened]
    assert first is not None
    following = [day for day in world.working_days() if day > first]
    assume(len(following) >= amount)
    last = following[amount - 1]

    midnight = datetime.combine(first, datetime.min.time())
    wall = datetime.combine(last, datetime.min.time()) + (world.walls[opened] - midnight)
    same_time = wall.replace(tzinfo=ZoneInfo(world.zone)).astimezone(UTC)
    worked = [world.minute(n) for n in world.worked(last)]
    if same_time in worked:
        expected = same_time
    else:
        expected = max((at + MINUTE for at in worked if at < same_time), default=worked[0])
    due = add(world.minute(start), Budget(amount=amount, unit=Unit.BUSINESS_DAYS), world.calendar)
    assert due == expected


@examples(50)
@given(
    worlds(tidy=True), starts, st.integers(1, 4), st.booleans(), st.sampled_from([Ends.CLOSE, Ends.MIDNIGHT])
)
def test_by_the_end_of_a_business_day_is_when_it_closes_or_is_over(
    world: World, start: int, amount: int, counts: bool, ends: Ends
) -> None:
    today = world.walls[start].date()
    days = world.working_days()
    counted = [day for day in days if day > today]
    open_ = today in days and (ends == Ends.MIDNIGHT or start <= world.worked(today)[-1])
    if counts and open_:
        counted = [today, *counted]
    assume(len(counted) >= amount)
    last = counted[amount - 1]
    minutes_of_it = (
        world.worked(last)
        if ends == Ends.CLOSE
        else [n for n, wall in enumerate(world.walls) if wall.date() == last]
    )
    budget = Budget(amount=amount, unit=Unit.BUSINESS_DAYS, ends=ends, counts_first_day=counts)
    assert add(world.minute(start), budget, world.calendar) == world.minute(minutes_of_it[-1] + 1)


@examples(40)
@given(worlds(), starts, st.integers(1, 4))
def test_calendar_days_end_at_the_same_time_on_the_wall(world: World, start: int, amount: int) -> None:
    wall = world.walls[start] + timedelta(days=amount)
    due = add(world.minute(start), Budget(amount=amount, unit=Unit.CALENDAR_DAYS), world.calendar)
    assert due == wall.replace(tzinfo=ZoneInfo(world.zone)).astimezone(UTC)


@examples(40)
@given(worlds())
def test_a_working_day_is_one_of_which_some_minute_is_worked(world: World) -> None:
    whole = sorted({day for day, _ in dates(world.zone, world.start)})[2:-2]
    every_date = [whole[0] + timedelta(days=n) for n in range((whole[-1] - whole[0]).days + 1)]
    working = set(world.days)
    if any(hours and hours[-1][1] > 1440 for hours in (*world.week, *world.special.values())):
        every_date = [
            day for day in every_date if day in working or not world.hours(day)
        ]  # nights may cover days
    assert [day for day in every_date if is_working_day(world.calendar, day)] == [
        day for day in every_date if day in working
    ]


@examples(50)
@given(worlds(), minutes, minutes)
def test_segments_tile_the_time_and_say_of_each_minute_whether_it_counts(
    world: World, one: int, other: int
) -> None:
    first, last = sorted((one, other))
    found = list(segments(world.minute(first), world.minute(last), world.calendar))
    expected = list(world.days[first:last])
    at = world.minute(first)
    for segment in found:
        assert segment.start == at < segment.end
        of_it = expected[: (segment.end - segment.start) // MINUTE]
        expected = expected[len(of_it) :]
        if segment.kind.counts:
            assert set(of_it) == {segment.on}
        else:
            assert set(of_it) == {None}
            shown = world.walls[(segment.start - world.start) // MINUTE].date()
            assert segment.on == shown or segment.kind == SegmentKind.BREAK
        assert (segment.name is not None) == (segment.on in world.special)
        at = segment.end
    assert at == world.minute(last)
    moved = (world.walls[last] - world.walls[first]) - (last - first) * MINUTE
    skipped = sum(segment.shift_minutes for segment in found) * MINUTE
    assert skipped == moved or world.walls[last] == world.walls[last - 1] + MINUTE + moved - skipped


# --- laws


@examples(40)
@given(worlds(), starts, ticks, st.integers(1, 1_000), st.integers(1, 1_000))
def test_what_is_added_has_elapsed_and_adding_in_two_steps_is_adding_at_once(
    world: World, start: int, tick: timedelta, one: int, other: int
) -> None:
    assume(any(world.week))
    at = world.minute(start) + tick
    first = add(at, Budget(amount=one, unit=Unit.BUSINESS_MINUTES), world.calendar)
    both = add(at, Budget(amount=one + other, unit=Unit.BUSINESS_MINUTES), world.calendar)
    assert elapsed(at, first, world.calendar) == one * MINUTE
    assert add(first, Budget(amount=other, unit=Unit.BUSINESS_MINUTES), world.calendar) == both


@examples(40)
@given(
    worlds(),
    starts,
    starts,
    ticks,
    st.integers(1, 100),
    st.sampled_from([Unit.BUSINESS_MINUTES, Unit.BUSINESS_HOURS]),
)
def test_who_starts_later_is_due_no_earlier(
    world: World, one: int, other: int, tick: timedelta, amount: int, unit: Unit
) -> None:
    assume(any(world.week))
    first, last = sorted((one, other))
    budget = Budget(amount=amount, unit=unit)
    early, late = (add(world.minute(n) + tick, budget, world.calendar) for n in (first, last))
    assert world.minute(first) < early <= late


@examples(40)
@given(
    worlds(tidy=True),
    starts,
    starts,
    st.integers(1, 40),
    st.booleans(),
    st.sampled_from([Ends.CLOSE, Ends.MIDNIGHT]),
)
def test_the_ends_of_days_never_come_earlier_for_who_starts_later(
    world: World, one: int, other: int, amount: int, counts: bool, ends: Ends
) -> None:
    assume(any(world.week))
    budget = Budget(amount=amount, unit=Unit.BUSINESS_DAYS, ends=ends, counts_first_day=counts)
    first, last = sorted((one, other))
    early, late = (add(world.minute(n), budget, world.calendar) for n in (first, last))
    assert world.minute(first) < early <= late


@examples(40)
@given(
    worlds(), starts, st.integers(1, 2_000), st.lists(st.integers(1, 99), min_size=2, max_size=2).map(sorted)
)
def test_a_share_of_the_time_is_that_share_of_the_working_time(
    world: World, start: int, amount: int, percents: list[int]
) -> None:
    assume(any(world.week))
    budget = Budget(amount=amount, unit=Unit.BUSINESS_MINUTES)
    began = world.minute(start)
    due = add(began, budget, world.calendar)
    early, late = (share(began, due, percent, budget, world.calendar) for percent in percents)
    assert began <= early <= late <= due
    assert elapsed(began, early, world.calendar) == amount * MINUTE * percents[0] / 100


@examples(50)
@given(
    worlds(),
    starts,
    st.integers(1, 2_000),
    st.integers(0, 4 * 1440),
    st.integers(1, 4 * 1440),
    st.sampled_from([Unit.BUSINESS_MINUTES, Unit.BUSINESS_HOURS, Unit.CALENDAR_HOURS, None]),
)
def test_a_pause_leaves_what_was_left(
    world: World, start: int, amount: int, wait: int, length: int, unit: Unit | None
) -> None:
    assume(any(world.week))
    budget = None if unit is None else Budget(amount=amount, unit=unit)
    began = world.minute(start)
    due = add(began, budget or Budget(amount=amount, unit=Unit.CALENDAR_HOURS), world.calendar)
    since = began + wait * MINUTE
    until = since + length * MINUTE
    left = remaining(since, due, budget, world.calendar)
    moved = shifted(due, since, until, budget, world.calendar)
    assert moved >= due
    if due <= since:
        assert moved == due
    elif left:
        assert remaining(until, moved, budget, world.calendar) == left


@examples(40)
@given(
    worlds(tidy=True),
    starts,
    st.integers(1, 6),
    st.integers(0, 3 * 1440),
    st.integers(1, 3 * 1440),
    st.sampled_from([Ends.CLOSE, Ends.MIDNIGHT]),
)
def test_a_pause_moves_the_end_of_a_business_day_by_as_many_working_days_as_it_took(
    world: World, start: int, amount: int, wait: int, length: int, ends: Ends
) -> None:
    assume(any(world.week))
    budget = Budget(amount=amount, unit=Unit.BUSINESS_DAYS, ends=ends)
    due = add(world.minute(start), budget, world.calendar)
    since = world.minute(start + wait)
    assume(since < due)
    paused, resumed = (next_worked(world, n) for n in (start + wait, start + wait + length))
    whole = world.working_days()
    assume(paused in whole and resumed in whole)
    days = whole[whole.index(paused) : whole.index(resumed)]
    moved = shifted(due, since, since + length * MINUTE, budget, world.calendar)
    longer = Budget(amount=amount + len(days), unit=Unit.BUSINESS_DAYS, ends=ends)
    assert moved == add(world.minute(start), longer, world.calendar)


def next_worked(world: World, n: int) -> date:
    return next((day for day in world.days[n:] if day is not None), date.max)


def changes() -> Iterator[tuple[str, datetime]]:
    for zone, start in WINDOWS:
        yield from ((zone, start + hours * timedelta(hours=1)) for hours in (110, 120, 130))


@examples(40)
@given(st.sampled_from(list(changes())), st.integers(-1440, 1440))
def test_walls_and_instants_agree_with_the_time_zone_database_over_old_changes_too(
    near: tuple[str, datetime], minutes_off: int
) -> None:
    zone, at = near
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + minutes_off * MINUTE
    expected = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert instant_of(resolve(zone, 2009, 2027), wall) == expected
