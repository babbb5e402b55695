"""What notices say: everything to act on, in both languages, and nothing of the customer's."""

import re
from dataclasses import fields

import pytest

from activities.channels import Message
from activities.texts import bundle, compose, line_of, term
from activities.work import NoticeWork
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import Cause, ClockName, Notice, NoticeKind
from complaints.vocabulary import Role, Severity
from complaints.working_time import local_time
from tests.lives import HOUR, MONDAY

WORDS: set[str] = {*ClockName, *Cause, *Severity, *Stage}
CJK = re.compile(r"[\u4e00-\u9fff]")


def work(kind: NoticeKind = NoticeKind.ESCALATION, **other: object) -> NoticeWork:
    notice = Notice(
        id="hotline-2031:E1.0:lead:billing",
        kind=kind,
        audience=Role.LEAD,
        recipient="lead:billing",
        clock="promise/1",
        escalation="E1" if kind == NoticeKind.ESCALATION else None,
        queued_at=MONDAY,
    )
    known = {
        "number": "hotline-2031",
        "notice": notice,
        "stage": Stage.EXECUTION,
        "severity": Severity.HIGH,
        "category": Names(en="Billing and metering", zh="计费计量"),
        "department": "billing",
        "cause": Cause.BREACH,
        "clock": ClockName.PROMISE,
        "due_at": MONDAY,
        "due_local": local_time(builtin().zone, MONDAY),
        "zone": "Asia/Shanghai",
    }
    return NoticeWork(**{**known, **other})  # type: ignore[arg-type]  # the table above is right


def test_an_escalation_says_what_was_missed_when_and_what_to_do() -> None:
    message = compose(work(), "en")
    assert message.subject == "Escalation: complaint hotline-2031, promise breach"
    assert message.body.splitlines() == [
        "Deadline: promise, due 2026-03-02 09:00 (Asia/Shanghai)",
        "Category: Billing and metering; stage: execution; severity: high; department: billing",
        "Please acknowledge E1, or it climbs to the next rung.",
    ]


def test_the_same_in_chinese() -> None:
    message = compose(work(), "zh")
    assert message.subject == "投诉升级：hotline-2031，承诺 超时"
    assert "时限：承诺，截止 2026-03-02 09:00 (Asia/Shanghai)" in message.body
    assert "请确认接收 (E1)，否则将继续升级。" in message.body


def test_a_warning_says_how_long_there_is() -> None:
    message = compose(work(NoticeKind.WARNING, cause=None), "en")
    assert message.subject == "Reminder: complaint hotline-2031, promise"
    assert "due 2026-03-02 09:00" in message.body
    assert "Please act before it is due." in message.body


def test_an_escalation_without_a_clock_names_no_deadline() -> None:
    message = compose(work(cause=Cause.DISSATISFIED, clock=None, due_at=None, due_local=None), "en")
    assert message.subject == "Escalation: complaint hotline-2031, dissatisfied"
    assert "Deadline" not in message.body


@pytest.mark.parametrize(("language", "nobody"), [("en", "department: none"), ("zh", "部门：未分派")])
def test_a_missing_department_is_said_in_words(language: str, nobody: str) -> None:
    assert nobody in compose(work(department=None), language).body


def test_a_service_gets_the_same_as_data() -> None:
    assert compose(work(), "zh").data == {
        "complaint": "hotline-2031",
        "kind": "escalation",
        "recipient": "lead:billing",
        "escalation": "E1",
        "clock": "promise/1",
        "due_at": "2026-03-02T01:00:00+00:00",
        "stage": "execution",
        "severity": "high",
        "department": "billing",
    }


def test_the_message_is_the_notice_so_that_a_service_can_tell_a_repetition() -> None:
    assert compose(work(), "zh").id == "hotline-2031:E1.0:lead:billing"


@pytest.mark.parametrize("word", sorted(WORDS - {Stage.NEW}))
def test_every_word_of_the_system_has_a_chinese_one(word: str) -> None:
    assert CJK.search(term(word, "zh"))


@pytest.mark.parametrize("word", sorted(WORDS))
def test_english_is_free_of_chinese_and_of_underscores(word: str) -> None:
    assert not CJK.search(term(word, "en"))
    assert "_" not in term(word, "en")


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("cause", Cause)
def test_english_notices_are_free_of_chinese(kind: NoticeKind, cause: Cause) -> None:
    message = compose(work(kind, cause=cause), "en")
    assert not CJK.search(message.subject + message.body)


def test_the_work_has_no_room_for_the_customer() -> None:
    """A new field here goes out to mail and chat services: think of whom it tells about whom, then add it."""
    assert {field.name for field in fields(NoticeWork)} == {
        "number", "notice", "stage", "severity", "category", "department", "at", "cause", "clock", "due_at",
        "due_local", "zone", "handler", "recused", "channel", "can_wait", "quiet", "language", "why", "measure",
        "said",
    }  # fmt: skip


# --- why

ON_LEAVE = Names(
    en="lead chen.jing is on leave; the customer service department's duty is told",
    zh="负责人chen.jing休假，由客户服务部值班人员处理",
)


@pytest.mark.parametrize(
    ("language", "line"), [("en", f"Why you: {ON_LEAVE.en}"), ("zh", f"通知您的原因：{ON_LEAVE.zh}")]
)
def test_who_stands_in_for_somebody_is_told_why(language: str, line: str) -> None:
    assert compose(work(why=ON_LEAVE), language).body.splitlines()[-1] == line


def test_a_rung_before_the_deadline_says_that_there_is_still_time() -> None:
    assert compose(work(cause=Cause.AT_RISK), "en").subject.endswith("promise at risk")
    assert compose(work(cause=Cause.AT_RISK), "zh").subject.endswith("承诺 即将超时")


# --- to the customer


def to_customer(**other: object) -> NoticeWork:
    return work(NoticeKind.CUSTOMER, cause=None, clock=ClockName.SOLUTION, **other)


def test_the_customer_is_told_until_when_it_takes_and_why() -> None:
    message = compose(to_customer(why=Names(en="The meter is at the laboratory.", zh="电表送检中")), "en")
    assert message.subject == "Your complaint hotline-2031 needs more time"
    assert message.body.splitlines() == [
        "We are sorry that it takes longer: solution, by 2026-03-02 09:00 (Asia/Shanghai) at the latest.",
        "Why: The meter is at the laboratory.",
    ]


def test_the_customer_reads_it_in_chinese() -> None:
    message = compose(to_customer(why=Names(en="The meter is away.", zh="电表送检中")), "zh")
    assert message.body.splitlines() == [
        "很抱歉，我们需要更多时间：方案，最迟 2026-03-02 09:00 (Asia/Shanghai)。",
        "原因：电表送检中",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_customer_is_not_shown_how_we_work(language: str) -> None:
    body = compose(to_customer(), language).body
    assert not any(word in body for word in ("billing", "severity", "严重程度", "部门"))


# --- many at once


def several(language: str) -> Message:
    earlier, warning = MONDAY - HOUR, work(NoticeKind.WARNING, number="hotline-7", cause=None)
    local = local_time(builtin().zone, earlier)
    works = [work(), work(number="hotline-9", due_at=earlier, due_local=local), warning]
    lines = [(line_of(each, language), compose(each, language).data) for each in works]
    return bundle("bundle/1", lines, language)


def test_many_notices_are_one_line_each_the_earliest_deadline_first() -> None:
    message = several("en")
    assert message.subject == "2 escalations, 1 reminder"
    assert message.body.splitlines() == [
        "Please acknowledge each escalation, or it climbs to the next rung.",
        "1. hotline-9: promise breach, due 2026-03-02 08:00; please acknowledge E1",
        "2. hotline-2031: promise breach, due 2026-03-02 09:00; please acknowledge E1",
        "3. hotline-7: promise, due 2026-03-02 09:00",
    ]


def test_many_notices_in_chinese() -> None:
    message = several("zh")
    assert message.subject == "2 条投诉升级，1 条时限提醒"
    assert message.body.splitlines()[1] == ("1. hotline-9：承诺 超时，截止 2026-03-02 08:00，请确认接收 E1")


def test_a_line_without_a_deadline_names_the_cause() -> None:
    line = line_of(work(cause=Cause.DISSATISFIED, clock=None, due_at=None, due_local=None), "en")
    assert line == "hotline-2031: dissatisfied; please acknowledge E1"


def test_many_notices_are_also_many_as_data() -> None:
    notices = several("en").data["notices"]
    assert isinstance(notices, list)
    assert [each["complaint"] for each in notices] == ["hotline-9", "hotline-2031", "hotline-7"]


def test_a_summons_says_by_when_somebody_has_to_come() -> None:
    message = compose(work(NoticeKind.SUMMONS, cause=None, clock=ClockName.ATTENDANCE), "en")
    assert message.subject == "Please send somebody: complaint hotline-2031"
    assert "Deadline: attendance, due 2026-03-02 09:00 (Asia/Shanghai)" in message.body


@pytest.mark.parametrize(("language", "asks"), [("en", "lease send somebody"), ("zh", "请派人到场")])
def test_a_summons_without_a_deadline_names_none(language: str, asks: str) -> None:
    undated = work(NoticeKind.SUMMONS, cause=None, clock=None, due_at=None, due_local=None)
    for said in (compose(undated, language).body, line_of(undated, language)):
        assert asks in said
        assert "due" not in said
        assert "截止" not in said
        assert "{" not in said
