"""What a notice says, in Chinese and English. Numbers, clocks and stages only: nothing of the customer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from activities.channels import Message
from activities.work import NoticeWork
from complaints.matters.told import Said
from complaints.records import TO_CUSTOMER, NoticeKind

_SUBJECT = {
    ("zh", NoticeKind.WARNING): "时限提醒：投诉 {number}，{clock}",
    ("zh", NoticeKind.ESCALATION): "投诉升级：{number}，{cause}",
    ("zh", NoticeKind.SUMMONS): "请派人到场：投诉 {number}",
    ("zh", NoticeKind.CUSTOMER): "您的投诉 {number} 需要更多时间",
    ("zh", NoticeKind.RECEIPT): "我们已收到您的投诉 {number}",
    ("zh", NoticeKind.NEWS): "您的投诉 {number} 的进展",
    ("en", NoticeKind.WARNING): "Reminder: complaint {number}, {clock}",
    ("en", NoticeKind.ESCALATION): "Escalation: complaint {number}, {cause}",
    ("en", NoticeKind.SUMMONS): "Please send somebody: complaint {number}",
    ("en", NoticeKind.CUSTOMER): "Your complaint {number} needs more time",
    ("en", NoticeKind.RECEIPT): "We have your complaint {number}",
    ("en", NoticeKind.NEWS): "Your complaint {number}: how it goes",
}
_DUE = {"zh": "时限：{clock}，截止 {due} ({zone})", "en": "Deadline: {clock}, due {due} ({zone})"}
_ABOUT = {
    "zh": "类别：{category}；阶段：{stage}；严重程度：{severity}；部门：{department}",
    "en": "Category: {category}; stage: {stage}; severity: {severity}; department: {department}",
}
_MEASURE = {"zh": "性质：{measure}", "en": "This is: {measure}"}
_NEXT = {
    ("zh", NoticeKind.WARNING): "请在截止前处理。",
    ("zh", NoticeKind.ESCALATION): "请确认接收 ({escalation})，否则将继续升级。",
    ("zh", NoticeKind.SUMMONS): "请在截止前派人到场，并登记派谁前往。",
    ("en", NoticeKind.WARNING): "Please act before it is due.",
    ("en", NoticeKind.ESCALATION): "Please acknowledge {escalation}, or it climbs to the next rung.",
    ("en", NoticeKind.SUMMONS): "Please send somebody before it is due, and record whom.",
}
_WHY = {"zh": "通知您的原因：{why}", "en": "Why you: {why}"}
_TO_CUSTOMER = {
    "zh": ("很抱歉，我们需要更多时间：{clock}，最迟 {due} ({zone})。", "原因：{why}"),
    "en": ("We are sorry that it takes longer: {clock}, by {due} ({zone}) at the latest.", "Why: {why}"),
}
_LINE = {
    ("zh", NoticeKind.WARNING): "{number}：{clock}，截止 {due}",
    ("zh", NoticeKind.ESCALATION): "{number}：{cause}，截止 {due}，请确认接收 {escalation}",
    ("zh", NoticeKind.SUMMONS): "{number}：{clock}，截止 {due}，请派人到场",
    ("en", NoticeKind.WARNING): "{number}: {clock}, due {due}",
    ("en", NoticeKind.ESCALATION): "{number}: {cause}, due {due}; please acknowledge {escalation}",
    ("en", NoticeKind.SUMMONS): "{number}: {clock}, due {due}; please send somebody",
}
_UNDATED_LINE = {
    "zh": "{number}：{cause}，请确认接收 {escalation}",
    "en": "{number}: {cause}; please acknowledge {escalation}",
}
_UNDATED_SUMMONS = {
    "zh": ("{number}：请派人到场", "请派人到场，并登记派谁前往。"),
    "en": ("{number}: please send somebody", "Please send somebody, and record whom."),
}
_COUNT = {
    ("zh", NoticeKind.WARNING): "{n} 条时限提醒",
    ("zh", NoticeKind.ESCALATION): "{n} 条投诉升级",
    ("zh", NoticeKind.SUMMONS): "{n} 条到场通知",
    ("en", NoticeKind.WARNING): "{n} reminder{s}",
    ("en", NoticeKind.ESCALATION): "{n} escalation{s}",
    ("en", NoticeKind.SUMMONS): "{n} call{s} to send somebody",
}
_AND = {"zh": "，", "en": ", "}
_NEXT_OF_MANY = {
    "zh": "请逐条确认接收，未确认的将继续升级。",
    "en": "Please acknowledge each escalation, or it climbs to the next rung.",
}
_NOBODY = {"zh": "未分派", "en": "none"}

_TERMS_ZH = {
    # clocks
    "first_contact": "首次联系", "intake": "受理", "investigation": "调查", "solution": "方案", "execution": "执行",
    "follow_up": "回访", "overall": "总时限", "feedback": "每日反馈", "verification": "协查", "approval": "审批",
    "action": "措施", "promise": "承诺", "waiting": "等待客户", "acknowledgement": "升级确认", "appeal": "申诉期",
    "statutory": "法定时限", "second_call": "二次回访", "admission": "受理决定", "next_offer": "提出下一方案",
    "attendance": "派人到场", "emergency": "应急到场", "after_closing": "结案后联系",
    # stages and severities
    "closed": "已关闭", "ended": "已终结", "low": "低", "normal": "一般", "high": "高", "critical": "紧急",
    # causes
    "breach": "超时", "at_risk": "即将超时", "configuration": "规则缺失", "by_hand": "人工升级",
    "difficult": "疑难投诉", "disputed": "责任争议", "mediation": "需要调解", "dissatisfied": "客户不满意",
    "recusal": "需要回避", "hazard": "安全隐患", "support": "请求支援", "converted": "转为有效投诉",
}  # fmt: skip


def term(word: str, language: str) -> str:
    """Say a word of the system in a language."""
    return _TERMS_ZH.get(word, word) if language == "zh" else word.replace("_", " ")


def compose(work: NoticeWork, language: str) -> Message:
    """Write a notice in a language (`zh` or `en`)."""
    if work.said is not None:
        return _worded(work, work.said, language)
    assert work.stage is not None
    assert work.severity is not None
    words = _words(work, language)
    lines = _to_customer(work, language) if work.notice.kind in TO_CUSTOMER else _to_us(work, language)
    return Message(
        id=work.notice.id,
        subject=_SUBJECT[language, work.notice.kind].format(**words),
        body="\n".join(line.format(**words) for line in lines),
        data={
            "complaint": work.number,
            "kind": work.notice.kind.value,
            "recipient": work.notice.recipient,
            "escalation": work.notice.escalation,
            "clock": work.notice.clock,
            "due_at": work.due_at.isoformat() if work.due_at else None,
            "stage": work.stage.value,
            "severity": work.severity.value,
            "department": work.department,
        },
    )


def _worded(work: NoticeWork, said: Said, language: str) -> Message:
    """Write a notice that comes with its words; only the date is put on the recipient's clocks here."""
    due = f"{work.due_local or work.due_at:%Y-%m-%d %H:%M}" if work.due_at else ""
    body = str(getattr(said.body, language)).format(due=due, zone=work.zone or "UTC")
    return Message(
        id=work.notice.id,
        subject=getattr(said.subject, language),
        body="\n".join([body, *_why(work, language)]),
        data={
            "matter": work.number,
            "kind": work.notice.kind.value,
            "recipient": work.notice.recipient,
            "escalation": None,
            "due_at": work.due_at.isoformat() if work.due_at else None,
            "department": work.department,
        },
    )


def _why(work: NoticeWork, language: str) -> list[str]:
    return [_WHY[language].format(why=getattr(work.why, language))] if work.why else []


def line_of(work: NoticeWork, language: str) -> str:
    """Write the one line that stands for a notice among others."""
    if work.said is not None:
        return _worded(work, work.said, language).subject
    template = _LINE[language, work.notice.kind] if work.due_local else _UNDATED_LINE[language]
    if _is_undated_summons(work):
        template, _ = _UNDATED_SUMMONS[language]
    return template.format(**_words(work, language))


def bundle(id_: str, notices: Sequence[tuple[str, Mapping[str, Any]]], language: str) -> Message:
    """Write one message for many notices, the earliest deadline first.

    Args:
        id_: The message's own id.
        notices: The line and the data of each.
    """
    ordered = sorted(notices, key=lambda each: (each[1]["due_at"] or "", _subject_of(each[1])))
    counts = [
        _COUNT[language, kind].format(n=n, s="" if n == 1 else "s")
        for kind in (NoticeKind.ESCALATION, NoticeKind.SUMMONS, NoticeKind.WARNING)
        if (n := sum(data["kind"] == kind.value for _, data in ordered))
    ]
    lines = [f"{index}. {line}" for index, (line, _) in enumerate(ordered, 1)]
    if any(data["escalation"] for _, data in ordered):
        lines.insert(0, _NEXT_OF_MANY[language])  # first, since chat services cut a long text off at its end
    return Message(
        id=id_,
        subject=_AND[language].join(counts),
        body="\n".join(lines),
        data={
            "kind": "bundle",
            "recipient": ordered[0][1]["recipient"],
            "notices": [data for _, data in ordered],
        },
    )


def _subject_of(data: Mapping[str, Any]) -> str:
    return str(data.get("complaint") or data.get("matter"))


def _words(work: NoticeWork, language: str) -> dict[str, str]:
    return {
        "number": work.number,
        "clock": term(work.clock, language) if work.clock else "",
        "cause": _cause(work, language),
        "due": f"{work.due_local:%Y-%m-%d %H:%M}" if work.due_local else "",
        "zone": work.zone,
        "category": getattr(work.category, language) if work.category else "",
        "stage": term(work.stage, language) if work.stage else "",
        "severity": term(work.severity, language) if work.severity else "",
        "department": work.department or _NOBODY[language],
        "escalation": work.notice.escalation or "",
        "measure": getattr(work.measure, language) if work.measure else "",
        "why": getattr(work.why, language) if work.why else "",
    }


def _to_us(work: NoticeWork, language: str) -> list[str]:
    lines = [_DUE[language]] if work.clock else []
    lines += [_MEASURE[language]] if work.measure else []
    lines += [_ABOUT[language], _next(work, language)]
    return [*lines, _WHY[language]] if work.why else lines


def _next(work: NoticeWork, language: str) -> str:
    return _UNDATED_SUMMONS[language][1] if _is_undated_summons(work) else _NEXT[language, work.notice.kind]


def _is_undated_summons(work: NoticeWork) -> bool:
    return work.notice.kind == NoticeKind.SUMMONS and work.due_local is None


def _to_customer(work: NoticeWork, language: str) -> list[str]:
    if work.notice.kind != NoticeKind.CUSTOMER:  # it was worded whole when it was decided
        return ["{why}"]
    until, reason = _TO_CUSTOMER[language]
    return [until, reason] if work.why else [until]


def _cause(work: NoticeWork, language: str) -> str:
    cause = term(work.cause, language) if work.cause else ""
    return f"{term(work.clock, language)} {cause}" if work.clock else cause
