"""The lives of matters whose histories are recorded, each under the name of its function in `matters/`."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.testing import WorkflowEnvironment

from complaints.forms import ImprovementPlan
from complaints.matters.commands import Envelope
from complaints.matters.forms import Kind, Rules, id_of
from complaints.vocabulary import Role
from tests.eventually import eventually
from tests.lives import DAY, PEOPLE
from tests.matters import sample
from workflows import matters_client as door


class RecordedMatter:
    """One matter whose history is kept under the name of its life."""

    def __init__(self, env: WorkflowEnvironment, name: str) -> None:
        self.env = env
        self.name = name
        self.id = id_of(Kind.REVIEW, name)
        self._commands = itertools.count(1)

    async def open(self, **fields: Any) -> None:
        now = datetime.now(UTC)
        command = sample(
            "Open", kind=Kind.REVIEW, reference=self.name, due_at=now + 20 * DAY, owner=None, **fields
        )
        await door.open_(self.env.client, self._envelope(command, now))

    async def do(self, name: str, **fields: Any) -> None:
        await door.execute(self.env.client, self.id, self._envelope(sample(name, **fields), await self.now()))

    async def now(self) -> datetime:
        return await self.env.get_current_time(self.env.client.get_workflow_handle(self.id))

    async def skip(self, span: timedelta) -> None:
        handle = self.env.client.get_workflow_handle(self.id)
        await asyncio.wait_for(self.env.fast_forward(handle, span), 60)

    async def rest(self) -> None:
        """Wait until all is written down and nothing is under way."""
        handle = self.env.client.get_workflow_handle(self.id)

        async def check() -> None:
            described = (await handle.describe()).raw_description
            assert not described.pending_activities
            assert not described.HasField("pending_workflow_task")

        await eventually(check, 30)

    def _envelope(self, command: Any, received_at: datetime) -> Envelope:
        actor = PEOPLE[Role.CUSTOMER_SERVICE]
        return Envelope(id=f"c{next(self._commands)}", actor=actor, received_at=received_at, command=command)


async def missed_postponed_and_concluded(life: RecordedMatter) -> None:
    """Nobody ends it, so it climbs; it is given more time, and ends in an improvement."""
    await life.open(rules=Rules(improvement_days=30), evidence=("Three customers went to the press.",))
    await life.skip(28 * DAY)
    await life.rest()
    await life.do("AddCases")
    await life.do("AddNote")
    await life.do("Postpone", until=await life.now() + 30 * DAY)
    await life.do("HandOver")
    await life.skip(28 * DAY)
    plan = ImprovementPlan(what="Print the reading on the bill.", department="billing")
    await life.do("Conclude", improvements=(plan,))
    await life.rest()


async def cancelled(life: RecordedMatter) -> None:
    """It is not pursued."""
    await life.open()
    await life.rest()
    await life.do("Cancel")
    await life.rest()


MATTERS = (missed_postponed_and_concluded, cancelled)
