"""The rows of a power utility (P), lived under the policy `power-utility`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.errors import (
    ApologyIsNotEnough,
    ExplanationMissing,
    FirstContactIncomplete,
    FirstContactMissing,
    NobodyAccountable,
    NotAtThisStage,
    PromiseOpen,
    UnknownCategory,
)
from complaints.lifecycle import Stage
from complaints.playbook import guidance
from complaints.policy_file import builtin
from complaints.records import Cause, ClockName, Verdict
from complaints.scores import Contribution, What, add_up, score
from complaints.view import View
from complaints.vocabulary import Justified, Outcome, RemedyKind, Severity
from db.scores import contributions, spent
from tests.lives import HOUR, cny
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

POWER = builtin("power-utility")
CALM: dict[str, Any] = {"emotional_intensity": 2, "customer_type": "grumbler"}


async def taken_down(open_case: Opens, category: str = "billing", **contact: Any) -> Case:
    """Heard, classified as ordinary and assigned: under investigation."""
    case = await open_case(policy=POWER, category=category)
    await case.do(c.RecordFirstContact, **{**CALM, **contact})
    await case.do(c.Classify, category=category, severity=Severity.NORMAL, justified=Justified.UNKNOWN)
    await case.do(c.Assign)
    return case


async def offered(case: Case) -> None:
    """Two options stand ready, as the policy asks; the first is put to the customer."""
    await case.do(c.PrepareOption, compensation=None)
    await case.do(c.PrepareOption, compensation=None, order=2)
    await case.do(c.OfferOption, option="O1")


async def done(case: Case, kind: RemedyKind = RemedyKind.REFUND) -> None:
    """Offered, accepted and carried out; the customer is to be asked."""
    await offered(case)
    await case.do(c.AcceptOption, option="O1")
    await case.do(c.PlanAction, kind=kind)
    await case.do(c.CompleteAction)
    assert (await case.look()).stage == Stage.FOLLOW_UP


async def test_P1_six_steps_are_taken_in_order_and_none_is_skipped(open_case: Opens) -> None:
    """Listen, apologise, analyse the cause, propose, act at once, follow up: whoever skips a step is refused."""
    case = await open_case(policy=POWER)
    with pytest.raises(FirstContactMissing):  # nothing before somebody has listened
        await case.do(c.RecordFindings)
    for skipped in ("listened", "apology_or_understanding"):
        with pytest.raises(FirstContactIncomplete):
            await case.do(c.RecordFirstContact, **(CALM | {skipped: False}))
    await case.do(c.RecordFirstContact, **CALM)
    await case.do(c.Classify, severity=Severity.NORMAL)
    await case.do(c.Assign)
    with pytest.raises(NotAtThisStage):  # no proposal before the cause is known
        await case.do(c.OfferOption)
    await case.do(c.RecordFindings)
    with pytest.raises(NotAtThisStage):  # no follow-up before anything was proposed and done
        await case.do(c.RecordFollowUp)
    await offered(case)
    await case.do(c.AcceptOption, option="O1")
    await case.do(c.PlanAction)
    with pytest.raises(NotAtThisStage):  # nor while it is still to be done
        await case.do(c.RecordFollowUp)
    await case.do(c.CompleteAction)
    with pytest.raises(NotAtThisStage):  # and it is not over before the customer was asked
        await case.do(c.Reopen)
    await case.do(c.RecordFollowUp)
    assert (await case.look()).outcome == Outcome.RESOLVED


async def test_P2_the_eight_foci_are_categories_and_nothing_else_is(open_case: Opens) -> None:
    """Metering, reading, attitude, disconnection, works, repair, queues, outage: each is a category, the rest is refused."""
    foci = ["billing", "meter_reading", "attitude", "disconnection", "works", "repair", "queues", "outage"]
    names = [POWER.categories[focus].zh for focus in foci]
    assert names == [
        "电费计量",
        "抄表误差",
        "服务态度",
        "欠费停电",
        "设备工程",
        "抢修超时",
        "缴费排队",
        "停电",
    ]
    for focus in foci:
        case = await open_case(policy=POWER, category=focus)
        assert (await case.look()).category == focus
    with pytest.raises(UnknownCategory) as refusal:
        await open_case(policy=POWER, category="delivery")
    assert set(foci) < set(refusal.value.possible)


async def test_P3_an_unjustified_complaint_still_gets_its_explanation_and_its_follow_up(
    open_case: Opens,
) -> None:
    """A misunderstanding is no fault of ours, and yet it is explained and followed up; our fault is put right."""
    case = await taken_down(open_case, "meter_reading")
    await case.do(c.RecordFindings, justified=Justified.NO, root_cause="客户把峰谷两个读数加了两遍")
    await done(case, RemedyKind.APOLOGY)
    with pytest.raises(ExplanationMissing):
        await case.do(c.RecordFollowUp)
    await case.do(c.GiveFeedback, message="峰谷读数怎么看，已和您一起算了一遍。", explanation=True)
    await case.do(c.RecordFollowUp, words="原来是我看错了")
    view = await case.look()
    assert (view.stage, view.follow_ups[-1].form.satisfied) == (Stage.CLOSED, True)

    ours = await taken_down(open_case, "meter_reading")
    await ours.do(c.RecordFindings, justified=Justified.YES)
    await done(ours, RemedyKind.APOLOGY)
    with pytest.raises(ApologyIsNotEnough):  # what was our fault is not explained away
        await ours.do(c.RecordFollowUp)


def guided(view: View) -> set[str]:
    contact = view.first_contact
    assert contact is not None
    shown = guidance(
        POWER, stage=view.stage, customer_type=contact.customer_type, intensity=contact.emotional_intensity
    )
    return {names.zh for names in shown}


async def test_P4_each_of_three_temperaments_has_its_own_guidance_and_the_same_clocks(
    open_case: Opens,
) -> None:
    """Know-it-all, grumbler, overbearing: each is guided differently, and none waits longer or shorter."""
    views: dict[str, View] = {}
    for temperament in ("know_it_all", "grumbler", "overbearing"):
        views[temperament] = await (await taken_down(open_case, customer_type=temperament)).look()
    everybody = set.intersection(*(guided(view) for view in views.values()))
    own = {name: guided(view) - everybody for name, view in views.items()}
    assert all(own.values())
    assert not set.intersection(*own.values())
    budgets = [{clock.name: clock.budget for clock in view.clocks.values()} for view in views.values()]
    assert budgets[0] == budgets[1] == budgets[2]


async def test_P5_the_known_mistakes_are_refused_not_warned_of(open_case: Opens) -> None:
    """An apology alone, a promise not kept, nobody accountable, "customer's fault": none of these closes a complaint."""
    case = await open_case(policy=POWER)
    await case.do(c.RecordFirstContact, **CALM)
    with pytest.raises(ApologyIsNotEnough):
        await case.do(c.ResolveAtFirstContact, kind=RemedyKind.APOLOGY, compensation=None)
    await case.do(c.Classify, severity=Severity.NORMAL)
    with pytest.raises(NobodyAccountable):
        await case.do(c.RecordFindings)
    await case.do(c.Assign)
    await case.do(c.RecordFindings, justified=Justified.NO)
    await done(case, RemedyKind.APOLOGY)

    await case.do(c.MakePromise, due_at=await case.now() + HOUR)
    await case.wait(2 * HOUR)  # the hour has passed, and nobody called
    promise = await case.clock(ClockName.PROMISE)
    assert promise.breached_at is not None
    assert (await case.escalation(promise)).cause in (Cause.AT_RISK, Cause.BREACH)
    with pytest.raises(PromiseOpen):
        await case.do(c.RecordFollowUp)
    await case.do(c.KeepPromise)
    assert (await case.clock(ClockName.PROMISE)).verdict == Verdict.BREACHED  # kept late is not kept

    with pytest.raises(ExplanationMissing):  # "the customer's fault" is no end
        await case.do(c.RecordFollowUp)
    await case.do(c.GiveFeedback, explanation=True)
    await case.do(c.RecordFollowUp)
    assert (await case.look()).stage == Stage.CLOSED


async def closed_by(
    open_case: Opens, handler: str, *, late: bool = False, yuan: int = 0, score: int = 5
) -> Case:
    """A whole complaint about a bill, answered for by somebody; `late` is an investigation that takes too long."""
    case = await open_case(policy=POWER)
    await case.do(c.RecordFirstContact, **CALM)
    await case.do(c.Classify, severity=Severity.NORMAL)
    await case.do(c.Assign, handler=handler)
    if late:
        await case.wait_until((await case.clock(ClockName.INVESTIGATION)).due_at)
        await case.do(c.GiveFeedback)
    await case.do(c.RecordFindings)
    await case.do(c.PrepareOption, compensation=cny(yuan) if yuan else None)
    await case.do(c.PrepareOption, compensation=None, order=2)
    await case.do(c.OfferOption, option="O1")
    await case.do(c.AcceptOption, option="O1")
    await case.do(c.PlanAction, owner=handler)
    await case.do(c.CompleteAction)
    await case.do(c.RecordFollowUp, score=score)
    return case


async def counted(engine: Engine, *cases: Case) -> list[Contribution]:
    for case in cases:
        await case.facts()  # what is scored stands in the ledger
    with Session(engine) as session:
        return list(contributions(session, numbers=[case.number for case in cases]))


async def test_P6_one_standard_scores_everyone_alike(open_case: Opens, engine: Engine) -> None:
    """The same scripts, clocks and formula for everyone: equal work scores equally, late work scores less."""
    names = ("zhang.wei", "sun.hao", "li.na")
    cases = [await closed_by(open_case, name, late=name == "li.na") for name in names]
    views = [await case.look() for case in cases]
    laid_out = [
        [(k.name, k.budget) for k in view.clocks.values() if k.name in POWER.clocks] for view in views
    ]
    assert laid_out[0] == laid_out[1]
    found = await counted(engine, *cases)
    by_handler = {name: score(add_up(each for each in found if each.party.handler == name)) for name in names}
    equal, same, less = (by_handler[name] for name in names)
    assert equal is not None
    assert less is not None
    assert same == equal > less
    missed = [each for each in found if each.what == What.MISSED]
    assert {each.number for each in missed} == {cases[2].number}  # every point is taken back to its case


async def test_P7_what_it_cost_stands_beside_how_satisfied_they_were(
    open_case: Opens, engine: Engine
) -> None:
    """Compensation is recorded with the option that was accepted, and reported beside the customers' rating."""
    cheap = await closed_by(open_case, "zhang.wei", yuan=0, score=4)
    dear = await closed_by(open_case, "zhang.wei", yuan=240, score=5)
    figures = add_up(await counted(engine, cheap, dear))
    assert figures.cost == {"CNY": 24_000}
    assert figures.mean_rating == Fraction(9, 2)
    assert figures.cost_per_resolved == {"CNY": 12_000}
    with Session(engine) as session:
        each = spent(session, [cheap.number, dear.number])
    assert each == {cheap.number: {}, dear.number: {"CNY": 24_000}}
