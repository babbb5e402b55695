"""What the law, a public promise or the policy sets from the outside: duties beside the stages, and calls after them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints import consequences, facts
from complaints.errors import AlreadyDone, AnswerMissing, OptionsMissing, UnknownQuestion
from complaints.forms import Names
from complaints.lifecycle import OPEN, Stage
from complaints.policy import FollowUpRule, MetBy, Policy, StatutoryRule
from complaints.policy_file import builtin
from complaints.records import Cause, Clock, ClockName, Verdict
from complaints.vocabulary import Channel, Money, PauseOwner, Role, Severity
from complaints.working_time import Calendar
from tests.lives import (
    DAY,
    HOUR,
    INSTANT,
    MONDAY,
    NOBODY_KNOWN,
    Life,
    at_stage,
    business_days,
    days,
    example,
    hours,
    with_clock,
)


def lawful(*, within: int = 30) -> Policy:
    """A policy with one statutory duty for each thing that can meet one."""
    rules = {
        met_by.value: StatutoryRule(
            budget=days(within),
            warn_percent=(50,),
            title=Names(en=f"Regulation on {met_by}", zh="条例"),
            met_by=met_by,
            source="Article 4",
        )
        for met_by in MetBy
    }
    return replace(builtin(), statutory=rules)


def statutory(life: Life) -> dict[str, Clock]:
    """The latest clock of each statutory rule."""
    return {clock.subject: clock for clock in life.clocks(ClockName.STATUTORY)}


def settled(life: Life) -> set[str]:
    return {subject for subject, clock in statutory(life).items() if not clock.is_open}


# --- statutory duties


def test_every_statutory_duty_runs_from_receipt() -> None:
    life = Life(lawful())
    life.do(example(c.Register), received_at=life.now - HOUR)
    assert {(k.subject, k.started_at, k.due_at) for k in life.clocks(ClockName.STATUTORY)} == {
        (met_by.value, life.now - HOUR, life.now - HOUR + 30 * DAY) for met_by in MetBy
    }


def test_statutory_duties_run_beside_the_clocks_of_the_stages() -> None:
    life = at_stage(Stage.INVESTIGATION, lawful())
    names = {clock.name for clock in life.state.clocks.values() if clock.is_ticking}
    assert {ClockName.STATUTORY, ClockName.INVESTIGATION, ClockName.OVERALL, ClockName.FEEDBACK} <= names


def test_missing_one_of_two_clocks_leaves_the_other_alone() -> None:
    life = at_stage(Stage.INVESTIGATION, lawful(within=3)).wait(4 * DAY)
    assert statutory(life)["answer"].breached_at is not None
    assert life.clock(ClockName.INVESTIGATION).is_ticking


def test_a_duty_to_be_heard_is_met_by_the_first_contact() -> None:
    life = at_stage(Stage.INTAKE, lawful())
    life.do(example(c.RecordFirstContact))
    assert settled(life) == {"first_contact"}


def test_a_duty_to_answer_is_met_by_an_offer() -> None:
    life = at_stage(Stage.SOLUTION, lawful())
    assert settled(life) == {"first_contact"}
    life.do(example(c.PrepareOption, life))
    life.do(example(c.OfferOption, life))
    assert settled(life) == {"first_contact", "answer"}


def test_a_duty_to_answer_is_met_by_admitting_that_it_cannot_be_solved() -> None:
    life = at_stage(Stage.INVESTIGATION, lawful())
    life.do(example(c.AdmitUnsolvable))
    assert "answer" in settled(life)


def test_a_duty_to_settle_is_met_when_what_was_agreed_is_done() -> None:
    assert settled(at_stage(Stage.EXECUTION, lawful())) == {"first_contact", "answer"}
    assert settled(at_stage(Stage.FOLLOW_UP, lawful())) == {"first_contact", "answer", "settled"}


def test_a_duty_to_close_is_met_by_closing() -> None:
    life = at_stage(Stage.CLOSED, lawful())
    assert {clock.verdict for clock in statutory(life).values()} == {Verdict.MET}


@pytest.mark.parametrize("kind", [c.Decline, c.Transfer])
def test_a_refusal_or_a_handover_is_an_answer(kind: type) -> None:
    life = at_stage(Stage.INTAKE, lawful())
    life.do(example(kind))
    assert {clock.verdict for clock in statutory(life).values()} == {Verdict.MET}


@pytest.mark.parametrize("kind", [c.Withdraw, c.LinkDuplicate])
def test_what_is_withdrawn_or_a_duplicate_owes_nothing_by_law(kind: type) -> None:
    life = at_stage(Stage.INTAKE, lawful())
    life.do(example(kind))
    assert {clock.verdict for clock in statutory(life).values()} == {Verdict.VOID}


def test_a_statutory_duty_missed_before_it_was_withdrawn_stays_missed() -> None:
    life = at_stage(Stage.INVESTIGATION, lawful(within=3)).wait(4 * DAY)
    life.do(example(c.Withdraw))
    assert statutory(life)["answer"].verdict == Verdict.BREACHED


def test_a_reopened_complaint_owes_its_statutory_duties_anew() -> None:
    life = at_stage(Stage.CLOSED, lawful())
    life.do(example(c.Reopen), after=DAY)
    open_again = {k.subject: k for k in life.clocks(ClockName.STATUTORY) if k.is_open}
    assert set(open_again) == set(MetBy) - {MetBy.FIRST_CONTACT}  # she was heard
    assert {(k.cycle, k.started_at) for k in open_again.values()} == {(2, life.now)}


def test_a_second_round_has_no_new_statutory_time() -> None:
    life = at_stage(Stage.FOLLOW_UP, lawful())
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    assert len(life.clocks(ClockName.STATUTORY)) == len(MetBy)


def test_nobody_owes_a_first_contact_to_somebody_who_cannot_be_reached() -> None:
    life = Life(lawful())
    life.do(example(c.Register, customer=NOBODY_KNOWN))
    assert "first_contact" not in statutory(life)


def test_statutory_clocks_stand_still_only_if_the_policy_says_so() -> None:
    life = at_stage(Stage.SOLUTION, lawful())
    life.do(example(c.AwaitCustomer))
    assert not [k for k in life.clocks(ClockName.STATUTORY) if k.paused_at]


# --- a target that is missing


def forgetful() -> Policy:
    """A policy that says nothing about verifications."""
    rest = dict(builtin().clocks)
    del rest[ClockName.VERIFICATION]
    return replace(builtin(), clocks=rest)


def asked(policy: Policy) -> Life:
    life = at_stage(Stage.INVESTIGATION, policy)
    life.do(example(c.RequestVerification))
    return life


def test_a_missing_target_is_a_breach_for_the_customer_service_department() -> None:
    life = asked(forgetful())
    clock = life.clock(ClockName.VERIFICATION)
    assert clock.breached_at == life.now
    assert (life.escalation().cause, life.escalation().audience) == (
        Cause.CONFIGURATION,
        Role.CUSTOMER_SERVICE,
    )
    assert "no target for verification" in life.escalation().reason


@pytest.mark.parametrize("later", [0 * HOUR, HOUR])
def test_a_missing_target_is_never_met_though_the_duty_is_done(later: object) -> None:
    life = asked(forgetful())
    life.do(example(c.AnswerVerification, life), after=later)  # type: ignore[arg-type]  # a span
    assert life.clock(ClockName.VERIFICATION).verdict == Verdict.BREACHED
    assert not life.facts(consequences.BreachWithdrawn)


def test_a_missing_target_is_not_mended_by_a_wait() -> None:
    pauses = dict(builtin().pauses)
    rule = pauses[PauseOwner.CUSTOMER]
    pauses[PauseOwner.CUSTOMER] = replace(rule, stops=(*rule.stops, ClockName.VERIFICATION))
    policy = replace(forgetful(), pauses=pauses)
    life = at_stage(Stage.INVESTIGATION, policy)
    life.do(example(c.AwaitCustomer))
    life.do(example(c.RequestVerification))
    assert life.clock(ClockName.VERIFICATION).paused_at is None
    life.do(example(c.CustomerReplied), after=DAY)
    life.do(example(c.AnswerVerification, life))
    assert life.clock(ClockName.VERIFICATION).verdict == Verdict.BREACHED


def test_a_missing_target_stays_missed_when_the_duty_falls_away() -> None:
    life = asked(forgetful())
    life.do(example(c.Withdraw))
    assert life.clock(ClockName.VERIFICATION).verdict == Verdict.BREACHED


def test_a_budget_for_another_severity_alone_is_a_missing_target() -> None:
    policy = with_clock(ClockName.VERIFICATION, budget=None, by_severity={Severity.CRITICAL: hours(1)})
    assert asked(policy).escalation().cause == Cause.CONFIGURATION


# --- closing settles everything


@pytest.mark.parametrize("stage", OPEN)
def test_closing_settles_every_clock_but_the_appeal_window(stage: Stage) -> None:
    life = at_stage(stage, lawful(within=1))
    life.wait(2 * DAY)
    life.do(example(c.Withdraw))
    still_open = {clock.name for clock in life.state.clocks.values() if clock.is_open}
    assert still_open == {ClockName.APPEAL}
    verdicts = {clock.verdict for clock in life.state.clocks.values() if not clock.is_open}
    assert verdicts <= set(Verdict)


def test_a_closed_complaint_shows_of_each_breach_when_it_was_due_and_when_it_was_seen() -> None:
    life = at_stage(Stage.INVESTIGATION, lawful(within=1))
    life.outage(2 * DAY).look()
    life.to(Stage.CLOSED)
    clock = statutory(life)["answer"]
    assert (clock.verdict, clock.due_at) == (Verdict.BREACHED, MONDAY + DAY)
    assert clock.breached_at == MONDAY + 2 * DAY


# --- follow-up


def asking(**fields: object) -> Policy:
    return replace(builtin(), follow_up=replace(FollowUpRule(), **fields))  # type: ignore[arg-type]  # a builder


def test_the_customer_is_asked_after_the_delay_of_the_policy() -> None:
    clock = at_stage(Stage.FOLLOW_UP, asking(delay=days(2))).clock(ClockName.FOLLOW_UP)
    assert (clock.started_at, clock.due_at) == (MONDAY + 2 * DAY, MONDAY + 7 * DAY)


def test_a_delay_of_working_days_leaves_out_the_weekend() -> None:
    life = at_stage(Stage.FOLLOW_UP, asking(delay=business_days(5)))
    assert life.clock(ClockName.FOLLOW_UP).started_at == MONDAY + 7 * DAY


def test_who_is_asked_before_the_delay_is_over_is_asked_in_time() -> None:
    life = at_stage(Stage.FOLLOW_UP, asking(delay=days(2)))
    life.do(example(c.RecordFollowUp), after=HOUR)
    clock = life.clock(ClockName.FOLLOW_UP)
    assert (clock.verdict, clock.settled_at) == (Verdict.MET, clock.started_at)


def unanswered(life: Life, times: int) -> Life:
    for _ in range(times):
        life.do(c.RecordAttempt(channel=Channel.PHONE), after=HOUR)
    return life


def test_so_many_calls_in_vain_stand_for_an_answer_and_not_fewer() -> None:
    life = unanswered(at_stage(Stage.FOLLOW_UP, asking(attempts=2)), 1)
    with pytest.raises(AnswerMissing) as refused:
        life.do(example(c.RecordFollowUp, satisfied=None, score=None))
    assert "record_attempt" in refused.value.possible
    unanswered(life, 1).do(example(c.RecordFollowUp, satisfied=None, score=None))
    assert life.state.stage == Stage.CLOSED


def test_calls_in_vain_do_not_count_in_the_next_round() -> None:
    life = unanswered(at_stage(Stage.FOLLOW_UP), 3)
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    assert life.state.attempts == 0


def test_a_survey_has_no_more_answers_than_questions() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    with pytest.raises(UnknownQuestion):
        life.do(example(c.RecordFollowUp, answers=(5, 4, 3, 2)))
    life.do(example(c.RecordFollowUp, answers=(5, 4, 3)))
    assert life.state.follow_ups[0].form.answers == (5, 4, 3)


# --- the second call


CALLS_AGAIN = asking(second_call=days(7))


def test_some_days_after_closing_the_customer_is_owed_one_more_call() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN)
    assert life.clock(ClockName.SECOND_CALL).due_at == life.now + 7 * DAY


def test_a_second_call_that_finds_all_well_meets_its_clock() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN)
    life.do(example(c.RecordSecondCall), after=7 * DAY)
    assert life.clock(ClockName.SECOND_CALL).verdict == Verdict.MET
    assert life.state.stage == Stage.CLOSED


def test_a_second_call_nobody_makes_escalates_from_the_closed_complaint() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN).wait(7 * DAY)
    assert (life.escalation().clock, life.escalation().audience) == ("second_call/1", Role.LEAD)
    assert life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)


def test_a_second_call_made_late_stands_its_escalation_down_and_stays_missed() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN).wait(7 * DAY)
    life.do(example(c.RecordSecondCall), after=HOUR)
    assert not life.escalation().is_open
    assert life.clock(ClockName.SECOND_CALL).verdict == Verdict.BREACHED


def test_what_no_longer_works_is_reopened_by_the_second_call() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN)
    life.do(example(c.RecordSecondCall, still_settled=False, words="又跳闸了"), after=DAY)
    assert (life.state.stage, life.state.cycle) == (Stage.INVESTIGATION, 2)
    assert [fact.reason for fact in life.facts(facts.Reopened)] == ["又跳闸了"]
    assert life.clock(ClockName.SECOND_CALL).verdict == Verdict.MET


def test_a_second_call_is_made_once() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN)
    life.do(example(c.RecordSecondCall))
    with pytest.raises(AlreadyDone):
        life.do(example(c.RecordSecondCall))


def test_reopening_before_the_second_call_makes_it_void() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN)
    life.do(example(c.Reopen), after=DAY)
    assert life.clock(ClockName.SECOND_CALL).verdict == Verdict.VOID


def test_the_end_of_the_appeal_window_settles_a_second_call_nobody_made() -> None:
    life = at_stage(Stage.CLOSED, CALLS_AGAIN).wait(15 * DAY)
    assert life.state.stage == Stage.ENDED
    assert life.clock(ClockName.SECOND_CALL).verdict == Verdict.BREACHED
    assert not life.state.open_escalations()


def test_who_withdrew_is_not_called_again() -> None:
    life = at_stage(Stage.SOLUTION, CALLS_AGAIN)
    life.do(example(c.Withdraw))
    assert not life.clocks(ClockName.SECOND_CALL)


# --- options


def test_no_option_is_offered_before_so_many_stand_ready() -> None:
    life = at_stage(Stage.SOLUTION, replace(builtin(), options_prepared=2))
    life.do(example(c.PrepareOption, life))
    with pytest.raises(OptionsMissing):
        life.do(example(c.OfferOption, life))
    life.do(example(c.PrepareOption, life))
    assert life.do(example(c.OfferOption, life))


def test_a_rejected_option_still_counts_as_one_that_was_prepared() -> None:
    life = at_stage(Stage.SOLUTION, replace(builtin(), options_prepared=2))
    for _ in range(2):
        life.do(example(c.PrepareOption, life))
    life.do(example(c.OfferOption, life, option="O1"))
    life.do(example(c.RejectOption, life, option="O1"))
    assert life.do(example(c.OfferOption, life, option="O2"))


# --- a calendar that does not know the year


def known_until_march() -> Policy:
    china = builtin().working_time(None)
    short: Calendar = replace(china, known_until=(MONDAY + 3 * DAY).date())
    return with_clock(
        ClockName.OVERALL,
        with_clock(
            ClockName.SOLUTION, replace(builtin(), calendars={"china": short}), budget=business_days(2)
        ),
        budget=business_days(10),
    )


def test_a_deadline_beyond_what_the_calendar_knows_is_provisional() -> None:
    life = at_stage(Stage.SOLUTION, known_until_march())
    assert life.clock(ClockName.OVERALL).provisional
    assert not life.clock(ClockName.SOLUTION).provisional


def test_a_pause_that_moves_a_deadline_beyond_what_the_calendar_knows_makes_it_provisional() -> None:
    life = at_stage(Stage.SOLUTION, known_until_march())
    life.do(example(c.AwaitCustomer))
    life.do(example(c.CustomerReplied), after=2 * DAY)
    assert life.clock(ClockName.SOLUTION).provisional


# --- what is at stake


def test_what_is_said_at_registration_raises_the_severity_and_shortens_the_clocks() -> None:
    policy = with_clock(ClockName.OVERALL, by_severity={Severity.CRITICAL: days(3)})
    life = Life(policy)
    life.do(example(c.Register, description="电表起火了，我要找记者曝光"))
    assert life.state.severity == Severity.CRITICAL
    assert life.clock(ClockName.OVERALL).due_at == life.now + 3 * DAY


def test_a_difficult_complaint_goes_to_the_customer_service_department_at_once() -> None:
    life = Life()
    life.do(example(c.Register, claim=Money(amount_minor=5_000_000, currency="CNY")))
    assert life.state.difficult
    assert (life.escalation().cause, life.escalation().audience) == (Cause.DIFFICULT, Role.CUSTOMER_SERVICE)


def test_a_customer_in_a_rage_makes_it_difficult_at_the_first_contact() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.RecordFirstContact, emotional_intensity=5, customer_type="furious"))
    assert (life.state.severity, life.state.difficult) == (Severity.HIGH, True)


def test_a_complaint_is_recognised_as_difficult_once() -> None:
    life = at_stage(Stage.INTAKE)
    for _ in range(2):
        life.do(example(c.RecordFirstContact, emotional_intensity=5), after=INSTANT)
    life.do(example(c.Classify, difficult=True, difficult_reason="Third time this year"))
    assert [e.cause for e in life.state.escalations.values()] == [Cause.DIFFICULT]


def test_what_is_scored_never_lowers_a_severity() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.Classify, severity=Severity.CRITICAL))
    life.do(example(c.RecordFirstContact, emotional_intensity=1))
    assert life.state.severity == Severity.CRITICAL
