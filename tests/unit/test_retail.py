"""The worked example of the policy `retail`: deadlines counted by hand, and what the pack stands for.

The answer counts working days of mainland China until 17:30, as in `test_power_utility`. Customer service is there every
day from 9:00 to 21:00, holidays included: twelve hours a day. In 2026 these days differ from their weekday:

    closed    1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October
    working   Sun 4 January, Sat 14 February, Sat 28 February, Sat 9 May, Sun 20 September, Sat 10 October

Each row below: the moment of receipt; an hour for telling the customer that it is being handled; 10 working days for the
answer; 4 hours of customer service for the first contact; 12 for another department's verification. All in Shanghai.
"""

import pytest

from complaints.lifecycle import Act
from complaints.policy import MetBy
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import ClockName
from complaints.vocabulary import Outcome, Role, Severity
from complaints.working_time import Budget, is_provisional
from tests.lives import cny
from tests.wall_clock import WallClock

POLICY = builtin("retail")
WALL = WallClock(POLICY)
due = WALL.due
CHINA = POLICY.working_time(None)
SERVICE_DESK = POLICY.working_time("service-desk")

ANSWER = POLICY.statutory["answer"].budget

MOMENTS = [
    # An ordinary Monday. Tue 3 to Fri 6 are 4, Mon 9 to Fri 13 are 9, Mon 16. Twelve hours are a day: until closing.
    ("2026-03-02 09:00", "2026-03-02 10:00", "2026-03-16 17:30", "2026-03-02 13:00", "2026-03-02 21:00"),
    # Friday after closing: Mon 9 to Fri 13, Mon 16 to Fri 20. Hours run from Saturday, 9:00.
    ("2026-03-06 21:10", "2026-03-06 22:10", "2026-03-20 17:30", "2026-03-07 13:00", "2026-03-07 21:00"),
    # --- Spring Festival. Sat 14 works, Tue 24 to Sat 28 are 6, Mon 2 March to Thu 5.
    ("2026-02-13 09:00", "2026-02-13 10:00", "2026-03-05 17:30", "2026-02-13 13:00", "2026-02-13 21:00"),
    # On the make-up Saturday: Tue 24 to Sat 28 are 5, Mon 2 to Fri 6. 5 h, then 7 h on the first holiday.
    ("2026-02-14 16:00", "2026-02-14 17:00", "2026-03-06 17:30", "2026-02-14 20:00", "2026-02-15 16:00"),
    # The first day of the lunar year, before opening: the same answer. 9:00 + 4 h.
    ("2026-02-17 08:00", "2026-02-17 09:00", "2026-03-06 17:30", "2026-02-17 13:00", "2026-02-17 21:00"),
    # The last evening of the holiday: the hour ends on Tuesday.
    ("2026-02-23 23:30", "2026-02-24 00:30", "2026-03-06 17:30", "2026-02-24 13:00", "2026-02-24 21:00"),
    # On the other make-up Saturday: Mon 2 to Fri 6, Mon 9 to Fri 13. 8 h 30, then 3 h 30 on Sunday.
    ("2026-02-28 12:30", "2026-02-28 13:30", "2026-03-13 17:30", "2026-02-28 16:30", "2026-03-01 12:30"),
    # --- Qingming. Tue 7 to Fri 10 are 4, Mon 13 to Fri 17 are 9, Mon 20. 4 h: used up at closing. 4 h, then 8 h.
    ("2026-04-03 17:00", "2026-04-03 18:00", "2026-04-20 17:30", "2026-04-03 21:00", "2026-04-04 17:00"),
    # --- Labour Day. Wed 6 to Fri 8 are 3, Sat 9 works, Mon 11 to Fri 15 are 9, Mon 18. 7 h, then 5 h.
    ("2026-04-30 14:00", "2026-04-30 15:00", "2026-05-18 17:30", "2026-04-30 18:00", "2026-05-01 14:00"),
    # On the make-up Saturday: Mon 11 to Fri 15, Mon 18 to Fri 22. 11 h, then 1 h.
    ("2026-05-09 10:00", "2026-05-09 11:00", "2026-05-22 17:30", "2026-05-09 14:00", "2026-05-10 10:00"),
    # --- Dragon Boat. Thu 18, Mon 22 to Fri 26 are 6, Mon 29, Tue 30, Wed 1 July, Thu 2. 2 h 40, then 1 h 20; 9 h 20.
    ("2026-06-17 18:20", "2026-06-17 19:20", "2026-07-02 17:30", "2026-06-18 10:20", "2026-06-18 18:20"),
    # --- National Day. Fri 18, Sun 20 works, Mon 21 to Thu 24 are 6, Mon 28 to Wed 30 are 9, Thu 8 October. 11 h, 1 h.
    ("2026-09-17 10:00", "2026-09-17 11:00", "2026-10-08 17:30", "2026-09-17 14:00", "2026-09-18 10:00"),
    # The eve of Mid-Autumn: Mon 28 to Wed 30 are 3, Thu 8 to Sat 10 are 6, Mon 12 to Thu 15.
    ("2026-09-24 22:45", "2026-09-24 23:45", "2026-10-15 17:30", "2026-09-25 13:00", "2026-09-25 21:00"),
    # At the last closing before National Day: Thu 8 to Sat 10 are 3, Mon 12 to Fri 16 are 8, Mon 19, Tue 20.
    ("2026-09-30 17:30", "2026-09-30 18:30", "2026-10-20 17:30", "2026-10-01 09:30", "2026-10-01 17:30"),
    # In the holiday, at night: the same answer.
    ("2026-10-02 03:00", "2026-10-02 04:00", "2026-10-20 17:30", "2026-10-02 13:00", "2026-10-02 21:00"),
    # On the make-up Saturday: Mon 12 to Fri 16, Mon 19 to Fri 23. 30 min, then 3 h 30; 11 h 30.
    ("2026-10-10 20:30", "2026-10-10 21:30", "2026-10-23 17:30", "2026-10-11 12:30", "2026-10-11 20:30"),
    # --- The end of what is known. Fri 18, Mon 21 to Fri 25 are 6, Mon 28 to Thu 31. 10 h, then 2 h.
    ("2026-12-17 11:00", "2026-12-17 12:00", "2026-12-31 17:30", "2026-12-17 15:00", "2026-12-18 11:00"),
    # Mon 21 to Fri 25 are 5, Mon 28 to Thu 31 are 9, then a Friday whose holiday was not announced yet.
    ("2026-12-18 11:00", "2026-12-18 12:00", "2027-01-01 17:30", "2026-12-18 15:00", "2026-12-19 11:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "acknowledged", "answer", "contact", "verification"),
    MOMENTS,
    ids=[row[0] for row in MOMENTS],
)


def budget(name: ClockName, severity: Severity = Severity.NORMAL) -> Budget | None:
    return POLICY.rule(name).budget_for(severity)


@BY_MOMENT
def test_the_customer_is_told_within_the_hour_that_it_is_being_handled(
    received: str, acknowledged: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, POLICY.statutory["acknowledged"].budget, CHINA) == acknowledged


@BY_MOMENT
def test_the_answer_is_due_at_closing_of_the_tenth_working_day(
    received: str, acknowledged: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, ANSWER, CHINA) == answer


@BY_MOMENT
def test_the_first_contact_has_four_hours_of_customer_service(
    received: str, acknowledged: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, budget(ClockName.FIRST_CONTACT), SERVICE_DESK) == contact


@BY_MOMENT
def test_a_verification_has_a_day_of_customer_service(
    received: str, acknowledged: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, budget(ClockName.VERIFICATION), SERVICE_DESK) == verification


@pytest.mark.parametrize(
    ("received", "provisional"), [("2026-12-17 11:00", False), ("2026-12-18 11:00", True)]
)
def test_an_answer_in_a_year_that_was_not_announced_is_provisional(received: str, provisional: bool) -> None:
    assert is_provisional(WALL.at(due(received, ANSWER)), CHINA) is provisional


# --- what the policy stands for


def test_both_promises_say_that_they_are_no_statute() -> None:
    assert all("not a statute" in rule.source for rule in POLICY.statutory.values())


def test_the_message_at_once_is_what_fulfils_the_first_promise() -> None:
    assert POLICY.acknowledgement is not None
    assert POLICY.statutory["acknowledged"].met_by == MetBy.ACKNOWLEDGED
    for text in (POLICY.acknowledgement.message.en, POLICY.acknowledgement.message.zh):
        assert all(blank in text for blank in ("{number}", "{received}", "{deadlines}"))


def test_nothing_is_investigated_before_the_form_is_complete_and_every_point_agreed() -> None:
    needs = {step for gate in POLICY.gates if gate.before == Act.BEGIN_INVESTIGATION for step in gate.needs}
    assert needs == {Step.FORM_COMPLETE, Step.POINTS_AGREED}


def test_what_is_settled_on_the_spot_was_restated_as_well() -> None:
    [gate] = [gate for gate in POLICY.gates if gate.before == Act.RESOLVE_AT_FIRST_CONTACT]
    assert gate.needs == (Step.POINTS_AGREED,)


def test_the_survey_is_asked_in_full_and_once_more_when_the_goods_were_used() -> None:
    [gate] = [gate for gate in POLICY.gates if gate.before == Act.CONFIRM_SATISFACTION]
    assert gate.needs == (Step.SURVEY_ANSWERED,)
    assert len(POLICY.follow_up.questions) == 5
    assert POLICY.after_closing["survey"].outcomes == (
        Outcome.RESOLVED,
        Outcome.RESOLVED_AT_FIRST_CONTACT,
    )


def test_the_second_survey_lies_within_the_appeal_window() -> None:
    closed = "2026-09-30 17:30"
    appeal = due(closed, budget(ClockName.APPEAL), CHINA)
    assert due(closed, POLICY.after_closing["survey"].after, CHINA) == "2026-10-10 17:30" < appeal


def test_every_field_of_the_form_asked_for_in_some_categories_only_names_categories_there_are() -> None:
    named = {name for field in POLICY.form.values() for name in field.categories}
    assert named <= set(POLICY.categories)
    assert {name for name, field in POLICY.form.items() if field.required and not field.categories} == {
        "order",
        "item",
        "bought_at",
    }


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
def test_intake_to_solution_of_an_ordinary_complaint_fit_into_the_ten_working_days(received: str) -> None:
    end = received
    for name in (ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION):
        end = due(end, budget(name), POLICY.working_time(POLICY.rule(name).calendar))
    assert end <= due(received, ANSWER, CHINA)


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time(name: ClockName, received: str) -> None:
    calendar = POLICY.working_time(POLICY.rule(name).calendar)
    dues = [due(received, budget(name, severity), calendar) for severity in Severity]
    assert dues == sorted(dues, reverse=True)


def test_nothing_stops_or_extends_what_was_promised() -> None:
    fixed = {ClockName.STATUTORY, ClockName.PROMISE}
    assert not fixed & set(POLICY.extensions.clocks)
    assert all(not fixed & set(rule.stops) for rule in POLICY.pauses.values())


def test_money_beyond_the_leads_authority_goes_to_the_customer_service_department() -> None:
    assert POLICY.approver_of(cny(3_000)) == Role.LEAD
    assert POLICY.approver_of(cny(3_001)) == Role.CUSTOMER_SERVICE
