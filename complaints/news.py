"""What the customer is told: that we have the complaint, and every day how it goes.

The day's message says what really happened since they were last told. It counts and dates; it never quotes what people
wrote and never names anybody, so that nothing internal gets out, whoever reads it first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import FeedbackDays, Policy
from complaints.records import (
    ActionItem,
    Approval,
    ApprovalStatus,
    Clock,
    ClockName,
    FeedbackEntry,
    Pause,
    Promise,
    Verdict,
    Verification,
)
from complaints.state import State
from complaints.vocabulary import LONGEST_TEXT, PauseOwner
from complaints.working_time import local_time


class Seen(Protocol):
    """What a message is drafted from: a complaint's state, or a view of it."""

    @property
    def number(self) -> str: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def received_at(self) -> datetime | None: ...
    @property
    def feedback(self) -> Mapping[str, FeedbackEntry]: ...
    @property
    def pause(self) -> Pause | None: ...
    @property
    def clocks(self) -> Mapping[str, Clock]: ...
    @property
    def verifications(self) -> Mapping[str, Verification]: ...
    @property
    def approvals(self) -> Mapping[str, Approval]: ...
    @property
    def actions(self) -> Mapping[str, ActionItem]: ...
    @property
    def promises(self) -> Mapping[str, Promise]: ...


_DEADLINES = "{deadlines}"


def receipt(state: State, policy: Policy) -> Names | None:
    """Word the acknowledgement of a complaint that was just registered; None where the policy sends none."""
    rule = policy.acknowledgement
    if rule is None or state.received_at is None:
        return None
    received = _moment(policy, state.received_at)
    due = sorted(state.open_clocks(ClockName.STATUTORY), key=lambda clock: (clock.due_at, clock.key))
    named = [(policy.statutory[c.subject].title, _moment(policy, c.due_at)) for c in due]
    en = " ".join(f"{title.en}: by {at}." for title, at in named)
    zh = "".join(f"{title.zh}：最迟 {at}。" for title, at in named)
    fill = {"number": state.number, "received": received}
    return _short(rule.message.en.format(**fill, deadlines=en), rule.message.zh.format(**fill, deadlines=zh))


def states_deadlines(policy: Policy) -> bool:
    """Say whether the acknowledgement tells by when the customer is answered, where anything sets that."""
    rule = policy.acknowledgement
    return rule is not None and bool(policy.statutory) and _DEADLINES in rule.message.en + rule.message.zh


def daily(seen: Seen, policy: Policy) -> Names:
    """Word the day's message: what happened since the customer was last told, or what is said on a day without progress."""
    since = last_told_at(seen)
    happened = list(_happened(seen, policy, since)) if since is not None else []
    if not happened:
        return _without_progress(seen, policy)
    working_days = policy.feedback.days == FeedbackDays.WORKING_DAYS
    again = _NEXT_WORKING_DAY if working_days else _TOMORROW
    said = [_ABOUT, *happened, again]
    return _short(
        " ".join(names.en for names in said).format(number=seen.number),
        "".join(names.zh for names in said).format(number=seen.number),
    )


def last_told_at(seen: Seen) -> datetime | None:
    """Return when the customer last heard from us, or when we first heard from them.

    Whatever counts as the news of a day settles that day's clock; news beyond that stands among the feedback.
    """
    told = [entry.given_at for entry in seen.feedback.values()]
    told += [
        clock.settled_at
        for clock in seen.clocks.values()
        if clock.name in (ClockName.FEEDBACK, ClockName.FIRST_CONTACT)
        and clock.settled_at is not None
        and clock.verdict != Verdict.VOID
    ]
    return max(told, default=seen.received_at)


def _without_progress(seen: Seen, policy: Policy) -> Names:
    stage, said = STAGES[seen.stage], policy.feedback.message or _NOTHING_NEW
    return _short(
        said.en.format(number=seen.number, stage=stage.en), said.zh.format(number=seen.number, stage=stage.zh)
    )


def _short(en: str, zh: str) -> Names:
    """Keep a message to what a text may hold: a longer one could not be read back from the ledger."""
    return Names(en=en.strip()[:LONGEST_TEXT], zh=zh.strip()[:LONGEST_TEXT])


# --- what happened


def _happened(seen: Seen, policy: Policy, since: datetime) -> Iterator[Names]:
    """Say it in the order of a complaint's life."""
    entered = [c.started_at for c in seen.clocks.values() if c.name.value == seen.stage.value]
    if seen.stage != Stage.INTAKE and max(entered, default=since) > since:
        yield Names(
            en=f"It has moved on to: {STAGES[seen.stage].en}.", zh=f"已进入{STAGES[seen.stage].zh}阶段。"
        )
    yield from _counted(_ASKED, sum(v.asked_at > since for v in seen.verifications.values()))
    yield from _counted(
        _ANSWERED,
        sum(v.answered_at is not None and v.answered_at > since for v in seen.verifications.values()),
    )
    decided = (a for a in seen.approvals.values() if a.status != ApprovalStatus.REQUESTED)
    yield from _counted(_DECIDED, sum(a.decided_at is not None and a.decided_at > since for a in decided))
    planned = [c.subject for c in seen.clocks.values() if c.name == ClockName.ACTION and c.started_at > since]
    yield from _counted(_PLANNED, sum(seen.actions[action].completed_at is None for action in planned))
    yield from _counted(
        _DONE, sum(a.completed_at is not None and a.completed_at > since for a in seen.actions.values())
    )
    yield from _counted(
        _KEPT, sum(p.kept_at is not None and p.kept_at > since for p in seen.promises.values())
    )
    if seen.pause is not None and seen.pause.since > since and seen.pause.owner == PauseOwner.VENDOR:
        yield _WAITING
    ahead = [p.due_at for p in seen.promises.values() if p.kept_at is None and p.made_at > since]
    if ahead:
        at = _moment(policy, min(ahead))
        yield Names(en=f"The next date we promised you is {at}.", zh=f"我们向您承诺的下一个时间是 {at}。")


def _counted(said: tuple[str, str, str], count: int) -> Iterator[Names]:
    one, many, zh = said
    if count:
        yield Names(en=(one if count == 1 else many).format(n=count), zh=zh.format(n=count))


def _moment(policy: Policy, at: datetime) -> str:
    return f"{local_time(policy.zone, at):%Y-%m-%d %H:%M}"


# --- words

STAGES = {
    Stage.NEW: Names(en="new", zh="新建"),
    Stage.INTAKE: Names(en="intake", zh="受理"),
    Stage.INVESTIGATION: Names(en="investigation", zh="调查"),
    Stage.SOLUTION: Names(en="solution", zh="方案"),
    Stage.EXECUTION: Names(en="execution", zh="执行"),
    Stage.FOLLOW_UP: Names(en="follow-up", zh="回访"),
    Stage.CLOSED: Names(en="closed", zh="已关闭"),
    Stage.ENDED: Names(en="ended", zh="已终结"),
}

_ABOUT = Names(en="News of your complaint {number}.", zh="您的投诉（编号 {number}）有新的进展：")
_TOMORROW = Names(en="You will hear from us again tomorrow at the latest.", zh="最迟明天我们会再次向您反馈。")
_NEXT_WORKING_DAY = Names(
    en="You will hear from us again on the next working day at the latest.",
    zh="最迟下一个工作日我们会再次向您反馈。",
)
_NOTHING_NEW = Names(
    en="Your complaint {number} is at the stage: {stage}. There is nothing new yet; we are still working on it.",
    zh="您的投诉（编号 {number}）目前处于{stage}阶段，暂无新的进展，我们仍在处理。",
)
_WAITING = Names(
    en="We are waiting for somebody outside our organisation, and keep asking.",
    zh="目前正在等待外部单位，我们会持续催办。",
)
_ASKED = (
    "We put a question to the departments concerned.",
    "We put {n} questions to the departments concerned.",
    "已向相关部门提出 {n} 项核实。",
)
_ANSWERED = (
    "A question was answered by the departments concerned.",
    "{n} questions were answered by the departments concerned.",
    "相关部门已答复 {n} 项核实。",
)
_DECIDED = (
    "A proposal for you has been decided on.",
    "{n} proposals for you have been decided on.",
    "已就 {n} 个方案作出审批。",
)
_PLANNED = ("A measure has been planned.", "{n} measures have been planned.", "已安排 {n} 项措施。")
_DONE = ("One measure has been carried out.", "{n} measures have been carried out.", "已落实 {n} 项措施。")
_KEPT = ("We have kept a promise.", "We have kept {n} promises.", "已兑现 {n} 项承诺。")
