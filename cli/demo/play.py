"""Plays one life: sends its commands at their moments, and lets the clock jump from one to the next."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from temporalio.client import WorkflowHandle

from cli.demo.lives import Life, Step
from cli.demo.stage import Stage
from complaints import lifecycle
from complaints.commands import Envelope
from complaints.errors import Refusal
from complaints.view import Answer, View
from complaints.working_time import Zone
from db.intake import heard
from workflows import client as door
from workflows.complaint import Complaint

_PATIENCE = timedelta(seconds=90)
"""Far more than anything takes: a workflow that fails its tasks answers nobody, and no jump of its clock ends."""

_NEVER = 1_000_000
"""Clocks may not jump across continue-as-new, and no life here is long enough to need it."""

_PAST_THE_DEADLINE = timedelta(seconds=1)

_TOLERANCE = timedelta(minutes=10)
"""How much later than asked for it may be: a busy machine is slow, but no clock runs so fast."""


class Stuck(Exception):
    """The life could not be played to its end; the message says at which step."""


class Overshot(Stuck):
    """The server's clock has jumped further than it was asked to: its fault, and no part of the life."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """A life that was lived, and the complaint as its workflow shows it in the end."""

    life: Life
    view: View


class Audience(Protocol):
    """Who watches."""

    def happened(self, life: Life, at: datetime, what: str, answer: Answer | None) -> None:
        """See something happen, at an instant of the complaint's own time."""


async def play(stage: Stage, life: Life, audience: Audience) -> Played:
    """Play a life to its end.

    Raises:
        Stuck: A command was refused, or time did not go on.
        Overshot: Time went on by itself; the life may be played once more, under another number.
    """
    return await _Playing(stage, life, audience).run()


class _Playing:
    """One complaint under way.

    Its clock is the real one and what was jumped so far. We count along instead of asking the server, which would
    cost a call each time; an error of some milliseconds is nothing to a complaint.
    """

    def __init__(self, stage: Stage, life: Life, audience: Audience) -> None:
        self._stage = stage
        self._life = life
        self._audience = audience
        self._ahead = timedelta()
        self._commands = 0
        self._doing = "Register"

    async def run(self) -> Played:
        try:
            handle = await self._register()
            answer = None
            for step in self._life.steps:
                answer = await self._take(handle, step)
            return await self._end(handle, answer)
        except Refusal as refusal:
            raise self._stuck(f"refused, {refusal.rule}: {refusal.message}") from refusal
        except TimeoutError as late:
            raise self._stuck("time did not go on") from late
        except (door.Unavailable, ValueError) as fault:
            raise self._stuck(str(fault)) from fault

    @property
    def _zone(self) -> Zone:
        """Where this life is lived: its moments are those of its own organisation's clocks."""
        return self._stage.policies[self._life.policy].zone

    def _stuck(self, why: str) -> Stuck:
        return Stuck(f"{self._life.number}, {self._doing}: {why}")

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def _register(self) -> WorkflowHandle[Complaint, Answer]:
        """Start the complaint today, to come to life on its Monday."""
        life, stage = self._life, self._stage
        arrives = life.arrives.on(self._zone, stage.monday)
        form = heard(life.complaint, stage.policies[life.policy])
        envelope = Envelope(
            id=f"{life.number}-1",
            actor=life.registered_by,
            received_at=arrives,
            command=await asyncio.to_thread(stage.keys.sealed, life.number, form),
        )
        handle, is_new = await door.start(
            stage.client,
            envelope,
            stage.policies[life.policy],
            continue_after=_NEVER,
            after=arrives - datetime.now(UTC),
        )
        if not is_new:
            raise ValueError("there is a complaint of this number already")
        await self._jump(handle, arrives)
        self._audience.happened(life, arrives, "Register", None)
        return handle

    async def _take(self, handle: WorkflowHandle[Complaint, Answer], step: Step) -> Answer:
        stage, life = self._stage, self._life
        self._doing = f"{step.command} on day {step.at.day} at {step.at.time:%H:%M}"
        await self._jump(handle, step.at.on(self._zone, stage.monday))
        self._commands += 1
        now = self._now()
        command = step.issued(self._zone, stage.monday, stage.policies)
        envelope = Envelope(
            id=f"{life.number}-{self._commands + 1}",
            actor=step.actor,
            received_at=now,
            command=await asyncio.to_thread(stage.keys.sealed, life.number, command),
        )
        answer = await door.execute(stage.client, life.number, envelope, patience=_PATIENCE)
        self._audience.happened(life, now, step.command, answer)
        return answer

    async def _end(self, handle: WorkflowHandle[Complaint, Answer], answer: Answer | None) -> Played:
        """Let the appeal window pass, where there is one."""
        life, client = self._life, self._stage.client
        self._doing = "the end"
        last_stage = answer.stage if answer else lifecycle.Stage.INTAKE
        due = answer.next_due_at if answer else None
        if last_stage == lifecycle.Stage.CLOSED and due:
            await self._jump(handle, due + _PAST_THE_DEADLINE)
            self._audience.happened(life, due, "the appeal window ends", None)
        if last_stage in (lifecycle.Stage.CLOSED, lifecycle.Stage.ENDED):
            await asyncio.wait_for(handle.result(), _PATIENCE.total_seconds())
        return Played(life=life, view=await door.look(client, life.number, patience=_PATIENCE))

    async def _jump(self, handle: WorkflowHandle[Complaint, Answer], to: datetime) -> None:
        before, distance = time.monotonic(), to - self._now()
        if distance <= timedelta():
            return
        await asyncio.wait_for(self._stage.skipper.fast_forward(handle, distance), _PATIENCE.total_seconds())
        self._ahead += distance - timedelta(seconds=time.monotonic() - before)
        there = await self._stage.skipper.get_current_time(handle)
        if there > to + _TOLERANCE:
            await handle.terminate("the server's clock has jumped too far")
            raise Overshot(
                f"{self._life.number}, {self._doing}: the server's clock jumped {there - to} too far"
            )
