"""One complaint on a server whose clocks jump: what people do to it, how time passes, what is left of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Engine, select
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from complaints.commands import COMMANDS, Command, Envelope
from complaints.lifecycle import Stage
from complaints.records import Clock, ClockName, Escalation
from complaints.state import State
from complaints.view import Answer, View
from complaints.vocabulary import Role
from db.tables import LedgerRow
from tests.eventually import eventually
from tests.lives import PEOPLE, Life, example, usual_role
from workflows.client import execute, look
from workflows.complaint import RECORDING_GAP, Complaint

QUEUE = "workflow-tests"
A_LITTLE = timedelta(seconds=1)
PATIENCE_SECONDS = 30.0

_ONWARDS: dict[Stage, tuple[str, ...]] = {
    Stage.INTAKE: ("RecordFirstContact", "Classify", "Assign"),
    Stage.INVESTIGATION: ("RecordFindings",),
    Stage.SOLUTION: ("PrepareOption", "OfferOption", "AcceptOption"),
    Stage.EXECUTION: ("PlanAction", "CompleteAction"),
    Stage.FOLLOW_UP: ("RecordFollowUp",),
}


class Case:
    """A complaint that has been started. All waits have a limit: a workflow that fails its task never gets there."""

    def __init__(
        self, env: WorkflowEnvironment, handle: WorkflowHandle[Complaint, Answer], engine: Engine
    ) -> None:
        self.env = env
        self.handle = handle
        self.number = handle.id
        self._engine = engine
        self._commands = 0

    # --- time

    async def now(self) -> datetime:
        return await self.env.get_current_time(self.handle)

    async def wait(self, span: timedelta) -> None:
        """Let time pass, and everything happen that it brings."""
        await asyncio.wait_for(self.env.fast_forward(self.handle, span), PATIENCE_SECONDS)

    async def wait_until(self, instant: datetime) -> None:
        """Go to an instant and a little further, so that what is due then has happened."""
        await self.wait(instant - await self.now() + A_LITTLE)

    # --- people

    async def do(
        self,
        kind: type[Any],
        /,
        *,
        role: Role | None = None,
        command_id: str | None = None,
        **fields: Any,
    ) -> Answer:
        """Have a sensible example of a command done, with some fields of one's own, by whoever usually does it."""
        return await execute(
            self.env.client,
            self.number,
            await self.envelope(kind, role=role, command_id=command_id, **fields),
        )

    async def envelope(
        self,
        kind: type[Any],
        /,
        *,
        role: Role | None = None,
        command_id: str | None = None,
        **fields: Any,
    ) -> Envelope:
        now = await self.now()
        standing = Life(number=self.number, start=now)
        standing.state = cast("State", await self.look())  # a view has all that the examples look at
        command: Command = example(kind, standing, **fields)
        self._commands += 1
        return Envelope(
            id=command_id or f"c{self._commands}",
            actor=PEOPLE[role or usual_role(command)],
            received_at=now,
            command=command,
        )

    async def to(self, stage: Stage) -> None:
        """Live on, the shortest way, up to a stage."""
        while (standing := (await self.look()).stage) != stage:
            for name in _ONWARDS[standing]:
                await self.do(COMMANDS[name])
            assert (await self.look()).stage != standing, f"it is stuck at {standing}"

    # --- what it shows

    async def look(self) -> View:
        return await look(self.env.client, self.number)

    async def clock(self, name: ClockName) -> Clock:
        """The latest clock of a name."""
        return [clock for clock in (await self.look()).clocks.values() if clock.name == name][-1]

    async def escalation(self, clock: Clock) -> Escalation:
        """The one that a clock brought about."""
        (found,) = [e for e in (await self.look()).escalations.values() if e.clock == clock.key]
        return found

    async def is_running(self) -> bool:
        return (await self.handle.describe()).status == WorkflowExecutionStatus.RUNNING

    async def result(self) -> Answer:
        return await asyncio.wait_for(self.handle.result(), PATIENCE_SECONDS)

    # --- what is left of it

    async def history(self) -> list[HistoryEvent]:
        return list((await self.handle.fetch_history()).events)

    async def events(self, kind: str) -> int:
        """How many events of a kind (`TIMER_STARTED`) the history has."""
        return Counter(e.event_type for e in await self.history())[EventType.Value(f"EVENT_TYPE_{kind}")]

    async def armed(self) -> int:
        """How often the timer was set for a deadline; the gap between two recordings is no deadline."""
        started = [
            e.timer_started_event_attributes
            for e in await self.history()
            if e.HasField("timer_started_event_attributes")
        ]
        return sum(timer.start_to_fire_timeout.ToTimedelta() > RECORDING_GAP for timer in started)

    async def settle(self) -> None:
        """Wait until nothing is under way: all is recorded and delivered, and the workflow knows."""

        async def check() -> None:
            described = (await self.handle.describe()).raw_description
            assert not described.pending_activities
            assert not described.HasField("pending_workflow_task")

        await eventually(check)

    async def facts(self) -> Sequence[str]:
        """The ledger in PostgreSQL, once it has caught up: what happened, in order."""
        seq = (await self.look()).seq

        def caught_up() -> Sequence[str]:
            with self._engine.connect() as connection:
                rows = connection.execute(
                    select(LedgerRow.type).where(LedgerRow.number == self.number).order_by(LedgerRow.seq)
                )
                types = rows.scalars().all()
            assert len(types) == seq
            return types

        return await eventually(caught_up)
