"""Builders: one complaint in memory, lived the way the workflow lives it.

life = at_stage(Stage.SOLUTION)                 王秀英's electricity bill, ready to be negotiated
life.do(example(OfferOption, life))             by whoever usually does it, now
life.do(command, role=Role.LEAD, after=HOUR)    by somebody else, later; deadlines in between fire
life.wait(3 * DAY)                              time passes and timers fire, each at its instant
life.outage(3 * DAY)                            time passes and nobody looks
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any, TypeVar

from complaints import commands as c
from complaints.commands import Command, Envelope, act_of
from complaints.elapse import elapse, next_due
from complaints.events import Event
from complaints.evolve import replayed
from complaints.forms import ActionPlan, SummonedDepartment
from complaints.lifecycle import WHO_MAY, Act, Stage
from complaints.policy import Policy, Rung, text_of
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName, Escalation, OptionStatus
from complaints.state import State
from complaints.turn import take_turn
from complaints.vocabulary import (
    Actor,
    Channel,
    Customer,
    Justified,
    Money,
    Part,
    RemedyKind,
    Role,
    Severity,
)
from complaints.working_time import Budget, Unit

F = TypeVar("F")

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai, where the built-in policy lives."""

PEOPLE = {
    Role.SYSTEM: Actor(id="crm", role=Role.SYSTEM),
    Role.DESK: Actor(id="xiao.li", role=Role.DESK, department="hall"),
    Role.HANDLER: Actor(id="zhang.wei", role=Role.HANDLER, department="billing"),
    Role.LEAD: Actor(id="chen.jing", role=Role.LEAD, department="billing"),
    Role.CUSTOMER_SERVICE: Actor(id="liu.min", role=Role.CUSTOMER_SERVICE, department="service"),
    Role.EXECUTIVE: Actor(id="zhao.zong", role=Role.EXECUTIVE),
    Role.AUDITOR: Actor(id="inspector", role=Role.AUDITOR),
    Role.MEDIATOR: Actor(id="he.ping", role=Role.MEDIATOR),
}
WANG_XIUYING = Customer(name="王秀英", contact="+86 138 0000 2031")
NOBODY_KNOWN = Customer(anonymous=True)


class Life:
    """One complaint, and everything that happened to it.

    Attributes:
        now: What the engine's clock shows.
    """

    def __init__(
        self, policy: Policy | None = None, *, number: str = "hotline-2031", start: datetime = MONDAY
    ) -> None:
        self.born = State(number=number, policy=policy or builtin())
        self.state = self.born
        self.now = start
        self.events: list[Event] = []
        self._commands = 0

    # --- time

    def wait(self, span: timedelta) -> Life:
        """Let time pass with timers that fire when they are due."""
        until = self.now + span
        while (due := next_due(self.state)) is not None and due <= until:
            self.now = max(due, self.now)
            self.take(elapse(self.state, self.now))
        self.now = until
        return self

    def wait_until(self, instant: datetime) -> Life:
        return self.wait(instant - self.now)

    def outage(self, span: timedelta) -> Life:
        """Let time pass while nobody looks."""
        self.now += span
        return self

    def look(self) -> list[Event]:
        """Let a timer fire now, be it late; returns what time has brought."""
        return self.take(elapse(self.state, self.now))

    # --- people

    def do(
        self,
        command: Command,
        *,
        role: Role | None = None,
        actor: Actor | None = None,
        id: str | None = None,  # noqa: A002 - an actor has an id
        department: str | None = None,
        after: timedelta | None = None,
        at: datetime | None = None,
        received_at: datetime | None = None,
        command_id: str | None = None,
    ) -> list[Event]:
        """Send a command, and return what it alone brought about.

        Args:
            role: Who does it; without it, whoever usually does.
            after: How much later; timers fire in between, but not before the command at its very instant.
            received_at: When it reached the door; without it, now.
        """
        moment = at or self.now + (after or timedelta())
        if moment > self.now:
            self.wait(moment - self.now - INSTANT)
            self.now = moment
        self._commands += 1
        actor = actor or PEOPLE[role or usual_role(command)]
        actor = replace(actor, id=id or actor.id, department=department or actor.department)
        envelope = Envelope(
            id=command_id or f"c{self._commands}",
            actor=actor,
            received_at=received_at or self.now,
            command=command,
        )
        return self.receive(envelope)

    def receive(self, envelope: Envelope) -> list[Event]:
        """Do what the workflow does; a refusal changes nothing."""
        turn = take_turn(self.state, envelope, self.now)
        self.state = turn.state
        self.events += turn.events
        return list(turn.brought)

    def take(self, brought: list[Event]) -> list[Event]:
        self.state = replayed(self.state, brought)
        self.events += brought
        return brought

    def to(self, stage: Stage) -> Life:
        """Live on, the shortest way, up to a stage."""
        while self.state.stage != stage:
            _ON_FROM[self.state.stage](self)
        return self

    # --- looking back

    def facts(self, kind: type[F]) -> list[F]:
        return [event.fact for event in self.events if isinstance(event.fact, kind)]

    def clock(self, name: ClockName) -> Clock:
        """The latest clock of a name."""
        return [clock for clock in self.state.clocks.values() if clock.name == name][-1]

    def clocks(self, name: ClockName) -> list[Clock]:
        return [clock for clock in self.state.clocks.values() if clock.name == name]

    def escalation(self) -> Escalation:
        """The latest escalation."""
        return list(self.state.escalations.values())[-1]


def at_stage(stage: Stage, policy: Policy | None = None, **of_life: Any) -> Life:
    """Return a life that was brought to a stage the shortest way, all at one instant."""
    if policy or of_life:
        return Life(policy, **of_life).to(stage)
    life = copy(_lived(stage))
    life.events = list(life.events)
    return life


@cache
def _lived(stage: Stage) -> Life:
    return Life().to(stage)


_OF_ESCALATIONS = (
    Act.ACKNOWLEDGE_ESCALATION, Act.RESOLVE_ESCALATION, Act.REASSIGN_ESCALATION, Act.DECLINE_ESCALATION
)  # fmt: skip
_EXTENDED = (
    ClockName.OVERALL,
    ClockName.INVESTIGATION,
    ClockName.SOLUTION,
    ClockName.EXECUTION,
    ClockName.FOLLOW_UP,
)


def usual_role(command: Command) -> Role:
    """Whoever does this on a usual day."""
    if act_of(command) in (*_OF_ESCALATIONS, Act.SEND_SOMEONE):
        return Role.CUSTOMER_SERVICE
    allowed = WHO_MAY[act_of(command)]
    return next(r for r in (Role.HANDLER, Role.LEAD, Role.CUSTOMER_SERVICE) if r in allowed)


def daily_policy(*, due_at: str = "17:00", remind_at: str = "15:00", spread_minutes: int = 120) -> Policy:
    """The built-in policy with another rule for daily feedback."""
    rule = replace(
        builtin().feedback,
        due_at=time.fromisoformat(due_at),
        remind_at=time.fromisoformat(remind_at),
        spread_minutes=spread_minutes,
    )
    return replace(builtin(), feedback=rule)


def renewed(policy: Policy | None = None, **fields: Any) -> Policy:
    """Another version of a policy, which differs in these fields only."""
    return replace(policy or builtin(), version="3", **fields)


@cache
def _renewed_text() -> str:
    return text_of(renewed())


def with_clock(name: ClockName, policy: Policy | None = None, **fields: Any) -> Policy:
    """A policy with another rule for one clock."""
    policy = policy or builtin()
    return replace(policy, clocks={**policy.clocks, name: replace(policy.rule(name), **fields)})


def with_ladder(*rungs: Rung, name: str = "default", policy: Policy | None = None) -> Policy:
    """A policy with another ladder, by its name."""
    policy = policy or builtin()
    return replace(policy, ladders={**policy.ladders, name: rungs})


def hours(amount: int) -> Budget:
    return Budget(amount=amount, unit=Unit.CALENDAR_HOURS)


def days(amount: int) -> Budget:
    return Budget(amount=amount, unit=Unit.CALENDAR_DAYS)


def business_hours(amount: int) -> Budget:
    return Budget(amount=amount, unit=Unit.BUSINESS_HOURS)


def business_days(amount: int) -> Budget:
    return Budget(amount=amount, unit=Unit.BUSINESS_DAYS)


# --- one sensible example of every command


def example(kind: type[Any], life: Life | None = None, /, **fields: Any) -> Any:
    """Return a command of a kind that makes sense where a complaint stands; `fields` replace some of it."""
    return replace(_EXAMPLES[kind](life or Life()), **fields)


def _last(items: Any, otherwise: str) -> str:
    return list(items)[-1] if items else otherwise


def _option(life: Life, *statuses: OptionStatus) -> str:
    return _last([o.id for o in life.state.options.values() if not statuses or o.status in statuses], "O1")


def cny(yuan: int) -> Money:
    return Money(amount_minor=yuan * 100, currency="CNY")


def option(life: Life, yuan: int = 0, **fields: Any) -> str:
    """Prepare an option worth so much, and name it."""
    life.do(example(c.PrepareOption, life, compensation=cny(yuan) if yuan else None, **fields))
    return _option(life)


def work_order(life: Life, **fields: Any) -> ActionPlan:
    """What a department has to do whatever is agreed with the customer."""
    order = ActionPlan(what="更换电表", kind=RemedyKind.REPAIR, owner="sun.hao", due_at=life.now + 3 * DAY)
    return replace(order, **fields)


def rejected_options(life: Life, count: int) -> Life:
    for _ in range(count):
        name = option(life)
        life.do(example(c.OfferOption, life, option=name))
        life.do(example(c.RejectOption, life, option=name))
    return life


_EXAMPLES: dict[type[Any], Callable[[Life], Any]] = {
    c.Register: lambda _: c.Register(
        source="hotline",
        reference="2031",
        channel=Channel.PHONE,
        customer=WANG_XIUYING,
        category="billing",
        description="三月电费比上月多了三倍,电表读数和账单对不上。",
        asked_remedy="重新抄表,退还多收的电费",
    ),
    c.RecordFirstContact: lambda _: c.RecordFirstContact(
        listened=True,
        restated=True,
        customer_confirmed=True,
        apology_or_understanding=True,
        emotional_intensity=4,
        customer_type="grumbler",
    ),
    c.Classify: lambda _: c.Classify(category="billing", severity=Severity.HIGH, justified=Justified.YES),
    c.Assign: lambda _: c.Assign(department="billing", handler="zhang.wei"),
    c.ResolveAtFirstContact: lambda _: c.ResolveAtFirstContact(
        kind=RemedyKind.REFUND, what="当场退还多收的 128 元", compensation=cny(128)
    ),
    c.Decline: lambda _: c.Decline(reason="The meter belongs to the landlord.", customer_told=True),
    c.Transfer: lambda _: c.Transfer(to="市水务局", customer_told=True),
    c.LinkDuplicate: lambda _: c.LinkDuplicate(of="hotline-2017"),
    c.FillForm: lambda life: c.FillForm(details={next(iter(life.born.policy.form), "meter"): "0420-7731"}),
    c.Accept: lambda _: c.Accept(grounds="属于本部门职责"),
    c.RecordInterests: lambda _: c.RecordInterests(asks="双倍退款", needs="下个月的账单不要再出错"),
    c.RequestVerification: lambda _: c.RequestVerification(
        department="metering", question="三月的抄表员是谁,读数是多少?"
    ),
    c.AnswerVerification: lambda life: c.AnswerVerification(
        verification=_last(life.state.verifications, "V1"),
        answer="Read by Sun Hao on the 3rd: 4 817, not 7 817.",
    ),
    c.RecordFindings: lambda _: c.RecordFindings(
        root_cause="抄表员把 4 看成了 7",
        justified=Justified.YES,
        responsible_department="metering",
        evidence="Photograph of the meter, 3 March",
    ),
    c.DisputeLiability: lambda _: c.DisputeLiability(reason="The photograph shows another meter."),
    c.JudgeLiability: lambda _: c.JudgeLiability(responsible_department="billing", reason="照片与户号不符"),
    c.PrepareOption: lambda _: c.PrepareOption(
        what="退还多收电费并免收滞纳金", standard="供电营业规则第八十一条", compensation=cny(300)
    ),
    c.OfferOption: lambda life: c.OfferOption(
        option=_option(life), customer_told=True, valid_until=life.now + 3 * DAY
    ),
    c.AcceptOption: lambda life: c.AcceptOption(option=_option(life, OptionStatus.OFFERED)),
    c.RejectOption: lambda life: c.RejectOption(option=_option(life, OptionStatus.OFFERED), reason="太少了"),
    c.CounterOffer: lambda life: c.CounterOffer(
        option=_option(life, OptionStatus.OFFERED),
        position="一千元,一分不能少",
        interest="She wants to be believed: the neighbours think she did not pay.",
    ),
    c.RequestApproval: lambda life: c.RequestApproval(option=_option(life)),
    c.Approve: lambda life: c.Approve(option=_option(life)),
    c.RefuseApproval: lambda life: c.RefuseApproval(option=_option(life), reason="No standard supports it."),
    c.Mediate: lambda _: c.Mediate(summary="Both sides agree to have the meter tested by a third party."),
    c.AdmitUnsolvable: lambda _: c.AdmitUnsolvable(
        reason="The readings before 2019 are lost.", customer_told=True
    ),
    c.SetExpectations: lambda _: c.SetExpectations(
        said="阶梯电价不能个别调整,能做的是逐月核对", channel=Channel.PHONE
    ),
    c.Decide: lambda _: c.Decide(what="责令限期恢复原状", standard="供电营业规则第八十一条"),
    c.PlanAction: lambda life: c.PlanAction(
        what="退款到账", kind=RemedyKind.REFUND, owner="zhang.wei", due_at=life.now + 2 * DAY
    ),
    c.CompleteAction: lambda life: c.CompleteAction(
        action=_last(life.state.actions, "A1"), evidence="Bank receipt 90-1187"
    ),
    c.MakePromise: lambda life: c.MakePromise(what="明天下午五点前回电", due_at=life.now + DAY),
    c.KeepPromise: lambda life: c.KeepPromise(
        promise=_last(life.state.promises, "P1"), evidence="Called at 16:40"
    ),
    c.GiveFeedback: lambda _: c.GiveFeedback(message="还没有进展,明天再联系您。", channel=Channel.PHONE),
    c.AcknowledgeReceipt: lambda _: c.AcknowledgeReceipt(channel=Channel.EMAIL, states_deadlines=True),
    c.StopFeedback: lambda _: c.StopFeedback(reason="有结果再打电话,不要天天打"),
    c.ResumeFeedback: lambda _: c.ResumeFeedback(reason="还是每天说一声吧"),
    c.AwaitCustomer: lambda _: c.AwaitCustomer(what="A photograph of the meter"),
    c.CustomerReplied: lambda _: c.CustomerReplied(message="照片发过去了"),
    c.Reassign: lambda _: c.Reassign(department="metering", handler="sun.hao", reason="She knows the meter."),
    c.ChangeSeverity: lambda _: c.ChangeSeverity(severity=Severity.CRITICAL, reason="The press has called."),
    c.Escalate: lambda _: c.Escalate(reason="客户情绪激动,要求见经理"),
    c.AcknowledgeEscalation: lambda life: c.AcknowledgeEscalation(
        escalation=_last(life.state.escalations, "E1")
    ),
    c.ResolveEscalation: lambda life: c.ResolveEscalation(
        escalation=_last(life.state.escalations, "E1"), resolution="Talked to both; the meter is read again."
    ),
    c.GrantExtension: lambda life: c.GrantExtension(
        clock=_last(
            [k.key for k in life.state.clocks.values() if k.is_open and k.name in _EXTENDED], "overall/1"
        ),
        until=life.now + 30 * DAY,
        reason="The laboratory needs three weeks.",
        customer_told=True,
    ),
    c.ReassignEscalation: lambda life: c.ReassignEscalation(
        escalation=_last(life.state.escalations, "E1"), department="metering", reason="It is their meter."
    ),
    c.DeclineEscalation: lambda life: c.DeclineEscalation(
        escalation=_last(life.state.escalations, "E1"), reason="我无权处理"
    ),
    c.Recuse: lambda _: c.Recuse(person="sun.hao", reason="他就是被投诉的抄表员"),
    c.MigratePolicy: lambda _: c.MigratePolicy(
        policy=_renewed_text(), approver="li.na", reason="The new rules hold from March."
    ),
    c.GiveGoodwill: lambda _: c.GiveGoodwill(what="上门送一盒节能灯", cost=cny(30)),
    c.SummonDepartments: lambda _: c.SummonDepartments(
        departments=(
            SummonedDepartment(department="metering", part=Part.RESPONSIBLE),
            SummonedDepartment(department="east", part=Part.LOCAL),
        ),
        what="周三上午到用户家中一起核对电表",
    ),
    c.SendSomeone: lambda life: c.SendSomeone(summons=_last(life.state.summons, "S1"), person="qian.duo"),
    c.DeclareEmergency: lambda _: c.DeclareEmergency(what="电表箱冒烟"),
    c.AttendEmergency: lambda life: c.AttendEmergency(
        emergency=_last(life.state.emergencies, "H1"), found="A loose clamp; replaced.", made_safe=True
    ),
    c.CallForSupport: lambda _: c.CallForSupport(what="客户情绪激动,请来支援"),
    c.ConvertNature: lambda _: c.ConvertNature(reason="She asked three times, and nobody called back."),
    c.RaiseImprovement: lambda life: c.RaiseImprovement(
        what="每块电表抄两次", department="metering", owner="wu.gang", due_at=life.now + 20 * DAY
    ),
    c.JoinIncident: lambda _: c.JoinIncident(incident="incident.flood-7"),
    c.AddNote: lambda _: c.AddNote(text="客户耳背,请打电话时慢一点。"),
    c.Withdraw: lambda _: c.Withdraw(reason="她儿子已经交了电费,不想追究了"),
    c.RecordFollowUp: lambda _: c.RecordFollowUp(satisfied=True, score=5, words="满意,谢谢"),
    c.RecordAttempt: lambda _: c.RecordAttempt(channel=Channel.PHONE),
    c.RecordSecondCall: lambda _: c.RecordSecondCall(still_settled=True, words="一切正常"),
    c.RecordAfterClosing: lambda life: c.RecordAfterClosing(
        contact=next(iter(life.born.policy.after_closing), "win_back"), still_settled=True, words="都好"
    ),
    c.Reopen: lambda _: c.Reopen(reason="四月的账单又错了"),
    c.AttachFile: lambda life: c.AttachFile(
        attachment=f"file-{len(life.state.attachments) + 1}",
        file_name="电表读数 王秀英.jpg",
        media_type="image/jpeg",
        size_bytes=184_320,
        sha256="5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    ),
    c.RemoveFile: lambda life: c.RemoveFile(
        attachment=_last(life.state.attachments, "file-1"), reason="附错了，是邻居家的电表"
    ),
}


def _sends(*kinds: type[Any]) -> Callable[[Life], None]:
    def step(life: Life) -> None:
        for kind in kinds:
            life.do(example(kind, life))

    return step


def _through_intake(life: Life) -> None:
    if life.state.policy.admission and life.state.accepted is None:
        life.do(example(c.Accept))
    _sends(c.RecordFirstContact, c.Classify, c.Assign)(life)


def _agree(life: Life) -> None:
    for _ in range(life.state.policy.options_prepared):
        life.do(example(c.PrepareOption, life))
    _sends(c.OfferOption, c.AcceptOption)(life)


_ON_FROM: dict[Stage, Callable[[Life], object]] = {
    Stage.NEW: _sends(c.Register),
    Stage.INTAKE: _through_intake,
    Stage.INVESTIGATION: _sends(c.RecordFindings),
    Stage.SOLUTION: _agree,
    Stage.EXECUTION: _sends(c.PlanAction, c.CompleteAction),
    Stage.FOLLOW_UP: _sends(c.RecordFollowUp),
    Stage.CLOSED: lambda life: life.wait_until(life.clock(ClockName.APPEAL).due_at),
}
