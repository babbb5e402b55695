"""The worked example of the policy `hotline`: when reports are due, counted by hand on the calendar on the wall.

Office hours close at 17:30. In 2026 these days differ from their weekday:

    closed    1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October
    working   Sun 4 January, Sat 14 February, Sat 28 February, Sat 9 May, Sun 20 September, Sat 10 October

Each row: the moment of receipt; a working day to judge it; 15 days to tell the reporter; 15 working days to look into it;
60 days for the answer. The day of receipt never counts; a last day that is no working day ends at midnight. All in
Shanghai.
"""

from __future__ import annotations

import pytest

from complaints import commands as c
from complaints.errors import CustomerDecides, ExtensionTooLong, NotAccepted, NotYourRole, StepMissing
from complaints.lifecycle import Act, Stage
from complaints.policy_file import builtin
from complaints.practices import Step
from complaints.records import ClockName, Verdict
from complaints.view import shows_reporter, view
from complaints.vocabulary import Channel, Customer, Outcome, Role, Severity
from complaints.working_time import local_time
from tests.lives import DAY, HOUR, NOBODY_KNOWN, WANG_XIUYING, Life, example
from tests.wall_clock import WallClock

POLICY = builtin("hotline")
WALL = WallClock(POLICY)
at, due = WALL.at, WALL.due
CHINA = POLICY.working_time(None)


MOMENTS = [
    # An ordinary Monday: 3-6, 9-13, 16-20 March are 14, Mon 23. Day 60 is the first of May.
    ("2026-03-02 09:00", "2026-03-03 17:30", "2026-03-17 17:30", "2026-03-23 17:30", "2026-05-02 00:00"),
    # Friday night: 9-13, 16-20, 23-27. Day 15 is a Saturday, day 60 the last day of the holiday.
    ("2026-03-06 21:10", "2026-03-09 17:30", "2026-03-22 00:00", "2026-03-27 17:30", "2026-05-06 00:00"),
    # The last minute of Sunday, and the first of Monday, which is itself the day of receipt.
    ("2026-03-08 23:59", "2026-03-09 17:30", "2026-03-23 17:30", "2026-03-27 17:30", "2026-05-07 17:30"),
    ("2026-03-09 00:00", "2026-03-10 17:30", "2026-03-24 17:30", "2026-03-30 17:30", "2026-05-08 17:30"),
    # --- New Year: Sun 4, 5-9, 12-16 are 11, 19-22 January. Day 60 is Sunday 1 March.
    ("2025-12-31 16:45", "2026-01-04 17:30", "2026-01-15 17:30", "2026-01-22 17:30", "2026-03-02 00:00"),
    # --- Spring Festival: 27-30 January, 2-6, 9-13 February are 14, make-up Saturday 14.
    ("2026-01-26 10:00", "2026-01-27 17:30", "2026-02-10 17:30", "2026-02-14 17:30", "2026-03-27 17:30"),
    # A day later the fifteenth lies beyond the holiday: Tue 24.
    ("2026-01-27 15:00", "2026-01-28 17:30", "2026-02-11 17:30", "2026-02-24 17:30", "2026-03-29 00:00"),
    # Sat 14, 24-27, Sat 28 are 6, 2-6 March are 11, 9-12.
    ("2026-02-13 18:00", "2026-02-14 17:30", "2026-02-28 17:30", "2026-03-12 17:30", "2026-04-14 17:30"),
    # The first day of the lunar year: 24-27, Sat 28, 2-6, 9-13 March.
    ("2026-02-17 08:00", "2026-02-24 17:30", "2026-03-04 17:30", "2026-03-13 17:30", "2026-04-19 00:00"),
    # --- Qingming: Fri 27, 30 March - 3 April are 6, Tue 7 - Fri 10 are 10, 13-17 April.
    ("2026-03-26 09:00", "2026-03-27 17:30", "2026-04-10 17:30", "2026-04-17 17:30", "2026-05-25 17:30"),
    # --- Labour Day: 21-24, 27-30 April are 8, 6-8 May, Sat 9 are 12, 11-13. Day 15 is 5 May, day 60 the Dragon Boat.
    ("2026-04-20 11:00", "2026-04-21 17:30", "2026-05-06 00:00", "2026-05-13 17:30", "2026-06-20 00:00"),
    # --- Dragon Boat: 15-18, 22-26 June are 9, 29 June - 3 July are 14, Mon 6 July.
    ("2026-06-12 14:00", "2026-06-15 17:30", "2026-06-28 00:00", "2026-07-06 17:30", "2026-08-11 17:30"),
    # --- National Day: 9-11, 14-18, Sun 20 are 9, 21-24 are 13, 28 and 29 September.
    ("2026-09-08 16:00", "2026-09-09 17:30", "2026-09-23 17:30", "2026-09-29 17:30", "2026-11-08 00:00"),
    # At the last closing before it: 8, 9, Sat 10 October, 12-16, 19-23 are 13, 26, 27.
    ("2026-09-30 17:30", "2026-10-08 17:30", "2026-10-15 17:30", "2026-10-27 17:30", "2026-11-30 00:00"),
    # --- The end of what is known: 2-4, 7-11, 14-18 are 13, 21, 22 December; day 60 is a Saturday of 2027.
    ("2026-12-01 09:00", "2026-12-02 17:30", "2026-12-16 17:30", "2026-12-22 17:30", "2027-01-31 00:00"),
]
BY_MOMENT = pytest.mark.parametrize(
    ("received", "judged", "told", "verified", "decided"), MOMENTS, ids=[row[0] for row in MOMENTS]
)


@BY_MOMENT
def test_a_report_is_judged_within_a_working_day(
    received: str, judged: str, told: str, verified: str, decided: str
) -> None:
    assert due(received, POLICY.clocks[ClockName.ADMISSION].budget) == judged


@BY_MOMENT
def test_the_reporter_is_told_within_15_days(
    received: str, judged: str, told: str, verified: str, decided: str
) -> None:
    assert due(received, POLICY.statutory["notice"].budget) == told


@BY_MOMENT
def test_it_is_looked_into_within_15_working_days(
    received: str, judged: str, told: str, verified: str, decided: str
) -> None:
    assert due(received, POLICY.statutory["verified"].budget) == verified


@BY_MOMENT
def test_the_answer_is_due_on_the_sixtieth_day(
    received: str, judged: str, told: str, verified: str, decided: str
) -> None:
    assert due(received, POLICY.statutory["decision"].budget) == decided


@pytest.mark.parametrize(
    ("missed", "written", "criticised"),
    [
        ("2026-03-23 17:30", "2026-03-24 17:30", "2026-03-30 17:30"),  # Tue; Tue 24 - Fri 27, Mon 30
        ("2026-02-14 17:30", "2026-02-24 17:30", "2026-02-28 17:30"),  # beyond the holiday; Tue 24 - Sat 28
        ("2026-02-24 17:30", "2026-02-25 17:30", "2026-03-02 17:30"),  # Wed 25 - Sat 28, Mon 2 March
        ("2026-09-29 17:30", "2026-09-30 17:30", "2026-10-12 17:30"),  # Wed 30, 8, 9, Sat 10, Mon 12 October
        (
            "2026-10-27 17:30",
            "2026-10-28 17:30",
            "2026-11-03 17:30",
        ),  # Wed 28 - Fri 30, Mon 2, Tue 3 November
    ],
)
def test_who_lets_it_pass_is_urged_in_writing_the_day_after_and_criticised_after_five(
    missed: str, written: str, criticised: str
) -> None:
    _, _, urge, criticism = POLICY.ladder("supervision")
    assert due(missed, urge.after_due) == written
    assert due(missed, criticism.after_due) == criticised


# --- what the policy stands for


def test_each_rung_of_supervision_is_a_measure() -> None:
    rungs = POLICY.ladder("supervision")
    assert [rung.measure.zh for rung in rungs if rung.measure] == [
        "到期前催办",
        "逾期提醒",
        "书面催办",
        "通报批评",
    ]
    assert [rung.percent for rung in rungs] == [80, None, None, None]


def test_the_duties_say_what_is_a_statute_and_what_a_commitment() -> None:
    assert "art. 23" in POLICY.statutory["notice"].source
    assert "own commitment" in POLICY.statutory["decision"].source
    assert "not a statute" in POLICY.statutory["verified"].source


def reported(**fields: object) -> Life:
    life = Life(POLICY)
    given = {
        "category": "land_occupation",
        "description": "村东头的鱼塘被填了，正盖厂房。",
        "asked_remedy": None,
    }
    life.do(example(c.Register, **{**given, **fields}))
    return life


def admitted(life: Life) -> Life:
    life.do(example(c.Accept))
    if life.state.reachable:
        life.do(example(c.RecordFirstContact, customer_type="signed", emotional_intensity=2))
    life.do(example(c.Classify, category="land_occupation", severity=Severity.NORMAL))
    life.do(example(c.Assign))
    return life


def decided(life: Life) -> Life:
    admitted(life)
    life.do(example(c.RecordFindings))
    life.do(example(c.Decide), role=Role.LEAD)
    life.do(example(c.PlanAction))
    life.do(example(c.CompleteAction))
    return life


def test_nothing_is_worked_on_before_somebody_has_judged_it() -> None:
    life = reported()
    life.do(example(c.RecordFirstContact, customer_type="signed", emotional_intensity=2))
    life.do(example(c.Classify, category="land_occupation", severity=Severity.NORMAL))
    life.do(example(c.Assign))
    with pytest.raises(NotAccepted):
        life.do(example(c.RecordFindings))
    life.do(example(c.Accept))
    assert life.state.stage == Stage.INVESTIGATION


@pytest.mark.parametrize("judgement", [c.Accept, c.Decline, c.Transfer])
def test_any_of_the_three_judgements_is_the_notice_that_is_owed(judgement: type[c.Command]) -> None:
    life = reported()
    life.do(example(judgement), after=HOUR)
    notice = next(clock for clock in life.clocks(ClockName.STATUTORY) if clock.subject == "notice")
    assert (notice.verdict, life.clock(ClockName.ADMISSION).verdict) == (Verdict.MET, Verdict.MET)


def test_an_anonymous_report_is_worked_on_without_a_first_contact() -> None:
    life = decided(reported(customer=NOBODY_KNOWN))
    life.do(example(c.RecordFollowUp, satisfied=None, words=None, goodwill=None))
    assert (life.state.stage, life.state.outcome) == (Stage.CLOSED, Outcome.RESOLVED)


def test_a_report_is_not_closed_before_its_reporter_was_answered_in_full() -> None:
    life = decided(reported())
    with pytest.raises(StepMissing, match="full_answer"):
        life.do(example(c.RecordFollowUp))
    life.do(
        example(
            c.GiveFeedback, answer=True, message="鱼塘填占 3 亩属实，已责令恢复；厂房未取得许可，已立案。"
        )
    )
    life.do(example(c.RecordFollowUp))
    assert life.state.stage == Stage.CLOSED


@pytest.mark.parametrize("role", [Role.DESK, Role.CUSTOMER_SERVICE])
def test_the_office_decides_and_nobody_else(role: Role) -> None:
    life = admitted(reported())
    life.do(example(c.RecordFindings))
    with pytest.raises((CustomerDecides, NotYourRole)):
        life.do(example(c.Decide), role=role)
    life.do(example(c.Decide), role=Role.HANDLER)
    assert life.state.stage == Stage.EXECUTION


def test_more_time_for_the_answer_is_thirty_days_at_most() -> None:
    life = admitted(reported())
    key = next(c.key for c in life.clocks(ClockName.STATUTORY) if c.subject == "decision")
    begun = life.state.clocks[key].started_at
    with pytest.raises(ExtensionTooLong):
        life.do(example(c.GrantExtension, clock=key, until=begun + 92 * DAY), role=Role.EXECUTIVE)
    life.do(example(c.GrantExtension, clock=key, until=begun + 89 * DAY), role=Role.EXECUTIVE)
    assert life.state.clocks[key].due_at == begun + 89 * DAY


def test_every_reporter_is_confidential_and_unseen_by_the_department() -> None:
    life = reported(confidential=False)
    seen_by = {role for role in Role if shows_reporter(view(life.state), POLICY, role)}
    assert seen_by == {Role.DESK, Role.CUSTOMER_SERVICE, Role.AUDITOR}


def test_the_day_after_closing_somebody_calls() -> None:
    life = Life(POLICY, start=at("2026-03-02 09:00"))
    life.do(example(c.Register, category="land_occupation", description="填塘盖房"))
    decided_life = admitted(life)
    decided_life.do(example(c.RecordFindings))
    decided_life.do(example(c.Decide), role=Role.LEAD)
    decided_life.do(example(c.PlanAction))
    decided_life.do(example(c.CompleteAction))
    decided_life.do(example(c.GiveFeedback, answer=True))
    decided_life.do(example(c.RecordFollowUp))
    assert local_time(CHINA.zone, life.clock(ClockName.AFTER_CLOSING).due_at).isoformat(" ", "minutes") == (
        "2026-03-03 17:30"
    )
    life.do(example(c.RecordAfterClosing, contact="return_call", still_settled=False, words="还在盖"))
    assert (life.state.stage, life.state.cycle) == (Stage.INVESTIGATION, 2)


def test_the_message_of_the_day_says_nothing_of_the_matter() -> None:
    said = POLICY.feedback.message
    assert said is not None
    assert not any(word in said.zh for word in ("举报", "违法", "占地"))
    assert not any(word in said.en.lower() for word in ("report", "violation", "land"))


def test_nobody_pays_on_the_telephone() -> None:
    assert POLICY.authority == {"CNY": {Role.DESK: 0, Role.HANDLER: 0, Role.LEAD: 0}}


@pytest.mark.parametrize(
    "said", ["永久基本农田里连夜抢建", "An excavator is digging in a nature reserve right now"]
)
def test_what_happens_now_on_protected_land_is_critical(said: str) -> None:
    assert reported(description=said).state.severity == Severity.CRITICAL


def test_letters_mail_and_telephone_all_reach_it() -> None:
    for channel in (Channel.PHONE, Channel.LETTER, Channel.EMAIL):
        customer = Customer(anonymous=True) if channel == Channel.LETTER else WANG_XIUYING
        assert reported(channel=channel, customer=customer).state.stage == Stage.INTAKE


def test_its_gates_ask_for_the_full_answer_and_the_answers_of_others() -> None:
    assert {(gate.before, gate.needs) for gate in POLICY.gates} == {
        (Act.CONFIRM_SATISFACTION, (Step.FULL_ANSWER,)),
        (Act.RECORD_FINDINGS, (Step.QUESTIONS_ANSWERED,)),
    }
