"""Notices on their way out: told means that the service said so, and deadlines wait for no service."""

from __future__ import annotations

from aiosmtpd.controller import Controller

from complaints import commands as c
from complaints.records import NoticeStatus
from tests.eventually import eventually
from tests.integration.channel_servers import Mailbox, closed_port, http_receiver
from tests.integration.desk import Desk, passes, workers

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
