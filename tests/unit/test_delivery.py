"""What became of a notice, reported back to the complaint."""

import pytest

from complaints import commands as c
from complaints.delivery import OUTBOX, Delivery, record_delivery
from complaints.lifecycle import Stage
from complaints.records import NoticeStatus
from complaints.vocabulary import ENGINE
from tests.lives import DAY, HOUR, Life, at_stage, example


def missed_follow_up() -> tuple[Life, str]:
    """A breach, and the notice that tells the lead of it."""
    life = at_stage(Stage.FOLLOW_UP).wait(5 * DAY)
    return life, "hotline-2031:E1.0:lead:billing"


def deliver(life: Life, notice: str, channel: str = "e-mail", *, failed: bool = False) -> None:
    delivery = Delivery(notice=notice, channel=channel, receipt="250 2.0.0 OK", failed=failed)
    life.take(record_delivery(life.state, delivery, life.now))


def test_a_delivery_completes_the_three_times_of_a_breach() -> None:
    life, notice = missed_follow_up()
    clock = life.state.clocks["follow_up/1"]
    life.wait(HOUR)
    deliver(life, notice)
    delivered = life.state.clocks["follow_up/1"]
    assert (delivered.due_at, delivered.breached_at) == (clock.due_at, clock.breached_at)
    assert delivered.delivered_at == life.now
    assert life.events[-1].actor == ENGINE


@pytest.mark.parametrize(
    ("channel", "status"), [("e-mail", NoticeStatus.DELIVERED), (OUTBOX, NoticeStatus.OUTBOX)]
)
def test_what_only_lies_in_the_outbox_is_not_called_delivered(channel: str, status: NoticeStatus) -> None:
    life, notice = missed_follow_up()
    deliver(life, notice, channel)
    assert (life.state.notices[notice].status, life.state.notices[notice].channel) == (status, channel)


def test_a_service_that_refused_for_good_delivered_nothing() -> None:
    life, notice = missed_follow_up()
    deliver(life, notice, failed=True)
    told = life.state.notices[notice]
    assert (told.status, told.delivered_at, told.detail) == (NoticeStatus.FAILED, None, "250 2.0.0 OK")
    assert life.state.clocks["follow_up/1"].delivered_at is None


@pytest.mark.parametrize("failed", [True, False])
def test_a_notice_is_answered_for_once(failed: bool) -> None:
    life, notice = missed_follow_up()
    deliver(life, notice, failed=failed)
    before = life.state
    deliver(life, notice)
    assert life.state == before


def test_only_the_first_telling_of_a_breach_counts() -> None:
    life, first = missed_follow_up()
    deliver(life, first)
    told_at = life.now
    life.wait(4 * HOUR)
    deliver(life, "hotline-2031:E1.1:customer_service")
    assert life.state.clocks["follow_up/1"].delivered_at == told_at


def test_a_warning_that_was_delivered_tells_of_no_breach() -> None:
    life = at_stage(Stage.FOLLOW_UP).wait(4 * DAY)
    deliver(life, "hotline-2031:follow_up/1@80:handler:zhang.wei")
    assert life.state.clocks["follow_up/1"].delivered_at is None


def test_a_notice_may_arrive_after_the_end() -> None:
    life, notice = missed_follow_up()
    life.to(Stage.ENDED)
    deliver(life, notice)
    assert life.state.notices[notice].status == NoticeStatus.DELIVERED
    assert life.state.stage == Stage.ENDED


def test_a_delivery_does_not_hold_back_a_command_that_was_received_before() -> None:
    life, notice = missed_follow_up()
    received_at = life.now
    life.wait(HOUR)
    deliver(life, notice)
    (noted,) = life.do(example(c.AddNote), received_at=received_at)
    assert noted.occurred_at == received_at
