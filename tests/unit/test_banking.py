"""The worked example: when a bank's complaints are due, counted by hand on the calendar on the wall.

Office hours are 08:30-12:00 and 13:30-17:30: 3 h 30 and 4 h, 7 h 30 a day. The days of 2026 that differ from their
weekday are listed in `test_power_utility`.

Each row below: the moment of receipt; the end of day 15, of day 30 and of day 60 after it, which no holiday moves; and
8 business hours for an approval. All in Shanghai.
"""

from itertools import pairwise

import pytest

from complaints.lifecycle import Act
from complaints.policy import MetBy
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import ClockName
from complaints.vocabulary import Role, Severity
from tests.lives import cny
from tests.wall_clock import WallClock

POLICY = builtin("banking")
WALL = WallClock(POLICY)
DECISION = POLICY.statutory["decision"]

MOMENTS = [
    # An ordinary Monday: day 15 is 17 March, day 30 is 1 April, day 60 is 1 May. 3 h + 4 h, then 1 h on Tuesday.
    ("2026-03-02 09:00", "2026-03-18 00:00", "2026-04-02 00:00", "2026-05-02 00:00", "2026-03-03 09:30"),
    # --- New Year: 15 and 30 January, 1 March. 45 min, then 3 h 30 + 3 h 45 on Sunday 4, which works.
    ("2025-12-31 16:45", "2026-01-16 00:00", "2026-01-31 00:00", "2026-03-02 00:00", "2026-01-04 17:15"),
    # --- Spring Festival: nine holidays are nine of the fifteen days. 2 h 30, then 3 h 30 + 2 h on Wednesday.
    ("2026-02-10 15:00", "2026-02-26 00:00", "2026-03-13 00:00", "2026-04-12 00:00", "2026-02-11 15:30"),
    # On the make-up Saturday: 1, 16 March, 15 April. 1 h 30, then 3 h 30 + 3 h on Tuesday 24.
    ("2026-02-14 16:00", "2026-03-02 00:00", "2026-03-17 00:00", "2026-04-16 00:00", "2026-02-24 16:30"),
    # The first day of the lunar year: 7 h 30 on Tuesday 24, then 30 min.
    ("2026-02-17 08:00", "2026-03-05 00:00", "2026-03-20 00:00", "2026-04-19 00:00", "2026-02-25 09:00"),
    # The last minute of the holiday still belongs to the day of receipt.
    ("2026-02-23 23:59", "2026-03-11 00:00", "2026-03-26 00:00", "2026-04-25 00:00", "2026-02-25 09:00"),
    # In the lunch break of the other make-up Saturday: 4 h, then 3 h 30 + 30 min on Monday.
    ("2026-02-28 12:30", "2026-03-16 00:00", "2026-03-31 00:00", "2026-04-30 00:00", "2026-03-02 14:00"),
    # --- Qingming: 18 April, 3 May (a holiday, and yet the end), 2 June. 30 min, then 7 h 30 on Tuesday 7.
    ("2026-04-03 17:00", "2026-04-19 00:00", "2026-05-04 00:00", "2026-06-03 00:00", "2026-04-07 17:30"),
    # --- Labour Day: day 15 is the last holiday, 5 May, and stays there. 2 h + 4 h, then 2 h.
    ("2026-04-20 10:00", "2026-05-06 00:00", "2026-05-21 00:00", "2026-06-20 00:00", "2026-04-21 10:30"),
    # On the make-up Saturday, before opening: 7 h 30, then 30 min on Monday 11.
    ("2026-05-09 08:00", "2026-05-25 00:00", "2026-06-09 00:00", "2026-07-09 00:00", "2026-05-11 09:00"),
    # --- Dragon Boat, at closing: 3 and 18 July, 17 August. 7 h 30 on Monday 22, then 30 min.
    ("2026-06-18 17:30", "2026-07-04 00:00", "2026-07-19 00:00", "2026-08-18 00:00", "2026-06-23 09:00"),
    # --- National Day: day 15 is 1 October. 1 h + 4 h, then 3 h on Thursday.
    ("2026-09-16 11:00", "2026-10-02 00:00", "2026-10-17 00:00", "2026-11-16 00:00", "2026-09-17 11:30"),
    # On the make-up Sunday: 5 and 20 October, 19 November. 3 h + 4 h, then 1 h.
    ("2026-09-20 09:00", "2026-10-06 00:00", "2026-10-21 00:00", "2026-11-20 00:00", "2026-09-21 09:30"),
    # The eve of Mid-Autumn: 9 and 24 October, 23 November. 7 h 30 on Monday 28, then 30 min.
    ("2026-09-24 18:00", "2026-10-10 00:00", "2026-10-25 00:00", "2026-11-24 00:00", "2026-09-29 09:00"),
    # In the holiday, at night: 17 October, 1 November, 1 December. 7 h 30 on Thursday 8, then 30 min.
    ("2026-10-02 03:00", "2026-10-18 00:00", "2026-11-02 00:00", "2026-12-02 00:00", "2026-10-09 09:00"),
    # On the make-up Saturday: 25 October, 9 November, 9 December. 30 min, then 7 h 30 on Monday 12.
    ("2026-10-10 17:00", "2026-10-26 00:00", "2026-11-10 00:00", "2026-12-10 00:00", "2026-10-12 17:30"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "simple", "complex_", "exceptional", "approval"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


@BY_MOMENT
def test_a_decision_is_due_when_the_fifteenth_day_is_over(
    received: str, simple: str, complex_: str, exceptional: str, approval: str
) -> None:
    assert WALL.statutory(received, "decision") == simple


@BY_MOMENT
def test_a_complex_matter_may_take_thirty_days(
    received: str, simple: str, complex_: str, exceptional: str, approval: str
) -> None:
    assert WALL.statutory(received, "decision", 0) == complex_


@BY_MOMENT
def test_an_exceptional_one_may_take_thirty_more(
    received: str, simple: str, complex_: str, exceptional: str, approval: str
) -> None:
    assert WALL.statutory(received, "decision", 1) == exceptional


@BY_MOMENT
def test_an_approval_has_eight_business_hours(
    received: str, simple: str, complex_: str, exceptional: str, approval: str
) -> None:
    assert WALL.internal(received, ClockName.APPROVAL) == approval


@BY_MOMENT
def test_intake_to_solution_of_an_ordinary_complaint_fit_into_the_fifteen_days(
    received: str, simple: str, complex_: str, exceptional: str, approval: str
) -> None:
    assert WALL.internal(received, ClockName.INTAKE, ClockName.INVESTIGATION, ClockName.SOLUTION) <= simple


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time(name: ClockName, received: str) -> None:
    dues = [WALL.internal(received, name, severity=severity) for severity in Severity]
    assert all(later <= earlier for earlier, later in pairwise(dues))


# --- what the policy stands for


def test_the_duty_names_the_measures_and_both_steps_of_more_time() -> None:
    assert DECISION.met_by == MetBy.ANSWER
    assert "2020 年第 3 号" in DECISION.source
    assert all("measures" in step.source for step in DECISION.extensions)


def test_only_the_executive_approves_the_last_thirty_days() -> None:
    assert DECISION.extensions[1].roles == (Role.EXECUTIVE,)


def test_what_is_our_own_commitment_says_so() -> None:
    assert "not a statute" in POLICY.statutory["receipt"].source


def test_nothing_stops_the_fifteen_days() -> None:
    assert all(ClockName.STATUTORY not in rule.stops for rule in POLICY.pauses.values())
    assert ClockName.STATUTORY not in POLICY.extensions.clocks


def test_four_sources_are_told_apart() -> None:
    assert {names.zh for names in POLICY.kinds.values()} == {"产品或服务质量", "沟通", "期望落差", "售后"}


def test_a_structural_complaint_raises_an_improvement_item() -> None:
    assert POLICY.improvements is not None
    assert POLICY.improvements.from_structural


def test_interests_come_before_any_option_in_every_category() -> None:
    (gate,) = [gate for gate in POLICY.gates if Step.INTERESTS_RECORDED in gate.needs]
    assert (gate.before, gate.categories, gate.difficult, gate.from_sum) == (Act.OFFER_OPTION, (), False, ())


def test_satisfaction_is_confirmed_in_so_many_words() -> None:
    assert [gate.before for gate in POLICY.gates if Step.SATISFACTION_IN_WORDS in gate.needs] == [
        Act.CONFIRM_SATISFACTION
    ]


def test_an_alternative_stands_ready_and_follows_within_the_working_day() -> None:
    assert POLICY.options_prepared == 2
    assert WALL.internal("2026-03-02 09:00", ClockName.NEXT_OFFER) == "2026-03-02 17:00"


def test_each_of_the_four_customer_types_has_guidance_while_listening_and_while_negotiating() -> None:
    assert set(POLICY.customer_types) == {"furious", "prepared", "talkative", "taciturn"}
    for name in POLICY.customer_types:
        stages = {
            stage for entry in POLICY.playbook if name in entry.customer_types for stage in entry.stages
        }
        assert {"intake", "solution"} <= stages


def test_each_source_of_complaints_has_guidance() -> None:
    assert {kind for entry in POLICY.playbook for kind in entry.kinds} == set(POLICY.kinds)


def test_the_customer_line_never_closes() -> None:
    within = POLICY.ladder("regulator")[1].acknowledge_within
    assert WALL.due("2026-02-17 02:00", within, POLICY.working_time("customer-line")) == "2026-02-17 04:00"


def test_money_beyond_the_leads_authority_goes_to_the_customer_service_department() -> None:
    assert POLICY.approver_of(cny(10_000)) == Role.LEAD
    assert POLICY.approver_of(cny(10_001)) == Role.CUSTOMER_SERVICE


def test_no_card_number_is_asked_for_in_full() -> None:
    assert "后四位" in POLICY.form["last_digits"].title.zh
