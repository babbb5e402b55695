"""The worked example of the policy `property`: deadlines counted by hand, and what the pack stands for.

People live there every day, so holidays move nothing. The service centre is open 8:30-12:00 and 13:30-18:00 every day of
the year: 3 h 30 and 4 h 30, eight hours a day.

Each row below: the moment of receipt; 24 hours for the reaction; three days for the answer, not counting the day of
receipt, until midnight (shown as 00:00 of the day after); 4 hours of the service centre for the first contact; 8 for
another department's verification. All in Shanghai.
"""

import re

import pytest

from complaints.lifecycle import Act
from complaints.policy_file import builtin
from complaints.practices import Mishandling, Step
from complaints.records import ClockName
from complaints.vocabulary import Outcome, Role, Severity
from complaints.working_time import Budget
from tests.lives import cny
from tests.wall_clock import WallClock

POLICY = builtin("property")
WALL = WallClock(POLICY)
due = WALL.due
ESTATE = POLICY.working_time(None)
SERVICE_CENTRE = POLICY.working_time("service-centre")

MOMENTS = [
    # An ordinary Monday: 3 h + 1 h; 3 h + 4 h 30, then 30 min on Tuesday. Tue 3, Wed 4, Thu 5.
    ("2026-03-02 09:00", "2026-03-03 09:00", "2026-03-06 00:00", "2026-03-02 14:30", "2026-03-03 09:00"),
    # A minute before closing: 1 min, 3 h 30 and 29 min on Saturday; eight hours are a whole day.
    ("2026-03-06 17:59", "2026-03-07 17:59", "2026-03-10 00:00", "2026-03-07 13:59", "2026-03-07 17:59"),
    # --- Spring Festival. A Friday: Sat 14, Sun 15, Mon 16.
    ("2026-02-13 09:00", "2026-02-14 09:00", "2026-02-17 00:00", "2026-02-13 14:30", "2026-02-14 09:00"),
    # The make-up Saturday: 2 h, then 2 h on the first holiday.
    ("2026-02-14 16:00", "2026-02-15 16:00", "2026-02-18 00:00", "2026-02-15 10:30", "2026-02-15 16:00"),
    # The first day of the lunar year, before opening: 3 h 30 and 30 min; 8 h until closing.
    ("2026-02-17 08:00", "2026-02-18 08:00", "2026-02-21 00:00", "2026-02-17 14:00", "2026-02-17 18:00"),
    # The last night of the holiday: from Tuesday, 8:30.
    ("2026-02-23 23:30", "2026-02-24 23:30", "2026-02-27 00:00", "2026-02-24 14:00", "2026-02-24 18:00"),
    # In the lunch break of the other make-up Saturday: from 13:30. 4 h 30, then 3 h 30: used up at noon.
    ("2026-02-28 12:30", "2026-03-01 12:30", "2026-03-04 00:00", "2026-02-28 17:30", "2026-03-01 12:00"),
    # --- Qingming. On the holiday itself: 2 h + 2 h; 2 h + 4 h 30, then 1 h 30.
    ("2026-04-04 10:00", "2026-04-05 10:00", "2026-04-08 00:00", "2026-04-04 15:30", "2026-04-05 10:00"),
    # --- Labour Day. At closing on the eve: nothing of Thursday is left.
    ("2026-04-30 18:00", "2026-05-01 18:00", "2026-05-04 00:00", "2026-05-01 14:00", "2026-05-01 18:00"),
    # At the beginning of the lunch break of the make-up Saturday.
    ("2026-05-09 12:00", "2026-05-10 12:00", "2026-05-13 00:00", "2026-05-09 17:30", "2026-05-10 12:00"),
    # --- Dragon Boat. 3 h 45, then 15 min; 3 h 45 + 3 h 30 + 45 min.
    ("2026-06-20 14:15", "2026-06-21 14:15", "2026-06-24 00:00", "2026-06-21 08:45", "2026-06-21 14:15"),
    # --- The make-up Sunday of National Day, at opening.
    ("2026-09-20 08:30", "2026-09-21 08:30", "2026-09-24 00:00", "2026-09-20 14:00", "2026-09-20 18:00"),
    # The first minute of Mid-Autumn is the day of receipt: Sat 26, Sun 27, Mon 28.
    ("2026-09-25 00:00", "2026-09-26 00:00", "2026-09-29 00:00", "2026-09-25 14:00", "2026-09-25 18:00"),
    # --- National Day. 1 h 30, then 2 h 30; 1 h 30 + 3 h 30 + 3 h.
    ("2026-10-01 16:30", "2026-10-02 16:30", "2026-10-05 00:00", "2026-10-02 11:00", "2026-10-02 16:30"),
    # In the lunch break of the make-up Saturday.
    ("2026-10-10 13:00", "2026-10-11 13:00", "2026-10-14 00:00", "2026-10-10 17:30", "2026-10-11 12:00"),
    # --- The end of the year.
    ("2026-12-31 22:00", "2027-01-01 22:00", "2027-01-04 00:00", "2027-01-01 14:00", "2027-01-01 18:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "reaction", "answer", "contact", "verification"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


def budget(name: ClockName, severity: Severity = Severity.NORMAL) -> Budget | None:
    return POLICY.rule(name).budget_for(severity)


@BY_MOMENT
def test_the_reaction_is_due_24_hours_after_receipt(
    received: str, reaction: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, POLICY.statutory["reaction"].budget, ESTATE) == reaction


@BY_MOMENT
def test_the_answer_is_due_at_the_end_of_the_third_day(
    received: str, reaction: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, POLICY.statutory["answer"].budget, ESTATE) == answer


@BY_MOMENT
def test_the_first_contact_has_four_hours_of_the_service_centre(
    received: str, reaction: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, budget(ClockName.FIRST_CONTACT), SERVICE_CENTRE) == contact


@BY_MOMENT
def test_a_verification_has_a_day_of_the_service_centre(
    received: str, reaction: str, answer: str, contact: str, verification: str
) -> None:
    assert due(received, budget(ClockName.VERIFICATION), SERVICE_CENTRE) == verification


# --- what the policy stands for


def test_both_promises_say_that_they_are_no_statute() -> None:
    assert all(re.search("not a (national )?statute", rule.source) for rule in POLICY.statutory.values())


def test_the_first_contact_comes_before_the_reaction_that_was_promised() -> None:
    for received, reaction, *_ in MOMENTS:
        assert due(received, budget(ClockName.FIRST_CONTACT), SERVICE_CENTRE) < reaction


def test_whatever_shows_that_it_was_handled_badly_makes_a_communicative_complaint_valid() -> None:
    assert set(POLICY.conversion) == set(Mishandling)


def test_by_content_it_is_equipment_service_attitude_or_an_emergency() -> None:
    assert {names.zh for names in POLICY.categories.values()} == {
        "设备设施", "服务质量", "服务态度", "突发事件", "其他",
    }  # fmt: skip


def test_four_temperaments_and_three_motives_have_guidance_of_their_own() -> None:
    temperaments = {name for entry in POLICY.playbook for name in entry.customer_types}
    motives = {name for entry in POLICY.playbook for name in entry.motives}
    assert temperaments == set(POLICY.customer_types)
    assert {names.zh for names in POLICY.customer_types.values()} == {"胆汁质", "多血质", "黏液质", "抑郁质"}
    assert motives == set(POLICY.motives)
    assert {names.zh for names in POLICY.motives.values()} == {"求发泄", "求尊重", "求补偿"}


def test_the_resident_knows_the_next_step_before_anybody_goes_to_work() -> None:
    [gate] = [gate for gate in POLICY.gates if gate.before == Act.BEGIN_INVESTIGATION]
    assert Step.NEXT_STEP_AGREED in gate.needs


def test_a_delay_can_be_explained_before_it_happens_even_of_a_promise() -> None:
    assert ClockName.PROMISE in POLICY.extensions.clocks


def test_what_is_paid_without_quarrel_is_what_the_desk_may_grant() -> None:
    assert POLICY.doubt == {"CNY": 20_000}
    assert POLICY.may_grant(Role.DESK, cny(200))
    assert not POLICY.may_grant(Role.DESK, cny(201))


def test_contact_goes_on_after_closing_and_within_the_appeal_window() -> None:
    visit = POLICY.after_closing["win_back"]
    assert {Outcome.UNSOLVABLE, Outcome.DECLINED} < set(visit.outcomes)
    appeal = due("2026-09-20 10:00", budget(ClockName.APPEAL), ESTATE)
    assert due("2026-09-20 10:00", visit.after, ESTATE) == "2026-09-30 10:00" < appeal


def test_whoever_is_trapped_in_a_lift_sees_somebody_within_a_quarter_of_an_hour_at_night_too() -> None:
    within = POLICY.hazards["trapped"].on_site_within
    assert due("2026-02-17 03:10", within, ESTATE) == "2026-02-17 03:25"


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
def test_intake_to_solution_of_an_ordinary_complaint_fit_into_the_three_days(received: str) -> None:
    end = received
    for name in (ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION):
        end = due(end, budget(name), ESTATE)
    assert end <= due(received, POLICY.statutory["answer"].budget, ESTATE)


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time(name: ClockName, received: str) -> None:
    calendar = POLICY.working_time(POLICY.rule(name).calendar)
    dues = [due(received, budget(name, severity), calendar) for severity in Severity]
    assert dues == sorted(dues, reverse=True)


def test_money_beyond_the_leads_authority_goes_to_the_customer_service_department() -> None:
    assert POLICY.approver_of(cny(5_000)) == Role.LEAD
    assert POLICY.approver_of(cny(5_001)) == Role.CUSTOMER_SERVICE
