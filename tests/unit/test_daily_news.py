"""The day's message: drafted from what really happened, sent by itself, and not to whoever wants peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from complaints import commands as c
from complaints import news
from complaints.delivery import DEFERRED, OUTBOX, Delivery, record_delivery
from complaints.errors import AlreadyDone
from complaints.facts import FeedbackGiven
from complaints.lifecycle import Stage
from complaints.policy import Policy
from complaints.policy_file import builtin
from complaints.records import ClockName, Notice, NoticeKind, NoticeStatus, Verdict
from complaints.vocabulary import ENGINE, Channel, PauseOwner, Role
from tests.lives import DAY, HOUR, INSTANT, MINUTE, WANG_XIUYING, Life, at_stage, daily_policy, example

AUTOMATIC = replace(
    daily_policy(spread_minutes=0), feedback=replace(daily_policy(spread_minutes=0).feedback, automatic=True)
)
"""Sent at 15:00, looked at once more at 16:00, due at 17:00."""


def policy(**fields: Any) -> Policy:
    return replace(AUTOMATIC, feedback=replace(AUTOMATIC.feedback, **fields))


def reminded(life: Life) -> Life:
    """Live on to the reminder of the day's feedback."""
    return life.wait_until(life.clock(ClockName.FEEDBACK).warn_at[0])


def investigated(given: Policy = AUTOMATIC) -> Life:
    return reminded(at_stage(Stage.INVESTIGATION, given))


def notices(life: Life, kind: NoticeKind) -> list[Notice]:
    return [n for n in life.state.notices.values() if n.kind == kind and n.clock == feedback_of(life)]


def feedback_of(life: Life) -> str:
    return next(iter(life.clocks(ClockName.FEEDBACK))).key


def answer(
    life: Life, channel: str = "webhook", *, failed: bool = False, until: datetime | None = None
) -> None:
    (notice,) = notices(life, NoticeKind.NEWS)
    delivery = Delivery(notice=notice.id, channel=channel, receipt="200", failed=failed, not_before=until)
    life.take(record_delivery(life.state, delivery, life.now))


# --- sent by itself


def test_at_the_reminder_the_customer_is_written_to_and_nobody_is_warned() -> None:
    life = investigated()
    (notice,) = notices(life, NoticeKind.NEWS)
    assert (notice.recipient, notice.audience) == ("customer", Role.DESK)
    assert notices(life, NoticeKind.WARNING) == []


def test_delivered_it_is_the_feedback_of_the_day_in_the_words_that_were_sent() -> None:
    life = investigated()
    answer(life)
    (fact,) = life.facts(FeedbackGiven)
    (notice,) = notices(life, NoticeKind.NEWS)
    assert notice.why is not None
    assert (fact.message, fact.channel, fact.feedback) == (notice.why.zh, Channel.SYSTEM, "F1")
    assert life.state.feedback["F1"].given_by == ENGINE.id
    first, second = life.clocks(ClockName.FEEDBACK)
    assert (first.verdict, second.due_at) == (Verdict.MET, first.due_at + DAY)


def test_it_is_said_in_the_language_of_the_customer() -> None:
    life = Life(AUTOMATIC)
    life.do(example(c.Register, customer=replace(WANG_XIUYING, language="en-GB")))
    reminded(life)
    answer(life)
    assert life.facts(FeedbackGiven)[0].message.isascii()


@pytest.mark.parametrize(("channel", "failed"), [(OUTBOX, False), ("webhook", True)])
def test_what_did_not_arrive_is_left_to_the_handler_while_the_day_lasts(channel: str, failed: bool) -> None:
    life = investigated()
    answer(life, channel, failed=failed)
    (warning,) = notices(life, NoticeKind.WARNING)
    assert warning.recipient == "handler:zhang.wei"
    assert life.facts(FeedbackGiven) == []
    life.wait_until(life.clock(ClockName.FEEDBACK).due_at)
    assert len(notices(life, NoticeKind.WARNING)) == 1
    assert life.state.clocks[feedback_of(life)].breached_at == life.now


def test_a_service_that_does_not_answer_leaves_the_handler_half_the_time() -> None:
    life = investigated()
    life.wait(HOUR - INSTANT)
    assert notices(life, NoticeKind.WARNING) == []
    life.wait(INSTANT)
    assert len(notices(life, NoticeKind.WARNING)) == 1


def test_a_customer_who_was_told_that_day_gets_nothing() -> None:
    life = at_stage(Stage.INVESTIGATION, AUTOMATIC)
    life.do(example(c.GiveFeedback), at=life.clock(ClockName.FEEDBACK).warn_at[0] - HOUR)
    life.wait(3 * HOUR)
    assert (notices(life, NoticeKind.NEWS), notices(life, NoticeKind.WARNING)) == ([], [])


def test_of_days_that_passed_in_an_outage_nobody_is_sent_the_news() -> None:
    life = at_stage(Stage.INVESTIGATION, AUTOMATIC)
    life.outage(3 * DAY).look()
    assert [n for n in life.state.notices.values() if n.kind == NoticeKind.NEWS] == []


def test_news_that_waits_for_the_end_of_quiet_hours_is_not_sent_once_a_human_was_faster() -> None:
    life = investigated()
    answer(life, DEFERRED, until=life.now + HOUR)
    life.do(example(c.GiveFeedback), after=30 * MINUTE)
    (notice,) = notices(life, NoticeKind.NEWS)
    assert notice.status == NoticeStatus.WITHDRAWN
    assert notices(life, NoticeKind.WARNING) == []


def test_news_that_would_wait_until_the_day_is_over_is_left_to_the_handler_at_once() -> None:
    life = investigated()
    answer(life, DEFERRED, until=life.now + 12 * HOUR)
    assert len(notices(life, NoticeKind.WARNING)) == 1


def test_without_automatic_the_handler_is_warned_and_nothing_is_sent() -> None:
    life = investigated(policy(automatic=False))
    assert notices(life, NoticeKind.NEWS) == []
    assert len(notices(life, NoticeKind.WARNING)) == 1
    assert len(life.clock(ClockName.FEEDBACK).warn_at) == 1


# --- left in peace


def test_a_customer_who_asks_for_it_is_left_in_peace() -> None:
    life = at_stage(Stage.INVESTIGATION, AUTOMATIC)
    life.do(example(c.StopFeedback), after=HOUR)
    assert life.clock(ClockName.FEEDBACK).verdict == Verdict.VOID
    life.do(example(c.RecordFindings))
    life.wait(3 * DAY)
    assert life.state.open_clocks(ClockName.FEEDBACK) == []
    assert notices(life, NoticeKind.NEWS) == []


def test_who_wants_to_hear_again_does_from_the_next_day() -> None:
    life = at_stage(Stage.INVESTIGATION, AUTOMATIC)
    due_at = life.clock(ClockName.FEEDBACK).due_at
    life.do(example(c.StopFeedback), after=HOUR)
    life.do(example(c.ResumeFeedback), after=DAY, role=Role.SYSTEM)
    assert life.clock(ClockName.FEEDBACK).due_at == due_at + DAY
    assert not life.state.feedback_stopped


def test_what_is_stopped_is_not_stopped_twice_nor_resumed() -> None:
    life = at_stage(Stage.INVESTIGATION)
    with pytest.raises(AlreadyDone):
        life.do(example(c.ResumeFeedback))
    life.do(example(c.StopFeedback))
    with pytest.raises(AlreadyDone):
        life.do(example(c.StopFeedback))


# --- what it says


def draft(life: Life) -> str:
    return news.daily_news(life.state, life.state.policy, life.now).en


def test_a_day_without_progress_is_said_in_the_words_of_the_policy() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GiveFeedback), after=HOUR)
    message = builtin().feedback.message
    assert message is not None
    assert draft(life) == message.en.format(number="hotline-2031", stage="investigation")


def test_a_policy_without_words_for_such_a_day_says_so_in_ours() -> None:
    life = at_stage(Stage.INVESTIGATION, policy(message=None))
    life.do(example(c.GiveFeedback), after=HOUR)
    assert "nothing new today" in draft(life)
    said = news.daily_news(life.state, life.state.policy, life.now)
    assert "hotline-2031" in said.zh
    assert "调查" in said.zh


def test_questions_are_counted_and_so_are_their_answers() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification), after=HOUR)
    life.do(example(c.RequestVerification), after=HOUR)
    life.do(example(c.AnswerVerification, life), after=HOUR)
    said = draft(life)
    assert "We put 2 questions to the departments concerned." in said
    assert "1 question was answered by the departments concerned." in said
    assert "metering" not in said


def test_findings_and_options_that_stand_ready_are_told_without_what_they_are() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RecordFindings), after=HOUR)
    life.do(example(c.PrepareOption), after=HOUR)
    said = draft(life)
    assert "The investigation is concluded" in said
    assert "1 possible solution stands ready." in said


def test_measures_promises_and_their_next_dates_are_told() -> None:
    life = at_stage(Stage.EXECUTION)
    life.do(example(c.MakePromise, life), after=HOUR)
    life.do(example(c.PlanAction, life), after=HOUR)
    said = draft(life)
    assert "We made you 1 promise. What we promised you next is due by 2026-03-03 09:00." in said.replace(
        "1 measure was planned. ", ""
    )
    assert "The next measure is due by 2026-03-04 10:00." in said


def test_a_wait_for_somebody_else_is_told() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer, owner=PauseOwner.VENDOR), after=HOUR)
    assert "We are waiting for a supplier." in draft(life)


def test_what_was_told_is_not_told_again() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification), after=HOUR)
    life.do(example(c.GiveFeedback), after=HOUR)
    assert "question" not in draft(life)
