"""The worked example: when an after-sales service's complaints are due, counted by hand on the calendar on the wall.

Weekdays and make-up days are open 09:00-12:00 and 13:00-18:00 (8 h), weekends 09:30-12:00 and 13:00-17:30 (7 h);
public holidays are closed. The days of 2026 that differ from their weekday are listed in `test_power_utility`.

Each row below: the moment of receipt; 4 business hours for the first contact; 3 working days, not counting the day of
receipt, until closing; the end of day 15 for a return. All in Shanghai.
"""

from itertools import pairwise

import pytest

from complaints.lifecycle import Act
from complaints.policy import MetBy
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import ClockName
from complaints.scoring import Facts, score
from complaints.vocabulary import RemedyKind, Role, Severity
from tests.lives import cny
from tests.wall_clock import WallClock

POLICY = builtin("after-sales")
WALL = WallClock(POLICY)

MOMENTS = [
    # An ordinary Monday: 2 h + 2 h. Tue 3, Wed 4, Thu 5.
    ("2026-03-02 10:00", "2026-03-02 15:00", "2026-03-05 18:00", "2026-03-18 00:00"),
    # Thursday: Fri 6, Sat 7, Sun 8, which closes at 17:30.
    ("2026-03-05 10:00", "2026-03-05 15:00", "2026-03-08 17:30", "2026-03-21 00:00"),
    # Friday evening: 1 h, then 2 h 30 + 30 min on Saturday. Sat 7, Sun 8, Mon 9.
    ("2026-03-06 17:00", "2026-03-07 13:30", "2026-03-09 18:00", "2026-03-22 00:00"),
    # Saturday: 1 h 30, then 2 h 30 on Sunday: used up at noon is due at noon. Sun 8, Mon 9, Tue 10.
    ("2026-03-07 16:00", "2026-03-08 12:00", "2026-03-10 18:00", "2026-03-23 00:00"),
    # Sunday night: from Monday 09:00. Mon 9, Tue 10, Wed 11.
    ("2026-03-08 23:00", "2026-03-09 14:00", "2026-03-11 18:00", "2026-03-24 00:00"),
    # --- New Year: Sun 4 January makes up, 09:00-18:00. Sun 4, Mon 5, Tue 6.
    ("2025-12-31 18:30", "2026-01-04 14:00", "2026-01-06 18:00", "2026-01-16 00:00"),
    # --- Spring Festival: Sat 14, Tue 24, Wed 25.
    ("2026-02-13 10:00", "2026-02-13 15:00", "2026-02-25 18:00", "2026-03-01 00:00"),
    # On the make-up Saturday: 1 h until 18:00, then 3 h on Tuesday. Tue 24, Wed 25, Thu 26.
    ("2026-02-14 17:00", "2026-02-24 12:00", "2026-02-26 18:00", "2026-03-02 00:00"),
    # In the holiday: from Tuesday 24. A return does not wait for it.
    ("2026-02-17 09:00", "2026-02-24 14:00", "2026-02-26 18:00", "2026-03-05 00:00"),
    # On the other make-up Saturday: 1 h + 3 h. Sun 1 March, Mon 2, Tue 3.
    ("2026-02-28 11:00", "2026-02-28 16:00", "2026-03-03 18:00", "2026-03-16 00:00"),
    # --- Qingming: 2 h, then 2 h on Tuesday. Tue 7, Wed 8, Thu 9.
    ("2026-04-03 16:00", "2026-04-07 11:00", "2026-04-09 18:00", "2026-04-19 00:00"),
    # --- Labour Day, at closing: from Wednesday 6. Wed 6, Thu 7, Fri 8.
    ("2026-04-30 18:00", "2026-05-06 14:00", "2026-05-08 18:00", "2026-05-16 00:00"),
    # In the lunch break before a make-up Saturday: Sat 9, Sun 10, Mon 11.
    ("2026-05-08 12:30", "2026-05-08 17:00", "2026-05-11 18:00", "2026-05-24 00:00"),
    # --- Dragon Boat: 3 h, then 1 h on Monday. Mon 22, Tue 23, Wed 24.
    ("2026-06-18 15:00", "2026-06-22 10:00", "2026-06-24 18:00", "2026-07-04 00:00"),
    # --- On the make-up Sunday, at noon: 4 h from 13:00. Mon 21, Tue 22, Wed 23.
    ("2026-09-20 12:00", "2026-09-20 17:00", "2026-09-23 18:00", "2026-10-06 00:00"),
    # The eve of Mid-Autumn: 30 min, then 3 h + 30 min on Monday. Mon 28, Tue 29, Wed 30.
    ("2026-09-24 17:30", "2026-09-28 13:30", "2026-09-30 18:00", "2026-10-10 00:00"),
    # The last day before National Day: Thu 8, Fri 9, Sat 10 makes up until 18:00.
    ("2026-09-30 09:00", "2026-09-30 14:00", "2026-10-10 18:00", "2026-10-16 00:00"),
    # On the make-up Saturday, before opening: 3 h + 1 h. Sun 11, Mon 12, Tue 13.
    ("2026-10-10 08:00", "2026-10-10 14:00", "2026-10-13 18:00", "2026-10-26 00:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "contact", "answer", "returned"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


@BY_MOMENT
def test_the_first_contact_has_four_business_hours(
    received: str, contact: str, answer: str, returned: str
) -> None:
    assert WALL.internal(received, ClockName.FIRST_CONTACT) == contact


@BY_MOMENT
def test_a_solution_is_offered_by_closing_of_the_third_working_day(
    received: str, contact: str, answer: str, returned: str
) -> None:
    assert WALL.statutory(received, "answer") == answer


@BY_MOMENT
def test_a_return_is_carried_out_when_the_fifteenth_day_is_over(
    received: str, contact: str, answer: str, returned: str
) -> None:
    assert WALL.statutory(received, "return") == returned


@BY_MOMENT
def test_intake_to_solution_of_an_ordinary_complaint_fit_into_the_three_working_days(
    received: str, contact: str, answer: str, returned: str
) -> None:
    assert WALL.internal(received, ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION) <= answer


@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time_on_a_working_day(name: ClockName) -> None:
    dues = [WALL.internal("2026-03-02 10:00", name, severity=severity) for severity in Severity]
    assert all(later <= earlier for earlier, later in pairwise(dues))


# --- what the policy stands for


def test_the_fifteen_days_of_a_return_name_their_source_and_hold_for_returns_only() -> None:
    rule = POLICY.statutory["return"]
    assert (rule.met_by, rule.categories) == (MetBy.SETTLED, ("return", "refund_delay"))
    assert "第 73 号" in rule.source


@pytest.mark.parametrize("name", ["receipt", "answer"])
def test_what_is_our_own_commitment_says_so(name: str) -> None:
    assert "not a statute" in POLICY.statutory[name].source


def test_the_four_remedies_are_kinds_of_complaint_and_of_action() -> None:
    assert (
        set(POLICY.kinds) == {"repair", "exchange", "refund", "compensation"} <= {k.value for k in RemedyKind}
    )


@pytest.mark.parametrize(
    ("intensity", "severity"),
    [
        (1, Severity.LOW),
        (2, Severity.NORMAL),
        (3, Severity.NORMAL),
        (4, Severity.HIGH),
        (5, Severity.CRITICAL),
    ],
)
def test_emotional_intensity_steers_the_priority(intensity: int, severity: Severity) -> None:
    scored = score(POLICY, Facts(category="not_working", text="洗衣机不转了", intensity=intensity))
    assert scored.severity == severity


def test_at_the_highest_intensity_the_handler_is_told_to_call_for_support() -> None:
    (guidance,) = [entry for entry in POLICY.playbook if entry.intensity == 5]
    assert "支援" in guidance.say.zh
    assert "support" in guidance.say.en


def test_the_problem_is_confirmed_point_by_point_before_the_investigation() -> None:
    assert [gate.before for gate in POLICY.gates if Step.POINTS_AGREED in gate.needs] == [
        Act.BEGIN_INVESTIGATION
    ]


def test_two_rejections_bring_in_a_mediator() -> None:
    assert POLICY.rejections_before_mediation == 2


def test_a_survey_follows_a_month_after_closing_within_the_appeal_window() -> None:
    survey = POLICY.after_closing["survey"]
    window = POLICY.clocks[ClockName.APPEAL].budget
    assert window is not None
    assert survey.after.amount == 30 < window.amount


def test_improvement_items_have_a_term_where_nobody_names_a_date() -> None:
    assert POLICY.improvements is not None
    assert WALL.due("2026-03-02 10:00", POLICY.improvements.within) == "2026-03-17 10:00"


def test_the_service_line_never_closes() -> None:
    within = POLICY.ladder("commitment")[1].acknowledge_within
    assert WALL.due("2026-02-17 02:00", within, POLICY.working_time("service-line")) == "2026-02-17 03:00"


def test_money_beyond_the_leads_authority_goes_to_the_customer_service_department() -> None:
    assert POLICY.approver_of(cny(5_000)) == Role.LEAD
    assert POLICY.approver_of(cny(5_001)) == Role.CUSTOMER_SERVICE
