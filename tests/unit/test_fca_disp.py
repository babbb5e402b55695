"""The worked example: when complaints under DISP are due in England, counted by hand on the calendar on the wall.

Business is open 09:00-17:00 (8 h), Monday to Friday. In 2026 these weekdays are closed: 1 January, 3 and 6 April, 4 and
25 May, 31 August, 25 and 28 December; and 1 January 2027. Clocks go forward on 29 March and back on 25 October.

Each row below: the moment of receipt; one business day for the acknowledgement; 15 and 35 business days for payments,
not counting the day of receipt, until close; the end of the day eight weeks later. All in London.
"""

from datetime import timedelta
from itertools import pairwise

import pytest

from complaints.policy import FeedbackDays, MetBy
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import ClockName
from complaints.vocabulary import Money, Role, Severity
from complaints.working_time import Budget, Ends, Unit
from tests.wall_clock import WallClock

POLICY = builtin("fca-disp")
WALL = WallClock(POLICY)
THREE_DAYS = Budget(amount=3, unit=Unit.BUSINESS_DAYS, ends=Ends.CLOSE)

MOMENTS = [
    # An ordinary Monday, with Easter ahead: 4 + 5 + 5 days, Mon 23; then 4 + 4 + 4 + 5, Wed 22 April.
    ("2026-03-02 09:00", "2026-03-03 17:00", "2026-03-23 17:00", "2026-04-22 17:00", "2026-04-28 00:00"),
    # New Year: Fri 2 is the first day. 1 + 5 + 5, Thu 22; then 1 + 5 + 5 + 5, Thu 19 February.
    ("2025-12-31 16:59", "2026-01-02 17:00", "2026-01-22 17:00", "2026-02-19 17:00", "2026-02-26 00:00"),
    # Friday after close, before the clocks go forward: 30, 31, 1, 2, then 7-10, 13-17, 20, 21.
    ("2026-03-27 18:30", "2026-03-30 17:00", "2026-04-21 17:00", "2026-05-20 17:00", "2026-05-23 00:00"),
    # The night before they do; eight weeks later it is summer time, and midnight is midnight.
    ("2026-03-28 23:30", "2026-03-30 17:00", "2026-04-21 17:00", "2026-05-20 17:00", "2026-05-24 00:00"),
    # Half an hour before they do.
    ("2026-03-29 00:30", "2026-03-30 17:00", "2026-04-21 17:00", "2026-05-20 17:00", "2026-05-25 00:00"),
    # Maundy Thursday: Tue 7 is the first day. 4 + 5 + 5, Mon 27; then 4 + 4 + 5 + 5, Tue 26, Wed 27 May.
    ("2026-04-02 16:00", "2026-04-07 17:00", "2026-04-27 17:00", "2026-05-27 17:00", "2026-05-29 00:00"),
    # Good Friday: the same business days, one calendar day more.
    ("2026-04-03 10:00", "2026-04-07 17:00", "2026-04-27 17:00", "2026-05-27 17:00", "2026-05-30 00:00"),
    # On the bank holiday in May: 5-8, 11-15, 18-22, Tue 26; then 3 + 5 + 5 + 5, Tue 23 June.
    ("2026-05-04 12:00", "2026-05-05 17:00", "2026-05-26 17:00", "2026-06-23 17:00", "2026-06-30 00:00"),
    # At close before a long weekend: 26-29, 1-5, 8-12, Mon 15 June; then 4 + 5 + 5 + 5, Mon 13 July.
    ("2026-05-22 17:00", "2026-05-26 17:00", "2026-06-15 17:00", "2026-07-13 17:00", "2026-07-18 00:00"),
    # Before the bank holiday in August: 1-4, 7-11, 14-18, Mon 21 September; then 4 + 5 + 5 + 5, Mon 19 October.
    ("2026-08-28 11:00", "2026-09-01 17:00", "2026-09-21 17:00", "2026-10-19 17:00", "2026-10-24 00:00"),
    # Before the clocks go back: 26-30, 2-6, 9-13 November; four more weeks, Fri 11 December.
    ("2026-10-23 15:00", "2026-10-26 17:00", "2026-11-13 17:00", "2026-12-11 17:00", "2026-12-19 00:00"),
    # In the hour that is there twice.
    ("2026-10-25 01:30", "2026-10-26 17:00", "2026-11-13 17:00", "2026-12-11 17:00", "2026-12-21 00:00"),
    # Christmas Eve: 29-31, 4-8, 11-15, 18, 19 January; then 3 + 5 + 5 + 5, Tue 16 February.
    ("2026-12-24 12:00", "2026-12-29 17:00", "2027-01-19 17:00", "2027-02-16 17:00", "2027-02-19 00:00"),
    # Christmas Day.
    ("2026-12-25 09:00", "2026-12-29 17:00", "2027-01-19 17:00", "2027-02-16 17:00", "2027-02-20 00:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "acknowledged", "payment", "exceptional", "final"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


@BY_MOMENT
def test_the_acknowledgement_is_sent_by_close_of_the_next_business_day(
    received: str, acknowledged: str, payment: str, exceptional: str, final: str
) -> None:
    assert WALL.statutory(received, "acknowledgement") == acknowledged


@BY_MOMENT
def test_a_payment_complaint_is_answered_within_15_business_days(
    received: str, acknowledged: str, payment: str, exceptional: str, final: str
) -> None:
    assert WALL.statutory(received, "payment_response") == payment


@BY_MOMENT
def test_in_exceptional_circumstances_a_payment_complaint_has_35_business_days(
    received: str, acknowledged: str, payment: str, exceptional: str, final: str
) -> None:
    assert WALL.statutory(received, "payment_response", 0) == exceptional


@BY_MOMENT
def test_the_final_response_is_sent_before_the_eight_weeks_are_over(
    received: str, acknowledged: str, payment: str, exceptional: str, final: str
) -> None:
    assert WALL.statutory(received, "final_response") == final


@BY_MOMENT
def test_an_ordinary_complaint_can_be_resolved_by_close_of_the_third_business_day(
    received: str, acknowledged: str, payment: str, exceptional: str, final: str
) -> None:
    third_day = WALL.due(received, THREE_DAYS)
    assert WALL.internal(received, ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION) <= third_day


@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time(name: ClockName) -> None:
    dues = [WALL.internal("2026-03-02 09:00", name, severity=severity) for severity in Severity]
    assert all(later <= earlier for earlier, later in pairwise(dues))


def test_eight_weeks_are_56_days() -> None:
    budget = POLICY.statutory["final_response"].budget
    assert budget is not None
    assert timedelta(days=budget.amount) == timedelta(weeks=8)


# --- what the policy stands for


def test_every_category_has_exactly_one_time_limit_for_the_final_response() -> None:
    limits = [rule.categories for rule in POLICY.statutory.values() if rule.met_by == MetBy.ANSWER]
    assert sorted(category for categories in limits for category in categories) == sorted(POLICY.categories)


def test_every_time_limit_names_its_rule() -> None:
    sources = {name: rule.source for name, rule in POLICY.statutory.items()}
    assert "DISP 1.6.1R" in sources["acknowledgement"]
    assert "DISP 1.6.2R" in sources["final_response"]
    assert "DISP 1.6.2AR" in sources["payment_response"]


def test_a_figure_that_the_rule_does_not_set_is_called_the_firms_own() -> None:
    assert "firm's own figure" in POLICY.statutory["acknowledgement"].source
    (step,) = POLICY.statutory["final_response"].extensions
    assert "firm's own figure" in step.source


def test_the_acknowledgement_states_the_deadlines_and_the_ombudsman() -> None:
    assert POLICY.acknowledgement is not None
    message = POLICY.acknowledgement.message
    assert "{deadlines}" in message.en
    assert "{deadlines}" in message.zh
    assert "Financial Ombudsman Service" in message.en


def test_more_time_is_granted_by_those_who_answer_to_the_regulator() -> None:
    for rule in POLICY.statutory.values():
        assert all(set(step.roles) == {Role.CUSTOMER_SERVICE, Role.EXECUTIVE} for step in rule.extensions)


def test_no_findings_while_a_question_is_open() -> None:
    assert any(Step.QUESTIONS_ANSWERED in gate.needs for gate in POLICY.gates)


def test_the_customer_is_kept_informed_every_working_day() -> None:
    assert POLICY.feedback.days == FeedbackDays.WORKING_DAYS
    assert POLICY.feedback.automatic


def test_money_is_in_pounds() -> None:
    assert set(POLICY.authority) == {"GBP"}
    assert POLICY.approver_of(Money(amount_minor=250_001, currency="GBP")) == Role.CUSTOMER_SERVICE
