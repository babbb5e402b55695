"""The lives of complaints whose histories are recorded; each is kept under the name of its function.

A life whose clock jumps begins on a Monday at nine, so that it comes to the same whenever it is recorded. The town hall's
days, by which some are handled:

    day  1  2  3  4    5    6    7     8   9  ...
         Mo Tu We fair fair fair makes Mo  Tu
                                 up
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, cast

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import Refusal
from complaints.forms import Closing, Imported, Names
from complaints.lifecycle import Stage
from complaints.policy import Policy, text_of
from complaints.policy_file import builtin, read
from complaints.practices import Hazard, Improvements, Mishandling
from complaints.records import ClockName
from complaints.vocabulary import ComplaintType, Nature, Outcome, PauseOwner, Role, Severity
from complaints.working_time import instant_of
from db.intake import heard
from db.keys import Keys
from tests.eventually import eventually
from tests.lives import (
    DAY,
    HOUR,
    MINUTE,
    NOBODY_KNOWN,
    PEOPLE,
    Life,
    cny,
    days,
    example,
    hours,
    usual_role,
    with_clock,
    work_order,
)
from workflows import names
from workflows.client import execute, look, start
from workflows.complaint import CONTINUE_AFTER, RECORDING_GAP

APPEAL = 15 * DAY

_SHANGHAI = builtin().zone
_TODAY = datetime.now(UTC).date()
_MONDAY = _TODAY + timedelta(days=7 - _TODAY.weekday())

_TOWN = """
extends: power-utility
name: town
version: "1"
title: {{en: A town's power company, zh: 小城供电公司}}
calendar: hall
calendars:
  hall:
    zone: Asia/Shanghai
    hours: {{mon-fri: ["08:30-12:00", "13:30-17:30"]}}
    days:
      {fair}: {{hours: [], name: {{en: Lantern fair, zh: 灯会放假}}}}
      {make_up}: {{hours: weekday, name: {{en: Make-up day, zh: 灯会调休上班}}}}
"""


_RITES = """
extends: default
name: rites
version: "1"
title: {en: With every ritual, zh: 仪式齐全}
admission: true
clocks:
  admission: {budget: {amount: 2, unit: calendar_days}}
  next_offer: {budget: {amount: 4, unit: calendar_hours}}
form:
  meter: {title: {en: Meter number, zh: 电表号}}
gates:
  - {before: offer_option, needs: [interests_recorded, expectations_set]}
  - {before: confirm_satisfaction, needs: [goodwill_shown, satisfaction_in_words]}
acknowledgement:
  message: {en: "We have {number}. {deadlines}", zh: "已收到 {number}。{deadlines}"}
feedback: {automatic: true, spread_minutes: 0}
decided_by: [lead]
after_closing:
  win_back: {title: {en: Win-back call, zh: 挽回回访}, after: {amount: 5, unit: calendar_days}}
statutory:
  receipt:
    title: {en: Acknowledgement, zh: 受理告知}
    met_by: acknowledged
    budget: {amount: 3, unit: calendar_days}
    source: Invented for the recordings.
  decision:
    title: {en: Decision, zh: 处理决定}
    met_by: answer
    budget: {amount: 15, unit: calendar_days}
    source: Invented for the recordings.
    categories: [billing]
    extensions:
      - {budget: {amount: 30, unit: calendar_days}, roles: [lead], source: The same.}
"""


@cache
def rites() -> Policy:
    """The rules of an organisation that has every ritual."""
    return read(_RITES, name="rites.yaml")


def _on(day: int) -> date:
    return _MONDAY + timedelta(days=day - 1)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time on the wall on a day of the life."""
    return instant_of(_SHANGHAI, datetime.combine(_on(day), time(hour, minute)))


@cache
def town() -> Policy:
    """The rules of a power company with days of its own."""
    return read(_TOWN.format(fair=f"{_on(4)}/{_on(6)}", make_up=_on(7)), name="town.yaml")


@dataclass
class Recorded:
    """One complaint whose history is kept under the name of its life."""

    client: Client
    keys: Keys
    name: str
    environment: WorkflowEnvironment | None = None
    policy: Policy = field(default_factory=builtin)
    sent: int = 0
    handle: WorkflowHandle[Any, Any] = field(init=False)

    @property
    def number(self) -> str:
        return names.number_of("recorded", self.name)

    async def now(self) -> datetime:
        """The complaint's own clock."""
        if self.environment is None:
            return datetime.now(UTC)
        return await self.environment.get_current_time(self.handle)

    async def skip(self, span: timedelta) -> None:
        """Let time pass that nobody waits for."""
        assert self.environment
        await asyncio.wait_for(self.environment.fast_forward(self.handle, span), 60)

    async def until(self, day: int, hour: int, minute: int = 0) -> None:
        """Let time pass up to a time on the wall."""
        await self.skip(_at(day, hour, minute) - await self.now())

    async def register(
        self,
        *,
        arrives: datetime | None = None,
        received_at: datetime | None = None,
        role: Role | None = None,
        continue_after: int = CONTINUE_AFTER,
        **fields: Any,
    ) -> None:
        command = example(c.Register, source="recorded", reference=self.name, **fields)
        now = datetime.now(UTC)
        arrives = (arrives or _at(1, 9)) if self.environment else now
        self.handle, _ = await start(
            self.client,
            self._envelope(command, received_at or arrives, role),
            self.policy,
            continue_after=continue_after,
            after=arrives - now,
        )
        if self.environment:
            await self.skip(arrives - now)

    async def accept(self, **fields: Any) -> None:
        """Hear the customer, and name somebody who answers for it."""
        await self.do(c.RecordFirstContact)
        await self.do(c.Classify, **fields)
        await self.do(c.Assign)

    async def news(self, *days: int) -> None:
        """Tell the customer how it goes, on the mornings of these days."""
        for day in days:
            await self.until(day, 10)
            await self.do(c.GiveFeedback)

    async def do(
        self, *kinds: type[Any], role: Role | None = None, received_at: datetime | None = None, **fields: Any
    ) -> None:
        """Send sensible commands of these kinds, one after the other."""
        for kind in kinds:
            envelope = await self.envelope(kind, role, **fields)
            if received_at is not None:
                envelope = replace(envelope, received_at=received_at)
            await execute(self.client, self.number, envelope)

    async def to(self, wanted: Stage) -> None:
        """Live on, the shortest way, up to a stage."""
        while (stage := (await look(self.client, self.number)).stage) != wanted:
            if stage == Stage.SOLUTION:
                await self.do(*[c.PrepareOption] * self.policy.options_prepared)
            await self.do(*_STEPS[stage])

    async def rest(self) -> None:
        """Wait until nothing is under way, so that the same script leaves much the same history."""

        async def rests() -> None:
            seen = (await self.client.get_workflow_handle(self.number).describe()).raw_description
            assert not seen.pending_activities
            assert not seen.HasField("pending_workflow_task")
            assert not await self._gaps()

        await eventually(rests)

    async def _gaps(self) -> set[str]:
        """The timers that hold a recording back."""
        history = await self.client.get_workflow_handle(self.number).fetch_history()
        started = [e.timer_started_event_attributes for e in history.events]
        short = {
            t.timer_id
            for t in started
            if t.timer_id and t.start_to_fire_timeout.ToTimedelta() <= RECORDING_GAP
        }
        return short - {e.timer_fired_event_attributes.timer_id for e in history.events}

    async def end(self) -> None:
        """Let the appeal window pass."""
        await self.skip(APPEAL + HOUR)
        await asyncio.wait_for(self.handle.result(), 10)

    async def envelope(self, kind: type[Any], role: Role | None = None, **fields: Any) -> Envelope:
        now = await self.now()
        seen = _Seen(await look(self.client, self.number), now, _Born(self.policy))
        return self._envelope(example(kind, cast("Life", seen), **fields), now, role)

    def _envelope(self, command: Any, now: datetime, role: Role | None = None) -> Envelope:
        self.sent += 1
        actor = PEOPLE[role or usual_role(command)]
        if isinstance(command, c.Register):
            command = heard(command, self.policy)
        command = self.keys.sealed(self.number, command)
        return Envelope(id=f"c{self.sent}", actor=actor, received_at=now, command=command)


@dataclass(frozen=True)
class _Born:
    """As much of its first state."""

    policy: Policy


@dataclass(frozen=True)
class _Seen:
    """As much of a life as the examples look at."""

    state: Any
    now: datetime
    born: Any = None


_STEPS = {
    Stage.INTAKE: (c.RecordFirstContact, c.Classify, c.Assign),
    Stage.INVESTIGATION: (c.RecordFindings,),
    Stage.SOLUTION: (c.OfferOption, c.AcceptOption),
    Stage.EXECUTION: (c.PlanAction, c.CompleteAction),
    Stage.FOLLOW_UP: (c.RecordFollowUp,),
}


# --- lives whose clocks jump


async def resolved_at_first_contact(life: Recorded) -> None:
    await life.register()
    await life.do(c.RecordFirstContact, c.ResolveAtFirstContact)
    await life.to(Stage.CLOSED)
    await life.end()


async def full_negotiation(life: Recorded) -> None:
    """Two options refused, the third above the handler's authority, and the liability disputed on the way."""
    await life.register()
    await life.to(Stage.INVESTIGATION)
    await life.do(c.RequestVerification)
    await life.skip(2 * HOUR)
    await life.do(c.AnswerVerification, c.RecordFindings, c.DisputeLiability)
    await life.do(c.JudgeLiability)
    await life.do(c.PrepareOption, c.OfferOption, c.RejectOption)
    await life.do(c.PrepareOption, c.OfferOption, c.CounterOffer)
    await life.do(c.PrepareOption, compensation=cny(1200))
    await life.do(c.RequestApproval)
    await life.do(c.Approve, role=Role.LEAD)
    await life.do(c.OfferOption, c.AcceptOption)
    await life.to(Stage.CLOSED)
    await life.end()


async def missed_deadline(life: Recorded) -> None:
    """Nobody calls: up the whole ladder. It stays open, so its history has no end."""
    await life.register()
    await life.do(c.Classify, c.Assign)
    await life.skip(24 * HOUR + MINUTE)
    await life.skip(4 * HOUR + MINUTE)
    await life.skip(4 * HOUR + MINUTE)
    await life.do(c.AcknowledgeEscalation, c.ResolveEscalation, role=Role.EXECUTIVE)
    await life.do(c.RecordFirstContact)


async def paused_and_resumed(life: Recorded) -> None:
    await life.register()
    await life.to(Stage.INVESTIGATION)
    await life.do(c.AwaitCustomer)
    await life.skip(3 * DAY)
    await life.do(c.CustomerReplied)
    await life.do(c.GrantExtension, role=Role.LEAD)
    await life.to(Stage.CLOSED)
    await life.end()


async def broken_promise(life: Recorded) -> None:
    await life.register()
    await life.to(Stage.EXECUTION)
    await life.do(c.MakePromise)
    await life.skip(DAY + MINUTE)
    await life.do(c.KeepPromise, c.GiveFeedback)
    await life.to(Stage.CLOSED)
    await life.end()


async def second_round(life: Recorded) -> None:
    await life.register()
    await life.do(c.RecordFirstContact, c.ResolveAtFirstContact)
    await life.do(c.RecordFollowUp, satisfied=False, score=1, words="还是没有退款")
    await life.do(c.Classify)
    await life.to(Stage.CLOSED)
    await life.end()


async def reopened(life: Recorded) -> None:
    await life.register()
    await life.do(c.RecordFirstContact, c.ResolveAtFirstContact)
    await life.to(Stage.CLOSED)
    await life.skip(2 * DAY)
    await life.do(c.Reopen)
    await life.do(c.GiveFeedback)
    await life.do(c.Withdraw)
    await life.end()


async def anonymous_and_transferred(life: Recorded) -> None:
    await life.register(customer=NOBODY_KNOWN)
    await life.do(c.Transfer, customer_told=False)
    await life.end()


async def working_days(life: Recorded) -> None:
    """Working days over the fair and the day made up for it; once closed, somebody asks whether it still works."""
    life.policy = town()
    await life.register(arrives=_at(3, 16))
    await life.accept(severity=Severity.NORMAL)
    await life.news(4, 5, 6, 7)
    await life.until(8, 10)
    await life.to(Stage.FOLLOW_UP)
    await life.until(10, 10)
    await life.do(c.RecordFollowUp, answers=(5, 4, 5, 4))
    await life.until(19, 10)
    await life.do(c.RecordSecondCall)
    await life.end()


async def waiting_for_others(life: Recorded) -> None:
    """The customer, a vendor, and ourselves: each stops other clocks. The lead grants more time, in time. It stays open."""
    life.policy = town()
    await life.register()
    await life.accept(severity=Severity.NORMAL)
    await life.do(c.AwaitCustomer)
    await life.until(7, 10)
    await life.do(c.CustomerReplied, c.GiveFeedback)
    await life.do(c.AwaitCustomer, owner=PauseOwner.VENDOR, what="计量中心的检定结果")
    await life.until(8, 10)
    await life.do(c.CustomerReplied, c.GiveFeedback)
    await life.do(c.GrantExtension, role=Role.LEAD, clock="investigation/1", until=_at(11, 17, 30))
    await life.do(c.AwaitCustomer, owner=PauseOwner.US, what="换一位懂行的同事")
    await life.do(c.ChangeSeverity, severity=Severity.HIGH)
    await life.do(c.CustomerReplied)
    await life.to(Stage.SOLUTION)


async def climbing_by_the_clock(life: Recorded) -> None:
    """Rungs whose own time comes: before the deadline, at it, and a working day after. It stays open."""
    life.policy = town()
    await life.register(customer=NOBODY_KNOWN)
    await life.do(c.Classify, severity=Severity.NORMAL)
    await life.do(c.Assign)
    await life.do(c.GrantExtension, role=Role.LEAD, clock="investigation/1", until=_at(11, 17, 30))
    await life.until(8, 15)
    await life.do(c.AcknowledgeEscalation, role=Role.LEAD)
    await life.until(9, 17, 45)
    await life.do(c.AcknowledgeEscalation)
    await life.until(10, 17, 45)
    await life.do(c.AcknowledgeEscalation, role=Role.EXECUTIVE)


async def declined_and_handed_on(life: Recorded) -> None:
    """The asked department misses its time; its lead declines, and another takes it up."""
    life.policy = town()
    await life.register()
    await life.accept(severity=Severity.NORMAL)
    await life.do(c.RequestVerification, department="billing")
    await life.until(2, 10, 30)
    await life.do(c.DeclineEscalation, role=Role.LEAD)
    await life.do(c.ReassignEscalation, person="sun.hao")
    await life.do(c.AcknowledgeEscalation, c.AnswerVerification)
    await life.do(c.JoinIncident, c.RaiseImprovement)
    await life.to(Stage.CLOSED)


async def recused_and_migrated(life: Recorded) -> None:
    """The handler turns out to be in conflict; then the complaint goes on under other rules."""
    await life.register(named=("sun.hao",))
    await life.accept()
    await life.do(c.Recuse, person="zhang.wei")
    await life.do(c.Reassign, handler="li.na")
    await life.do(c.MigratePolicy, policy=text_of(town()), approver="zhao.zong")
    await life.skip(DAY)
    await life.do(c.RecordFindings, role=Role.LEAD)


async def no_longer_settled(life: Recorded) -> None:
    """Nobody answers the follow-up; at the second call it turns out not to work any more."""
    life.policy = town()
    await life.register()
    await life.to(Stage.FOLLOW_UP)
    await life.do(c.RecordAttempt, c.RecordAttempt, c.RecordAttempt)
    await life.do(c.RecordFollowUp, satisfied=None, score=None, words=None)
    await life.skip(9 * DAY)
    await life.do(c.RecordSecondCall, still_settled=False, words="又多收了")
    await life.skip(2 * HOUR)
    await life.to(Stage.CLOSED)


async def difficult(life: Recorded) -> None:
    """What the customer says makes it difficult; a mediator steps between."""
    life.policy = town()
    await life.register(claim=cny(30_000), earlier_complaints=3, description="再不解决我就找记者曝光")
    await life.accept(severity=Severity.CRITICAL)
    await life.do(c.AcknowledgeEscalation, c.RecordFindings)
    await life.do(c.PrepareOption, c.PrepareOption)
    await life.do(c.OfferOption, c.RejectOption, option="O1")
    await life.do(c.OfferOption, c.RejectOption, option="O2")
    await life.do(c.Mediate, role=Role.MEDIATOR)
    await life.to(Stage.EXECUTION)


async def at_night(life: Recorded) -> None:
    """Who keeps quiet at night is told in the morning, unless it is settled by then."""
    await life.register()
    await life.do(c.Classify, c.Assign)
    await life.until(2, 6)
    await life.do(c.RecordFirstContact)
    await life.until(2, 22, 30)
    await life.do(c.GrantExtension, role=Role.LEAD)
    await life.until(3, 9)
    await life.do(c.GiveFeedback)


async def reported_late(life: Recorded) -> None:
    """A promise was kept in time though the report came late; then an approval is refused, and it can't be solved."""
    await life.register()
    await life.to(Stage.INVESTIGATION)
    await life.do(c.MakePromise)
    await life.until(2, 10)
    await life.do(c.KeepPromise, received_at=_at(2, 8, 50))
    await life.do(c.RecordFindings)
    await life.do(c.PrepareOption, compensation=cny(1200))
    await life.do(c.RequestApproval)
    await life.do(c.RefuseApproval, role=Role.LEAD)
    await life.do(c.AdmitUnsolvable)


async def formal_and_generous(life: Recorded) -> None:
    """Told at once, restated and written down; a rejected option, the next one, and something beyond it."""
    life.policy = rites()
    await life.register(details={"meter": "0420-7731"}, place="城北营业厅")
    await life.do(c.FillForm, details={"meter": "0420-7732"})
    await life.do(c.Accept, c.RecordInterests)
    await life.accept()
    await life.until(1, 18)
    await life.do(c.RecordFindings, c.SetExpectations)
    await life.do(c.PrepareOption, c.PrepareOption)
    await life.do(c.OfferOption, c.RejectOption, option="O1")
    await life.do(c.OfferOption, c.AcceptOption, option="O2")
    await life.do(c.PlanAction, c.CompleteAction)
    await life.do(c.GiveGoodwill, c.RecordFollowUp)
    await life.skip(3 * DAY)
    await life.do(c.RecordAfterClosing)
    await life.end()


async def decided_by_an_office(life: Recorded) -> None:
    """No consent is asked for; who wants peace gets no daily news, and the law lets the decision take longer."""
    life.policy = rites()
    await life.register()
    await life.do(c.Accept)
    await life.accept()
    await life.do(c.StopFeedback)
    await life.skip(3 * DAY)
    await life.do(c.ResumeFeedback)
    await life.do(c.GrantExtension, role=Role.LEAD, clock="statutory/1", until=_at(20, 9))
    await life.do(c.AcknowledgeReceipt)
    await life.do(c.RecordFindings)
    await life.do(c.Decide, role=Role.LEAD)
    await life.do(c.GiveFeedback, answer=True)
    await life.do(c.PlanAction, c.CompleteAction)


async def outlived(life: Recorded) -> None:
    """It belongs to an incident, and raises two improvements: one by hand, one since our own process is at fault."""
    life.policy = replace(builtin(), improvements=Improvements(within=days(20), from_structural=True))
    await life.register()
    await life.do(c.JoinIncident)
    await life.do(c.RecordFirstContact, complaint_type=ComplaintType.STRUCTURAL)
    await life.do(c.Classify, c.Assign, c.RaiseImprovement, c.AttachFile, c.RemoveFile, c.RecordFindings)


async def turned_down(life: Recorded) -> None:
    await life.register()
    await life.do(c.Decline)
    await life.end()


async def told_twice(life: Recorded) -> None:
    await life.register()
    await life.do(c.LinkDuplicate)
    await asyncio.wait_for(life.handle.result(), 10)


async def taken_over(life: Recorded) -> None:
    """A complaint of another system, late there already; it is heard and handed to somebody here."""
    arrives = _at(1, 9)
    imported = Imported(
        at=arrives, origin="old-crm.csv:17", severity=Severity.HIGH, first_contact_at=arrives - 39 * DAY
    )
    await life.register(
        arrives=arrives, received_at=arrives - 40 * DAY, role=Role.CUSTOMER_SERVICE, imported=imported
    )
    await life.do(c.Classify, c.Assign)
    await life.until(3, 9)


async def taken_over_closed(life: Recorded) -> None:
    """One that was closed there, so long ago that nobody may appeal any more."""
    arrives = _at(1, 9)
    closing = Closing(at=arrives - 300 * DAY, outcome=Outcome.RESOLVED, resolution="重新抄表，退款")
    imported = Imported(at=arrives, origin="old-crm.csv:18", closed=closing)
    await life.register(
        arrives=arrives, received_at=arrives - 320 * DAY, role=Role.CUSTOMER_SERVICE, imported=imported
    )
    await asyncio.wait_for(life.handle.result(), 10)


async def called_together(life: Recorded) -> None:
    """A danger, two departments, a colleague, a question that becomes a complaint, and a work order."""
    wires = Hazard(title=Names(en="Live wire", zh="导线带电"), words=("漏电",), on_site_within=hours(2))
    life.policy = replace(
        with_clock(ClockName.ATTENDANCE, budget=hours(4)),
        hazards={"live_wire": wires},
        conversion=(Mishandling.BREACH,),
        first_responsible="service",
    )
    await life.register(description="楼道里的电表箱漏电")
    await life.do(c.RecordFirstContact, nature=Nature.COMMUNICATIVE)
    await life.do(c.Classify, difficult=True, difficult_reason="Children play there.")
    await life.do(c.Assign, c.AttendEmergency, c.SummonDepartments)
    await life.do(c.SendSomeone, summons="S1")
    await life.skip(4 * HOUR + MINUTE)
    await life.do(c.SendSomeone, c.DeclareEmergency)
    await life.do(c.CallForSupport, person="zhang.wei")
    await life.do(c.ResolveEscalation, role=Role.HANDLER)
    await life.do(c.RecordFindings, c.DisputeLiability)
    order = work_order(cast("Life", _Seen(None, await life.now())))
    await life.do(c.JudgeLiability, work_orders=(order,))
    await life.do(c.CompleteAction)
    await life.to(Stage.CLOSED)


# --- lives in real time


async def continued_as_new(life: Recorded) -> None:
    """Continuing as new is wrong under skipped time, so this one hurries. It continues whenever it comes to rest."""
    await life.register(continue_after=15)
    for stage in (Stage.INVESTIGATION, Stage.SOLUTION, Stage.EXECUTION, Stage.CLOSED):
        await life.to(stage)
        await life.rest()


async def crowded(life: Recorded) -> None:
    """Commands that arrive together; of two that cannot both be right one fails."""
    await life.register()
    await life.to(Stage.SOLUTION)
    kinds = [c.AddNote, c.Reassign, c.Reassign, c.GiveFeedback, c.PrepareOption, c.AddNote, c.MakePromise]
    envelopes = [await life.envelope(kind) for kind in kinds]
    answers = await asyncio.gather(
        *(execute(life.client, life.number, envelope) for envelope in envelopes), return_exceptions=True
    )
    faults = [a for a in answers if isinstance(a, BaseException) and not isinstance(a, Refusal)]
    assert not faults, faults


JUMPING = (
    resolved_at_first_contact,
    full_negotiation,
    missed_deadline,
    paused_and_resumed,
    broken_promise,
    second_round,
    reopened,
    anonymous_and_transferred,
    working_days,
    waiting_for_others,
    climbing_by_the_clock,
    declined_and_handed_on,
    recused_and_migrated,
    no_longer_settled,
    difficult,
    at_night,
    reported_late,
    formal_and_generous,
    decided_by_an_office,
    called_together,
    outlived,
    turned_down,
    told_twice,
    taken_over,
    taken_over_closed,
)
HURRYING = (continued_as_new, crowded)
