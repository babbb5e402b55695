"""Admission, benefit of the doubt, desks, decisions, contacts after closing, and duties by category and in steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from complaints import commands as c
from complaints import facts
from complaints.errors import (
    AboveAuthority,
    AlreadyDone,
    AnswerMissing,
    CustomerDecides,
    ExtensionsExhausted,
    ExtensionTooLong,
    InvestigationRequired,
    NotAccepted,
    NotAtFault,
    NotAtThisStage,
    NotYourRole,
    UnknownField,
    UnknownItem,
    UnknownTerm,
)
from complaints.forms import Names
from complaints.lifecycle import Act, Stage
from complaints.playbook import guidance
from complaints.policy import Guidance, MetBy, Policy, StatutoryRule
from complaints.policy_file import builtin
from complaints.practices import AfterClosing, Desk, FormField, StatutoryExtension
from complaints.records import Cause, ClockName, Verdict
from complaints.view import shows_reporter, view
from complaints.vocabulary import Justified, Outcome, PauseOwner, RemedyKind, Role
from tests.lives import DAY, HOUR, Life, at_stage, cny, days, example, hours, option, with_clock

SAID = Names(en="Said", zh="说明")


def under(policy: Policy | None = None, **sections: Any) -> Policy:
    return replace(policy or builtin(), **sections)


# --- admission


def test_a_report_that_was_declined_and_is_reopened_can_be_accepted() -> None:
    life = Life(judged())
    for kind in (c.Register, c.RecordFirstContact, c.Decline, c.Reopen, c.Classify, c.Assign, c.Accept):
        life.do(example(kind, life))
    assert life.clock(ClockName.ADMISSION).verdict == Verdict.MET
    assert life.do(example(c.RecordFindings))


def judged() -> Policy:
    return with_clock(ClockName.ADMISSION, under(admission=True), budget=days(2))


def test_a_report_that_nobody_has_judged_is_not_investigated() -> None:
    life = Life(judged())
    life.do(example(c.Register))
    for kind in (c.RecordFirstContact, c.Classify, c.Assign):
        life.do(example(kind, life))
    assert life.state.stage == Stage.INTAKE
    with pytest.raises(NotAccepted) as refused:
        life.do(example(c.RecordFindings))
    assert refused.value.possible == (Act.ACCEPT, Act.TRANSFER, Act.DECLINE)
    life.do(example(c.Accept))
    assert view(life.state).stage == Stage.INVESTIGATION
    assert life.clock(ClockName.ADMISSION).verdict == Verdict.MET


@pytest.mark.parametrize("ending", [c.Decline, c.Transfer])
def test_declining_and_transferring_are_judgements_too(ending: type[Any]) -> None:
    life = at_stage(Stage.INTAKE, judged())
    life.do(example(ending))
    assert life.clock(ClockName.ADMISSION).verdict == Verdict.MET


def test_a_report_that_is_not_judged_in_time_escalates() -> None:
    life = at_stage(Stage.INTAKE, judged()).wait(2 * DAY)
    assert life.clock(ClockName.ADMISSION).breached_at == life.now


def test_what_is_not_judged_is_not_settled_on_the_spot() -> None:
    life = at_stage(Stage.INTAKE, judged())
    life.do(example(c.RecordFirstContact, life))
    with pytest.raises(NotAccepted):
        life.do(example(c.ResolveAtFirstContact))


def test_a_report_is_accepted_once() -> None:
    life = at_stage(Stage.INTAKE, judged())
    life.do(example(c.Accept))
    with pytest.raises(AlreadyDone):
        life.do(example(c.Accept))


def test_where_reports_are_not_judged_nothing_is_accepted() -> None:
    with pytest.raises(NotAtThisStage):
        at_stage(Stage.INTAKE).do(example(c.Accept))


def test_a_reopened_report_was_judged_before() -> None:
    life = Life(judged())
    life.do(example(c.Register))
    life.do(example(c.Accept))
    life.to(Stage.CLOSED).do(example(c.Reopen), after=DAY)
    assert [clock.cycle for clock in life.clocks(ClockName.ADMISSION)] == [1]


# --- the form and the terms


def test_a_field_that_the_form_does_not_have_is_refused_by_name() -> None:
    policy = under(form={"order": FormField(title=SAID)})
    with pytest.raises(UnknownField) as refused:
        Life(policy).do(example(c.Register, details={"ordr": "1"}))
    assert refused.value.possible == ("order",)
    with pytest.raises(UnknownField):
        at_stage(Stage.INTAKE, policy).do(c.FillForm(details={"ordr": "1"}))


def test_what_is_filled_in_again_replaces_what_was_there() -> None:
    life = at_stage(Stage.INTAKE, under(form={"order": FormField(title=SAID), "shop": FormField(title=SAID)}))
    life.do(c.FillForm(details={"order": "1", "shop": "north"}))
    life.do(c.FillForm(details={"order": "2"}))
    assert view(life.state).details == {"order": "2", "shop": "north"}


def test_kinds_and_motives_are_those_of_the_policy() -> None:
    life = at_stage(Stage.INTAKE, under(kinds={"tariff": SAID}, motives={"respect": SAID}))
    with pytest.raises(UnknownTerm):
        life.do(example(c.RecordFirstContact, life, motive="revenge"))
    with pytest.raises(UnknownTerm):
        life.do(example(c.Classify, life, kind="quality"))
    assert life.do(example(c.RecordFirstContact, life, motive="respect"))
    assert life.do(example(c.Classify, life, kind="tariff"))


def test_guidance_may_be_for_kinds_motives_categories_and_difficult_complaints() -> None:
    general = Names(en="For all", zh="通用")
    entries = (
        Guidance(say=general),
        Guidance(say=Names(en="kind", zh="种类"), kinds=("tariff",)),
        Guidance(say=Names(en="motive", zh="动机"), motives=("respect",)),
        Guidance(say=Names(en="category", zh="类别"), categories=("billing",)),
        Guidance(say=Names(en="difficult", zh="疑难"), difficult=True),
    )
    policy = under(playbook=entries)
    asked: dict[str, Any] = {"stage": Stage.INTAKE, "customer_type": None, "intensity": None}
    assert guidance(policy, **asked) == (general,)
    every = guidance(policy, **asked, kind="tariff", motive="respect", category="billing", difficult=True)
    assert [names.en for names in every] == ["kind", "motive", "category", "difficult", "For all"]


# --- money


def doubting() -> Policy:
    return under(doubt={"CNY": 20_000})


def test_small_sums_are_paid_on_the_spot_and_large_ones_need_an_investigation() -> None:
    life = at_stage(Stage.INTAKE, doubting())
    life.do(example(c.RecordFirstContact, life))
    remedy = c.ResolveAtFirstContact(kind=RemedyKind.REFUND, what="退款", compensation=cny(201))
    with pytest.raises(InvestigationRequired):
        life.do(remedy, role=Role.LEAD)
    assert life.do(replace(remedy, compensation=cny(200)), role=Role.LEAD)


def test_nobody_at_fault_is_paid_for_within_the_doubt_only() -> None:
    life = at_stage(Stage.INVESTIGATION, doubting())
    life.do(example(c.RecordFindings, justified=Justified.NO))
    with pytest.raises(NotAtFault):
        life.do(example(c.OfferOption, life, option=option(life, 201)))
    assert life.do(example(c.OfferOption, life, option=option(life, 200)))


def test_without_such_a_rule_nobody_is_doubted() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RecordFindings, justified=Justified.NO))
    assert life.do(example(c.OfferOption, life, option=option(life, 400)))


def test_a_desk_grants_up_to_its_own_limit() -> None:
    life = at_stage(Stage.INTAKE, under(desks={"hall": Desk(title=SAID, authority={"CNY": 50_000})}))
    life.do(example(c.RecordFirstContact, life))
    remedy = c.ResolveAtFirstContact(kind=RemedyKind.REFUND, what="当场退款", compensation=cny(500))
    with pytest.raises(AboveAuthority):
        life.do(remedy, role=Role.DESK, department="kiosk")
    with pytest.raises(AboveAuthority):
        life.do(replace(remedy, compensation=cny(501)), role=Role.DESK, department="hall")
    assert life.do(remedy, role=Role.DESK, department="hall")


def test_goodwill_costs_no_more_than_one_may_grant() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    with pytest.raises(AboveAuthority):
        life.do(c.GiveGoodwill(what="三千元购物卡", cost=cny(3_000)))
    assert life.do(c.GiveGoodwill(what="一束花", cost=cny(60)))
    assert [entry.form.cost for entry in life.state.goodwill] == [cny(60)]


# --- deciding


def test_only_an_office_that_decides_may_decide_alone() -> None:
    life = at_stage(Stage.SOLUTION)
    with pytest.raises(CustomerDecides):
        life.do(example(c.Decide))
    office = at_stage(Stage.SOLUTION, under(decided_by=(Role.LEAD,)))
    with pytest.raises(CustomerDecides):
        office.do(example(c.Decide), role=Role.HANDLER)
    office.do(example(c.Decide), role=Role.LEAD)
    assert office.state.stage == Stage.EXECUTION


def test_after_a_rejection_the_next_option_has_a_clock() -> None:
    life = at_stage(Stage.SOLUTION, with_clock(ClockName.NEXT_OFFER, budget=hours(4)))
    life.do(example(c.OfferOption, life, option=option(life)))
    life.do(example(c.RejectOption, life))
    assert life.clock(ClockName.NEXT_OFFER).due_at == life.now + 4 * HOUR
    life.do(example(c.OfferOption, life, option=option(life)), after=HOUR)
    assert life.clock(ClockName.NEXT_OFFER).verdict == Verdict.MET


def test_without_a_budget_no_such_clock_begins() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.OfferOption, life, option=option(life)))
    life.do(example(c.RejectOption, life))
    assert life.clocks(ClockName.NEXT_OFFER) == []


# --- afterwards


def winning_back(**fields: Any) -> Policy:
    return under(after_closing={"win_back": AfterClosing(title=SAID, after=days(10), **fields)})


def test_a_contact_after_closing_is_a_duty() -> None:
    life = at_stage(Stage.CLOSED, winning_back())
    clock = life.clock(ClockName.AFTER_CLOSING)
    assert (clock.subject, clock.due_at) == ("win_back", life.now + 10 * DAY)
    life.do(example(c.RecordAfterClosing, life), after=DAY)
    assert life.clock(ClockName.AFTER_CLOSING).verdict == Verdict.MET
    with pytest.raises(AlreadyDone):
        life.do(example(c.RecordAfterClosing, life))


def test_nobody_contacts_the_customer_and_somebody_hears_of_it() -> None:
    life = at_stage(Stage.CLOSED, winning_back()).wait(10 * DAY)
    assert (life.escalation().cause, life.escalation().audience) == (Cause.BREACH, Role.LEAD)


def test_what_no_longer_holds_is_taken_up_again() -> None:
    life = at_stage(Stage.CLOSED, winning_back())
    life.do(example(c.RecordAfterClosing, life, still_settled=False, words="又坏了"))
    assert (life.state.stage, life.state.cycle) == (Stage.INVESTIGATION, 2)
    assert life.facts(facts.Reopened)[-1].reason == "又坏了"


def test_contacts_may_be_for_some_outcomes_only() -> None:
    unsolvable = winning_back(outcomes=(Outcome.UNSOLVABLE,))
    assert at_stage(Stage.CLOSED, unsolvable).clocks(ClockName.AFTER_CLOSING) == []
    life = at_stage(Stage.INVESTIGATION, unsolvable)
    life.do(example(c.AdmitUnsolvable))
    assert life.to(Stage.CLOSED).clocks(ClockName.AFTER_CLOSING)


def test_who_withdrew_is_left_in_peace() -> None:
    life = at_stage(Stage.INVESTIGATION, winning_back())
    life.do(example(c.Withdraw))
    assert life.clocks(ClockName.AFTER_CLOSING) == []


def test_a_contact_that_the_policy_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownTerm):
        at_stage(Stage.CLOSED, winning_back()).do(
            c.RecordAfterClosing(contact="birthday", still_settled=True, words="好")
        )


def test_out_of_reach_is_not_satisfied() -> None:
    life = at_stage(Stage.FOLLOW_UP, under(until_satisfied=True))
    for _ in range(3):
        life.do(example(c.RecordAttempt))
    with pytest.raises(AnswerMissing):
        life.do(c.RecordFollowUp(satisfied=None))
    assert life.do(c.RecordFollowUp(satisfied=None), role=Role.CUSTOMER_SERVICE)


def test_a_policy_may_keep_every_reporter_confidential() -> None:
    life = at_stage(Stage.INTAKE)
    seen_by = replace(builtin(), reporter_seen_by=(Role.CUSTOMER_SERVICE,))
    assert shows_reporter(view(life.state), seen_by, Role.HANDLER)
    hidden = replace(seen_by, confidential=True)
    assert not shows_reporter(view(life.state), hidden, Role.HANDLER)
    assert shows_reporter(view(life.state), hidden, Role.CUSTOMER_SERVICE)


# --- statutory duties


def lawful(**fields: Any) -> Policy:
    rule = StatutoryRule(
        title=SAID, met_by=MetBy.ANSWER, source="Invented act, section 1", budget=days(15), **fields
    )
    return under(statutory={"answer": rule})


def test_a_duty_of_other_categories_does_not_arise() -> None:
    assert at_stage(Stage.INTAKE, lawful(categories=("noise",))).clocks(ClockName.STATUTORY) == []
    assert at_stage(Stage.INTAKE, lawful(categories=("billing",))).clocks(ClockName.STATUTORY)


def test_another_category_has_other_duties_from_the_same_instant() -> None:
    life = at_stage(Stage.INTAKE, lawful(categories=("noise",)))
    received_at = life.now
    life.do(example(c.Classify, life, category="noise"), after=3 * DAY)
    assert life.clock(ClockName.STATUTORY).started_at == received_at
    assert life.clock(ClockName.STATUTORY).due_at == received_at + 15 * DAY
    life.do(example(c.Classify, life, category="billing"), after=DAY)
    assert life.clock(ClockName.STATUTORY).verdict == Verdict.VOID


def test_a_duty_that_was_overdue_when_its_category_was_found_is_missed_since_then() -> None:
    life = at_stage(Stage.INTAKE, lawful(categories=("noise",)))
    received_at = life.now
    life.do(example(c.Classify, life, category="noise"), after=20 * DAY)
    assert life.clock(ClockName.STATUTORY).due_at == received_at + 15 * DAY
    assert life.clock(ClockName.STATUTORY).breached_at == life.now


STEPS = (
    StatutoryExtension(budget=days(30), roles=(Role.LEAD,), source="Invented act, section 2"),
    StatutoryExtension(budget=days(60), roles=(Role.EXECUTIVE,), source="Invented act, section 3"),
)


def granted(life: Life, until: timedelta) -> Any:
    clock = life.clock(ClockName.STATUTORY)
    return c.GrantExtension(
        clock=clock.key, until=clock.started_at + until, reason="案情复杂", customer_told=True
    )


def test_a_statutory_duty_grows_by_the_steps_of_the_law() -> None:
    life = at_stage(Stage.INTAKE, lawful(extensions=STEPS))
    with pytest.raises(ExtensionTooLong):
        life.do(granted(life, 30 * DAY + HOUR), role=Role.LEAD)
    life.do(granted(life, 30 * DAY), role=Role.LEAD)
    with pytest.raises(NotYourRole):
        life.do(granted(life, 60 * DAY), role=Role.LEAD)
    life.do(granted(life, 60 * DAY), role=Role.EXECUTIVE)
    assert life.clock(ClockName.STATUTORY).due_at == life.now + 60 * DAY
    with pytest.raises(ExtensionsExhausted):
        life.do(granted(life, 61 * DAY), role=Role.EXECUTIVE)


def test_a_duty_without_steps_is_not_extended() -> None:
    life = at_stage(Stage.INTAKE, lawful())
    with pytest.raises(UnknownItem):
        life.do(granted(life, 30 * DAY), role=Role.LEAD)


def test_admission_without_a_budget_has_no_clock() -> None:
    life = at_stage(Stage.INTAKE, under(admission=True))
    assert life.clocks(ClockName.ADMISSION) == []


def stopped(**duty: Any) -> Policy:
    """A policy whose one statutory duty stands still while we wait for the customer."""
    rule = replace(builtin().pauses[PauseOwner.CUSTOMER], stops=(ClockName.STATUTORY,))
    decision = StatutoryRule(title=SAID, met_by=MetBy.ANSWER, source="Article 4", budget=days(15), **duty)
    return under(statutory={"decision": decision}, pauses={**builtin().pauses, PauseOwner.CUSTOMER: rule})


def test_a_step_of_a_statutory_duty_does_not_run_while_the_duty_stands_still() -> None:
    step = StatutoryExtension(budget=days(30), roles=(Role.LEAD,), source="Article 5")
    life = at_stage(Stage.INVESTIGATION, stopped(extensions=(step,)))
    life.do(example(c.AwaitCustomer))
    life.wait(2 * DAY)
    life.do(example(c.CustomerReplied))
    clock = life.clock(ClockName.STATUTORY)
    extension = example(c.GrantExtension, clock=clock.key, until=clock.started_at + 32 * DAY)
    with pytest.raises(ExtensionTooLong):
        life.do(replace(extension, until=extension.until + HOUR), role=Role.LEAD, id="another.lead")
    assert life.do(extension, role=Role.LEAD, id="another.lead")


def by_category() -> Policy:
    duty = StatutoryRule(title=SAID, met_by=MetBy.ANSWER, source="Article 4", budget=days(15))
    billing, service = (replace(duty, categories=(category,)) for category in ("billing", "service"))
    return under(statutory={"billing": billing, "service": service})


def test_an_answer_counts_for_the_duties_of_another_category_too() -> None:
    life = Life(by_category())
    life.do(example(c.Register))
    life.do(example(c.GiveFeedback, answer=True))
    life.do(example(c.Classify, category="service"))
    assert [clock.subject for clock in life.clocks(ClockName.STATUTORY)] == ["billing"]


def test_a_further_round_owes_nothing_by_law_again_under_another_category() -> None:
    life = at_stage(Stage.FOLLOW_UP, by_category())
    life.do(example(c.RecordFollowUp, satisfied=False))
    life.do(example(c.Classify, category="service"))
    assert [clock.subject for clock in life.clocks(ClockName.STATUTORY)] == ["billing"]
