"""The worked example: when complaints from the CFPB's portal are due, counted by hand on the calendar on the wall.

Business is open 09:00-17:00, Monday to Friday. In 2026 these weekdays are closed: 1 and 19 January, 16 February, 25 May,
19 June, 3 July, 7 September, 12 October, 11 and 26 November, 25 December. Clocks go forward on 8 March and back on
1 November.

Each row below: the moment at which it was sent to the portal; two business days until close for our own word that we
have it; the end of day 15 and of day 60, which no holiday moves. All in New York.
"""

from itertools import pairwise

import pytest

from complaints.policy import MetBy
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import ClockName
from complaints.vocabulary import Money, Role, Severity
from tests.wall_clock import WallClock

POLICY = builtin("cfpb")
WALL = WallClock(POLICY)
RESPONSE = POLICY.statutory["response"]

MOMENTS = [
    # An ordinary Monday: Tue 3, Wed 4. 17 March, 1 May.
    ("2026-03-02 09:00", "2026-03-04 17:00", "2026-03-18 00:00", "2026-05-02 00:00"),
    # Before Martin Luther King Day: Tue 20, Wed 21. 31 January, 17 March.
    ("2026-01-16 16:00", "2026-01-21 17:00", "2026-02-01 00:00", "2026-03-18 00:00"),
    # Before Washington's Birthday: Tue 17, Wed 18. 28 February, 14 April.
    ("2026-02-13 10:00", "2026-02-18 17:00", "2026-03-01 00:00", "2026-04-15 00:00"),
    # The night in which the clocks go forward: Mon 9, Tue 10. 22 March, 6 May.
    ("2026-03-07 23:30", "2026-03-10 17:00", "2026-03-23 00:00", "2026-05-07 00:00"),
    # Just after they did.
    ("2026-03-08 03:30", "2026-03-10 17:00", "2026-03-24 00:00", "2026-05-08 00:00"),
    # At close before Memorial Day: Tue 26, Wed 27. 6 June, 21 July.
    ("2026-05-22 17:00", "2026-05-27 17:00", "2026-06-07 00:00", "2026-07-22 00:00"),
    # Before Juneteenth: Mon 22, Tue 23. 3 July, a holiday, and yet the end; 17 August.
    ("2026-06-18 12:00", "2026-06-23 17:00", "2026-07-04 00:00", "2026-08-18 00:00"),
    # Before Independence Day, which is kept on Friday 3: Mon 6, Tue 7. 17 July, 31 August.
    ("2026-07-02 09:00", "2026-07-07 17:00", "2026-07-18 00:00", "2026-09-01 00:00"),
    # Before Labor Day, after close: Tue 8, Wed 9. 19 September, 3 November on winter time.
    ("2026-09-04 18:00", "2026-09-09 17:00", "2026-09-20 00:00", "2026-11-04 00:00"),
    # Before Columbus Day: Tue 13, Wed 14. 24 October, 8 December.
    ("2026-10-09 10:00", "2026-10-14 17:00", "2026-10-25 00:00", "2026-12-09 00:00"),
    # The night in which the clocks go back: Mon 2, Tue 3. 15 November, 30 December.
    ("2026-10-31 20:00", "2026-11-03 17:00", "2026-11-16 00:00", "2026-12-31 00:00"),
    # In the hour that is there twice.
    ("2026-11-01 01:30", "2026-11-03 17:00", "2026-11-17 00:00", "2027-01-01 00:00"),
    # Before Veterans Day: Thu 12, Fri 13. 25 November, 9 January.
    ("2026-11-10 16:00", "2026-11-13 17:00", "2026-11-26 00:00", "2027-01-10 00:00"),
    # Before Thanksgiving: Fri 27, Mon 30. 10 December, 24 January.
    ("2026-11-25 12:00", "2026-11-30 17:00", "2026-12-11 00:00", "2027-01-25 00:00"),
    # Christmas Eve: Mon 28, Tue 29. 8 January, 22 February.
    ("2026-12-24 12:00", "2026-12-29 17:00", "2027-01-09 00:00", "2027-02-23 00:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "told", "response", "final"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


@BY_MOMENT
def test_the_customer_hears_that_we_have_it_within_two_business_days(
    received: str, told: str, response: str, final: str
) -> None:
    assert WALL.statutory(received, "receipt") == told


@BY_MOMENT
def test_the_response_is_given_before_the_fifteenth_day_is_over(
    received: str, told: str, response: str, final: str
) -> None:
    assert WALL.statutory(received, "response") == response


@BY_MOMENT
def test_what_is_in_progress_has_sixty_days_in_all(
    received: str, told: str, response: str, final: str
) -> None:
    assert WALL.statutory(received, "response", 0) == final


@BY_MOMENT
def test_intake_to_solution_of_an_ordinary_complaint_fit_into_the_fifteen_days(
    received: str, told: str, response: str, final: str
) -> None:
    assert WALL.internal(received, ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION) <= response


@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time_on_a_working_day(name: ClockName) -> None:
    dues = [WALL.internal("2026-03-02 09:00", name, severity=severity) for severity in Severity]
    assert all(later <= earlier for earlier, later in pairwise(dues))


# --- what the policy stands for


def test_the_response_names_the_manual_and_the_law_behind_it() -> None:
    assert RESPONSE.met_by == MetBy.ANSWER
    assert "Company Portal Manual, section 8.1" in RESPONSE.source
    assert "12 U.S.C. 5534(b)" in RESPONSE.source


def test_what_is_our_own_commitment_says_so() -> None:
    assert "not a regulation" in POLICY.statutory["receipt"].source


def test_the_products_are_those_of_the_complaint_form() -> None:
    assert len(POLICY.categories) == 11
    assert POLICY.categories["debt_management"].en == "Debt or credit management"


def test_a_complaint_is_closed_in_the_words_of_the_portal() -> None:
    assert {names.en for names in POLICY.kinds.values()} == {
        "Closed with explanation",
        "Closed with non-monetary relief",
        "Closed with monetary relief",
    }


def test_the_consumer_may_come_back_for_sixty_days() -> None:
    window = POLICY.clocks[ClockName.APPEAL].budget
    assert window is not None
    assert window.amount == 60


def test_no_findings_while_an_issue_is_open() -> None:
    assert any(Step.QUESTIONS_ANSWERED in gate.needs for gate in POLICY.gates)


def test_money_is_in_dollars() -> None:
    assert set(POLICY.authority) == {"USD"}
    assert POLICY.approver_of(Money(amount_minor=250_001, currency="USD")) == Role.CUSTOMER_SERVICE
