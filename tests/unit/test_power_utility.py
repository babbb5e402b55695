"""The worked example: when a power utility's complaints are due, counted by hand on the calendar on the wall.

Office hours are 08:30-12:00 and 13:30-17:30, Monday to Friday: 3 h 30 and 4 h, 7 h 30 a day. In 2026 (State Council
notice of 4 November 2025) these days differ from their weekday:

    closed    1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October
    working   Sun 4 January, Sat 14 February, Sat 28 February, Sat 9 May, Sun 20 September, Sat 10 October

Each row below: the moment of receipt; 24 hours for the contact; 5 working days for the answer, not counting the day of
receipt, until closing; 8 business hours for another department's verification. All in Shanghai.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from complaints.commands import Register
from complaints.forms import Names
from complaints.policy_file import builtin
from complaints.records import Cause, ClockName
from complaints.vocabulary import Role, Severity
from complaints.working_time import (
    Budget,
    Calendar,
    SpecialDay,
    Unit,
    add,
    instant_of,
    is_provisional,
    is_working_day,
    local_time,
)
from tests.lives import Life, cny, example

POLICY = builtin("power-utility")
CHINA = POLICY.working_time(None)

CONTACT = POLICY.statutory["contact"].budget
ANSWER = POLICY.statutory["answer"].budget
REGULATED = POLICY.statutory["regulated_answer"].budget
EIGHT_HOURS = POLICY.clocks[ClockName.VERIFICATION].budget


def at(shown: str) -> datetime:
    """Return the instant at which clocks in Shanghai show this."""
    return instant_of(CHINA.zone, datetime.fromisoformat(shown))


def shown(instant: datetime) -> str:
    return local_time(CHINA.zone, instant).isoformat(" ", "minutes")


def due(received: str, budget: Budget | None, calendar: Calendar = CHINA) -> str:
    assert budget is not None
    return shown(add(at(received), budget, calendar))


MOMENTS = [
    # An ordinary Monday. Tue 3, Wed 4, Thu 5, Fri 6, Mon 9. 3 h + 4 h on Monday, 1 h on Tuesday.
    ("2026-03-02 09:00", "2026-03-03 09:00", "2026-03-09 17:30", "2026-03-03 09:30"),
    # Before opening: hours run from 08:30. Thu 5, Fri 6, Mon 9, Tue 10, Wed 11. 7 h 30 + 30 min.
    ("2026-03-04 06:15", "2026-03-05 06:15", "2026-03-11 17:30", "2026-03-05 09:00"),
    # At opening: the hours are the same as before opening.
    ("2026-03-04 08:30", "2026-03-05 08:30", "2026-03-11 17:30", "2026-03-05 09:00"),
    # At the beginning of the lunch break: hours run from 13:30. 4 h, then 3 h 30 on Wednesday, then 30 min.
    ("2026-03-03 12:00", "2026-03-04 12:00", "2026-03-10 17:30", "2026-03-04 14:00"),
    # In the lunch break: the same hours. Wed 4, Thu 5, Fri 6, Mon 9, Tue 10.
    ("2026-03-03 12:40", "2026-03-04 12:40", "2026-03-10 17:30", "2026-03-04 14:00"),
    # A minute before closing: 1 min, 7 h 30 on Friday, 29 min on Monday.
    ("2026-03-05 17:29", "2026-03-06 17:29", "2026-03-12 17:30", "2026-03-09 08:59"),
    # At closing: nothing of Thursday is left. Fri 6, Mon 9, Tue 10, Wed 11, Thu 12. 7 h 30 + 30 min.
    ("2026-03-05 17:30", "2026-03-06 17:30", "2026-03-12 17:30", "2026-03-09 09:00"),
    # Friday night: the contact falls on Saturday. Mon 9 to Fri 13.
    ("2026-03-06 21:10", "2026-03-07 21:10", "2026-03-13 17:30", "2026-03-10 09:00"),
    # Saturday.
    ("2026-03-07 10:00", "2026-03-08 10:00", "2026-03-13 17:30", "2026-03-10 09:00"),
    # The last minute of Sunday: Monday is the first day that counts.
    ("2026-03-08 23:59", "2026-03-09 23:59", "2026-03-13 17:30", "2026-03-10 09:00"),
    # The first minute of Monday: Monday is the day of receipt. Tue 10 to Fri 13, Mon 16.
    ("2026-03-09 00:00", "2026-03-10 00:00", "2026-03-16 17:30", "2026-03-10 09:00"),
    # --- New Year 2026. Sun 4 works, Mon 5, Tue 6, Wed 7, Thu 8. 45 min, then 3 h 30 + 3 h 45 on Sunday.
    ("2025-12-31 16:45", "2026-01-01 16:45", "2026-01-08 17:30", "2026-01-04 17:15"),
    # --- Spring Festival. Tue 10, Wed 11, Thu 12, Fri 13, Sat 14 works. 2 h + 4 h, then 2 h.
    ("2026-02-09 10:00", "2026-02-10 10:00", "2026-02-14 17:30", "2026-02-10 10:30"),
    # One day later the fifth day lies beyond the holiday: Wed 11, Thu 12, Fri 13, Sat 14, Tue 24. 2 h 30 + 3 h 30 + 2 h.
    ("2026-02-10 15:00", "2026-02-11 15:00", "2026-02-24 17:30", "2026-02-11 15:30"),
    # Received on the make-up Saturday: Tue 24, Wed 25, Thu 26, Fri 27, Sat 28 works. 1 h 30 + 3 h 30 + 3 h.
    ("2026-02-14 16:00", "2026-02-15 16:00", "2026-02-28 17:30", "2026-02-24 16:30"),
    # The first day of the lunar year: 24 hours are 24 hours. Tue 24 to Fri 27, Sat 28.
    ("2026-02-17 08:00", "2026-02-18 08:00", "2026-02-28 17:30", "2026-02-25 09:00"),
    # The last evening of the holiday.
    ("2026-02-23 23:00", "2026-02-24 23:00", "2026-02-28 17:30", "2026-02-25 09:00"),
    # The first morning at work: Wed 25, Thu 26, Fri 27, Sat 28, Mon 2 March.
    ("2026-02-24 08:30", "2026-02-25 08:30", "2026-03-02 17:30", "2026-02-25 09:00"),
    # In the lunch break of a make-up Saturday: Mon 2 to Fri 6. 4 h on Saturday, 3 h 30 + 30 min on Monday.
    ("2026-02-28 12:30", "2026-03-01 12:30", "2026-03-06 17:30", "2026-03-02 14:00"),
    # --- Qingming. Fri 3, Tue 7, Wed 8, Thu 9, Fri 10. 1 h + 4 h, then 3 h.
    ("2026-04-02 11:00", "2026-04-03 11:00", "2026-04-10 17:30", "2026-04-03 11:30"),
    # 30 min on Friday, 7 h 30 on Tuesday: used up at closing is due at closing. Tue 7 to Fri 10, Mon 13.
    ("2026-04-03 17:00", "2026-04-04 17:00", "2026-04-13 17:30", "2026-04-07 17:30"),
    # --- Labour Day. Wed 6, Thu 7, Fri 8, Sat 9 works, Mon 11. 3 h 30, then 3 h 30 + 1 h.
    ("2026-04-30 14:00", "2026-05-01 14:00", "2026-05-11 17:30", "2026-05-06 14:30"),
    # --- Dragon Boat. Thu 18, Mon 22, Tue 23, Wed 24, Thu 25. 2 h 30 + 4 h, then 1 h 30.
    ("2026-06-17 09:30", "2026-06-18 09:30", "2026-06-25 17:30", "2026-06-18 10:00"),
    # --- National Day. Fri 18, Sun 20 works (Sat 19 doesn't), Mon 21, Tue 22, Wed 23. 2 h + 4 h, then 2 h.
    ("2026-09-17 10:00", "2026-09-18 10:00", "2026-09-23 17:30", "2026-09-18 10:30"),
    # Received on the make-up Sunday: Mon 21 to Thu 24, then Mon 28. 3 h + 4 h, then 1 h.
    ("2026-09-20 09:00", "2026-09-21 09:00", "2026-09-28 17:30", "2026-09-21 09:30"),
    # The eve of Mid-Autumn, two holidays ahead: Mon 28, Tue 29, Wed 30, Thu 8 October, Fri 9.
    ("2026-09-24 18:00", "2026-09-25 18:00", "2026-10-09 17:30", "2026-09-29 09:00"),
    # At the last closing before National Day: Thu 8, Fri 9, Sat 10 works, Mon 12, Tue 13.
    ("2026-09-30 17:30", "2026-10-01 17:30", "2026-10-13 17:30", "2026-10-09 09:00"),
    # In the holiday, at night: the same days.
    ("2026-10-02 03:00", "2026-10-03 03:00", "2026-10-13 17:30", "2026-10-09 09:00"),
    # On the make-up Saturday: Mon 12 to Fri 16. 30 min, then 7 h 30 on Monday, until closing.
    ("2026-10-10 17:00", "2026-10-11 17:00", "2026-10-16 17:30", "2026-10-12 17:30"),
    # --- The end of what is known. Fri 25, Mon 28, Tue 29, Wed 30, Thu 31. 1 h + 4 h, then 3 h.
    ("2026-12-24 11:00", "2026-12-25 11:00", "2026-12-31 17:30", "2026-12-25 11:30"),
    # Mon 28 to Thu 31, then a Friday whose holiday was not announced yet.
    ("2026-12-25 11:00", "2026-12-26 11:00", "2027-01-01 17:30", "2026-12-28 11:30"),
    # Thu 31, then as the weekdays say: Fri 1, Mon 4, Tue 5, Wed 6. 7 h 30, then 30 min on Friday.
    ("2026-12-30 20:00", "2026-12-31 20:00", "2027-01-06 17:30", "2027-01-01 09:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "contact", "answer", "verification"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


@BY_MOMENT
def test_the_contact_is_due_24_hours_after_receipt(
    received: str, contact: str, answer: str, verification: str
) -> None:
    assert due(received, CONTACT) == contact


@BY_MOMENT
def test_the_answer_is_due_at_closing_of_the_fifth_working_day(
    received: str, contact: str, answer: str, verification: str
) -> None:
    assert due(received, ANSWER) == answer


@BY_MOMENT
def test_a_verification_has_eight_business_hours(
    received: str, contact: str, answer: str, verification: str
) -> None:
    assert due(received, EIGHT_HOURS) == verification


@pytest.mark.parametrize(
    ("received", "answer"),
    [
        # Tue 3 to Fri 6 are 4, Mon 9 to Fri 13 are 9, Mon 16.
        ("2026-03-02 09:00", "2026-03-16 17:30"),
        # Wed 11 to Sat 14 are 4, Tue 24 to Sat 28 are 9, Mon 2 March.
        ("2026-02-10 15:00", "2026-03-02 17:30"),
        # Thu 8 to Sat 10 are 3, Mon 12 to Fri 16 are 8, Mon 19, Tue 20.
        ("2026-09-30 17:30", "2026-10-20 17:30"),
    ],
)
def test_the_regulator_allows_ten_working_days(received: str, answer: str) -> None:
    assert due(received, REGULATED) == answer


@pytest.mark.parametrize(
    ("received", "investigation"),
    [
        ("2026-03-02 09:00", "2026-03-04 09:00"),  # Tue 3, Wed 4
        ("2026-02-13 11:00", "2026-02-24 11:00"),  # Sat 14 works, Tue 24
        ("2026-02-13 12:30", "2026-02-24 13:30"),  # from 13:30, when the lunch break is over
        ("2026-02-13 18:00", "2026-02-25 08:30"),  # from Sat 14 at opening: Tue 24, Wed 25
        ("2026-10-09 16:00", "2026-10-12 16:00"),  # Sat 10 works, Mon 12
    ],
)
def test_an_investigation_has_two_working_days_to_the_same_hour(received: str, investigation: str) -> None:
    assert due(received, POLICY.clocks[ClockName.INVESTIGATION].budget) == investigation


@pytest.mark.parametrize(
    ("received", "budget", "provisional"),
    [
        ("2026-12-24 11:00", ANSWER, False),  # closes on the last day that is known
        ("2026-12-25 11:00", ANSWER, True),
        ("2026-12-25 11:00", EIGHT_HOURS, False),
        ("2026-12-30 20:00", EIGHT_HOURS, True),
    ],
)
def test_what_reaches_into_a_year_that_was_not_announced_is_provisional(
    received: str, budget: Budget, provisional: bool
) -> None:
    assert is_provisional(at(due(received, budget)), CHINA) is provisional


def test_a_provisional_answer_moves_once_the_holiday_is_known() -> None:
    new_year = SpecialDay(on=date(2027, 1, 1), hours=(), name=Names(en="New Year", zh="元旦"))
    announced = replace(CHINA, special=(*CHINA.special, new_year), known_until=date(2027, 12, 31))
    assert due("2026-12-25 11:00", ANSWER, announced) == "2027-01-04 17:30"


def test_2026_has_248_working_days() -> None:
    # 261 weekdays; less holidays on weekdays: January 2, February 6, April 1, May 3, June 1, September 1, October 5;
    # and 6 make-up days: 261 - 19 + 6.
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(is_working_day(CHINA, day) for day in days) == 248


# --- what the policy stands for


def test_the_commitments_name_where_they_are_written() -> None:
    assert "十项承诺" in POLICY.statutory["contact"].source
    assert "十项承诺" in POLICY.statutory["answer"].source
    assert "供电监管办法" in POLICY.statutory["regulated_answer"].source


def test_the_eight_foci_are_its_categories() -> None:
    names = {names.zh for names in POLICY.categories.values()}
    assert names == {
        "电费计量", "抄表误差", "服务态度", "欠费停电", "设备工程", "抢修超时", "缴费排队", "停电", "其他",
    }  # fmt: skip


def test_three_temperaments_have_guidance_of_their_own() -> None:
    guided = {name for entry in POLICY.playbook for name in entry.customer_types}
    assert guided == set(POLICY.customer_types) == {"know_it_all", "grumbler", "overbearing"}


def test_nothing_stops_or_extends_a_public_commitment() -> None:
    assert all(ClockName.STATUTORY not in rule.stops for rule in POLICY.pauses.values())
    assert ClockName.STATUTORY not in POLICY.extensions.clocks


def test_a_promise_cannot_be_extended() -> None:
    assert ClockName.PROMISE not in POLICY.extensions.clocks


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
def test_intake_to_solution_of_an_ordinary_complaint_fit_into_the_five_working_days(received: str) -> None:
    end = received
    for name in (ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION):
        end = due(end, POLICY.rule(name).budget_for(Severity.NORMAL))
    assert end <= due(received, ANSWER)


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time(name: ClockName, received: str) -> None:
    dues = [due(received, POLICY.rule(name).budget_for(severity)) for severity in Severity]
    assert dues == sorted(dues, reverse=True)


def test_the_lead_hears_of_a_commitment_while_it_can_still_be_kept() -> None:
    first, second, last = POLICY.ladder("commitment")
    assert (first.audience, first.percent) == (Role.LEAD, 75)
    assert (second.audience, second.percent) == (Role.CUSTOMER_SERVICE, None)
    assert last.audience == Role.EXECUTIVE


def test_the_hotline_never_closes() -> None:
    within = POLICY.ladder("commitment")[1].acknowledge_within
    assert due("2026-02-17 02:00", within, POLICY.working_time("hotline")) == "2026-02-17 03:00"


def test_money_beyond_the_leads_authority_goes_to_the_customer_service_department() -> None:
    assert POLICY.approver_of(cny(3_000)) == Role.LEAD
    assert POLICY.approver_of(cny(3_001)) == Role.CUSTOMER_SERVICE


# --- told, warned, improved


@pytest.mark.parametrize(
    ("said", "hazard"),
    [
        ("门口电线掉下来了", "line"),
        ("There is a downed line across the road", "line"),
        ("配电箱一直冒火花", "live_parts"),
        ("母亲在家靠呼吸机", "life_support"),
        ("我们整栋楼停电三小时了", "crowd"),
    ],
)
def test_what_endangers_somebody_is_raised_when_it_comes_in(said: str, hazard: str) -> None:
    life = Life(POLICY)
    life.do(example(Register, category="outage", description=said))
    raised = [each for each in life.state.escalations.values() if each.cause == Cause.HAZARD]
    assert [each.audience for each in raised] == [Role.CUSTOMER_SERVICE]
    sent = {each.hazard for each in life.state.emergencies.values()}
    assert sent == ({hazard} if POLICY.hazards[hazard].on_site_within else set())


@pytest.mark.parametrize("said", ["漏电保护器坏了", "电费多了一倍", "停电没有通知", "The bill is wrong"])
def test_a_device_and_a_bill_endanger_nobody(said: str) -> None:
    life = Life(POLICY)
    life.do(example(Register, category="billing", description=said))
    assert not life.state.escalations


def test_somebody_is_on_site_within_two_hours() -> None:
    within = [hazard.on_site_within for hazard in POLICY.hazards.values() if hazard.on_site_within]
    assert {(budget.amount, budget.unit) for budget in within} == {(2, Unit.CALENDAR_HOURS)}


def test_the_customer_is_told_at_once_by_when_they_will_be_answered() -> None:
    told = POLICY.acknowledgement
    assert told is not None
    assert all("{number}" in text and "{deadlines}" in text for text in (told.message.en, told.message.zh))


def test_what_our_own_process_caused_becomes_an_improvement() -> None:
    rule = POLICY.improvements
    assert rule is not None
    assert rule.from_structural
    assert (
        due("2026-02-09 10:00", rule.within) == "2026-03-13 17:30"
    )  # 10-13, Sat 14, 24-27, Sat 28, 2-6, 9-13
