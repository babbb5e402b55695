"""What a customer may be told of their complaint, in both languages: that we have it, and what happened since.

Kinds, counts and dates only. What people wrote, who they are and what departments said to each other stays inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from complaints import working_time
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import Policy
from complaints.records import ApprovalStatus, Clock, ClockName, OptionStatus, Verdict
from complaints.vocabulary import LONGEST_TEXT, PauseOwner

if TYPE_CHECKING:
    from complaints.state import State
    from complaints.view import View

    Case: TypeAlias = State | View

STAGES = {
    Stage.NEW: Names(en="received", zh="已收到"),
    Stage.INTAKE: Names(en="taking it in", zh="受理"),
    Stage.INVESTIGATION: Names(en="investigation", zh="调查"),
    Stage.SOLUTION: Names(en="finding a solution", zh="拟定方案"),
    Stage.EXECUTION: Names(en="carrying it out", zh="执行"),
    Stage.FOLLOW_UP: Names(en="follow-up", zh="回访"),
    Stage.CLOSED: Names(en="closed", zh="已关闭"),
    Stage.ENDED: Names(en="ended", zh="已终结"),
}
"""What a stage is called to a customer."""

_ENTERED = {
    Stage.INVESTIGATION: Names(en="We have begun to investigate.", zh="已开始调查。"),
    Stage.SOLUTION: Names(
        en="The investigation is concluded; we are working on a solution.",
        zh="调查已有结果，正在拟定解决方案。",
    ),
    Stage.EXECUTION: Names(en="What was agreed is now being carried out.", zh="商定的方案已开始落实。"),
}

_COUNTED = {
    "asked": (
        "We put {n} question to the departments concerned.",
        "We put {n} questions to the departments concerned.",
        "已向相关部门提出 {n} 项核实。",
    ),
    "answered": (
        "{n} question was answered by the departments concerned.",
        "{n} questions were answered by the departments concerned.",
        "相关部门已答复 {n} 项核实。",
    ),
    "approved": ("{n} solution was approved.", "{n} solutions were approved.", "已有 {n} 项方案获得批准。"),
    "planned": ("{n} measure was planned.", "{n} measures were planned.", "已安排 {n} 项措施。"),
    "completed": ("{n} measure was completed.", "{n} measures were completed.", "已完成 {n} 项措施。"),
    "promised": ("We made you {n} promise.", "We made you {n} promises.", "已向您作出 {n} 项承诺。"),
    "kept": ("We kept {n} promise.", "We kept {n} promises.", "已兑现 {n} 项承诺。"),
    "ready": (
        "{n} possible solution stands ready.",
        "{n} possible solutions stand ready.",
        "现有 {n} 项备选方案。",
    ),
}
"""For one, for several, and in Chinese."""

_WAITING = {
    PauseOwner.CUSTOMER: Names(en="We are waiting for your answer.", zh="我们在等待您的答复。"),
    PauseOwner.VENDOR: Names(en="We are waiting for a supplier.", zh="我们在等待供应商。"),
    PauseOwner.US: Names(en="We are waiting for something of our own.", zh="我们在等待内部事项办结。"),
}
_NEXT_PROMISE = Names(en="What we promised you next is due by {date}.", zh="下一项承诺最迟于 {date} 兑现。")
_NEXT_MEASURE = Names(en="The next measure is due by {date}.", zh="下一项措施最迟于 {date} 完成。")

_OPENING = Names(en="Your complaint {number}:", zh="您的投诉（编号 {number}）：")
_NOTHING_NEW = Names(
    en="Your complaint {number} is being worked on ({stage}). There is nothing new today; we go on and will tell you.",
    zh="您的投诉（编号 {number}）正在处理中（{stage}）。今天暂无新进展，我们会继续跟进并告知您。",
)
_DEADLINES = Names(en="Deadlines that hold for us: {list}.", zh="我们须遵守的时限：{list}。")
_DEADLINE = Names(en="{title}, by {due}", zh="{title}，最迟 {due}")


def receipt(case: Case, policy: Policy) -> Names | None:
    """Word the acknowledgement: which complaint, when it was received, and the deadlines that hold for us.

    Returns:
        Nothing where the policy has no such message, or nothing is left of it once it is filled in.
    """
    if policy.acknowledgement is None or case.received_at is None:
        return None
    received, deadlines = _local(policy, case.received_at), _deadlines(case, policy)
    message = policy.acknowledgement.message
    en = message.en.format(number=case.number, received=received, deadlines=deadlines.en if deadlines else "")
    zh = message.zh.format(number=case.number, received=received, deadlines=deadlines.zh if deadlines else "")
    return _names(en, zh) if en.strip() and zh.strip() else None


def states_deadlines(said: Names, case: Case, policy: Policy) -> bool:
    """Say whether a message names the statutory duties of a complaint, in both languages."""
    titles = [policy.statutory[c.subject].title for c in _statutory(case, policy)]
    return bool(titles) and all(title.en in said.en and title.zh in said.zh for title in titles)


def _deadlines(case: Case, policy: Policy) -> Names | None:
    lines = []
    for clock in _statutory(case, policy):
        title, due = policy.statutory[clock.subject].title, _local(policy, clock.due_at)
        lines.append(_filled(_DEADLINE, {"title": title.en, "due": due}, {"title": title.zh, "due": due}))
    if not lines:
        return None
    return _filled(
        _DEADLINES,
        {"list": "; ".join(line.en for line in lines)},
        {"list": "；".join(line.zh for line in lines)},
    )


def _statutory(case: Case, policy: Policy) -> list[Clock]:
    """List the statutory duties that stand, the earliest first; one without a target has no date to name."""
    open_ = (c for c in case.clocks.values() if c.name == ClockName.STATUTORY and c.is_open and c.has_target)
    return sorted((c for c in open_ if c.subject in policy.statutory), key=lambda c: (c.due_at, c.subject))


def daily_news(case: Case, policy: Policy, now: datetime) -> Names:
    """Draft the day's message: what happened since the customer was last told, or that nothing did."""
    happened = list(_happened(case, last_told(case)))
    if not happened:
        words = policy.feedback.message or _NOTHING_NEW
        stage = STAGES[case.stage]
        return _filled(
            words, {"number": case.number, "stage": stage.en}, {"number": case.number, "stage": stage.zh}
        )
    number = {"number": case.number}
    lines = [_filled(_OPENING, number, number), *happened, *_ahead(case, policy, now)]
    return _names(" ".join(line.en for line in lines), "".join(line.zh for line in lines))


def last_told(case: Case) -> datetime | None:
    """Return when the customer last heard from us, or when we first heard from them.

    Whatever counts as the news of a day settles that day's clock; news beyond that stands among the feedback.
    """
    told = [entry.given_at for entry in case.feedback.values()]
    told += [
        clock.settled_at
        for clock in case.clocks.values()
        if clock.name in (ClockName.FEEDBACK, ClockName.FIRST_CONTACT)
        and clock.settled_at is not None
        and clock.verdict != Verdict.VOID
    ]
    return max(told, default=case.received_at)


def _happened(case: Case, since: datetime | None) -> Iterator[Names]:
    def fresh(instants: Iterable[datetime | None]) -> int:
        return sum(at is not None and (since is None or at > since) for at in instants)

    clocks = case.clocks.values()
    attempt = (case.cycle, case.round)
    entered = (c.started_at for c in clocks if c.name == case.stage.value and (c.cycle, c.round) == attempt)
    if case.stage in _ENTERED and fresh(entered):
        yield _ENTERED[case.stage]
    approved = (a for a in case.approvals.values() if a.status == ApprovalStatus.APPROVED)
    counts = {
        "asked": fresh(v.asked_at for v in case.verifications.values()),
        "answered": fresh(v.answered_at for v in case.verifications.values()),
        "approved": fresh(a.decided_at for a in approved),
        "planned": fresh(c.started_at for c in clocks if c.name == ClockName.ACTION),
        "completed": fresh(a.completed_at for a in case.actions.values()),
        "promised": fresh(p.made_at for p in case.promises.values()),
        "kept": fresh(p.kept_at for p in case.promises.values()),
    }
    yield from (_counted(what, n) for what, n in counts.items() if n)
    if case.pause is not None and fresh([case.pause.since]):
        yield _WAITING[case.pause.owner]


def _ahead(case: Case, policy: Policy, now: datetime) -> Iterator[Names]:
    """What stands ready, and which dates come next; a date that has passed is no news."""
    attempt = (case.cycle, case.round)
    ready = sum(
        o.status == OptionStatus.PREPARED and (o.cycle, o.round) == attempt for o in case.options.values()
    )
    if ready and case.stage in (Stage.INVESTIGATION, Stage.SOLUTION):
        yield _counted("ready", ready)
    promised = [p.due_at for p in case.promises.values() if p.kept_at is None and p.due_at > now]
    if promised:
        yield _dated(_NEXT_PROMISE, policy, min(promised))
    planned = [a.plan.due_at for a in case.actions.values() if not a.completed_at and a.plan.due_at > now]
    if planned:
        yield _dated(_NEXT_MEASURE, policy, min(planned))


def _counted(what: str, n: int) -> Names:
    one, several, zh = _COUNTED[what]
    return Names(en=(one if n == 1 else several).format(n=n), zh=zh.format(n=n))


def _dated(words: Names, policy: Policy, at: datetime) -> Names:
    date = {"date": _local(policy, at)}
    return _filled(words, date, date)


def _filled(words: Names, en: dict[str, str], zh: dict[str, str]) -> Names:
    return _names(words.en.format(**en), words.zh.format(**zh))


def _names(en: str, zh: str) -> Names:
    return Names(en=en.strip()[:LONGEST_TEXT], zh=zh.strip()[:LONGEST_TEXT])


def _local(policy: Policy, at: datetime) -> str:
    return f"{working_time.local_time(policy.zone, at):%Y-%m-%d %H:%M}"
