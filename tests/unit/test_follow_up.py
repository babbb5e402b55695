"""Follow-up: the customer has the last word; closing has its conditions; reopening begins a new cycle."""

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.errors import (
    AlreadyClosed,
    AnswerMissing,
    ApologyIsNotEnough,
    ExplanationMissing,
    PromiseOpen,
)
from complaints.lifecycle import Stage
from complaints.records import Cause, ClockName, Verdict
from complaints.vocabulary import Customer, Justified, Outcome, RemedyKind, Role
from tests.lives import DAY, INSTANT, NOBODY_KNOWN, WANG_XIUYING, Life, at_stage, example


def executed(
    kind: RemedyKind, justified: Justified = Justified.YES, customer: Customer = WANG_XIUYING
) -> Life:
    """A complaint at its follow-up, with one action of a kind done."""
    life = Life()
    life.do(example(c.Register, customer=customer))
    for command in (c.Classify, c.Assign):
        life.do(example(command))
    if customer.reachable:
        life.do(example(c.RecordFirstContact))
    life.do(example(c.RecordFindings, justified=justified))
    life.to(Stage.EXECUTION)
    life.do(example(c.PlanAction, life, kind=kind))
    life.do(example(c.CompleteAction, life))
    assert life.state.stage == Stage.FOLLOW_UP
    return life


def test_a_satisfied_customer_closes_the_complaint() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, goodwill="一张公园年票"), role=Role.SYSTEM)
    assert (life.state.stage, life.state.outcome) == (Stage.CLOSED, Outcome.RESOLVED)
    assert life.state.closed_at == life.now
    assert life.state.follow_ups[0].form.goodwill == "一张公园年票"
    assert life.clock(ClockName.FOLLOW_UP).verdict == Verdict.MET


@pytest.mark.parametrize("kind", [kind for kind in RemedyKind if kind != RemedyKind.APOLOGY])
def test_anything_done_beyond_an_apology_closes_it(kind: RemedyKind) -> None:
    assert executed(kind).do(example(c.RecordFollowUp))


def test_nothing_closes_on_an_apology_alone() -> None:
    with pytest.raises(ApologyIsNotEnough):
        executed(RemedyKind.APOLOGY).do(example(c.RecordFollowUp))


def test_an_unjustified_complaint_is_not_closed_without_its_explanation() -> None:
    life = executed(RemedyKind.REFUND, Justified.NO)
    with pytest.raises(ExplanationMissing):
        life.do(example(c.RecordFollowUp))
    life.do(example(c.GiveFeedback, explanation=True))
    assert life.do(example(c.RecordFollowUp))


def test_an_unjustified_complaint_that_was_explained_needs_nothing_else_done() -> None:
    life = executed(RemedyKind.APOLOGY, Justified.NO)
    life.do(example(c.GiveFeedback, explanation=True))
    assert life.do(example(c.RecordFollowUp))


def test_an_action_that_explained_is_an_explanation() -> None:
    assert executed(RemedyKind.EXPLANATION, Justified.NO).do(example(c.RecordFollowUp))


def test_nothing_closes_while_a_promise_is_open() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.MakePromise, life))
    with pytest.raises(PromiseOpen, match="P1"):
        life.do(example(c.RecordFollowUp))
    life.do(example(c.KeepPromise, life))
    assert life.do(example(c.RecordFollowUp))


def test_a_customer_who_can_be_reached_is_asked() -> None:
    with pytest.raises(AnswerMissing):
        at_stage(Stage.FOLLOW_UP).do(example(c.RecordFollowUp, satisfied=None, score=None))


def test_a_customer_who_cannot_be_reached_need_not_be_asked() -> None:
    life = executed(RemedyKind.REPAIR, customer=NOBODY_KNOWN)
    assert life.do(example(c.RecordFollowUp, satisfied=None, score=None))


def test_what_was_admitted_unsolvable_closes_as_such() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AdmitUnsolvable))
    life.do(example(c.RecordFollowUp, score=2))
    assert (life.state.stage, life.state.outcome) == (Stage.CLOSED, Outcome.UNSOLVABLE)


def test_who_is_not_satisfied_goes_one_round_up_and_the_customer_service_department_is_told() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, satisfied=False, score=1, words="还是没退钱"))
    assert (life.state.stage, life.state.cycle, life.state.round) == (Stage.INVESTIGATION, 1, 2)
    assert (life.escalation().cause, life.escalation().audience) == (
        Cause.DISSATISFIED,
        Role.CUSTOMER_SERVICE,
    )
    assert life.clock(ClockName.OVERALL).due_at == life.now + 20 * DAY
    assert life.clock(ClockName.FEEDBACK).is_ticking


def test_what_was_done_in_the_last_round_does_not_close_the_next() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    life.to(Stage.EXECUTION)
    life.do(example(c.PlanAction, life, kind=RemedyKind.APOLOGY))
    life.do(example(c.CompleteAction, life))
    with pytest.raises(ApologyIsNotEnough):
        life.do(example(c.RecordFollowUp))


def test_rejections_of_the_last_round_do_not_count_in_the_next() -> None:
    life = at_stage(Stage.SOLUTION)
    for name in ("O1", "O2"):
        life.do(example(c.PrepareOption))
        life.do(example(c.OfferOption, life))
        life.do(example(c.RejectOption, life, option=name))
    assert life.state.rejections == 2
    life.to(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    assert life.state.rejections == 0


def test_a_promise_of_the_last_round_is_still_a_promise() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.MakePromise, life))
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    assert life.clock(ClockName.PROMISE).is_ticking


def test_a_missed_follow_up_escalates() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.wait(5 * DAY)
    assert life.escalation().clock == "follow_up/1"


def test_follow_up_owes_no_daily_feedback() -> None:
    assert not [k for k in at_stage(Stage.FOLLOW_UP).clocks(ClockName.FEEDBACK) if k.is_open]


def test_the_overall_clock_ends_when_the_solution_is_carried_out() -> None:
    assert at_stage(Stage.FOLLOW_UP).clock(ClockName.OVERALL).verdict == Verdict.MET


# --- the appeal window


def test_the_appeal_window_is_the_only_clock_of_a_closed_complaint() -> None:
    life = at_stage(Stage.CLOSED)
    assert [k.name for k in life.state.clocks.values() if k.is_open] == [ClockName.APPEAL]
    assert life.clock(ClockName.APPEAL).due_at == life.now + 15 * DAY


def test_when_the_appeal_window_lapses_the_complaint_ends_without_a_breach() -> None:
    life = at_stage(Stage.CLOSED)
    closed_at = life.state.closed_at
    life.wait(15 * DAY)
    assert life.state.stage == Stage.ENDED
    assert life.state.outcome == Outcome.RESOLVED
    assert life.state.closed_at == closed_at
    assert not life.facts(consequences.ClockBreached)
    assert life.clock(ClockName.APPEAL).verdict == Verdict.VOID


def test_reopening_is_possible_to_the_last_instant_of_the_window_and_not_after() -> None:
    life = at_stage(Stage.CLOSED)
    life.do(example(c.Reopen), after=15 * DAY, role=Role.SYSTEM)
    assert life.state.stage == Stage.INVESTIGATION
    late = at_stage(Stage.CLOSED)
    with pytest.raises(AlreadyClosed):
        late.do(example(c.Reopen), after=15 * DAY + INSTANT)


def test_reopening_begins_a_new_cycle_and_the_old_verdicts_stay() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.wait(6 * DAY)
    life.to(Stage.CLOSED)
    verdicts = {clock.key: clock.verdict for clock in life.state.clocks.values() if clock.verdict}
    assert verdicts["investigation/1"] == Verdict.BREACHED
    life.do(example(c.Reopen), after=DAY)
    assert (life.state.cycle, life.state.round) == (2, 1)
    assert (life.state.outcome, life.state.closed_at) == (None, None)
    assert {key: life.state.clocks[key].verdict for key in verdicts} == verdicts
    assert life.clock(ClockName.INVESTIGATION).key == "investigation/2"
    assert life.clock(ClockName.OVERALL).cycle == 2


def test_reopening_stops_the_appeal_clock() -> None:
    life = at_stage(Stage.CLOSED)
    life.do(example(c.Reopen))
    assert life.clock(ClockName.APPEAL).verdict == Verdict.VOID
    life.wait(15 * DAY)
    assert life.state.stage == Stage.INVESTIGATION


def test_a_reopened_complaint_can_live_its_whole_life_again() -> None:
    life = at_stage(Stage.CLOSED)
    life.do(example(c.Reopen))
    life.to(Stage.ENDED)
    assert life.state.cycle == 2
    assert [k.key for k in life.clocks(ClockName.APPEAL)] == ["appeal/1", "appeal/2"]
