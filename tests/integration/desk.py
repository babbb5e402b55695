"""A desk in front of a real server: opens complaints, sends commands until they are answered, reads what is left."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.service import RPCError

from activities.targets import Targets
from audit import agreement
from complaints.commands import Command, Envelope, Register
from complaints.policy import ClockRule, Policy
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName
from complaints.view import Answer, View
from complaints.vocabulary import Role
from complaints.working_time import Budget, Unit
from db.masters import Masters
from db.tables import LedgerRow
from tests.conftest import ENCRYPTION_KEY
from tests.eventually import eventually
from tests.keys import keys_of
from tests.lives import PEOPLE, example, usual_role
from worker import complaint_worker, notice_worker
from workflows import client as door
from workflows.client import Unavailable
from workflows.complaint import CONTINUE_AFTER
from workflows.converter import data_converter
from workflows.settings import Settings, load_settings

HOUR = timedelta(hours=1)
_numbers = itertools.count(1)


def one_hour_policy() -> Policy:
    """First contact within an hour, which is the shortest budget there is, and no warning before."""
    rule = ClockRule(budget=Budget(amount=1, unit=Unit.CALENDAR_HOURS))
    return replace(builtin(), clocks={**builtin().clocks, ClockName.FIRST_CONTACT: rule})


@dataclass
class Desk:
    """One client, and the complaints opened with it."""

    client: Client
    engine: Engine

    def __post_init__(self) -> None:
        self.opened: list[str] = []
        self._commands = itertools.count(1)
        self.keys = keys_of(self.engine)

    def _sealed(self, form: Register) -> Register:
        return self.keys.sealed(f"{form.source}-{form.reference}", form)

    async def open(
        self,
        policy: Policy | None = None,
        *,
        received_at: datetime | None = None,
        continue_after: int = CONTINUE_AFTER,
        **fields: Any,
    ) -> str:
        """Start a complaint; returns its number."""
        given = {"source": "desk", "reference": str(next(_numbers)), **fields}
        registration = Envelope(
            id="registration",
            actor=PEOPLE[Role.SYSTEM],
            received_at=received_at or datetime.now(UTC),
            command=self._sealed(example(Register, **given)),
        )
        handle, _ = await door.start(
            self.client, registration, policy or builtin(), continue_after=continue_after
        )
        self.opened.append(handle.id)
        return handle.id

    async def open_due_in(self, seconds: float, **fields: Any) -> str:
        """Start a complaint whose first contact is due so soon: it was received nearly an hour ago."""
        received_at = datetime.now(UTC) - HOUR + timedelta(seconds=seconds)
        return await self.open(one_hour_policy(), received_at=received_at, **fields)

    def envelope(
        self,
        command: Command,
        *,
        role: Role | None = None,
        received_at: datetime | None = None,
        command_id: str | None = None,
    ) -> Envelope:
        return Envelope(
            id=command_id or f"c{next(self._commands)}",
            actor=PEOPLE[role or usual_role(command)],
            received_at=received_at or datetime.now(UTC),
            command=command,
        )

    async def send(self, number: str, envelope: Envelope, *, within: float = 40) -> Answer:
        """Send a command, again and again with the same id, until it is answered or refused."""
        async with asyncio.timeout(within):
            while True:
                with contextlib.suppress(Unavailable):
                    sealed = replace(envelope, command=self.keys.sealed(number, envelope.command))
                    return await door.execute(self.client, number, sealed, patience=timedelta(seconds=within))

    async def do(self, number: str, kind: type[Any], *, role: Role | None = None, **fields: Any) -> Answer:
        """Have a sensible example of a command done."""
        return await self.send(number, self.envelope(example(kind, **fields), role=role))

    async def look(self, number: str, *, within: float = 30) -> View:
        async with asyncio.timeout(within):
            while True:
                with contextlib.suppress(Unavailable):
                    return await door.look(self.client, number, patience=timedelta(seconds=within))

    async def first_contact(self, number: str) -> Clock:
        return next(k for k in (await self.look(number)).clocks.values() if k.name == ClockName.FIRST_CONTACT)

    # --- what is left

    def recorded_commands(self, number: str) -> list[str]:
        """The ids of the commands in the ledger, in order, each as often as it acted."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(LedgerRow.command_id).where(LedgerRow.number == number).order_by(LedgerRow.seq)
            )
            ids = [name for name in rows.scalars() if name is not None]
        return [name for name, _ in itertools.groupby(ids)]

    async def agrees(self, number: str, *, within: float = 20) -> View:
        """Wait until ledger, read model and workflow say the same; returns what."""

        async def check() -> View:
            shown = await self.look(number)
            with Session(self.engine) as session:
                assert agreement.check(session, number, shown) == []
            return shown

        return await eventually(check, within)

    async def close(self) -> None:
        """End what still runs, or a later test's worker would take it up."""
        for number in self.opened:
            with contextlib.suppress(RPCError):  # it has ended by itself
                await self.client.get_workflow_handle(number).terminate("the test is over")


async def passes(instant: datetime) -> None:
    """Wait until the clock on the wall shows an instant."""

    def check() -> None:
        assert datetime.now(UTC) > instant

    await eventually(check, timeout=30)


async def connect(address: str) -> Client:
    return await Client.connect(address, data_converter=data_converter(Masters([ENCRYPTION_KEY])))


def settings_for(database_url: str, **other: Any) -> Settings:
    key = base64.b64encode(ENCRYPTION_KEY).decode()
    return load_settings(database_url=database_url, encryption_key=key, shutdown_seconds=2, **other)


@contextlib.asynccontextmanager
async def workers(
    desk: Desk, targets: dict[str, list[str]] | None = None, **settings: Any
) -> AsyncIterator[None]:
    """Run what `python -m worker` runs, in this process."""
    read = settings_for(desk.engine.url.render_as_string(hide_password=False), **settings)
    async with (
        notice_worker(desk.client, Targets(targets), read),
        complaint_worker(desk.client, desk.engine, read),
    ):
        yield
