"""The customer is told at once that we have the complaint, and by when the law has it answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from complaints import commands as c
from complaints.delivery import OUTBOX, Delivery, record_delivery
from complaints.errors import DeadlinesNotStated
from complaints.facts import ReceiptAcknowledged
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import MetBy, Policy, StatutoryRule
from complaints.policy_checks import mistakes
from complaints.policy_file import builtin
from complaints.practices import Acknowledgement
from complaints.records import Clock, ClockName, Notice, NoticeKind, Verdict
from complaints.vocabulary import ENGINE, Channel, Role
from tests.lives import DAY, HOUR, NOBODY_KNOWN, Life, at_stage, days, example

MESSAGE = Names(
    en="We have your complaint {number}, received {received}. {deadlines}",
    zh="您的投诉（编号 {number}，{received}收到）已受理。{deadlines}",
)


def duty(met_by: MetBy, title: Names) -> StatutoryRule:
    return StatutoryRule(budget=days(15), title=title, met_by=met_by, source="The instrument, article 15")


ANSWER = {"answer": duty(MetBy.ANSWER, Names(en="Answer within 15 days", zh="15 日内答复"))}
RECEIPT = {"receipt": duty(MetBy.ACKNOWLEDGED, Names(en="Written receipt", zh="书面告知受理"))}


def policy(*duties: Mapping[str, StatutoryRule], message: Names | None = MESSAGE) -> Policy:
    told = Acknowledgement(message=message) if message else None
    return replace(
        builtin(),
        acknowledgement=told,
        statutory={name: rule for each in duties for name, rule in each.items()},
    )


def registered(given: Policy, **fields: object) -> Life:
    life = Life(given)
    life.do(example(c.Register, life, **fields))
    return life


def receipts(life: Life) -> list[Notice]:
    return [n for n in life.state.notices.values() if n.kind == NoticeKind.RECEIPT]


def deliver(life: Life, channel: str = "webhook", *, failed: bool = False) -> None:
    (notice,) = receipts(life)
    delivery = Delivery(notice=notice.id, channel=channel, receipt="200", failed=failed)
    life.take(record_delivery(life.state, delivery, life.now))


def owed(life: Life) -> Clock:
    return next(clock for clock in life.clocks(ClockName.STATUTORY) if clock.subject == "receipt")


def test_it_names_the_complaint_the_local_time_of_receipt_and_every_deadline() -> None:
    (notice,) = receipts(registered(policy(ANSWER, RECEIPT)))
    assert (notice.recipient, notice.audience) == ("customer", Role.DESK)
    assert notice.why is not None
    assert notice.why.en == (
        "We have your complaint hotline-2031, received 2026-03-02 09:00. Deadlines that hold for us: "
        "Answer within 15 days, by 2026-03-17 09:00; Written receipt, by 2026-03-17 09:00."
    )
    assert "15 日内答复，最迟 2026-03-17 09:00" in notice.why.zh


def test_without_a_statutory_duty_no_deadline_is_named() -> None:
    (notice,) = receipts(registered(policy()))
    assert notice.why == Names(
        en="We have your complaint hotline-2031, received 2026-03-02 09:00.",
        zh="您的投诉（编号 hotline-2031，2026-03-02 09:00收到）已受理。",
    )


def test_a_policy_without_an_acknowledgement_sends_none() -> None:
    assert receipts(registered(policy(message=None))) == []


def test_nobody_is_told_who_cannot_be_reached_and_nothing_is_owed_to_them() -> None:
    life = registered(policy(RECEIPT), customer=NOBODY_KNOWN)
    assert (receipts(life), life.clocks(ClockName.STATUTORY)) == ([], [])


def test_once_delivered_it_is_on_file_and_meets_the_duty() -> None:
    life = registered(policy(RECEIPT))
    life.wait(HOUR)
    deliver(life)
    (fact,) = life.facts(ReceiptAcknowledged)
    assert (fact.channel, fact.states_deadlines) == (Channel.SYSTEM, True)
    assert owed(life).verdict == Verdict.MET
    assert {event.actor for event in life.events[-3:]} == {ENGINE}


def test_a_message_by_mail_is_on_file_as_one() -> None:
    life = registered(policy(RECEIPT))
    deliver(life, "e-mail")
    assert life.facts(ReceiptAcknowledged)[0].channel == Channel.EMAIL


@pytest.mark.parametrize(("channel", "failed"), [(OUTBOX, False), ("webhook", True)])
def test_what_did_not_arrive_acknowledges_nothing(channel: str, failed: bool) -> None:
    life = registered(policy(RECEIPT))
    deliver(life, channel, failed=failed)
    assert life.facts(ReceiptAcknowledged) == []
    assert owed(life).is_open


def test_by_hand_it_meets_the_duty_as_well() -> None:
    life = registered(policy(RECEIPT, message=None))
    life.do(example(c.AcknowledgeReceipt), role=Role.SYSTEM, after=DAY)
    assert owed(life).verdict == Verdict.MET


def test_an_acknowledgement_that_is_owed_states_the_deadlines() -> None:
    life = registered(policy(RECEIPT, message=None))
    with pytest.raises(DeadlinesNotStated):
        life.do(example(c.AcknowledgeReceipt, states_deadlines=False))


def test_where_none_is_owed_any_acknowledgement_will_do() -> None:
    life = registered(policy(ANSWER, message=None))
    life.do(example(c.AcknowledgeReceipt, states_deadlines=False))
    assert life.clock(ClockName.STATUTORY).is_open


def test_a_reopened_complaint_that_was_acknowledged_is_not_owed_another_receipt() -> None:
    life = registered(policy(RECEIPT))
    deliver(life)
    life.to(Stage.CLOSED)
    life.do(example(c.Reopen), after=DAY)
    assert len(receipts(life)) == 1
    assert len(life.clocks(ClockName.STATUTORY)) == 1


def test_a_full_answer_meets_the_duty_to_answer_and_is_remembered() -> None:
    life = at_stage(Stage.INVESTIGATION, policy(ANSWER, message=None))
    life.do(example(c.GiveFeedback))
    assert (life.clock(ClockName.STATUTORY).is_open, life.state.answered_in_full) == (True, False)
    life.do(example(c.GiveFeedback, answer=True))
    assert (life.clock(ClockName.STATUTORY).verdict, life.state.answered_in_full) == (Verdict.MET, True)


def test_the_full_answer_of_one_round_is_none_in_the_next() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.GiveFeedback, answer=True))
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    assert not life.state.answered_in_full


def faults(message: Names, **statutory: StatutoryRule) -> list[tuple[tuple[object, ...], str]]:
    sections = {"acknowledgement": Acknowledgement(message=message), "statutory": statutory}
    return [(path, said) for path, said in mistakes(sections) if path[0] == "acknowledgement"]


def test_its_blanks_are_checked() -> None:
    (fault,) = faults(replace(MESSAGE, en="{name}"))
    assert fault == (
        ("acknowledgement", "message", "en"),
        "has {name}; only {number}, {received} and {deadlines} are filled in",
    )


def test_a_duty_that_stating_the_deadlines_meets_needs_a_message_that_states_them() -> None:
    (fault,) = faults(replace(MESSAGE, zh="已受理{number}"), **RECEIPT)
    assert fault[0] == ("acknowledgement", "message", "zh")
    assert "statutory.receipt" in fault[1]
    assert faults(MESSAGE, **RECEIPT) == []


def test_a_command_without_a_policy_for_it_leaves_the_rest_alone() -> None:
    life = registered(policy(message=None))
    before = set(life.state.clocks)
    life.do(example(c.AcknowledgeReceipt))
    assert (life.state.acknowledged_at, set(life.state.clocks)) == (life.now, before)
