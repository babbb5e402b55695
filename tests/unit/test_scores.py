"""What counts in a case, for whom, and what the published formula makes of it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from complaints import commands as c
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName
from complaints.scores import (
    KINDS,
    TITLES,
    WEIGHTS,
    CaseFigures,
    Contribution,
    Measure,
    Party,
    What,
    add_up,
    contributions,
    score,
)
from complaints.vocabulary import Role
from tests.lives import DAY, HOUR, Life, at_stage, cny, example, hours, option, with_clock

ZHANG = Party(handler="zhang.wei", department="billing")
SUN = Party(handler="sun.hao", department="metering")


def counted(life: Life, *whats: What) -> list[Contribution]:
    return [each for each in contributions("hotline-2031", life.events) if each.what in whats]


def subjects(found: list[Contribution]) -> list[str]:
    return [each.subject for each in found]


# --- clocks


def test_a_deadline_that_was_met_counts_for_whoever_answers_for_it():
    life = at_stage(Stage.SOLUTION)
    (met,) = [each for each in counted(life, What.MET) if each.subject == "investigation/1"]
    assert met.party == ZHANG


def test_a_missed_deadline_counts_for_whoever_answered_when_it_was_due():
    life = at_stage(Stage.INVESTIGATION)
    due_at = life.clock(ClockName.INVESTIGATION).due_at
    life.wait_until(due_at + HOUR)
    life.do(example(c.Reassign))
    life.do(example(c.RecordFindings), department="metering")
    (missed,) = [each for each in counted(life, What.MISSED) if each.subject == "investigation/1"]
    assert (missed.party, missed.at) == (ZHANG, due_at)


def test_a_deadline_that_is_missed_and_still_open_does_not_count_yet():
    life = at_stage(Stage.INVESTIGATION).wait(30 * DAY)
    assert "investigation/1" not in subjects(counted(life, What.MET, What.MISSED))


def test_a_report_that_came_late_of_a_duty_done_in_time_counts_as_met():
    life = at_stage(Stage.INVESTIGATION)
    in_time = life.now + HOUR
    due_at = life.clock(ClockName.INVESTIGATION).due_at
    life.wait_until(due_at + HOUR)
    life.do(example(c.RecordFindings), received_at=in_time)
    assert "investigation/1" in subjects(counted(life, What.MET))


def test_before_it_is_assigned_nobody_answers_for_it():
    life = at_stage(Stage.INTAKE).wait(25 * HOUR)
    life.do(example(c.RecordFirstContact))
    (missed,) = counted(life, What.MISSED)
    assert (missed.subject, missed.party) == ("first_contact/1", Party())


def test_waits_windows_and_the_duties_of_superiors_do_not_count():
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer))
    life.do(example(c.CustomerReplied), after=HOUR)
    life.do(example(c.Escalate))
    life.do(example(c.AcknowledgeEscalation, life))
    life.to(Stage.ENDED)
    names = {subject.partition("/")[0] for subject in subjects(counted(life, What.MET, What.MISSED))}
    assert names.isdisjoint({"waiting", "appeal", "acknowledgement", "promise"})
    assert {"investigation", "overall"} <= names


def test_a_duty_without_a_target_is_nobodys_doing():
    life = at_stage(Stage.INVESTIGATION, with_clock(ClockName.SOLUTION, budget=None, by_severity={}))
    life.to(Stage.EXECUTION)
    assert life.clock(ClockName.SOLUTION).verdict == "breached"
    assert "solution/1" not in subjects(counted(life, What.MET, What.MISSED))


def test_an_answer_is_owed_by_the_department_that_was_asked():
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    life.do(example(c.AnswerVerification, life), after=DAY * 4)
    (missed,) = [each for each in counted(life, What.MISSED) if each.subject == "verification/1"]
    assert missed.party == Party(department="metering")


def test_presence_is_owed_by_the_department_that_was_summoned():
    life = at_stage(Stage.INVESTIGATION, with_clock(ClockName.ATTENDANCE, budget=hours(4)))
    life.do(example(c.SummonDepartments, life))
    life.do(example(c.SendSomeone, life, summons="S1"), after=HOUR, department="metering")
    life.do(example(c.SendSomeone, life, summons="S2"), after=5 * HOUR, department="east")
    owed = [each for each in counted(life, What.MET, What.MISSED) if each.subject.startswith("attendance")]
    assert [(each.what, each.party) for each in owed] == [
        (What.MET, Party(department="metering")),
        (What.MISSED, Party(department="east")),
    ]


def test_an_approval_is_owed_by_the_lead_not_by_the_handler():
    life = at_stage(Stage.SOLUTION)
    dear = option(life, 3000)
    life.do(example(c.RequestApproval, life, option=dear))
    life.do(example(c.Approve, life, option=dear), role=Role.LEAD)
    (met,) = [each for each in counted(life, What.MET) if each.subject == "approval/1"]
    assert met.party == Party(department="billing")


# --- promises


def test_promises_count_once_and_apart_from_other_deadlines():
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.MakePromise, life))
    life.do(example(c.KeepPromise, life), after=HOUR)
    life.do(example(c.MakePromise, life))
    life.do(example(c.KeepPromise, life), after=2 * DAY)
    assert subjects(counted(life, What.KEPT)) == ["P1"]
    assert subjects(counted(life, What.BROKEN)) == ["P2"]


# --- how it ended


def test_settled_on_the_spot_and_closed_so_is_resolved_at_first_contact():
    life = at_stage(Stage.INTAKE)
    life.do(example(c.RecordFirstContact))
    life.do(example(c.ResolveAtFirstContact), role=Role.DESK)
    life.to(Stage.CLOSED)
    (resolved,) = counted(life, What.AT_FIRST_CONTACT, What.LATER)
    assert (resolved.what, resolved.party) == (
        What.AT_FIRST_CONTACT,
        Party(handler="xiao.li", department="hall"),
    )


def test_settled_on_the_spot_but_not_for_the_customer_is_not():
    life = at_stage(Stage.INTAKE)
    life.do(example(c.RecordFirstContact))
    life.do(example(c.ResolveAtFirstContact), role=Role.DESK)
    life.do(example(c.RecordFollowUp, satisfied=False, score=2))
    assert subjects(counted(life, What.DISSATISFIED)) == [""]
    life.do(example(c.Classify))
    life.do(example(c.RecordFindings))
    life.to(Stage.CLOSED)
    assert [each.what for each in counted(life, What.AT_FIRST_CONTACT, What.LATER)] == [What.LATER]


def test_a_complaint_that_was_withdrawn_is_neither():
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Withdraw))
    life.to(Stage.ENDED)
    ends = (What.AT_FIRST_CONTACT, What.LATER, What.RESOLVED, What.LASTED)
    assert counted(life, *ends) == []


def test_a_solution_lasts_when_the_appeal_window_has_passed():
    closed = at_stage(Stage.CLOSED)
    assert counted(closed, What.LASTED, What.REOPENED) == []
    assert [each.party for each in counted(closed.to(Stage.ENDED), What.LASTED)] == [ZHANG]


def test_a_refusal_that_stood_lasts_and_is_no_resolved_case():
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Decline))
    life.to(Stage.ENDED)
    ends = (What.AT_FIRST_CONTACT, What.LATER, What.RESOLVED, What.LASTED)
    assert [each.what for each in counted(life, *ends)] == [What.LASTED]


def test_a_reopening_counts_for_whoever_closed_it():
    life = at_stage(Stage.CLOSED)
    life.do(example(c.Reopen))
    life.do(example(c.Reassign))
    life.to(Stage.ENDED)
    assert [each.party for each in counted(life, What.REOPENED)] == [ZHANG]
    assert [each.party for each in counted(life, What.LASTED)] == [SUN]
    assert len(counted(life, What.RESOLVED)) == 1, "one case, however often it was closed"


def test_satisfaction_is_what_the_customer_said_of_whoever_was_there():
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, score=4))
    (rated,) = counted(life, What.RATED)
    assert (rated.rating, rated.party) == (4, ZHANG)


# --- money


def test_an_option_costs_when_it_is_accepted():
    life = at_stage(Stage.SOLUTION)
    name = option(life, 300)
    life.do(example(c.OfferOption, life, option=name))
    assert counted(life, What.SPENT) == []
    life.do(example(c.AcceptOption, life, option=name))
    (spent,) = counted(life, What.SPENT)
    assert (spent.money, spent.subject) == (cny(300), name)


def test_what_was_given_on_the_spot_costs():
    life = at_stage(Stage.INTAKE)
    life.do(example(c.RecordFirstContact))
    life.do(example(c.ResolveAtFirstContact), role=Role.DESK)
    assert [each.money for each in counted(life, What.SPENT)] == [cny(128)]


def test_a_gesture_costs_what_it_is_said_to_cost():
    life = at_stage(Stage.EXECUTION)
    life.do(example(c.GiveGoodwill, life, cost=cny(20)))
    assert [each.money for each in counted(life, What.SPENT)][-1] == cny(20)


# --- figures and the formula


def test_figures_add_up_whatever_counts():
    life = at_stage(Stage.ENDED)
    figures = add_up(contributions("hotline-2031", life.events))
    assert (figures.missed, figures.rated, figures.ratings) == (0, 1, 5)
    assert (figures.later, figures.lasted, figures.resolved) == (1, 1, 1)
    assert figures.cost == {"CNY": 30000}
    assert figures.cost_per_resolved == {"CNY": 30000}


def test_nothing_known_is_no_score_and_never_the_best_one():
    assert score(CaseFigures()) is None
    assert all(CaseFigures().share(measure) is None for measure in Measure)
    assert CaseFigures().mean_rating is None
    assert CaseFigures(cost={"CNY": 100}).cost_per_resolved == {}


def test_a_measure_that_nothing_is_known_of_takes_its_weight_with_it():
    assert score(CaseFigures(met=1, missed=1)) == 50
    assert score(CaseFigures(met=1, missed=1, kept=1)) == Fraction(100 * (40 * 1 + 20 * 2), 2 * 60)


def test_weights_are_shares_of_a_hundred_and_every_measure_has_one_and_a_name():
    assert sum(WEIGHTS.values()) == 100
    assert set(WEIGHTS) == set(TITLES) == set(Measure)


def test_a_later_fact_with_a_cost_is_read_without_being_named_here():
    assert {"ResolvedAtFirstContact", "GoodwillGiven"} <= set(KINDS)
    assert len(KINDS) == len(set(KINDS))


EXAMPLE = CaseFigures(
    met=17,
    missed=3,
    rated=4,
    ratings=15,
    kept=2,
    broken=1,
    at_first_contact=1,
    later=4,
    lasted=4,
    reopened=1,
)


def test_the_example_by_hand_in_the_documentation_is_what_the_formula_gives():
    page = (Path(__file__).parents[2] / "docs" / "scores.md").read_text(encoding="utf-8")
    rows = {
        TITLES[m].en: f"| {WEIGHTS[m]} | {float(share):.4f} | {float(WEIGHTS[m] * share):.2f} |"
        for m in Measure
        if (share := EXAMPLE.share(m)) is not None
    }
    assert len(rows) == 5
    for title, cells in rows.items():
        assert any(title in line and line.endswith(cells) for line in page.splitlines()), (title, cells)
    total = score(EXAMPLE)
    assert total is not None
    assert f"**{float(total):.1f}**" in page


@pytest.mark.parametrize("stage", [Stage.INTAKE, Stage.SOLUTION, Stage.ENDED])
def test_the_kinds_that_are_named_are_all_that_is_needed(stage: Stage):
    events = at_stage(stage).events
    needed = [event for event in events if event.fact.type in KINDS]
    assert contributions("x", needed) == contributions("x", events)


def test_the_policy_changes_no_formula():
    one = at_stage(Stage.ENDED)
    other = at_stage(Stage.ENDED, replace(builtin(), version="9"))
    assert add_up(contributions("x", one.events)) == add_up(contributions("x", other.events))
