"""The lives of complaints whose histories are recorded; each is kept under the name of its function."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import Refusal
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.vocabulary import Role
from tests.eventually import eventually
from tests.lives import DAY, HOUR, MINUTE, NOBODY_KNOWN, PEOPLE, Life, cny, example, usual_role
from workflows import names
from workflows.client import execute, look, start
from workflows.complaint import CONTINUE_AFTER, RECORDING_GAP

APPEAL = 15 * DAY


@dataclass
class Recorded:
    """One complaint whose history is kept under the name of its life."""

    client: Client
    name: str
    environment: WorkflowEnvironment | None = None
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

    async def register(self, *, continue_after: int = CONTINUE_AFTER, **fields: Any) -> None:
        command = example(c.Register, source="recorded", reference=self.name, **fields)
        envelope = self._envelope(command, datetime.now(UTC))
        self.handle, _ = await start(self.client, envelope, builtin(), continue_after=continue_after)

    async def do(self, *kinds: type[Any], role: Role | None = None, **fields: Any) -> None:
        """Send sensible commands of these kinds, one after the other."""
        for kind in kinds:
            await execute(self.client, self.number, await self.envelope(kind, role, **fields))

    async def to(self, wanted: Stage) -> None:
        """Live on, the shortest way, up to a stage."""
        while (stage := (await look(self.client, self.number)).stage) != wanted:
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
        seen = _Seen(await look(self.client, self.number), now)
        return self._envelope(example(kind, cast("Life", seen), **fields), now, role)

    def _envelope(self, command: Any, now: datetime, role: Role | None = None) -> Envelope:
        self.sent += 1
        actor = PEOPLE[role or usual_role(command)]
        return Envelope(id=f"c{self.sent}", actor=actor, received_at=now, command=command)


@dataclass(frozen=True)
class _Seen:
    """As much of a life as the examples look at."""

    state: Any
    now: datetime


_STEPS = {
    Stage.INTAKE: (c.RecordFirstContact, c.Classify, c.Assign),
    Stage.INVESTIGATION: (c.RecordFindings,),
    Stage.SOLUTION: (c.PrepareOption, c.OfferOption, c.AcceptOption),
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
)
HURRYING = (continued_as_new, crowded)
