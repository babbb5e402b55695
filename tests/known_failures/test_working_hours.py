"""Deadlines that other products put at the wrong hour: read in the wrong zone, outside office hours, on odd holidays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints import calendars, consequences
from complaints.lifecycle import Stage
from complaints.policy import Policy, Rung
from complaints.policy_file import builtin
from complaints.records import Cause, Clock, ClockName
from complaints.vocabulary import Role
from complaints.wire import Malformed, parse_command, plain
from complaints.working_time import Budget, Unit, add
from tests.lives import (
    INSTANT,
    MINUTE,
    Life,
    at_stage,
    business_days,
    business_hours,
    with_clock,
    with_ladder,
)
from tests.workflow.cases import A_LITTLE
from tests.workflow.conftest import Opens

HALF_AN_HOUR = Budget(amount=30, unit=Unit.BUSINESS_MINUTES)
RIYADH = calendars.resolve(
    "office", {"zone": "Asia/Riyadh", "hours": {"mon-thu": ["08:00-16:00"], "sun": ["08:00-16:00"]}}
)


def in_zone(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def shanghai(text: str) -> datetime:
    return in_zone("Asia/Shanghai", text)


def berlin(text: str) -> datetime:
    return in_zone("Europe/Berlin", text)


# --- frappe/helpdesk #3776: deadlines were sent as plain text in the zone of the site, and read in the zone of whoever
# looked: to an agent in India a Saudi deadline lay 2½ hours earlier, and a new ticket with half an hour was "failed".


@pytest.fixture(params=["Asia/Riyadh", "Asia/Kolkata", "America/New_York"])
def set_up_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone that this machine believes to be in."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def due_in_half_an_hour() -> Policy:
    policy = with_clock(ClockName.FIRST_CONTACT, budget=HALF_AN_HOUR, warn_percent=(), calendar="riyadh")
    return replace(policy, calendars={**policy.calendars, "riyadh": RIYADH})


def test_helpdesk_3776_a_deadline_is_the_same_instant_wherever_the_machine_stands(set_up_in: str) -> None:
    received_at = in_zone(
        "Asia/Riyadh", "2026-09-15T10:00"
    ).astimezone()  # as a clerk's clock on that machine shows
    life = at_stage(Stage.INTAKE, due_in_half_an_hour(), start=received_at)
    clock = life.clock(ClockName.FIRST_CONTACT)
    assert clock.due_at == in_zone("Asia/Riyadh", "2026-09-15T10:30")
    life.wait(30 * MINUTE - INSTANT)
    assert not life.facts(consequences.ClockBreached)


def test_helpdesk_3776_a_deadline_leaves_us_with_its_zone() -> None:
    life = at_stage(Stage.INTAKE, due_in_half_an_hour(), start=in_zone("Asia/Riyadh", "2026-09-15T10:00"))
    written = plain(life.clock(ClockName.FIRST_CONTACT))["due_at"]
    assert datetime.fromisoformat(written) == datetime(2026, 9, 15, 7, 30, tzinfo=UTC)
    assert datetime.fromisoformat(written).tzinfo is not None


def test_helpdesk_3776_an_instant_without_a_zone_is_refused_at_the_door() -> None:
    promise = {"what": "明天下午五点前回电", "due_at": "2026-09-16T17:00:00"}
    with pytest.raises(Malformed, match="due_at"):
        parse_command("MakePromise", promise)
    promised = parse_command("MakePromise", {**promise, "due_at": "2026-09-16T17:00:00+08:00"})
    assert plain(promised)["due_at"] == "2026-09-16T17:00:00+08:00"


# --- GLPI #15429: with any calendar but 24/7, levels that lie before the deadline were reckoned wrongly, and tickets were
# escalated while they were being created.

EARLY = with_ladder(
    Rung(audience=Role.LEAD, percent=50),
    Rung(audience=Role.CUSTOMER_SERVICE),
    name="early",
    policy=with_clock(ClockName.INTAKE, budget=business_hours(8), warn_percent=(50,), ladder="early"),
)
"""Eight business hours, of which half are used up when somebody is warned and the lead is called."""

RECEIVED = {
    "before opening": ("2026-03-09T07:00", "2026-03-09T14:00", "2026-03-10T09:00"),
    "at opening": ("2026-03-09T08:30", "2026-03-09T14:00", "2026-03-10T09:00"),
    "during lunch": ("2026-03-09T12:30", "2026-03-09T17:30", "2026-03-10T14:00"),
    "just before closing": ("2026-03-06T17:00", "2026-03-09T12:00", "2026-03-09T17:30"),
    "at closing": ("2026-03-09T17:30", "2026-03-10T14:00", "2026-03-11T09:00"),
    "after closing": ("2026-03-09T22:00", "2026-03-10T14:00", "2026-03-11T09:00"),
    "over the weekend": ("2026-03-07T10:00", "2026-03-09T14:00", "2026-03-10T09:00"),
}
"""When it came in, when half of the time is used up, and when it is due, by the clocks of Shanghai.

The office is open from 08:30 to 12:00 and from 13:30 to 17:30. The ninth of March is a Monday.
"""


def received(at: str) -> Life:
    return at_stage(Stage.INTAKE, EARLY, start=shanghai(at))


@pytest.mark.parametrize(("at", "half", "due"), RECEIVED.values(), ids=RECEIVED)
def test_glpi_15429_what_comes_before_the_deadline_is_reckoned_in_office_hours_too(
    at: str, half: str, due: str
) -> None:
    clock = received(at).clock(ClockName.INTAKE)
    assert clock.warn_at == clock.call_at == (shanghai(half),)
    assert clock.due_at == shanghai(due)


@pytest.mark.parametrize(("at", "half", "due"), RECEIVED.values(), ids=RECEIVED)
def test_glpi_15429_nobody_is_told_before_the_office_has_worked_half_of_the_time(
    at: str, half: str, due: str
) -> None:
    life = received(at)
    life.wait_until(shanghai(half) - INSTANT)
    assert not [notice for notice in life.state.notices.values() if notice.clock == "intake/1"]
    life.wait(INSTANT)
    assert [fact.called_for for fact in life.facts(consequences.RungCalled)] == [shanghai(half)]


async def test_glpi_15429_on_the_server_nobody_is_called_while_a_complaint_is_created(
    open_case: Opens,
) -> None:
    case = await open_case(EARLY)
    assert not (await case.look()).notices
    clock: Clock = await case.clock(ClockName.INTAKE)
    await case.wait_until(clock.call_at[0])
    escalation = await case.escalation(clock)
    assert escalation.cause == Cause.AT_RISK
    assert timedelta() <= escalation.opened_at - clock.call_at[0] < A_LITTLE


# --- zammad #390: the calendar was filled from a public feed that calls St Martin's Day and the like holidays, so that
# four days of twelve working hours became six.

DAILY = {"zone": "Europe/Berlin", "hours": {"mon-sun": ["09:00-21:00"]}}


def test_zammad_390_a_custom_that_nobody_has_off_is_no_holiday() -> None:
    germany = calendars.resolve("germany", {**DAILY, "country": "DE"})
    due = add(berlin("2026-11-09T23:00"), business_hours(48), germany)  # over St Martin's Day, the eleventh
    assert due == berlin("2026-11-13T21:00")


@pytest.mark.parametrize(
    ("subdivision", "due"),
    [(None, "2026-11-18T21:00"), ("BE", "2026-11-18T21:00"), ("SN", "2026-11-19T21:00")],
)
def test_zammad_390_a_holiday_of_another_part_of_the_country_does_not_count(
    subdivision: str | None, due: str
) -> None:
    """The fifteenth is a day of mourning, which nobody has off; only Saxony has the eighteenth off."""
    here = calendars.resolve("here", {**DAILY, "country": "DE", "subdivision": subdivision})
    assert add(berlin("2026-11-14T23:00"), business_hours(48), here) == berlin(due)


def test_zammad_390_a_holiday_of_another_country_does_not_count() -> None:
    eve = shanghai("2026-12-24T10:00")
    assert add(eve, business_days(1), builtin().working_time("china")) == shanghai("2026-12-25T10:00")
    germany = calendars.resolve("germany", {**DAILY, "country": "DE"})
    national_day = berlin("2026-09-30T10:00")
    assert add(national_day, business_days(1), germany) == berlin("2026-10-01T10:00")


def test_zammad_390_an_organisation_says_itself_which_holidays_it_works() -> None:
    always = calendars.resolve(
        "always",
        {
            **DAILY,
            "country": "DE",
            "days": {"2026-12-25": {"hours": "weekday", "name": {"en": "We work", "zh": "照常上班"}}},
        },
    )
    assert add(berlin("2026-12-24T10:00"), business_days(1), always) == berlin("2026-12-25T10:00")
