"""The worked example of the policy `hospitality`: deadlines counted by hand, and what the pack stands for.

A house never closes: its days are all days, and the holidays of 2026 move nothing. The manager on duty is there from 7:00
to 23:00 every day.

Each row below: the moment of receipt; an hour until somebody listens; three days for the outcome, not counting the day of
receipt, until midnight (shown as 00:00 of the day after); 4 hours of the manager on duty for another department's
verification; 1 for an approval. All in Shanghai.
"""

import pytest

from complaints.lifecycle import Act
from complaints.policy import FeedbackDays
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import ClockName
from complaints.vocabulary import Role, Severity
from complaints.working_time import Budget
from tests.lives import cny
from tests.wall_clock import WallClock

POLICY = builtin("hospitality")
WALL = WallClock(POLICY)
due = WALL.due
HOUSE = POLICY.working_time(None)
DUTY_MANAGER = POLICY.working_time("duty-manager")

MOMENTS = [
    # Before the manager on duty comes: hours run from 7:00. Tue 3, Wed 4, Thu 5.
    ("2026-03-02 06:15", "2026-03-02 07:15", "2026-03-06 00:00", "2026-03-02 11:00", "2026-03-02 08:00"),
    # A Friday evening. Sat 7, Sun 8, Mon 9. 1 h 50, then 2 h 10 from Saturday, 7:00.
    ("2026-03-06 21:10", "2026-03-06 22:10", "2026-03-10 00:00", "2026-03-07 09:10", "2026-03-06 22:10"),
    # --- Spring Festival. A Friday before the make-up Saturday: Sat 14, Sun 15, Mon 16.
    ("2026-02-13 09:00", "2026-02-13 10:00", "2026-02-17 00:00", "2026-02-13 13:00", "2026-02-13 10:00"),
    # New Year's Eve dinner, at night: somebody listens in the new year. Tue 17, Wed 18, Thu 19.
    ("2026-02-16 23:40", "2026-02-17 00:40", "2026-02-20 00:00", "2026-02-17 11:00", "2026-02-17 08:00"),
    # The first day of the lunar year: Wed 18, Thu 19, Fri 20.
    ("2026-02-17 08:00", "2026-02-17 09:00", "2026-02-21 00:00", "2026-02-17 12:00", "2026-02-17 09:00"),
    # The last evening of the holiday: 30 min, then 3 h 30; 30 min, then 30.
    ("2026-02-23 22:30", "2026-02-23 23:30", "2026-02-27 00:00", "2026-02-24 10:30", "2026-02-24 07:30"),
    # The other make-up Saturday: 1, 2 and 3 March.
    ("2026-02-28 12:30", "2026-02-28 13:30", "2026-03-04 00:00", "2026-02-28 16:30", "2026-02-28 13:30"),
    # --- Qingming. Sat 4, Sun 5, Mon 6.
    ("2026-04-03 17:00", "2026-04-03 18:00", "2026-04-07 00:00", "2026-04-03 21:00", "2026-04-03 18:00"),
    # --- Labour Day. 4 h: used up when the manager leaves. 1, 2 and 3 May.
    ("2026-04-30 19:00", "2026-04-30 20:00", "2026-05-04 00:00", "2026-04-30 23:00", "2026-04-30 20:00"),
    # The first minute of the make-up Saturday is the day of receipt: Sun 10, Mon 11, Tue 12.
    ("2026-05-09 00:00", "2026-05-09 01:00", "2026-05-13 00:00", "2026-05-09 11:00", "2026-05-09 08:00"),
    # --- Dragon Boat. Sun 21, Mon 22, Tue 23.
    ("2026-06-20 13:00", "2026-06-20 14:00", "2026-06-24 00:00", "2026-06-20 17:00", "2026-06-20 14:00"),
    # --- Mid-Autumn. 2 h 30, then 1 h 30. Sun 27, Mon 28, Tue 29.
    ("2026-09-26 20:30", "2026-09-26 21:30", "2026-09-30 00:00", "2026-09-27 08:30", "2026-09-26 21:30"),
    # --- National Day. The last minute of the first day: Fri 2, Sat 3, Sun 4.
    ("2026-10-01 23:59", "2026-10-02 00:59", "2026-10-05 00:00", "2026-10-02 11:00", "2026-10-02 08:00"),
    # On the make-up Saturday: 1 min, then 3 h 59; 1 min, then 59.
    ("2026-10-10 22:59", "2026-10-10 23:59", "2026-10-14 00:00", "2026-10-11 10:59", "2026-10-11 07:59"),
    # --- The end of the year. Nothing here waits for anybody to announce a holiday.
    ("2026-12-31 23:30", "2027-01-01 00:30", "2027-01-04 00:00", "2027-01-01 11:00", "2027-01-01 08:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "heard", "answer", "verification", "approval"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


def budget(name: ClockName, severity: Severity = Severity.NORMAL) -> Budget | None:
    return POLICY.rule(name).budget_for(severity)


@BY_MOMENT
def test_somebody_listens_within_the_hour(
    received: str, heard: str, answer: str, verification: str, approval: str
) -> None:
    assert due(received, POLICY.statutory["heard"].budget, HOUSE) == heard


@BY_MOMENT
def test_the_outcome_is_told_within_three_days(
    received: str, heard: str, answer: str, verification: str, approval: str
) -> None:
    assert due(received, POLICY.statutory["answer"].budget, HOUSE) == answer


@BY_MOMENT
def test_a_verification_has_four_hours_of_the_manager_on_duty(
    received: str, heard: str, answer: str, verification: str, approval: str
) -> None:
    assert due(received, budget(ClockName.VERIFICATION), DUTY_MANAGER) == verification


@BY_MOMENT
def test_an_approval_has_an_hour_of_the_manager_on_duty(
    received: str, heard: str, answer: str, verification: str, approval: str
) -> None:
    assert due(received, budget(ClockName.APPROVAL), DUTY_MANAGER) == approval


# --- what the policy stands for


def test_both_promises_say_that_they_are_no_statute() -> None:
    assert all("not a statute" in rule.source for rule in POLICY.statutory.values())


def test_a_guest_knows_what_happens_next_and_when_before_anybody_looks_into_it() -> None:
    needs = {step for gate in POLICY.gates if gate.before == Act.BEGIN_INVESTIGATION for step in gate.needs}
    assert {Step.NEXT_STEP_AGREED, Step.TIME_TOLD} <= needs


def test_a_time_that_was_told_is_never_extended_and_never_stands_still() -> None:
    assert ClockName.PROMISE not in POLICY.extensions.clocks
    assert all(ClockName.PROMISE not in rule.stops for rule in POLICY.pauses.values())


def test_the_head_of_department_hears_of_a_promise_while_it_can_still_be_kept() -> None:
    first, second, last = POLICY.ladder(POLICY.rule(ClockName.PROMISE).ladder)
    assert (first.audience, first.percent) == (Role.LEAD, 80)
    assert (second.audience, last.audience) == (Role.CUSTOMER_SERVICE, Role.EXECUTIVE)


def test_the_guest_hears_from_us_every_day_by_itself() -> None:
    assert POLICY.feedback.automatic
    assert POLICY.feedback.days == FeedbackDays.EVERY_DAY


def test_nobody_is_called_satisfied_without_something_beyond_what_was_agreed() -> None:
    [gate] = [gate for gate in POLICY.gates if gate.before == Act.CONFIRM_SATISFACTION]
    assert gate.needs == (Step.GOODWILL_SHOWN,)


def test_weak_links_become_improvement_items_within_a_fortnight() -> None:
    assert POLICY.improvements is not None
    assert POLICY.improvements.from_structural
    assert due("2026-09-24 09:00", POLICY.improvements.within, HOUSE) == "2026-10-08 09:00"


def test_three_ways_to_complain_have_guidance_of_their_own() -> None:
    guided = {name for entry in POLICY.playbook for name in entry.customer_types}
    assert guided == set(POLICY.customer_types) == {"reasonable", "fiery", "disappointed"}


def test_somebody_goes_wherever_a_guest_may_be_in_danger() -> None:
    assert all(hazard.on_site_within for hazard in POLICY.hazards.values())
    slowest = max(due("2026-02-17 03:00", hazard.on_site_within, HOUSE) for hazard in POLICY.hazards.values())
    assert slowest == "2026-02-17 03:15"


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
def test_intake_to_solution_of_an_ordinary_complaint_fit_into_the_three_days(received: str) -> None:
    end = received
    for name in (ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION):
        end = due(end, budget(name), HOUSE)
    assert end <= due(received, POLICY.statutory["answer"].budget, HOUSE)


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time(name: ClockName, received: str) -> None:
    calendar = POLICY.working_time(POLICY.rule(name).calendar)
    dues = [due(received, budget(name, severity), calendar) for severity in Severity]
    assert dues == sorted(dues, reverse=True)


def test_money_beyond_the_leads_authority_goes_to_the_customer_service_department() -> None:
    assert POLICY.approver_of(cny(5_000)) == Role.LEAD
    assert POLICY.approver_of(cny(5_001)) == Role.CUSTOMER_SERVICE
