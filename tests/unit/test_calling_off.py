"""Nobody is woken for what is settled: a notice that waits for the end of quiet hours goes with its cause."""

from dataclasses import replace

from complaints import commands as c
from complaints.delivery import DEFERRED, ROUTED, Delivery, record_delivery
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.records import Addressee, ClockName, NoticeKind, NoticeStatus
from complaints.vocabulary import Role
from tests.lives import HOUR, Life, at_stage, example

WHY = Names(en="on duty", zh="值班")


def called_at_night(quiet_for_hours: int) -> Life:
    """A lead was found for an escalation, and sleeps."""
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Escalate))
    (notice,) = [n for n in life.state.notices.values() if n.kind == NoticeKind.ESCALATION]
    until = life.now + quiet_for_hours * HOUR
    found = Delivery(
        notice=notice.id,
        channel=ROUTED,
        receipt="",
        people=(Addressee(person="liu.min", not_before=until),),
        why=WHY,
    )
    life.take(record_delivery(life.state, found, life.now))
    return life


def status(life: Life) -> NoticeStatus:
    """Of the notice to the person."""
    (own,) = [n for n in life.state.notices.values() if n.part_of]
    return own.status


def test_a_resolved_escalation_takes_its_waiting_notice_along() -> None:
    life = called_at_night(8)
    life.do(example(c.ResolveEscalation, life), role=Role.CUSTOMER_SERVICE, after=HOUR)
    assert status(life) == NoticeStatus.WITHDRAWN


def test_a_duty_done_at_night_wakes_nobody() -> None:
    life = called_at_night(8)
    life.do(example(c.Withdraw), after=HOUR)  # closing settles everything
    assert status(life) == NoticeStatus.WITHDRAWN


def test_a_notice_whose_time_has_come_is_left_to_its_sender() -> None:
    life = called_at_night(1)
    life.do(example(c.ResolveEscalation, life), role=Role.CUSTOMER_SERVICE, after=2 * HOUR)
    assert status(life) == NoticeStatus.QUEUED


def test_a_warning_of_a_deadline_that_no_longer_stands_is_not_given_in_the_morning() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.wait_until(life.clock(ClockName.INVESTIGATION).warn_at[0])
    warning = next(n for n in life.state.notices.values() if n.clock == "investigation/1")
    found = Delivery(
        notice=warning.id,
        channel=ROUTED,
        receipt="",
        people=(Addressee(person="zhang.wei", not_before=life.now + 8 * HOUR),),
        why=WHY,
    )
    life.take(record_delivery(life.state, found, life.now))
    life.do(example(c.RecordFindings, life), after=HOUR)
    assert status(life) == NoticeStatus.WITHDRAWN


def test_another_escalation_keeps_its_notice() -> None:
    life = called_at_night(8)
    life.do(example(c.Escalate), after=HOUR)
    second = replace(example(c.ResolveEscalation, life), escalation="E2")
    life.do(second, role=Role.CUSTOMER_SERVICE)
    assert status(life) == NoticeStatus.QUEUED


def test_a_role_that_sleeps_is_told_in_the_morning_or_not_at_all() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Escalate))
    (notice,) = [n for n in life.state.notices.values() if n.kind == NoticeKind.ESCALATION]
    asleep = Delivery(notice=notice.id, channel=DEFERRED, receipt="", not_before=life.now + 8 * HOUR)
    life.take(record_delivery(life.state, asleep, life.now))
    assert life.state.notices[notice.id].not_before == life.now + 8 * HOUR
    life.do(example(c.ResolveEscalation, life), role=Role.CUSTOMER_SERVICE, after=HOUR)
    assert life.state.notices[notice.id].status == NoticeStatus.WITHDRAWN


def test_what_was_settled_while_it_was_looked_whom_to_tell_wakes_nobody() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Escalate))
    (notice,) = [n for n in life.state.notices.values() if n.kind == NoticeKind.ESCALATION]
    life.do(example(c.ResolveEscalation, life), role=Role.CUSTOMER_SERVICE)
    asleep = Delivery(notice=notice.id, channel=DEFERRED, receipt="", not_before=life.now + 8 * HOUR)
    life.take(record_delivery(life.state, asleep, life.now))
    assert life.state.notices[notice.id].status == NoticeStatus.WITHDRAWN
