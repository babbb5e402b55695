"""What a notice says, in Chinese and English. Numbers, clocks and stages only: nothing of the customer's."""

from __future__ import annotations

from activities.channels import Message
from activities.work import NoticeWork
from complaints.records import NoticeKind

_SUBJECT = {
    ("zh", NoticeKind.WARNING): "时限提醒：投诉 {number}，{clock}",
    ("zh", NoticeKind.ESCALATION): "投诉升级：{number}，{cause}",
    ("en", NoticeKind.WARNING): "Reminder: complaint {number}, {clock}",
    ("en", NoticeKind.ESCALATION): "Escalation: complaint {number}, {cause}",
}
_DUE = {"zh": "时限：{clock}，截止 {due} ({zone})", "en": "Deadline: {clock}, due {due} ({zone})"}
_ABOUT = {
    "zh": "类别：{category}；阶段：{stage}；严重程度：{severity}；部门：{department}",
    "en": "Category: {category}; stage: {stage}; severity: {severity}; department: {department}",
}
_NEXT = {
    ("zh", NoticeKind.WARNING): "请在截止前处理。",
    ("zh", NoticeKind.ESCALATION): "请确认接收 ({escalation})，否则将继续升级。",
    ("en", NoticeKind.WARNING): "Please act before it is due.",
    ("en", NoticeKind.ESCALATION): "Please acknowledge {escalation}, or it climbs to the next rung.",
}
_NOBODY = {"zh": "未分派", "en": "none"}

_TERMS_ZH = {
    # clocks
    "first_contact": "首次联系", "intake": "受理", "investigation": "调查", "solution": "方案", "execution": "执行",
    "follow_up": "回访", "overall": "总时限", "feedback": "每日反馈", "verification": "协查", "approval": "审批",
    "action": "措施", "promise": "承诺", "waiting": "等待客户", "acknowledgement": "升级确认", "appeal": "申诉期",
    # stages and severities
    "closed": "已关闭", "ended": "已终结", "low": "低", "normal": "一般", "high": "高", "critical": "紧急",
    # causes
    "breach": "超时", "by_hand": "人工升级", "difficult": "疑难投诉", "disputed": "责任争议", "mediation": "需要调解",
    "dissatisfied": "客户不满意",
}  # fmt: skip


def term(word: str, language: str) -> str:
    """Say a word of the system in a language."""
    return _TERMS_ZH.get(word, word) if language == "zh" else word.replace("_", " ")


def compose(work: NoticeWork, language: str) -> Message:
    """Write a notice in a language (`zh` or `en`)."""
    words = {
        "number": work.number,
        "clock": term(work.clock, language) if work.clock else "",
        "cause": _cause(work, language),
        "due": f"{work.due_local:%Y-%m-%d %H:%M}" if work.due_local else "",
        "zone": work.zone,
        "category": work.category.zh if language == "zh" else work.category.en,
        "stage": term(work.stage, language),
        "severity": term(work.severity, language),
        "department": work.department or _NOBODY[language],
        "escalation": work.notice.escalation or "",
    }
    kind = work.notice.kind
    lines = [_DUE[language]] if work.clock else []
    lines += [_ABOUT[language], _NEXT[language, kind]]
    return Message(
        id=work.notice.id,
        subject=_SUBJECT[language, kind].format(**words),
        body="\n".join(line.format(**words) for line in lines),
        data={
            "complaint": work.number,
            "kind": kind.value,
            "recipient": work.notice.recipient,
            "escalation": work.notice.escalation,
            "clock": work.notice.clock,
            "due_at": work.due_at.isoformat() if work.due_at else None,
            "stage": work.stage.value,
            "severity": work.severity.value,
            "department": work.department,
        },
    )


def _cause(work: NoticeWork, language: str) -> str:
    cause = term(work.cause, language) if work.cause else ""
    return f"{term(work.clock, language)} {cause}" if work.clock else cause
