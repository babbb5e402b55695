"""What a policy file says of a calendar becomes data, or is refused field by field."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar  # type: ignore[import-untyped]
import pytest
import yaml

from complaints.calendars import SHIPPED, resolve
from complaints.canonical import canonical
from complaints.public_holidays import public_holidays
from complaints.wire import Malformed
from complaints.working_time import Interval, is_provisional, is_working_day, segments

MORNING, AFTERNOON = Interval(start=510, end=720), Interval(start=810, end=1050)
DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "working-time.md"
NAME = {"en": "Inventory", "zh": "盘点"}
OFFICE = {"mon-fri": ["09:00-17:00"]}


def own(**said: object) -> dict[str, Any]:
    return {"zone": "Europe/Berlin", "hours": OFFICE, **said}


def refused(
    definition: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, str]:
    with pytest.raises(Malformed) as raised:
        resolve("hall", definition, others)
    return {problem.field: problem.rule for problem in raised.value.problems}


# --- China


def test_china_works_on_exactly_the_days_that_another_table_of_the_notices_says() -> None:
    china = resolve("china")
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366 + 365 + 365)]
    assert days[-1] == date(2026, 12, 31)
    assert [day for day in days if is_working_day(china, day)] == [
        day for day in days if chinese_calendar.is_workday(day)
    ]


def test_the_make_up_days_of_2026_are_worked_like_a_monday_and_say_so() -> None:
    china = resolve("china")
    worked = {day.on: day for day in china.special if day.on.year == 2026 and day.hours}
    assert [f"{on:%m-%d}" for on in worked] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert {day.hours for day in worked.values()} == {(MORNING, AFTERNOON)}
    assert all("调休" in day.name.zh for day in worked.values())


def test_china_admits_that_it_does_not_know_2027() -> None:
    china = resolve("china")
    assert china.known_until == date(2026, 12, 31)
    assert not is_provisional(
        datetime.fromisoformat("2027-01-01T00:00+08:00"), china
    )  # the end of the last known day
    assert is_provisional(datetime.fromisoformat("2027-01-01T00:01+08:00"), china)


def test_a_country_code_of_china_means_our_own_table() -> None:
    shop = resolve("shop", {"country": "CN", "zone": "Asia/Shanghai", "hours": {"mon-fri": ["10:00-22:00"]}})
    assert shop.known_until == date(2026, 12, 31)
    assert is_working_day(shop, date(2026, 2, 14))
    assert not is_working_day(shop, date(2026, 2, 16))


def test_who_changes_the_hours_changes_those_of_the_make_up_days() -> None:
    early = resolve("early", {"extends": "china", "hours": {"mon-fri": ["07:00-15:00"]}})
    make_up = next(day for day in early.special if day.on == date(2026, 2, 28))
    assert make_up.hours == (Interval(start=420, end=900),)


# --- others that ship


def test_around_the_clock_never_closes_and_needs_no_announcement() -> None:
    always = resolve("around-the-clock")
    found = list(
        segments(
            datetime.fromisoformat("2026-01-01T00:00Z"), datetime.fromisoformat("2026-02-01T00:00Z"), always
        )
    )
    assert all(segment.kind.counts for segment in found)
    assert always.known_until is None
    assert not is_provisional(datetime.fromisoformat("2099-01-01T00:00Z"), always)


def test_around_the_clock_takes_the_zone_of_who_extends_it() -> None:
    assert resolve("always", {"extends": "around-the-clock", "zone": "Asia/Tokyo"}).zone.name == "Asia/Tokyo"


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_resolves_to_the_same_text_each_time(name: str) -> None:
    assert canonical(resolve(name)) == canonical(resolve(name, {}))


def test_a_country_brings_the_holidays_of_its_part() -> None:
    bavaria = resolve("munich", own(country="DE", subdivision="BY"))
    berlin = resolve("berlin", own(country="DE", subdivision="BE"))
    corpus_christi = date(2026, 6, 4)
    assert not is_working_day(bavaria, corpus_christi)
    assert is_working_day(berlin, corpus_christi)
    assert next(day.name.en for day in bavaria.special if day.on == corpus_christi) == "Corpus Christi"


def test_the_names_of_holidays_are_chinese_where_the_library_knows_chinese() -> None:
    hong_kong = public_holidays("HK", None)
    name = hong_kong.off[date(2026, 7, 1)]
    assert (name.en, name.zh) == ("Hong Kong S.A.R. Establishment Day", "香港特别行政区成立纪念日")


def test_where_holidays_are_estimates_a_country_is_known_until_the_day_before_the_first() -> None:
    egypt = public_holidays("EG", None)
    first = min(day for day, name in egypt.off.items() if "estimated" in name.en)
    assert egypt.known_until == first - timedelta(days=1)


def test_where_working_days_are_moved_by_decree_a_country_is_known_as_far_as_the_last_decree() -> None:
    hungary = public_holidays("HU", None)
    assert hungary.known_until == date(max(hungary.make_up).year, 12, 31)
    assert date(2026, 8, 8) in hungary.make_up


# --- an organisation's own


def test_own_hours_and_days_go_before_those_of_the_calendar_that_is_extended() -> None:
    hall = resolve(
        "hall",
        {
            "extends": "china",
            "hours": {"sat": ["09:00-12:00"]},
            "days": {
                "2026-05-20": {"hours": [], "name": NAME},
                date(2026, 12, 31): {"hours": ["08:30-12:00"], "name": NAME},
                "2026-06-21": {"hours": "weekday", "name": NAME},  # a holiday in China
                "2026-08-03/2026-08-05": {"hours": [], "name": NAME},
            },
            "known_until": "2027-12-31",
        },
    )
    special = {day.on: day.hours for day in hall.special}
    assert hall.week[0] == (MORNING, AFTERNOON)
    assert hall.week[5] == (Interval(start=540, end=720),)
    assert special[date(2026, 5, 20)] == ()
    assert special[date(2026, 12, 31)] == (MORNING,)
    assert special[date(2026, 6, 21)] == (MORNING, AFTERNOON)
    assert [special[date(2026, 8, day)] for day in (3, 4, 5)] == [(), (), ()]
    assert special[date(2026, 10, 1)] == ()
    assert hall.known_until == date(2027, 12, 31)


def test_a_calendar_may_extend_another_of_the_same_file() -> None:
    others = {"office": own(days={"2026-03-03": {"hours": [], "name": NAME}}), "hall": {"extends": "office"}}
    hall = resolve("hall", others["hall"], others)
    assert hall.name == "hall"
    assert not is_working_day(hall, date(2026, 3, 3))


def test_a_calendar_may_take_the_name_of_the_one_that_ships_and_extend_it() -> None:
    said = {"extends": "china", "days": {"2026-03-03": {"hours": [], "name": NAME}}}
    china = resolve("china", said, {"china": said})
    assert not is_working_day(china, date(2026, 3, 3))
    assert not is_working_day(china, date(2026, 10, 1))


def test_what_ends_no_later_than_it_begins_is_a_night_shift() -> None:
    assert resolve("night", own(hours={"fri": ["22:00-06:00"]})).week[4] == (Interval(start=1320, end=1800),)


def test_the_order_in_which_hours_are_written_does_not_matter() -> None:
    assert resolve("hall", own(hours={"mon": ["13:30-17:30", "08:30-12:00"]})).week[0] == (MORNING, AFTERNOON)


def test_the_calendars_in_the_documentation_are_in_order() -> None:
    example = DOCUMENTATION.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    definitions = yaml.load(example, yaml.BaseLoader)["calendars"]
    resolved = {name: resolve(name, said, definitions) for name, said in definitions.items()}
    assert list(resolved) == ["hall", "munich"]
    assert not is_working_day(resolved["hall"], date(2026, 8, 4))


@pytest.mark.parametrize(
    ("definition", "field", "rule"),
    [
        (own(zone="Asia/Peking"), "zone", "IANA"),
        ({"hours": OFFICE}, "zone", "is missing"),
        ({"zone": "UTC"}, "hours", "is missing"),
        (own(hours={"mon": []}), "hours", "nobody would ever work"),
        (own(holidays=[]), "holidays", "is not a field here"),
        (own(extends="chine"), "extends", "there are around-the-clock, china"),
        ({"extends": "hall"}, "extends", "circle: hall -> hall"),
        (own(country="ZZ"), "country", "ISO 3166"),
        (own(country="DE", subdivision="XX"), "subdivision", "there are BB, BE"),
        (own(country="DE", extends="china"), "country", "in place of extends"),
        (own(subdivision="BY"), "subdivision", "goes with a country"),
        (own(country="CN", subdivision="GD"), "subdivision", "the same all over"),
        (own(hours=["09:00-17:00"]), "hours", "must name weekdays"),
        (own(hours={"monday": ["09:00-17:00"]}), "hours.monday", "mon, tue"),
        (own(hours={"fri-mon": ["09:00-17:00"]}), "hours.fri-mon", "begins on Monday"),
        (own(hours={"mon-fri": ["09:00-17:00"], "tue": []}), "hours.tue", "tue a second time"),
        (own(hours={"mon": "09:00-17:00"}), "hours.mon", "must be a list"),
        (own(hours={"mon": ["9 to 5"]}), "hours.mon", "two times"),
        (own(hours={"mon": ["09:00-17:60"]}), "hours.mon", "no time of day"),
        (own(hours={"mon": ["09:00-24:30"]}), "hours.mon", "no time of day"),
        (own(hours={"mon": ["09:00-09:00"]}), "hours.mon", "ends when it begins"),
        (own(hours={"mon": ["09:00-08:00"]}), "hours.mon", "would last 23 hours"),
        (
            own(hours={"mon": ["08:00-12:00", "11:00-15:00"]}),
            "hours.mon",
            "08:00-12:00 and 11:00-15:00 overlap",
        ),
        (
            own(hours={"mon": ["04:00-12:00", "22:00-05:00"]}),
            "hours.mon",
            "lasts until after the next day begins",
        ),
        (own(hours={"mon": ["22:00-06:00"], "tue": ["05:00-12:00"]}), "hours", "night of mon"),
        (own(days=["2026-05-20"]), "days", "must name dates"),
        (own(days={"20 May": {"hours": [], "name": NAME}}), "days.20 May", "must be a date"),
        (own(days={"2026-02-30": {"hours": [], "name": NAME}}), "days.2026-02-30", "must be a date"),
        (
            own(days={"2026-05-02/2026-05-01": {"hours": [], "name": NAME}}),
            "days.2026-05-02/2026-05-01",
            "before it begins",
        ),
        (
            own(
                days={
                    "2026-05-01/2026-05-05": {"hours": [], "name": NAME},
                    "2026-05-04": {"hours": [], "name": NAME},
                }
            ),
            "days.2026-05-04",
            "2026-05-04 a second time",
        ),
        (own(days={"2026-05-20": []}), "days.2026-05-20", "its hours and its name"),
        (own(days={"2026-05-20": {"name": NAME}}), "days.2026-05-20.hours", "is missing"),
        (own(days={"2026-05-20": {"hours": "closed", "name": NAME}}), "days.2026-05-20.hours", '"weekday"'),
        (own(days={"2026-05-20": {"hours": []}}), "days.2026-05-20.name.en", "is missing"),
        (
            own(days={"2026-05-20": {"hours": [], "name": {"en": "x"}}}),
            "days.2026-05-20.name.zh",
            "is missing",
        ),
        (
            own(days={"2026-05-20": {"hours": [], "name": NAME, "why": "x"}}),
            "days.2026-05-20.why",
            "not a field",
        ),
        (
            own(
                hours={"mon-fri": ["22:00-06:00"]},
                days={"2026-05-20": {"hours": ["05:00-09:00"], "name": NAME}},
            ),
            "days.2026-05-20.hours",
            "the night of 2026-05-19",
        ),
        (own(known_until="soon"), "known_until", "must be a date"),
    ],
)
def test_a_mistake_names_its_field_and_what_is_allowed(
    definition: dict[str, Any], field: str, rule: str
) -> None:
    problems = refused(definition)
    assert rule in problems[field]


def test_all_mistakes_are_told_at_once() -> None:
    wrong = own(zone="Moon", hours={"mon": ["x"]}, known_until="soon", holidays=1)
    assert set(refused(wrong)) == {"zone", "hours.mon", "known_until", "holidays"}


def test_calendars_that_extend_each_other_are_refused_with_the_circle() -> None:
    others = {"hall": {"extends": "shop"}, "shop": {"extends": "hall"}}
    assert refused(others["hall"], others)["extends"] == "goes in a circle: hall -> shop -> hall"


def test_a_parent_with_mistakes_is_named() -> None:
    others = {"hall": {"extends": "shop"}, "shop": own(zone="Moon")}
    assert refused(others["hall"], others)["extends"] == "'shop' has mistakes of its own"


def test_an_unknown_calendar_is_refused_with_those_there_are() -> None:
    with pytest.raises(Malformed, match="'moon' is no calendar; there are around-the-clock, china"):
        resolve("moon")
