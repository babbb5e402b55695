"""N: negotiation with four elements, under the policy of a bank: people, interests, options, standards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from complaints import commands as c
from complaints.errors import MediationRequired, OptionsMissing, StepMissing
from complaints.lifecycle import Stage
from complaints.playbook import guidance
from complaints.policy_file import builtin
from complaints.records import ClockName, OptionStatus, Verdict
from complaints.vocabulary import Channel, Role
from complaints.wire import plain
from tests.lives import HOUR
from tests.rows.ways import agreed_and_done, heard, prepared
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

BANK = builtin("banking")
FEE: dict[str, Any] = {
    "category": "cards",
    "description": "信用卡被收了两次年费，客服说系统就是这样。",
    "details": {"product": "白金信用卡"},
}


async def fee_charged_twice(open_case: Opens) -> Case:
    case = await open_case(policy=BANK, **FEE)
    await heard(case, "cards", kind="communication")
    return case


async def test_N1_positions_and_interests_are_recorded_apart(open_case: Opens) -> None:
    """What they ask and what they need are written down apart before any option is put to them."""
    case = await fee_charged_twice(open_case)
    await prepared(case)
    with pytest.raises(StepMissing, match="interests_recorded") as refused:
        await case.do(c.OfferOption, option="O1")
    assert "record_interests" in refused.value.possible
    await case.do(c.RecordInterests, asks="退两年的年费", needs="以后不再被重复收费")
    interests = (await case.look()).interests
    assert interests is not None
    assert (interests.asks, interests.needs) == ("退两年的年费", "以后不再被重复收费")
    await case.do(c.OfferOption, option="O1")
    await case.do(c.CounterOffer, option="O1", position="退三年", interest="要一个书面的说法")
    assert (await case.look()).options["O1"].status == OptionStatus.REJECTED
    assert {"InterestsRecorded", "CounterOffered"} <= set(await case.facts())


async def test_N2_every_option_cites_the_standard_it_rests_on(open_case: Opens) -> None:
    """An option without an objective standard cannot be prepared, and so is never offered."""
    case = await fee_charged_twice(open_case)
    whole = plain(await case.envelope(c.PrepareOption, compensation=None))
    for standard in ({}, {"standard": ""}, {"standard": "   "}):
        command = {key: value for key, value in whole["command"].items() if key != "standard"}
        with pytest.raises(WorkflowUpdateFailedError):
            await case.handle.execute_update(
                "execute", {**whole, "command": command | standard}, rpc_timeout=timedelta(seconds=10)
            )
    assert not (await case.look()).options
    await case.do(c.PrepareOption, what="退还重复收取的年费", standard="领用合约第七条", compensation=None)
    assert (await case.look()).options["O1"].draft.standard == "领用合约第七条"


async def test_N3_a_rejected_option_is_followed_by_the_next_without_delay(open_case: Opens) -> None:
    """Alternatives stand ready before the first offer; rejecting one goes to the next, and silence escalates."""
    case = await fee_charged_twice(open_case)
    await case.do(c.RecordInterests)
    await prepared(case, options=1)
    with pytest.raises(OptionsMissing):
        await case.do(c.OfferOption, option="O1")
    await case.do(c.PrepareOption, order=2, compensation=None)
    await case.do(c.OfferOption, option="O1")
    await case.do(c.RejectOption, option="O1")
    await case.do(c.OfferOption, option="O2")
    assert (await case.clock(ClockName.NEXT_OFFER)).verdict == Verdict.MET

    await case.do(c.RejectOption, option="O2")
    await case.do(c.PrepareOption, order=3, compensation=None)
    with pytest.raises(MediationRequired):
        await case.do(c.OfferOption, option="O3")
    await case.do(c.Mediate, role=Role.MEDIATOR)
    await case.do(c.OfferOption, option="O3")
    await case.do(c.RejectOption, option="O3")
    silence = await case.clock(ClockName.NEXT_OFFER)
    assert silence.due_at - silence.started_at <= 8 * HOUR
    await case.wait_until(silence.due_at)
    silence = await case.clock(ClockName.NEXT_OFFER)
    assert silence.breached_at is not None
    assert (await case.escalation(silence)).audience == Role.LEAD


@pytest.mark.parametrize("customer_type", ["furious", "prepared", "talkative", "taciturn"])
async def test_N4_each_of_four_customer_types_has_its_own_guidance(
    open_case: Opens, customer_type: str
) -> None:
    """The handler is guided by the type of the customer, while listening and while negotiating."""
    case = await open_case(policy=BANK, **FEE)
    await heard(case, "cards", customer_type=customer_type, emotional_intensity=3)
    for reached in (Stage.INVESTIGATION, Stage.SOLUTION):
        if reached == Stage.SOLUTION:
            await prepared(case)
        view = await case.look()
        assert view.stage == reached
        assert view.first_contact is not None
        shown = guidance(BANK, stage=view.stage, customer_type=view.first_contact.customer_type, intensity=3)
        (own,) = [
            e.say for e in BANK.playbook if customer_type in e.customer_types and view.stage in e.stages
        ]
        assert shown[0] == own


async def test_N5_satisfaction_is_confirmed_in_so_many_words(open_case: Opens) -> None:
    """It is not closed as settled until the customer's own words say so."""
    case = await fee_charged_twice(open_case)
    await case.do(c.RecordInterests)
    await prepared(case)
    await agreed_and_done(case)
    with pytest.raises(StepMissing, match="satisfaction_in_words"):
        await case.do(c.RecordFollowUp, satisfied=True, score=5, words=None)
    assert (await case.look()).stage == Stage.FOLLOW_UP
    await case.do(
        c.RecordFollowUp,
        satisfied=True,
        score=5,
        words="退款到了，书面说明也收到了，这件事算解决了。",
        answers=(5, 5, 4, 5),
        channel=Channel.PHONE,
    )
    view = await case.look()
    assert view.stage == Stage.CLOSED
    assert view.follow_ups[-1].form.words == "退款到了，书面说明也收到了，这件事算解决了。"
