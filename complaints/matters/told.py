"""What became of a notice about a matter, and what it says. Ids, dates and counts only: it quotes nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints import consequences
from complaints.delivery import Delivery
from complaints.forms import Names
from complaints.matters.facts import Event
from complaints.matters.forms import Kind
from complaints.matters.page import Page
from complaints.matters.state import State
from complaints.records import Notice, NoticeStatus


@dataclass(frozen=True, kw_only=True)
class Said:
    """A notice that is worded by whoever decided it. `{due}` and `{zone}` are filled in on the recipient's clocks."""

    subject: Names
    body: Names


def record_delivery(state: State, delivery: Delivery, now: datetime) -> list[Event]:
    """Return the event that a delivery brings; none if it has been recorded before."""
    notice = state.notices[delivery.notice]
    if notice.status != NoticeStatus.QUEUED:
        return []
    page = Page(state, at=now, occurred_at=now)
    if delivery.not_before is not None:
        page.add(consequences.NoticeDeferred(notice=notice.id, not_before=delivery.not_before))
        if not state.is_open:
            page.call_off()
    elif delivery.people:
        page.add(
            consequences.NoticeRouted(
                notice=notice.id,
                people=delivery.people,
                audience=delivery.audience or notice.audience,
                why=delivery.why or Names(en=delivery.receipt, zh=delivery.receipt),
            )
        )
        if not state.is_open:
            page.call_off()
    elif delivery.failed:
        page.add(
            consequences.NoticeFailed(notice=notice.id, channel=delivery.channel, reason=delivery.receipt)
        )
    else:
        page.add(
            consequences.NoticeDelivered(
                notice=notice.id, channel=delivery.channel, delivered_at=now, receipt=delivery.receipt
            )
        )
    return page.events


KIND_NAMES = {
    Kind.IMPROVEMENT: Names(en="improvement", zh="改进事项"),
    Kind.REVIEW: Names(en="review", zh="复盘"),
    Kind.HOT_SPOT: Names(en="hot spot", zh="热点问题"),
    Kind.INCIDENT: Names(en="mass incident", zh="群体事件"),
}

_SUBJECTS = {
    "opened": Names(en="Yours to see to: {kind} {id}", zh="请负责：{kind} {id}"),
    "handed-over": Names(en="Handed over to you: {kind} {id}", zh="已移交给您：{kind} {id}"),
    "due-soon": Names(en="Due soon: {kind} {id}", zh="即将到期：{kind} {id}"),
    "missed": Names(en="Overdue: {kind} {id}", zh="已逾期：{kind} {id}"),
    "overdue": Names(
        en="Overdue, and nobody has ended it: {kind} {id}", zh="逾期未结，现予升级：{kind} {id}"
    ),
}
_DUE = Names(en="Due {due} ({zone}).", zh="截止 {due} ({zone})。")
_UNDATED = Names(en="It has no date.", zh="未设期限。")
_ABOUT = Names(
    en="Department: {department}; owner: {owner}; complaints: {cases}.",
    zh="部门：{department}；负责人：{owner}；涉及投诉：{cases} 件。",
)
_NEXT = Names(en="What it is about: redress matter show {id}", zh="事项内容请查看：redress matter show {id}")
_NOBODY = Names(en="none", zh="未指定")


def said(state: State, notice: Notice) -> Said:
    """Word a notice about a matter."""
    about = notice.id.removeprefix(f"{state.id}:").partition(":")[0]  # such as due-soon-7
    subject = _SUBJECTS[about.rpartition("-")[0]]
    return Said(
        subject=Names(en=_filled(state, subject, "en"), zh=_filled(state, subject, "zh")),
        body=Names(en=_body(state, "en"), zh=_body(state, "zh")),
    )


def _body(state: State, language: str) -> str:
    lines = (_DUE if state.due_at else _UNDATED, _ABOUT, _NEXT)
    return "\n".join(_filled(state, line, language) for line in lines)


def _filled(state: State, line: Names, language: str) -> str:
    assert state.opening is not None
    nobody = getattr(_NOBODY, language)
    return str(getattr(line, language)).format(
        kind=getattr(KIND_NAMES[state.opening.kind], language),
        id=state.id,
        department=state.department or nobody,
        owner=state.owner or nobody,
        cases=len(state.cases),
        due="{due}",
        zone="{zone}",
    )
