"""The worked example of the policy `telecom`: when complaints are due, counted by hand on the calendar on the wall.

Days of the law run by the calendar: the day of receipt does not count, and the last one ends when business closes, or at
midnight where it is no working day. Office hours close at 17:30; halls are open from 09:00 to 18:00 on every day of the
year. In 2026 these days differ from their weekday:

    closed    1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October
    working   Sun 4 January, Sat 14 February, Sat 28 February, Sat 9 May, Sun 20 September, Sat 10 October

Each row: the moment of receipt; 15 days for the answer; 48 hours for a repair in town and 72 in the country; 4 hours of
the halls for another department's answer, and for its coming. All in Shanghai.
"""

from __future__ import annotations

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.errors import AboveAuthority, AnswerMissing, StepMissing
from complaints.forms import RestatedPoint
from complaints.lifecycle import Act, Stage
from complaints.playbook import guidance
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import Cause, ClockName
from complaints.vocabulary import Channel, RemedyKind, Role, Severity
from complaints.working_time import is_provisional
from tests.lives import DAY, Life, at_stage, cny, example
from tests.wall_clock import WallClock

POLICY = builtin("telecom")
WALL = WallClock(POLICY)
at, due = WALL.at, WALL.due
CHINA = POLICY.working_time(None)
HALL = POLICY.working_time("hall")


MOMENTS = [
    # An ordinary Monday: the 17th is a Tuesday.
    ("2026-03-02 09:00", "2026-03-17 17:30", "2026-03-04 09:00", "2026-03-05 09:00", "2026-03-02 13:00"),
    # Half an hour before the halls close: 30 min on Tuesday, 3 h 30 on Wednesday.
    ("2026-03-03 17:30", "2026-03-18 17:30", "2026-03-05 17:30", "2026-03-06 17:30", "2026-03-04 12:30"),
    # Friday night: the 15th day is a Saturday, and ends at midnight. The halls open on Saturday.
    ("2026-03-06 21:10", "2026-03-22 00:00", "2026-03-08 21:10", "2026-03-09 21:10", "2026-03-07 13:00"),
    # The last minute of Sunday, and the first of Monday: a day apart.
    ("2026-03-08 23:59", "2026-03-23 17:30", "2026-03-10 23:59", "2026-03-11 23:59", "2026-03-09 13:00"),
    ("2026-03-09 00:00", "2026-03-24 17:30", "2026-03-11 00:00", "2026-03-12 00:00", "2026-03-09 13:00"),
    # --- Spring Festival. The last day is the make-up Saturday before it, with its office hours.
    ("2026-01-30 16:00", "2026-02-14 17:30", "2026-02-01 16:00", "2026-02-02 16:00", "2026-01-31 11:00"),
    # A day later it is the first holiday.
    ("2026-01-31 08:00", "2026-02-16 00:00", "2026-02-02 08:00", "2026-02-03 08:00", "2026-01-31 13:00"),
    # The last holiday, and the first day at work.
    ("2026-02-08 12:00", "2026-02-24 00:00", "2026-02-10 12:00", "2026-02-11 12:00", "2026-02-08 16:00"),
    ("2026-02-09 09:30", "2026-02-24 17:30", "2026-02-11 09:30", "2026-02-12 09:30", "2026-02-09 13:30"),
    # The first night of the lunar year: faults are repaired, and the halls open in the morning.
    ("2026-02-17 02:00", "2026-03-04 17:30", "2026-02-19 02:00", "2026-02-20 02:00", "2026-02-17 13:00"),
    # The last day is the make-up Saturday after it.
    ("2026-02-13 18:00", "2026-02-28 17:30", "2026-02-15 18:00", "2026-02-16 18:00", "2026-02-14 13:00"),
    # --- Qingming: Saturday 4 April is its first day. 1 h on Friday, 3 h on Saturday.
    ("2026-03-20 17:00", "2026-04-05 00:00", "2026-03-22 17:00", "2026-03-23 17:00", "2026-03-21 12:00"),
    # --- Labour Day: 1 May is a holiday, Saturday 9 May is not.
    ("2026-04-16 11:00", "2026-05-02 00:00", "2026-04-18 11:00", "2026-04-19 11:00", "2026-04-16 15:00"),
    ("2026-04-24 18:00", "2026-05-09 17:30", "2026-04-26 18:00", "2026-04-27 18:00", "2026-04-25 13:00"),
    # --- Dragon Boat: Friday 19 June. 3 h 30 on Thursday, 30 min on Friday.
    ("2026-06-04 14:30", "2026-06-20 00:00", "2026-06-06 14:30", "2026-06-07 14:30", "2026-06-05 09:30"),
    # --- Mid-Autumn and National Day. Sunday 20 September works.
    ("2026-09-05 15:00", "2026-09-20 17:30", "2026-09-07 15:00", "2026-09-08 15:00", "2026-09-06 10:00"),
    ("2026-09-10 13:00", "2026-09-26 00:00", "2026-09-12 13:00", "2026-09-13 13:00", "2026-09-10 17:00"),
    ("2026-09-16 20:00", "2026-10-02 00:00", "2026-09-18 20:00", "2026-09-19 20:00", "2026-09-17 13:00"),
    ("2026-09-25 09:00", "2026-10-10 17:30", "2026-09-27 09:00", "2026-09-28 09:00", "2026-09-25 13:00"),
    # --- The end of what is known: Thursday 31 December, then a Friday nobody has announced.
    ("2026-12-16 12:00", "2026-12-31 17:30", "2026-12-18 12:00", "2026-12-19 12:00", "2026-12-16 16:00"),
    ("2026-12-17 12:00", "2027-01-01 17:30", "2026-12-19 12:00", "2026-12-20 12:00", "2026-12-17 16:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "answer", "town", "rural", "supporting"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


@BY_MOMENT
def test_the_answer_is_due_on_the_fifteenth_day(
    received: str, answer: str, town: str, rural: str, supporting: str
) -> None:
    assert due(received, POLICY.statutory["answer"].budget) == answer


@BY_MOMENT
def test_a_fault_is_repaired_in_48_hours_in_town_and_72_in_the_country(
    received: str, answer: str, town: str, rural: str, supporting: str
) -> None:
    assert due(received, POLICY.statutory["repair_town"].budget) == town
    assert due(received, POLICY.statutory["repair_rural"].budget) == rural
    assert due(received, POLICY.statutory["reconnection"].budget) == town


@BY_MOMENT
def test_who_is_asked_or_called_has_four_hours_of_the_halls(
    received: str, answer: str, town: str, rural: str, supporting: str
) -> None:
    for name in (ClockName.VERIFICATION, ClockName.ATTENDANCE):
        rule = POLICY.rule(name)
        assert due(received, rule.budget, POLICY.working_time(rule.calendar)) == supporting


def test_an_answer_that_reaches_into_a_year_not_announced_is_provisional() -> None:
    assert not is_provisional(at("2026-12-31 17:30"), CHINA)
    assert is_provisional(at("2027-01-01 17:30"), CHINA)


@pytest.mark.parametrize("received", [row[0] for row in MOMENTS])
@pytest.mark.parametrize("name", [name for name in ClockName if POLICY.rule(name).by_severity])
def test_more_at_stake_never_means_more_time(name: ClockName, received: str) -> None:
    rule = POLICY.rule(name)
    calendar = POLICY.working_time(rule.calendar)
    dues = [due(received, rule.budget_for(severity), calendar) for severity in Severity]
    assert dues == sorted(dues, reverse=True)


# --- what the policy stands for


def test_the_duties_name_where_they_are_written() -> None:
    assert "第 35 号" in POLICY.statutory["answer"].source
    for name in ("repair_town", "repair_rural"):
        assert "art. 32" in POLICY.statutory[name].source
    assert "art. 34" in POLICY.statutory["reconnection"].source


@pytest.mark.parametrize(
    ("category", "duties"),
    [
        ("billing", {"answer"}),
        ("network_town", {"answer", "repair_town"}),
        ("network_rural", {"answer", "repair_rural"}),
        ("reconnection", {"answer", "reconnection"}),
    ],
)
def test_what_it_is_about_decides_which_duties_arise(category: str, duties: set[str]) -> None:
    life = Life(POLICY)
    life.do(example(c.Register, category=category))
    assert {clock.subject for clock in life.clocks(ClockName.STATUTORY)} == duties


def test_nothing_stops_or_extends_what_the_state_requires() -> None:
    assert all(ClockName.STATUTORY not in rule.stops for rule in POLICY.pauses.values())
    assert ClockName.STATUTORY not in POLICY.extensions.clocks


FILLED = {"service_number": "000-0000-5100", "bill_month": "2026-02"}


def registered(**fields: object) -> Life:
    life = Life(POLICY)
    life.do(example(c.Register, **{"details": FILLED, **fields}))
    return life


def heard(life: Life, **fields: object) -> Life:
    spoken = {"channel": Channel.WALK_IN, "agreed_next": "今天下午四点前回电", "customer_type": "prepared"}
    life.do(example(c.RecordFirstContact, **{**spoken, "emotional_intensity": 2, **fields}))
    life.do(example(c.Classify, severity=Severity.NORMAL))
    life.do(example(c.Assign))
    return life


@pytest.mark.parametrize(
    ("registration", "contact"),
    [
        ({"details": {}}, {}),
        ({"details": {"service_number": "000-0000-5100"}}, {}),  # a bill has a month
        ({}, {"channel": Channel.SOCIAL}),
        ({}, {"agreed_next": None}),
    ],
)
def test_it_is_not_investigated_before_form_talk_and_way_forward(
    registration: dict[str, object], contact: dict[str, object]
) -> None:
    life = heard(registered(**registration), **contact)
    assert life.state.stage == Stage.INTAKE
    with pytest.raises(StepMissing):
        life.do(example(c.RecordFindings))


def test_with_form_talk_and_way_forward_it_is_investigated() -> None:
    assert heard(registered()).state.stage == Stage.INVESTIGATION


@pytest.mark.parametrize(
    ("desk", "yuan"),
    [("flagship-hall", 500), ("district-hall", 200), ("partner-shop", 50), ("a-new-hall", 50)],
)
def test_a_desk_refunds_at_once_up_to_its_own_limit(desk: str, yuan: int) -> None:
    def refund(sum_: int) -> Stage:
        life = registered()
        life.do(example(c.RecordFirstContact, emotional_intensity=2, customer_type="prepared"))
        remedy = c.ResolveAtFirstContact(kind=RemedyKind.REFUND, what="当场退费", compensation=cny(sum_))
        life.do(remedy, role=Role.DESK, department=desk)
        return life.state.stage

    assert refund(yuan) == Stage.FOLLOW_UP
    with pytest.raises(AboveAuthority):
        refund(yuan + 1)


def test_no_desk_may_grant_more_than_a_lead() -> None:
    assert all(desk.authority["CNY"] <= POLICY.authority["CNY"][Role.LEAD] for desk in POLICY.desks.values())


@pytest.mark.parametrize("said", ["我要打12300", "明天就找记者", "I shall call the MIIT", "黑猫投诉见"])
def test_who_threatens_with_the_regulator_or_the_press_is_taken_to_customer_service(said: str) -> None:
    life = registered(description=said)
    assert life.state.difficult
    assert (Cause.DIFFICULT, Role.CUSTOMER_SERVICE) in {
        (each.cause, each.audience) for each in life.state.escalations.values()
    }


@pytest.mark.parametrize("said", ["宽带有点慢", "I was charged twice", "话费对不上", "营业厅排队"])
def test_an_ordinary_complaint_is_not_difficult(said: str) -> None:
    assert not registered(description=said).state.difficult


def test_nobody_is_taken_for_satisfied_because_they_did_not_answer() -> None:
    life = heard(registered())
    life.do(example(c.RecordFindings))
    life.do(example(c.PrepareOption))
    life.do(example(c.PrepareOption, order=2))
    life.do(example(c.OfferOption, option="O1"))
    life.do(example(c.AcceptOption, option="O1"))
    life.do(example(c.PlanAction))
    life.do(example(c.CompleteAction))
    for _ in range(POLICY.follow_up.attempts):
        life.do(example(c.RecordAttempt))
    with pytest.raises(AnswerMissing):
        life.do(example(c.RecordFollowUp, satisfied=None))
    life.do(example(c.RecordFollowUp, satisfied=None), role=Role.CUSTOMER_SERVICE)
    assert life.state.stage == Stage.CLOSED


def test_a_week_after_closing_the_customer_is_called_again() -> None:
    life = at_stage(Stage.INTAKE, POLICY)
    life.do(example(c.RecordFirstContact, emotional_intensity=2, customer_type="prepared"))
    life.do(example(c.ResolveAtFirstContact, compensation=cny(50)), role=Role.DESK)
    life.do(example(c.RecordFollowUp, satisfied=True))
    clock = life.clock(ClockName.SECOND_CALL)
    assert clock.due_at - clock.started_at == 7 * DAY


def test_whoever_is_asked_answers_before_anything_is_offered() -> None:
    gates = {gate.before: set(gate.needs) for gate in POLICY.gates}
    assert {Step.DEPARTMENTS_CAME, Step.QUESTIONS_ANSWERED} <= gates[Act.OFFER_OPTION]


def test_work_is_not_ordered_while_liability_is_contested() -> None:
    life = heard(registered())
    life.do(example(c.RecordFindings))
    life.do(example(c.PrepareOption))
    life.do(example(c.PrepareOption, order=2))
    life.do(example(c.OfferOption, option="O1"))
    life.do(example(c.DisputeLiability))
    with pytest.raises(StepMissing, match="liability_settled"):
        life.do(example(c.AcceptOption, option="O1"))
    life.do(example(c.JudgeLiability), role=Role.CUSTOMER_SERVICE)
    life.do(example(c.AcceptOption, option="O1"))
    assert life.state.stage == Stage.EXECUTION


def test_every_stage_of_the_work_has_guidance_of_the_trade() -> None:
    for stage in (Stage.INTAKE, Stage.INVESTIGATION, Stage.SOLUTION, Stage.EXECUTION, Stage.FOLLOW_UP):
        assert guidance(POLICY, stage=stage, customer_type=None, intensity=None)


def test_a_point_that_was_not_agreed_is_no_reason_to_wait_here() -> None:
    """Point by point is the ritual of others; here the way forward counts."""
    points = (RestatedPoint(said="多扣 128 元", agreed=False),)
    assert heard(registered(), points=points).state.stage == Stage.INVESTIGATION


@pytest.mark.parametrize(
    ("said", "hazard"),
    [
        ("楼下光缆垂到地上", "cable"),
        ("出事那天打不通120", "emergency_calls"),
        ("全小区断网两天", "mass_fault"),
        ("我妈被骗了三万", "fraud"),
        ("一夜欠费四千", "sudden_bill"),
        ("My data was sold", "personal_data"),
    ],
)
def test_what_is_mentioned_in_passing_warns_early(said: str, hazard: str) -> None:
    life = registered(description=said)
    suspected = [each.hazard for each in life.facts(consequences.HazardSuspected)]
    assert suspected == [hazard]
    assert Cause.HAZARD in {each.cause for each in life.state.escalations.values()}


def test_a_difficult_complaint_has_the_department_of_first_responsibility() -> None:
    assert registered(description="我要打12300").state.first_responsible == "service-centre"
    assert registered().state.first_responsible is None
