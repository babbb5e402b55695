"""What became of a notice, reported back to the complaint."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.delivery import OUTBOX, ROUTED, Delivery, record_delivery
from complaints.events import is_authentic
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import Rung
from complaints.policy_file import builtin
from complaints.records import Addressee, ClockName, NoticeStatus
from complaints.vocabulary import ENGINE, Role
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


def test_the_outbox_completes_no_breach() -> None:
    life, notice = missed_follow_up()
    deliver(life, notice, OUTBOX)
    assert life.state.clocks["follow_up/1"].delivered_at is None


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


# --- from roles to people

WHY = Names(en="lead chen.jing is on leave; two stand in", zh="负责人chen.jing休假，由两人代理")
TONIGHT = datetime(2026, 3, 7, 14, tzinfo=UTC)


def pass_on(life: Life, notice: str, *people: str, audience: Role = Role.LEAD) -> None:
    found = tuple(Addressee(person=person) for person in people)
    delivery = Delivery(notice=notice, channel=ROUTED, receipt="", people=found, audience=audience, why=WHY)
    life.take(record_delivery(life.state, delivery, life.now))


def test_each_person_who_was_found_has_a_notice_of_their_own() -> None:
    life, notice = missed_follow_up()
    pass_on(life, notice, "li.na", "wu.di")
    own = [n for n in life.state.notices.values() if n.part_of == notice]
    assert [n.recipient for n in own] == ["person:li.na", "person:wu.di"]
    assert [n.id for n in own] == [f"{notice}/li.na", f"{notice}/wu.di"]
    assert {(n.status, n.escalation, n.clock) for n in own} == {(NoticeStatus.QUEUED, "E1", "follow_up/1")}


def test_who_was_found_and_why_is_one_line_of_the_ledger() -> None:
    life, notice = missed_follow_up()
    pass_on(life, notice, "li.na", "wu.di")
    (routed,) = life.facts(consequences.NoticeRouted)
    assert [found.person for found in routed.people] == ["li.na", "wu.di"]
    assert routed.why == WHY
    assert is_authentic(life.events[-1])


def test_the_notice_to_the_role_is_neither_told_nor_waiting_any_more() -> None:
    life, notice = missed_follow_up()
    pass_on(life, notice, "li.na")
    passed_on = life.state.notices[notice]
    assert (passed_on.status, passed_on.delivered_at, passed_on.detail) == (NoticeStatus.ROUTED, None, WHY.en)


def test_people_are_told_as_what_they_were_found() -> None:
    life, notice = missed_follow_up()
    pass_on(life, notice, "liu.min", audience=Role.CUSTOMER_SERVICE)
    assert life.state.notices[f"{notice}/liu.min"].audience == Role.CUSTOMER_SERVICE


def test_somebody_in_their_quiet_hours_is_told_when_these_are_over() -> None:
    life, notice = missed_follow_up()
    found = (Addressee(person="li.na", not_before=TONIGHT),)
    delivery = Delivery(notice=notice, channel=ROUTED, receipt="", people=found, why=WHY)
    life.take(record_delivery(life.state, delivery, life.now))
    assert life.state.notices[f"{notice}/li.na"].not_before == TONIGHT


def test_the_first_person_who_is_told_completes_the_three_times() -> None:
    life, notice = missed_follow_up()
    pass_on(life, notice, "li.na", "wu.di")
    assert life.state.clocks["follow_up/1"].delivered_at is None
    life.wait(HOUR)
    deliver(life, f"{notice}/wu.di")
    told_at = life.now
    life.wait(HOUR)
    deliver(life, f"{notice}/li.na")
    assert life.state.clocks["follow_up/1"].delivered_at == told_at


def test_a_notice_is_passed_on_once() -> None:
    life, notice = missed_follow_up()
    pass_on(life, notice, "li.na")
    before = life.state
    pass_on(life, notice, "wu.di")
    assert life.state == before


def test_a_notice_of_the_risk_does_not_tell_of_the_breach_that_follows() -> None:
    ladders = {"default": (Rung(audience=Role.LEAD, percent=50), Rung(audience=Role.CUSTOMER_SERVICE))}
    life = at_stage(Stage.FOLLOW_UP, replace(builtin(), ladders=ladders))
    life.wait(5 * DAY)
    clock = life.clock(ClockName.FOLLOW_UP)
    told = [n for n in life.state.notices.values() if n.clock == clock.key and n.escalation]
    assert [n.audience for n in told] == [Role.LEAD, Role.CUSTOMER_SERVICE]
    deliver(life, told[0].id)
    assert life.clock(ClockName.FOLLOW_UP).delivered_at is None
    deliver(life, told[1].id)
    assert life.clock(ClockName.FOLLOW_UP).delivered_at == life.now


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
