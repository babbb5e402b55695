"""Budgets, and the instants they lead to."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from time import process_time

import pytest

from complaints import calendars
from complaints.timetable import timetable
from complaints.working_time import (
    Budget,
    Calendar,
    Ends,
    Interval,
    Offset,
    Unit,
    Zone,
    add,
    elapsed,
    instant_of,
    is_provisional,
    is_working_day,
    local_time,
    next_daily,
    next_daily_working,
    next_working_day,
    remaining,
    segments,
    share,
    shifted,
    working_instant,
)
from complaints.zones import resolve
from tests.lives import HOUR, INSTANT, MONDAY

NEW_YORK = resolve("America/New_York")
LORD_HOWE = resolve("Australia/Lord_Howe")
CAIRO = resolve("Africa/Cairo")
SHANGHAI = resolve("Asia/Shanghai")
CHINA = calendars.resolve("china")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- budgets in China, 2026; every figure counted by hand on a calendar on paper


def china(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)


def budget(text: str, **options: object) -> Budget:
    amount, unit = text.split()
    return Budget(amount=int(amount), unit=Unit(unit), **options)  # type: ignore[arg-type]


DAYS, HOURS, MINUTES = "business_days", "business_hours", "business_minutes"
CLOSE: dict[str, object] = {"ends": Ends.CLOSE}
MIDNIGHT: dict[str, object] = {"ends": Ends.MIDNIGHT}
FROM_THE_FIRST: dict[str, object] = {"counts_first_day": True}


@pytest.mark.parametrize(
    ("start", "text", "options", "due"),
    [
        # within a day, over lunch, over night, over a weekend
        ("2026-03-02T09:00", f"90 {MINUTES}", {}, "2026-03-02T10:30"),
        ("2026-03-02T11:30", f"1 {HOURS}", {}, "2026-03-02T14:00"),
        ("2026-03-02T17:00", f"1 {HOURS}", {}, "2026-03-03T09:00"),
        ("2026-03-06T17:00", f"1 {HOURS}", {}, "2026-03-09T09:00"),
        # before opening, in the lunch break, at closing, at the weekend: it runs from the next opening
        ("2026-03-02T06:00", f"1 {HOURS}", {}, "2026-03-02T09:30"),
        ("2026-03-02T12:30", f"1 {HOURS}", {}, "2026-03-02T14:30"),
        ("2026-03-02T17:30", f"1 {HOURS}", {}, "2026-03-03T09:30"),
        ("2026-03-07T12:00", f"1 {HOURS}", {}, "2026-03-09T09:30"),
        # used up exactly at closing: due at closing, not at the next opening
        ("2026-03-02T08:30", f"210 {MINUTES}", {}, "2026-03-02T12:00"),
        ("2026-03-06T16:30", f"1 {HOURS}", {}, "2026-03-06T17:30"),
        # the Spring Festival: Saturday 14 is worked, 15 to 23 are off, Saturday 28 is worked
        ("2026-02-13T17:00", f"8 {HOURS}", {}, "2026-02-14T17:30"),
        ("2026-02-13T17:00", f"9 {HOURS}", {}, "2026-02-24T09:30"),
        ("2026-02-13T10:00", f"1 {DAYS}", {}, "2026-02-14T10:00"),
        ("2026-02-13T10:00", f"2 {DAYS}", {}, "2026-02-24T10:00"),
        ("2026-02-27T10:00", f"1 {DAYS}", {}, "2026-02-28T10:00"),
        # National Day: Sunday 20 September and Saturday 10 October are worked; 25 to 27 September, 1 to 7 October are off
        ("2026-09-18T10:00", f"1 {DAYS}", {}, "2026-09-20T10:00"),
        ("2026-09-30T16:00", f"3 {DAYS}", {}, "2026-10-10T16:00"),
        ("2026-09-30T16:00", f"4 {DAYS}", {}, "2026-10-12T16:00"),
        # five working days are not a week of hours; outside working time they run from the next opening
        ("2026-03-02T10:00", f"5 {DAYS}", {}, "2026-03-09T10:00"),
        ("2026-03-02T20:00", f"1 {DAYS}", {}, "2026-03-04T08:30"),
        ("2026-03-07T12:00", f"1 {DAYS}", {}, "2026-03-10T08:30"),
        ("2026-03-02T12:30", f"1 {DAYS}", {}, "2026-03-03T13:30"),
        # by the end of that day; the day of receipt does not count unless it is told to
        ("2026-03-02T10:00", f"1 {DAYS}", CLOSE, "2026-03-03T17:30"),
        ("2026-03-02T10:00", f"1 {DAYS}", MIDNIGHT, "2026-03-04T00:00"),
        ("2026-03-02T10:00", f"1 {DAYS}", CLOSE | FROM_THE_FIRST, "2026-03-02T17:30"),
        ("2026-03-02T17:30", f"1 {DAYS}", CLOSE | FROM_THE_FIRST, "2026-03-03T17:30"),
        ("2026-03-02T17:30", f"1 {DAYS}", MIDNIGHT | FROM_THE_FIRST, "2026-03-03T00:00"),
        ("2026-03-07T10:00", f"1 {DAYS}", CLOSE | FROM_THE_FIRST, "2026-03-09T17:30"),
        ("2026-03-07T10:00", f"5 {DAYS}", MIDNIGHT, "2026-03-14T00:00"),
        ("2026-03-02T10:00", "3 calendar_days", MIDNIGHT, "2026-03-06T00:00"),
        ("2026-03-02T10:00", "3 calendar_days", MIDNIGHT | FROM_THE_FIRST, "2026-03-05T00:00"),
        ("2026-03-02T10:00", "4 calendar_days", CLOSE, "2026-03-06T17:30"),
        ("2026-03-02T10:00", "5 calendar_days", CLOSE, "2026-03-08T00:00"),  # a Saturday has no closing time
        # around the clock
        ("2026-02-14T10:00", "36 calendar_hours", {}, "2026-02-15T22:00"),
        ("2026-02-14T10:00", "2 calendar_days", {}, "2026-02-16T10:00"),
    ],
)
def test_a_budget_leads_to_the_instant_counted_by_hand(
    start: str, text: str, options: dict[str, object], due: str
) -> None:
    assert add(china(start), budget(text, **options), CHINA) == china(due)


def test_a_day_that_is_shorter_ends_a_same_time_budget_at_its_closing() -> None:
    half = {"2026-03-03": {"hours": ["09:00-12:00"], "name": {"en": "Half day", "zh": "半天"}}}
    hall = calendars.resolve("hall", {"extends": "china", "days": half})
    assert add(china("2026-03-02T16:00"), budget(f"1 {DAYS}"), hall) == china("2026-03-03T12:00")
    assert add(china("2026-03-02T08:45"), budget(f"1 {DAYS}"), hall) == china("2026-03-03T09:00")


def test_a_time_within_the_break_of_another_day_is_the_beginning_of_that_break() -> None:
    late = {"2026-03-03": {"hours": ["08:30-10:00", "15:00-18:00"], "name": {"en": "Fair", "zh": "展会"}}}
    hall = calendars.resolve("hall", {"extends": "china", "days": late})
    assert add(china("2026-03-02T14:00"), budget(f"1 {DAYS}"), hall) == china("2026-03-03T10:00")


def test_a_night_shift_belongs_to_the_day_it_began_on_and_runs_into_a_holiday() -> None:
    night = calendars.resolve("night", {"extends": "china", "hours": {"mon-fri": ["22:00-06:00"]}})
    assert add(china("2026-09-30T23:00"), budget(f"7 {HOURS}"), night) == china("2026-10-01T06:00")
    assert add(china("2026-10-01T02:00"), budget(f"1 {DAYS}"), night) == china("2026-10-09T02:00")
    assert add(china("2026-10-01T02:00"), budget(f"5 {HOURS}"), night) == china("2026-10-08T23:00")


def test_hours_that_clocks_skip_are_not_worked_and_those_shown_twice_are_worked_twice() -> None:
    always = calendars.resolve("always", {"zone": "America/New_York", "hours": {"mon-sun": ["00:00-06:00"]}})
    spring, autumn = (at(text) for text in ("2026-03-08T05:00", "2026-11-01T04:00"))
    assert elapsed(spring, spring + 12 * HOUR, always) == 5 * HOUR
    assert elapsed(autumn, autumn + 12 * HOUR, always) == 7 * HOUR


def test_a_day_that_the_clocks_skip_is_no_working_day() -> None:
    samoa = Calendar(
        name="samoa",
        zone=resolve("Pacific/Apia", 2011, 2012),
        week=((Interval(start=540, end=1020),),) * 7,
    )
    thursday = at("2011-12-29T20:00")  # ten in the morning of the 29th; Friday the 30th never came
    assert not is_working_day(samoa, date(2011, 12, 30))
    assert next_working_day(samoa, date(2011, 12, 29)) == date(2011, 12, 31)
    assert add(thursday, budget(f"1 {DAYS}"), samoa) == at("2011-12-30T20:00")
    assert add(thursday, budget(f"1 {DAYS}", ends=Ends.CLOSE), samoa) == at("2011-12-31T03:00")


def test_no_night_shift_begins_on_a_day_that_the_clocks_skip() -> None:
    nights = ((Interval(start=1320, end=1800),),) * 7
    samoa = Calendar(name="samoa", zone=resolve("Pacific/Apia", 2011, 2012), week=nights)
    noon = at("2011-12-29T22:00")  # of the 29th; a day later it is noon of the 31st
    assert elapsed(noon, noon + timedelta(days=1), samoa) == 2 * HOUR


def test_two_openings_at_the_same_time_are_worked_once() -> None:
    night, morning = Interval(start=1320, end=1800), Interval(start=300, end=600)
    both = Calendar(name="both", zone=SHANGHAI, week=((morning, night),) * 7)
    assert elapsed(china("2026-03-02T22:00"), china("2026-03-03T10:00"), both) == 12 * HOUR


def test_a_calendar_that_never_opens_ends_every_budget_in_2199() -> None:
    never = Calendar(name="never", zone=SHANGHAI, week=((),) * 7)
    for text in (f"1 {MINUTES}", f"1 {HOURS}", f"1 {DAYS}"):
        assert add(MONDAY, budget(text), never).year == 2199


def test_a_deadline_is_in_utc_wherever_its_start_is_written() -> None:
    start = datetime.fromisoformat("2026-03-02T10:00+08:00")
    for unit in Unit:
        assert add(start, Budget(amount=1, unit=unit), CHINA).tzinfo is UTC
    assert shifted(start, start, start, None, CHINA).tzinfo is UTC


# --- warnings, pauses, what is left


def test_half_of_the_time_is_half_of_the_working_time_in_business_units() -> None:
    start, due = china("2026-03-06T10:00"), china("2026-03-09T10:00")  # over a weekend
    assert share(start, due, 50, budget(f"1 {DAYS}"), CHINA) == china("2026-03-06T15:15")
    assert share(start, due, 50, budget("3 calendar_days"), CHINA) == start + 36 * HOUR
    assert share(start, due, 50, None, CHINA) == start + 36 * HOUR


def test_the_share_of_a_time_in_which_nobody_works_is_taken_as_it_passes() -> None:
    start = china("2026-03-07T10:00")
    assert share(start, start + 10 * HOUR, 50, budget(f"1 {DAYS}"), CHINA) == start + 5 * HOUR


@pytest.mark.parametrize(
    ("text", "options", "due", "since", "until", "moved"),
    [
        # one working hour was left, and is left
        (f"8 {HOURS}", {}, "2026-03-03T10:00", "2026-03-03T09:00", "2026-03-05T13:30", "2026-03-05T14:30"),
        # a pause over a weekend alone takes nothing
        (f"8 {HOURS}", {}, "2026-03-09T10:00", "2026-03-06T18:00", "2026-03-09T08:00", "2026-03-09T10:00"),
        (f"2 {DAYS}", {}, "2026-03-04T10:00", "2026-03-03T10:00", "2026-03-05T10:00", "2026-03-06T10:00"),
        # ends of days move by whole days and stay at the end
        (f"3 {DAYS}", CLOSE, "2026-03-05T17:30", "2026-03-03T10:00", "2026-03-05T09:00", "2026-03-09T17:30"),
        (f"3 {DAYS}", CLOSE, "2026-03-05T17:30", "2026-03-03T10:00", "2026-03-03T16:00", "2026-03-05T17:30"),
        (
            f"3 {DAYS}",
            MIDNIGHT,
            "2026-03-06T00:00",
            "2026-03-05T10:00",
            "2026-03-06T09:00",
            "2026-03-07T00:00",
        ),
        (
            f"3 {DAYS}",
            MIDNIGHT,
            "2026-03-06T00:00",
            "2026-03-05T19:00",
            "2026-03-06T08:00",
            "2026-03-06T00:00",
        ),
        (
            "3 calendar_days",
            MIDNIGHT,
            "2026-03-06T00:00",
            "2026-03-03T10:00",
            "2026-03-05T09:00",
            "2026-03-08T00:00",
        ),
        (
            "4 calendar_days",
            CLOSE,
            "2026-03-06T17:30",
            "2026-03-03T10:00",
            "2026-03-04T09:00",
            "2026-03-08T00:00",
        ),
        # a warning on the way to an end of day keeps its time of day
        (f"3 {DAYS}", CLOSE, "2026-03-04T15:00", "2026-03-03T10:00", "2026-03-05T09:00", "2026-03-06T15:00"),
        # around the clock, and what people set themselves
        (
            "5 calendar_days",
            {},
            "2026-03-07T10:00",
            "2026-03-03T10:00",
            "2026-03-04T11:00",
            "2026-03-08T11:00",
        ),
        (None, {}, "2026-03-07T10:00", "2026-03-03T10:00", "2026-03-04T11:00", "2026-03-08T11:00"),
        # what was past when the clock stopped stays where it is
        (f"8 {HOURS}", {}, "2026-03-03T10:00", "2026-03-03T10:00", "2026-03-05T13:30", "2026-03-03T10:00"),
    ],
)
def test_a_pause_moves_an_instant_to_where_it_was_counted_by_hand(
    text: str | None, options: dict[str, object], due: str, since: str, until: str, moved: str
) -> None:
    given = None if text is None else budget(text, **options)
    assert shifted(china(due), china(since), china(until), given, CHINA) == china(moved)


def test_what_is_left_is_working_time_for_business_units_and_turns_negative_when_past() -> None:
    friday, monday = china("2026-03-06T16:30"), china("2026-03-09T09:30")
    assert remaining(friday, monday, budget(f"2 {HOURS}"), CHINA) == 2 * HOUR
    assert remaining(monday, friday, budget(f"2 {HOURS}"), CHINA) == -2 * HOUR
    assert remaining(friday, monday, budget("3 calendar_days"), CHINA) == monday - friday
    assert remaining(monday, friday, None, CHINA) == friday - monday


# --- explaining


def test_segments_say_why_time_counts_or_does_not() -> None:
    found = segments(china("2026-02-13T16:00"), china("2026-02-16T00:00"), CHINA)
    assert [(segment.kind.value, segment.on.day, segment.name and segment.name.zh) for segment in found] == [
        ("working", 13, None),
        ("closed", 13, None),
        ("closed", 14, "春节调休上班"),
        ("make_up", 14, "春节调休上班"),
        ("break", 14, "春节调休上班"),
        ("make_up", 14, "春节调休上班"),
        ("closed", 14, "春节调休上班"),
        ("holiday", 15, "春节"),
    ]


def test_segments_tell_weekends_from_days_with_hours_of_their_own() -> None:
    half = {"2026-03-06": {"hours": ["09:00-12:00"], "name": {"en": "Half day", "zh": "半天"}}}
    hall = calendars.resolve("hall", {"extends": "china", "days": half})
    found = segments(china("2026-03-06T09:00"), china("2026-03-08T00:00"), hall)
    assert [segment.kind.value for segment in found] == ["special", "closed", "weekend"]


def test_a_segment_shows_the_change_of_the_clocks_within_it() -> None:
    berlin = calendars.resolve("berlin", {"zone": "Europe/Berlin", "hours": {"mon-fri": ["09:00-17:00"]}})
    found = list(segments(at("2026-03-27T16:00"), at("2026-03-30T07:00"), berlin))
    assert [(segment.on.day, segment.shift_minutes) for segment in found] == [
        (27, 0),
        (28, 0),
        (29, 60),
        (30, 0),
    ]
    assert found[2].end - found[2].start == 23 * HOUR


def test_a_day_off_whose_last_hour_comes_twice_is_one_segment() -> None:
    cairo = calendars.resolve("cairo", {"zone": "Africa/Cairo", "hours": {"mon-wed": ["09:00-17:00"]}})
    found = list(segments(at("2026-10-28T21:00"), at("2026-10-29T22:00"), cairo))
    assert [(segment.on.day, segment.shift_minutes) for segment in found] == [(29, -60)]


def test_a_break_in_the_night_belongs_to_the_day_the_shift_began_on() -> None:
    hours = {"mon-fri": ["20:00-24:00"]}
    night = calendars.resolve("night", {"extends": "china", "hours": hours})
    late = replace(night, week=((Interval(start=1200, end=1440), Interval(start=1500, end=1800)),) * 7)
    found = list(segments(china("2026-03-03T00:00"), china("2026-03-03T06:00"), late))
    assert [(segment.kind.value, segment.on.day) for segment in found] == [("break", 2), ("working", 2)]


def test_there_is_nothing_to_explain_between_an_instant_and_itself_or_an_earlier_one() -> None:
    assert list(segments(MONDAY, MONDAY, CHINA)) == []
    assert list(segments(MONDAY, MONDAY - HOUR, CHINA)) == []


# --- days


def test_the_next_daily_of_working_days_skips_weekends_and_holidays() -> None:
    friday = china("2026-03-06T09:00")
    assert next_daily_working(CHINA, friday, time(17)) == china("2026-03-09T17:00")
    assert next_daily_working(CHINA, china("2026-09-30T09:00"), time(17)) == china("2026-10-08T17:00")
    assert next_daily_working(CHINA, china("2026-02-13T09:00"), time(17)) == china("2026-02-14T17:00")


def test_a_working_instant_is_the_instant_itself_or_the_next_opening() -> None:
    assert working_instant(CHINA, china("2026-03-02T09:15")) == china("2026-03-02T09:15")
    assert working_instant(CHINA, china("2026-03-02T12:00")) == china("2026-03-02T13:30")


def test_a_deadline_is_provisional_once_it_lies_on_a_day_the_calendar_does_not_know() -> None:
    assert not is_provisional(china("2026-12-31T17:30"), CHINA)
    assert is_provisional(add(china("2026-12-28T10:00"), budget(f"5 {DAYS}"), CHINA), CHINA)


def test_equal_calendars_share_what_was_laid_out() -> None:
    one, other = replace(CHINA, name="one"), replace(CHINA, name="other")
    assert timetable(one) is timetable(other)


def test_a_hundred_thousand_deadlines_take_seconds_at_most() -> None:
    """The goal is 2 s for 100,000, see bench/working_time.py; here a fifth of them, and three times the time."""
    starts = [MONDAY + n * 26 * timedelta(minutes=1) for n in range(20_000)]
    day = budget(f"20 {DAYS}")
    began = process_time()
    for start in starts:
        add(start, day, CHINA)
    assert process_time() - began < 3 * 2.0 / 5


# --- walls


def test_an_offset_holds_from_its_very_instant_on() -> None:
    change = at("2026-03-08T07:00")
    assert local_time(NEW_YORK, change - INSTANT) == wall("2026-03-08T02:00") - INSTANT
    assert local_time(NEW_YORK, change) == wall("2026-03-08T03:00")


def test_before_the_first_offset_that_offset_holds() -> None:
    assert local_time(SHANGHAI, at("1990-07-01T00:00")) == wall("1990-07-01T08:00")


def test_an_instant_may_be_given_in_any_zone() -> None:
    zone = Zone(name="fixed", offsets=(Offset(since=MONDAY, minutes=-570),))
    assert local_time(zone, datetime.fromisoformat("2026-03-02T09:00+08:00")) == wall("2026-03-01T15:30")


@pytest.mark.parametrize(
    ("zone", "shown", "meant"),
    [
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:30"),  # skipped: half an hour after the change
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30"),  # shown twice: the first
        (LORD_HOWE, "2026-10-04T02:15", "2026-10-03T15:45"),  # a change of half an hour
        (LORD_HOWE, "2026-04-05T01:45", "2026-04-04T14:45"),
        (CAIRO, "2026-04-24T00:30", "2026-04-23T22:30"),  # midnight itself is skipped
        (CAIRO, "2026-10-29T23:30", "2026-10-29T20:30"),  # and the hour before it comes twice
    ],
)
def test_what_the_clocks_skip_or_show_twice_has_one_meaning(zone: Zone, shown: str, meant: str) -> None:
    assert instant_of(zone, wall(shown)) == at(meant)


def test_next_daily_is_on_the_following_local_day_even_if_today_is_still_to_come() -> None:
    early = at("2026-03-01T16:01")  # one minute past midnight in Shanghai
    assert next_daily(SHANGHAI, early, time(17)) == at("2026-03-03T09:00")
    late = at("2026-03-02T15:59")
    assert next_daily(SHANGHAI, late, time(17)) == at("2026-03-03T09:00")
    assert next_daily(SHANGHAI, late + timedelta(minutes=1), time(17)) == at("2026-03-04T09:00")


def test_equal_zones_are_equal_data() -> None:
    assert replace(SHANGHAI) == resolve("Asia/Shanghai")


def test_a_day_that_has_closed_is_not_day_one_of_days_that_end_at_closing() -> None:
    rule = Budget(amount=1, unit=Unit.CALENDAR_DAYS, ends=Ends.CLOSE, counts_first_day=True)
    assert add(china("2026-03-02T17:29"), rule, CHINA) == china("2026-03-02T17:30")
    assert add(china("2026-03-02T17:30"), rule, CHINA) == china("2026-03-03T17:30")
