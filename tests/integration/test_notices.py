"""Notices on their way out: told means that the service said so, and deadlines wait for no service."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from temporalio.exceptions import ApplicationError

from activities.bundles import Bundles
from activities.duty import Duty
from activities.notices import Notices
from activities.targets import Targets
from activities.work import NoticeWork
from complaints import commands as c
from complaints.delivery import Delivery
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import QuietHours
from complaints.records import Cause, ClockName, Notice, NoticeKind, NoticeStatus
from complaints.vocabulary import Role, Severity
from db.keys import destroy
from db.tables import LedgerRow
from tests.conftest import ENCRYPTION_KEY
from tests.eventually import eventually
from tests.integration.channel_servers import Mailbox, Receiver, closed_port, http_receiver
from tests.integration.desk import Desk, one_hour_policy, passes, settings_for, workers
from tests.integration.letters import recorded
from tests.integration.staff import hook, member, take_on
from tests.keys import keys_of
from tests.lives import MONDAY
from worker import complaint_worker, notice_worker

STORM = 40
GAP_SECONDS = 4
MAIL = "smtp://127.0.0.1:{port}/?from=redress@utility.example&to=service@utility.example"


async def notice_is(desk: Desk, number: str, status: NoticeStatus, within: float = 20) -> None:
    async def check() -> None:
        assert [n.status for n in (await desk.look(number)).notices.values()] == [status]

    await eventually(check, within)


async def test_a_mail_server_that_is_down_delays_no_deadline_and_gets_its_mail_later(desk: Desk) -> None:
    port = closed_port()
    mailbox = Mailbox()
    async with workers(desk, {"customer_service": [MAIL.format(port=port)]}):
        number = await desk.open_due_in(2)
        clock = await desk.first_contact(number)
        await passes(clock.due_at)
        await notice_is(desk, number, NoticeStatus.QUEUED)
        breached = await desk.first_contact(number)
        assert breached.breached_at is not None
        assert (breached.breached_at - clock.due_at).total_seconds() < 2
        assert breached.delivered_at is None
        await desk.do(number, c.AddNote)  # people work on meanwhile
        server = Controller(mailbox, hostname="127.0.0.1", port=port)
        server.start()
        try:
            await notice_is(desk, number, NoticeStatus.DELIVERED)
        finally:
            server.stop()
        view = await desk.agrees(number)
    (letter,) = mailbox.letters
    assert number in letter["Subject"]
    assert "王秀英" not in letter.as_string()
    settled = view.clocks[clock.key]
    assert settled.due_at == clock.due_at
    assert settled.delivered_at is not None
    assert settled.delivered_at > breached.breached_at


async def test_a_service_that_refuses_for_good_is_shown_as_failed(desk: Desk) -> None:
    with http_receiver() as service:
        service.answers(410, {"error": "this hook was removed"})
        async with workers(desk, {"customer_service": [service.target("webhook")]}):
            number = await desk.open()
            await desk.do(number, c.Escalate)
            await notice_is(desk, number, NoticeStatus.FAILED)
            view = await desk.agrees(number)
    (notice,) = view.notices.values()
    assert (notice.channel, notice.delivered_at) == ("webhook", None)
    assert notice.detail
    assert len(service.got) == 1  # it was believed
    (escalation,) = view.escalations.values()
    assert escalation.is_open


async def test_a_robot_that_answers_200_with_an_error_has_told_nobody(desk: Desk) -> None:
    with http_receiver() as service:
        service.answers(200, {"errcode": 310000, "errmsg": "sign not match"})
        async with workers(desk, {"customer_service": [service.target("dingtalk")]}):
            number = await desk.open()
            await desk.do(number, c.Escalate)
            await notice_is(desk, number, NoticeStatus.FAILED)


async def test_the_second_target_is_tried_when_the_first_does_not_answer(desk: Desk) -> None:
    with http_receiver() as service:
        first = f"webhook+http://127.0.0.1:{closed_port()}/"
        async with workers(desk, {"customer_service": [first, service.target("webhook")]}):
            number = await desk.open()
            await desk.do(number, c.Escalate)
            await notice_is(desk, number, NoticeStatus.DELIVERED)
    assert len(service.got) == 1


async def test_a_slow_service_holds_no_command_up(desk: Desk) -> None:
    with http_receiver() as service:
        service.trickle = b"#"  # takes the request and never answers
        async with workers(desk, {"customer_service": [service.target("webhook", timeout="5")]}):
            number = await desk.open()
            await desk.do(number, c.Escalate)

            def it_hangs() -> None:
                assert len(service.got) == 1

            await eventually(it_hangs)
            for i in range(5):
                await desk.do(number, c.AddNote, text=f"meanwhile {i}")
            await desk.agrees(number)
            assert len(service.got) == 1  # all of that while it hung
            service.closing.set()


async def test_without_a_target_a_notice_lies_in_the_outbox(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open()
        await desk.do(number, c.Escalate)
        await notice_is(desk, number, NoticeStatus.OUTBOX)
        view = await desk.agrees(number)
    (notice,) = view.notices.values()
    assert notice.recipient == "customer_service"


# --- to people


@pytest.fixture
def service() -> Iterator[Receiver]:
    with http_receiver() as receiver:
        yield receiver


def notices(engine: Engine, targets: dict[str, list[str]] | None = None) -> Notices:
    """A worker's notices, each at once and alone."""
    return Notices(
        Targets(targets), "en", bundles=Bundles(gather=timedelta()), duty=Duty(engine, lambda: ENCRYPTION_KEY)
    )


def work(recipient: str = "lead:billing", audience: Role = Role.LEAD, **other: Any) -> NoticeWork:
    """An escalation in the billing department, to be told on a Monday morning long ago; so it is told now."""
    fields = {f.name for f in dataclasses.fields(Notice)}
    notice = Notice(
        id=f"hotline-2031:E1.0:{recipient}",
        kind=other.pop("kind", NoticeKind.ESCALATION),
        audience=audience,
        recipient=recipient,
        clock="promise/1",
        escalation="E1",
        queued_at=MONDAY,
        **{name: other.pop(name) for name in list(other) if name in fields and name != "clock"},
    )
    known: dict[str, Any] = {
        "number": "hotline-2031",
        "notice": notice,
        "stage": Stage.EXECUTION,
        "severity": Severity.HIGH,
        "category": Names(en="Billing", zh="计费"),
        "department": "billing",
        "cause": Cause.BREACH,
        "clock": ClockName.PROMISE,
        "due_at": MONDAY,
        "due_local": MONDAY.replace(tzinfo=None),
        "zone": "Asia/Shanghai",
    }
    return NoticeWork(**{**known, **other})


def midnight(hour: int) -> datetime:
    """An instant that lies ahead, at such an hour in Shanghai."""
    day = datetime.now(UTC).date() + timedelta(days=2)
    return datetime.combine(day, time(hour), ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def people(delivery: Delivery) -> list[str]:
    return [found.person for found in delivery.people]


def test_a_notice_to_a_role_is_passed_on_to_whoever_answers_for_it(engine: Engine, service: Receiver) -> None:
    take_on(engine, member("chen.jing", Role.LEAD, service=service))
    delivery = notices(engine).deliver(work())
    assert (people(delivery), delivery.audience) == (["chen.jing"], Role.LEAD)
    assert service.got == []  # nobody was told yet


def test_a_person_is_told_by_their_own_target_and_in_their_language(
    engine: Engine, service: Receiver
) -> None:
    take_on(engine, member("chen.jing", Role.LEAD, service=service))
    delivery = notices(engine).deliver(work("person:chen.jing", part_of="hotline-2031:E1.0:lead:billing"))
    (request,) = service.got
    assert request.path == "/chen.jing"
    assert request.json["subject"] == "投诉升级：hotline-2031，承诺 超时"
    assert delivery.channel == "webhook"


def test_a_lead_on_leave_without_a_deputy_is_the_duty_of_customer_service(
    engine: Engine, service: Receiver
) -> None:
    take_on(
        engine,
        member("chen.jing", Role.LEAD, service=service, on_leave=True),
        member("liu.min", Role.CUSTOMER_SERVICE, service=service, department="service"),
    )
    delivery = notices(engine).deliver(work())
    assert (people(delivery), delivery.audience) == (["liu.min"], Role.CUSTOMER_SERVICE)
    assert delivery.why is not None
    assert "chen.jing is on leave" in delivery.why.en
    assert "由客户服务部值班人员处理" in delivery.why.zh


def test_who_is_recused_is_passed_over(engine: Engine, service: Receiver) -> None:
    take_on(
        engine,
        member("chen.jing", Role.LEAD, service=service),
        member("liu.min", Role.CUSTOMER_SERVICE, service=service, department="service"),
    )
    assert people(notices(engine).deliver(work(recused=("chen.jing",)))) == ["liu.min"]


def test_a_handler_on_leave_is_stood_in_for(engine: Engine, service: Receiver) -> None:
    take_on(
        engine,
        member("zhang.wei", Role.HANDLER, on_leave=True, deputy="he.lin"),
        member("he.lin", Role.HANDLER, service=service),
    )
    reminder = work("handler:zhang.wei", Role.HANDLER, kind=NoticeKind.WARNING)
    assert people(notices(engine).deliver(reminder)) == ["he.lin"]


def test_somebody_to_whom_it_was_handed_by_name_is_told_directly(engine: Engine, service: Receiver) -> None:
    take_on(engine, member("chen.jing", Role.LEAD, service=service))
    delivery = notices(engine).deliver(work("person:chen.jing"))
    assert (delivery.people, delivery.channel) == ((), "webhook")


def test_where_nobody_at_all_can_be_told_the_targets_of_customer_service_say_why(
    engine: Engine, service: Receiver
) -> None:
    take_on(engine, member("zhang.wei", Role.HANDLER))
    told = notices(engine, {"customer_service": [hook(service, "service")], "lead": []})
    delivery = told.deliver(work())
    (request,) = service.got
    assert request.path == "/service"
    assert "Why you: department billing has no lead" in request.json["body"]
    assert "department billing has no lead" in delivery.receipt


def test_without_an_organisation_the_role_has_its_targets(engine: Engine, service: Receiver) -> None:
    told = notices(engine, {"lead:billing": [hook(service, "lead")]})
    assert told.deliver(work()).channel == "webhook"
    assert [request.path for request in service.got] == ["/lead"]


def test_who_has_no_target_of_their_own_is_told_by_that_of_their_role(
    engine: Engine, service: Receiver
) -> None:
    take_on(engine, member("chen.jing", Role.LEAD))
    told = notices(engine, {"lead:billing": [hook(service, "lead")]})
    told.deliver(work("person:chen.jing", part_of="hotline-2031:E1.0:lead:billing"))
    assert [request.path for request in service.got] == ["/lead"]


def test_the_customer_is_told_in_their_language_by_the_line_for_customers(
    engine: Engine, service: Receiver
) -> None:
    take_on(engine, member("chen.jing", Role.LEAD, service=service))
    told = notices(engine, {"customer": [hook(service, "gateway")], "default": [hook(service, "staff")]})
    told.deliver(work("customer", Role.DESK, kind=NoticeKind.CUSTOMER, language="zh-CN"))
    (request,) = service.got
    assert request.path == "/gateway"
    assert request.json["subject"] == "您的投诉 hotline-2031 需要更多时间"


WHY = "the expert called Qilin comes on Friday"


def told_why(engine: Engine) -> NoticeWork:
    """The customer is told that it takes longer, and why, in words that the lead wrote and a door sealed."""
    sealed = keys_of(engine).sealed("hotline-2031", c.AddNote(text=WHY)).text
    why = Names(en=sealed, zh=sealed)
    told = work("customer", Role.DESK, kind=NoticeKind.CUSTOMER, language="en")
    return dataclasses.replace(told, why=why)


def to_customers(engine: Engine, service: Receiver) -> Notices:
    opens = keys_of(engine).opened
    return Notices(
        Targets({"customer": [hook(service, "gateway")]}),
        bundles=Bundles(engine, gather=timedelta()),
        opens=opens,
    )


def test_the_customer_reads_why_it_takes_longer(engine: Engine, service: Receiver) -> None:
    to_customers(engine, service).deliver(told_why(engine))
    (request,) = service.got
    assert request.json["body"].splitlines()[-1] == f"Why: {WHY}"


def test_without_the_key_the_customer_is_told_without_words(engine: Engine, service: Receiver) -> None:
    work = told_why(engine)
    Notices(Targets({"customer": [hook(service, "gateway")]})).deliver(work)
    with Session(engine) as session:
        destroy(session, ["hotline-2031"], datetime.now(UTC))
        session.commit()
    keys_of(engine).forget(["hotline-2031"])
    to_customers(engine, service).deliver(work)
    for request in service.got:
        assert "sealed:" not in request.json["body"]
        assert "Why" not in request.json["body"]
    assert len(service.got) == 2


@pytest.mark.parametrize("status", [200, 400, 503])
def test_of_a_service_that_quotes_the_customers_words_no_word_is_kept(
    engine: Engine, service: Receiver, status: int
) -> None:
    service.status, service.body = status, f"I do not like {WHY!r}".encode()
    telling = to_customers(engine, service)
    said = ""
    try:
        said = str(telling.deliver(told_why(engine)))
    except ApplicationError as failure:
        said = str(failure)
    assert WHY in service.got[0].json["body"]
    assert said
    assert "Qilin" not in said + str(recorded(engine))


# --- quiet hours

NIGHT = QuietHours(start=time(22), end=time(7))


def test_what_can_wait_is_for_the_morning(engine: Engine, service: Receiver) -> None:
    take_on(engine, member("chen.jing", Role.LEAD, service=service))
    delivery = notices(engine).deliver(work(at=midnight(3), can_wait=True, quiet=NIGHT))
    assert [found.not_before for found in delivery.people] == [midnight(7)]


def test_what_cannot_wait_is_told_at_night(engine: Engine, service: Receiver) -> None:
    take_on(engine, member("chen.jing", Role.LEAD, service=service, quiet=NIGHT))
    delivery = notices(engine).deliver(work(at=midnight(3), can_wait=False, quiet=NIGHT))
    assert [found.not_before for found in delivery.people] == [None]


def test_somebodys_own_quiet_hours_stand_before_those_of_the_policy(
    engine: Engine, service: Receiver
) -> None:
    early = QuietHours(start=time(20), end=time(5))
    take_on(engine, member("chen.jing", Role.LEAD, service=service, quiet=early))
    delivery = notices(engine).deliver(work(at=midnight(3), can_wait=True, quiet=NIGHT))
    assert [found.not_before for found in delivery.people] == [midnight(5)]


def test_a_role_without_people_keeps_quiet_as_well(engine: Engine, service: Receiver) -> None:
    told = notices(engine, {"lead:billing": [hook(service, "lead")]})
    delivery = told.deliver(work(at=midnight(3), can_wait=True, quiet=NIGHT))
    assert delivery.not_before == midnight(7)
    assert service.got == []


# --- a storm


async def test_a_storm_is_few_messages_and_many_records(
    desk: Desk, engine: Engine, service: Receiver
) -> None:
    """The deadlines of many complaints fall into an hour in which nobody could be told."""
    take_on(engine, member("liu.min", Role.CUSTOMER_SERVICE, service=service, department="service"))
    settings = settings_for(engine.url.render_as_string(hide_password=False), bundle_seconds=GAP_SECONDS)
    received_at = datetime.now(UTC) - timedelta(hours=2)
    async with complaint_worker(desk.client, engine, settings):
        opening = [desk.open(one_hour_policy(), received_at=received_at) for _ in range(STORM)]
        numbers = sorted(await asyncio.gather(*opening))
        await eventually(lambda: expect(numbers_with(engine, "NoticeQueued"), numbers), 40)
        async with notice_worker(desk.client, Targets(), settings, engine=engine):
            await eventually(lambda: expect(numbers_with(engine, "NoticeDelivered"), numbers), 40)
    assert numbers_with(engine, "ClockBreached") == numbers
    sent_at = sorted({row.message: row.sent_at for row in recorded(engine).values()}.values())
    assert len(service.got) == len(sent_at) < STORM / 4
    assert all((b - a).total_seconds() >= GAP_SECONDS for a, b in itertools.pairwise(sent_at))


def numbers_with(engine: Engine, fact: str) -> list[str]:
    """The complaints with such a line in their ledger, each as often as it stands there."""
    with Session(engine) as session:
        of_kind = select(LedgerRow.number).where(LedgerRow.type == fact)
        return list(session.scalars(of_kind.order_by(LedgerRow.number)))


def expect(shown: list[str], numbers: list[str]) -> None:
    assert shown == numbers
