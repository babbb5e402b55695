"""What the customer is told: the acknowledgement, the day's message, and peace if they ask for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from complaints import commands as c
from complaints import consequences, facts, news
from complaints.delivery import OUTBOX, Delivery, record_delivery
from complaints.errors import AlreadyDone, DeadlinesNotStated
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import FeedbackDays, MetBy, Policy, StatutoryRule
from complaints.policy_file import builtin
from complaints.practices import Acknowledgement
from complaints.records import ClockName, Notice, NoticeKind, Verdict
from complaints.vocabulary import Channel, Customer, PauseOwner
from tests.lives import DAY, HOUR, MINUTE, NOBODY_KNOWN, Life, at_stage, days, example

SAID = Acknowledgement(
    message=Names(
        en="We have {number}, received {received}. {deadlines}",
        zh="已收到 {number}（{received}）。{deadlines}",
    )
)
ENGLISH = Customer(name="Mr Sample", contact="+44 20 0000 0000", language="en-GB")


def promised(met_by: MetBy = MetBy.ACKNOWLEDGED, **sections: Any) -> Policy:
    rule = StatutoryRule(
        title=Names(en="Acknowledgement", zh="受理告知"),
        met_by=met_by,
        source="Invented act",
        budget=days(3),
    )
    return replace(builtin(), acknowledgement=SAID, statutory={"receipt": rule}, **sections)


def notices(life: Life, kind: NoticeKind) -> list[Notice]:
    return [notice for notice in life.state.notices.values() if notice.kind == kind]


def told(life: Life, kind: NoticeKind, channel: str = "webhook", *, failed: bool = False) -> None:
    """Let the service answer for the latest notice of a kind."""
    delivery = Delivery(notice=notices(life, kind)[-1].id, channel=channel, receipt="200", failed=failed)
    life.take(record_delivery(life.state, delivery, life.now))


# --- the acknowledgement


def test_every_customer_is_told_at_once_and_by_when_they_are_answered() -> None:
    life = at_stage(Stage.INTAKE, promised())
    (notice,) = notices(life, NoticeKind.RECEIPT)
    assert (notice.recipient, notice.queued_at) == ("customer", life.now)
    assert notice.why == Names(
        en="We have hotline-2031, received 2026-03-02 09:00. Acknowledgement: by 2026-03-05 09:00.",
        zh="已收到 hotline-2031（2026-03-02 09:00）。受理告知：最迟 2026-03-05 09:00。",
    )


def test_somebody_who_cannot_be_reached_is_told_nothing() -> None:
    life = Life(promised())
    life.do(example(c.Register, customer=NOBODY_KNOWN))
    assert notices(life, NoticeKind.RECEIPT) == []
    assert life.clocks(ClockName.STATUTORY) == []


def test_a_delivered_acknowledgement_meets_the_duty() -> None:
    life = at_stage(Stage.INTAKE, promised())
    told(life, NoticeKind.RECEIPT)
    assert life.facts(facts.ReceiptAcknowledged)[0].states_deadlines
    assert life.clock(ClockName.STATUTORY).verdict == Verdict.MET


@pytest.mark.parametrize(("channel", "failed"), [(OUTBOX, False), ("webhook", True)])
def test_what_nobody_has_read_acknowledges_nothing(channel: str, failed: bool) -> None:
    life = at_stage(Stage.INTAKE, promised())
    told(life, NoticeKind.RECEIPT, channel, failed=failed)
    assert life.clock(ClockName.STATUTORY).is_open


def test_somebody_may_acknowledge_by_hand_and_states_the_deadlines() -> None:
    life = at_stage(Stage.INTAKE, promised())
    with pytest.raises(DeadlinesNotStated):
        life.do(c.AcknowledgeReceipt(channel=Channel.LETTER, states_deadlines=False))
    life.do(c.AcknowledgeReceipt(channel=Channel.LETTER, states_deadlines=True), after=HOUR)
    assert life.clock(ClockName.STATUTORY).verdict == Verdict.MET


def test_where_no_law_asks_for_it_the_deadlines_may_be_left_out() -> None:
    life = at_stage(Stage.INTAKE)
    assert life.do(c.AcknowledgeReceipt(channel=Channel.PHONE, states_deadlines=False))


def test_a_policy_without_an_acknowledgement_sends_none() -> None:
    assert notices(at_stage(Stage.INTAKE), NoticeKind.RECEIPT) == []


# --- the day's message


def automatic(**fields: Any) -> Policy:
    return replace(
        builtin(), feedback=replace(builtin().feedback, automatic=True, spread_minutes=0, **fields)
    )


def reminded(life: Life) -> Life:
    """Wait for the reminder of the day's feedback."""
    return life.wait_until(life.clock(ClockName.FEEDBACK).warn_at[0])


def message(life: Life) -> Names:
    return news.daily(life.state, life.state.policy)


def test_a_day_without_progress_says_so_in_the_words_of_the_policy() -> None:
    life = at_stage(Stage.INVESTIGATION).wait(HOUR)
    life.do(example(c.GiveFeedback))
    said = message(life)
    assert "hotline-2031" in said.en
    assert "investigation" in said.en
    assert "调查" in said.zh


def test_without_words_of_the_policy_there_are_our_own() -> None:
    policy = replace(builtin(), feedback=replace(builtin().feedback, message=None))
    life = at_stage(Stage.INVESTIGATION, policy).wait(HOUR)
    life.do(example(c.GiveFeedback))
    assert "nothing new yet" in message(life).en


def test_what_really_happened_since_is_said() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GiveFeedback), after=HOUR)
    life.do(example(c.RequestVerification), after=HOUR)
    life.do(example(c.RequestVerification))
    life.do(example(c.AnswerVerification, life), after=HOUR)
    life.do(example(c.RecordFindings), after=HOUR)
    life.do(example(c.MakePromise, life, due_at=life.now + DAY))
    assert message(life).en == (
        "News of your complaint hotline-2031. It has moved on to: solution. "
        "We put 2 questions to the departments concerned. A question was answered by the departments concerned. "
        "The next date we promised you is 2026-03-03 13:00. You will hear from us again tomorrow at the latest."
    )
    assert message(life).zh == (
        "您的投诉（编号 hotline-2031）有新的进展：已进入方案阶段。已向相关部门提出 2 项核实。相关部门已答复 1 项核实。"
        "我们向您承诺的下一个时间是 2026-03-03 13:00。最迟明天我们会再次向您反馈。"
    )


def test_what_was_told_before_is_not_news() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification), after=HOUR)
    life.do(example(c.GiveFeedback), after=HOUR)
    assert "departments" not in message(life).en


def test_the_message_quotes_nobody() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GiveFeedback), after=HOUR)
    life.do(c.RequestVerification(department="metering", question="SECRET?"), after=HOUR)
    life.do(c.AnswerVerification(verification="V1", answer="SECRET"), after=HOUR)
    life.do(c.MakePromise(what="SECRET", due_at=life.now + DAY))
    assert "SECRET" not in message(life).en + message(life).zh
    assert "metering" not in message(life).en


def test_waiting_for_somebody_outside_is_said() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GiveFeedback), after=HOUR)
    life.do(example(c.AwaitCustomer, owner=PauseOwner.VENDOR), after=HOUR)
    assert "outside our organisation" in message(life).en


def test_on_working_days_the_next_news_come_on_a_working_day() -> None:
    life = at_stage(Stage.INVESTIGATION, automatic(days=FeedbackDays.WORKING_DAYS))
    life.do(example(c.GiveFeedback), after=HOUR)
    life.do(example(c.RequestVerification), after=HOUR)
    assert message(life).en.endswith("on the next working day at the latest.")


# --- sent by itself


def test_where_the_policy_says_so_the_message_goes_to_the_customer_and_not_to_the_handler() -> None:
    life = reminded(at_stage(Stage.INVESTIGATION, automatic()))
    (notice,) = notices(life, NoticeKind.NEWS)
    assert (notice.recipient, notice.why) == ("customer", message(life))
    assert notices(life, NoticeKind.WARNING) == []


def test_elsewhere_the_handler_is_reminded() -> None:
    life = reminded(at_stage(Stage.INVESTIGATION))
    assert notices(life, NoticeKind.NEWS) == []
    assert len(notices(life, NoticeKind.WARNING)) == 1


def test_a_delivered_message_is_the_feedback_of_the_day() -> None:
    life = reminded(at_stage(Stage.INVESTIGATION, automatic()))
    told(life, NoticeKind.NEWS)
    (entry,) = life.state.feedback.values()
    assert (entry.form.channel, entry.given_by) == (Channel.SYSTEM, "redress")
    assert "您的投诉" in entry.form.message
    assert [clock.verdict for clock in life.clocks(ClockName.FEEDBACK)] == [Verdict.MET, None]


def test_the_ledger_keeps_the_message_in_the_language_of_the_customer() -> None:
    life = Life(automatic())
    life.do(example(c.Register, customer=ENGLISH))
    reminded(life)
    told(life, NoticeKind.NEWS)
    assert "your complaint" in life.facts(facts.FeedbackGiven)[0].message


@pytest.mark.parametrize(("channel", "failed"), [(OUTBOX, False), ("webhook", True)])
def test_a_message_that_did_not_get_through_goes_back_to_the_handler(channel: str, failed: bool) -> None:
    life = reminded(at_stage(Stage.INVESTIGATION, automatic()))
    told(life, NoticeKind.NEWS, channel, failed=failed)
    (warning,) = notices(life, NoticeKind.WARNING)
    assert warning.recipient == "handler:zhang.wei"
    assert life.state.feedback == {}


def test_nobody_sends_news_on_a_day_on_which_somebody_has_spoken() -> None:
    life = at_stage(Stage.INVESTIGATION, automatic())
    due = life.clock(ClockName.FEEDBACK).due_at
    life.do(example(c.GiveFeedback), at=due - 5 * HOUR)
    life.wait_until(due)
    assert notices(life, NoticeKind.NEWS) == []


# --- left in peace


def test_who_asks_for_peace_is_owed_no_news() -> None:
    life = at_stage(Stage.INVESTIGATION, automatic())
    life.do(example(c.StopFeedback))
    assert life.clock(ClockName.FEEDBACK).verdict == Verdict.VOID
    life.do(example(c.RecordFindings), after=HOUR)
    life.wait(3 * DAY)
    assert life.facts(consequences.ClockBreached) == []
    assert notices(life, NoticeKind.NEWS) == []
    with pytest.raises(AlreadyDone):
        life.do(example(c.StopFeedback))


def test_news_come_again_when_they_are_asked_for() -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(AlreadyDone):
        life.do(example(c.ResumeFeedback))
    life.do(example(c.StopFeedback))
    life.do(example(c.ResumeFeedback), after=DAY)
    assert life.clock(ClockName.FEEDBACK).is_ticking


# --- the full answer


def test_a_full_answer_meets_the_duty_to_answer() -> None:
    life = at_stage(Stage.INVESTIGATION, promised(MetBy.ANSWER))
    life.do(example(c.GiveFeedback), after=MINUTE)
    assert life.clock(ClockName.STATUTORY).is_open
    life.do(example(c.GiveFeedback, answer=True), after=HOUR)
    assert life.clock(ClockName.STATUTORY).verdict == Verdict.MET
    assert life.state.answered


def test_the_next_round_owes_another_answer() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.GiveFeedback, answer=True))
    life.do(example(c.RecordFollowUp, satisfied=False))
    assert not life.state.answered
