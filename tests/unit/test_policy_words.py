"""A policy in words: every rule has a line, and two policies differ in the lines that differ."""

from dataclasses import replace

from cli.policy_words import Difference, differences, lines
from complaints.policy_file import builtin
from complaints.records import ClockName
from complaints.vocabulary import Role
from complaints.working_time import Budget, Ends, Unit

DEFAULT = builtin()
INTAKE = DEFAULT.clocks[ClockName.INTAKE]


def with_intake(budget: Budget):
    return replace(DEFAULT, clocks={**DEFAULT.clocks, ClockName.INTAKE: replace(INTAKE, budget=budget)})


def test_a_budget_is_said_with_its_unit_and_its_end():
    days = Budget(amount=3, unit=Unit.BUSINESS_DAYS, ends=Ends.CLOSE, counts_first_day=True)
    said = lines(with_intake(days))["clocks.intake.budget"]
    assert said == "3 business_days, by closing time, the first day counts"


def test_equal_policies_differ_in_nothing():
    assert differences(DEFAULT, replace(DEFAULT)) == []


def test_where_a_rule_stands_is_no_rule():
    assert differences(DEFAULT, replace(DEFAULT, places={"clocks.intake": "elsewhere.yaml:1"})) == []


def test_a_changed_budget_is_one_difference():
    three, five = (Budget(amount=amount, unit=Unit.BUSINESS_DAYS) for amount in (3, 5))
    assert differences(with_intake(five), with_intake(three)) == [
        Difference(path="clocks.intake.budget", before="5 business_days", after="3 business_days")
    ]


def test_what_only_one_says_has_one_side():
    without = replace(DEFAULT, clocks={k: v for k, v in DEFAULT.clocks.items() if k != ClockName.APPEAL})
    gone = [d for d in differences(DEFAULT, without) if d.path == "clocks.appeal.budget"]
    assert [(d.before, d.after) for d in gone] == [("15 calendar_days", "")]


def test_money_is_said_in_its_currency():
    changed = replace(DEFAULT, authority={"CNY": {Role.LEAD: 12345}})
    assert lines(changed)["authority.CNY.lead"] == "CNY 123.45"


def test_a_changed_holiday_is_a_difference():
    china = DEFAULT.calendars["china"]
    working = replace(
        china, special=tuple(day for day in china.special if day.on.isoformat() != "2026-10-01")
    )
    (found,) = differences(DEFAULT, replace(DEFAULT, calendars={"china": working}))
    assert found.path == "calendars.china.special.2026-10-01"
    assert found.before.startswith("closed (")


def test_a_change_of_the_clocks_is_a_difference():
    """A zone that the time zone database has changed its mind about."""
    china = DEFAULT.calendars["china"]
    (offset, *_) = china.zone.offsets
    moved = replace(china, zone=replace(china.zone, offsets=(replace(offset, minutes=offset.minutes + 30),)))
    (found,) = differences(DEFAULT, replace(DEFAULT, calendars={"china": moved}))
    assert (found.before, found.after) == ("UTC+08:00", "UTC+08:30")
