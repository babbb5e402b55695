"""News that cannot arrive in time: a human hears of it while the day can still be saved."""

from __future__ import annotations

from dataclasses import replace

from complaints import commands as c
from complaints import news
from complaints.delivery import DEFERRED, Delivery, record_delivery
from complaints.lifecycle import Stage
from complaints.policy import Policy
from complaints.records import ClockName, NoticeKind
from tests.lives import DAY, HOUR, INSTANT, Life, at_stage, daily_policy, example


def automatic() -> Policy:
    """Sent at 15:00, looked at once more at 16:00, due at 17:00."""
    given = daily_policy(spread_minutes=0)
    return replace(given, feedback=replace(given.feedback, automatic=True))


def reminded() -> Life:
    life = at_stage(Stage.INVESTIGATION, automatic())
    return life.wait_until(life.clock(ClockName.FEEDBACK).warn_at[0])


def count(life: Life, kind: NoticeKind) -> int:
    about = life.clocks(ClockName.FEEDBACK)[0].key
    return sum(n.kind == kind and n.clock == about for n in life.state.notices.values())


def test_a_service_that_does_not_answer_leaves_the_handler_half_the_time() -> None:
    life = reminded().wait(HOUR - INSTANT)
    assert (count(life, NoticeKind.NEWS), count(life, NoticeKind.WARNING)) == (1, 0)
    life.wait(INSTANT)
    assert (count(life, NoticeKind.NEWS), count(life, NoticeKind.WARNING)) == (1, 1)


def test_of_days_that_passed_in_an_outage_the_customer_is_sent_nothing() -> None:
    life = at_stage(Stage.INVESTIGATION, automatic())
    life.outage(3 * DAY).look()
    assert [n for n in life.state.notices.values() if n.kind == NoticeKind.NEWS] == []


def test_news_that_would_wait_until_the_day_is_over_is_left_to_the_handler_at_once() -> None:
    life = reminded()
    (notice,) = [n for n in life.state.notices.values() if n.kind == NoticeKind.NEWS]
    waits = Delivery(notice=notice.id, channel=DEFERRED, receipt="", not_before=life.now + 12 * HOUR)
    life.take(record_delivery(life.state, waits, life.now))
    assert count(life, NoticeKind.WARNING) == 1


def test_what_was_told_beyond_the_news_of_the_day_is_not_told_again() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GiveFeedback), after=DAY)
    life.do(example(c.RequestVerification), after=HOUR)
    life.do(example(c.GiveFeedback), after=HOUR)
    assert "question" not in news.daily(life.state, life.state.policy).en


def test_what_happened_while_we_waited_for_the_customer_is_still_told() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer), after=HOUR)
    life.do(example(c.RequestVerification), after=HOUR)
    life.do(example(c.CustomerReplied), after=HOUR)
    assert "We put a question" in news.daily(life.state, life.state.policy).en
