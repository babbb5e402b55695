"""The way in and out for people and systems: everything personal is sealed on the way in, and opened on the way out.

Every door of ours (API, command line, import) goes through here; who talks to Temporal directly seals through the codec
server instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine
from temporalio.client import Client

from complaints import personal
from complaints.commands import Command, Envelope
from complaints.policy import Policy
from complaints.view import Answer, View
from complaints.wire import parse, plain
from db.intake import prepare
from db.keys import Keys
from db.masters import Masters
from db.similar import Alike
from workflows import client as temporal

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Started:
    """What became of a start.

    Attributes:
        new: False where it was there already.
        similar: Likely duplicates, of a new one.
    """

    number: str
    new: bool
    policy: Policy
    similar: tuple[Alike, ...] = ()


class Door:
    """One process's way to all complaints. Shares its client and engine with others."""

    def __init__(
        self,
        client: Client,
        engine: Engine,
        masters: Masters,
        policy: Callable[[], Policy],
        *,
        keys: Keys | None = None,
    ) -> None:
        """Make it.

        Args:
            policy: Reads the one that is pinned where none is in force; asked once, when it is needed.
        """
        self.client = client
        self.engine = engine
        self.keys = keys or Keys(engine, masters)
        self._otherwise = policy

    async def start(
        self,
        registration: Envelope,
        *,
        compare: bool = True,
        only: ColumnElement[bool] | None = None,
    ) -> Started:
        """Start a complaint; starting the same one again finds it.

        Args:
            compare: Look for likely duplicates.
            only: Of those, the ones that whoever asks may see (`visibility.is_visible`).

        Raises:
            Malformed: It brings something sealed from outside.
            Refusal: The registration is against a rule.
            Unavailable: Temporal does not answer.
            OperationalError: PostgreSQL does not: nobody knows which policy is in force, so nothing is started.
        """
        prepared = await asyncio.to_thread(
            prepare, self.engine, self.keys, registration, self._otherwise, compare=compare, only=only
        )
        handle, new = await temporal.start(self.client, prepared.registration, prepared.policy)
        return Started(
            number=handle.id,
            new=new,
            policy=prepared.policy,
            similar=prepared.similar if new else (),
        )

    async def execute(
        self, number: str, envelope: Envelope, *, patience: timedelta = temporal.PATIENCE
    ) -> Answer:
        """Let a command act on a complaint. The same envelope id acts once.

        Raises:
            Malformed: It brings something sealed from outside.
            Refusal: A rule says no.
            UnknownComplaint: There is no such complaint.
            Unavailable: No answer within `patience`; send it again with the same id.
            OperationalError: PostgreSQL does not answer, and the complaint's key is not remembered.
        """
        personal.refuse_tokens(envelope.command)
        if personal.is_clear(envelope.command):
            command = await self._off_loop(lambda: self._sealed_if_known(number, envelope.command))
            if command is None:
                await temporal.check_known(self.client, number)
                command = await self._off_loop(lambda: self.keys.sealed(number, envelope.command))
            envelope = replace(envelope, command=command)
        return await temporal.execute(self.client, number, envelope, patience=patience)

    async def look(self, number: str) -> View:
        """Show a complaint as its workflow sees it, opened.

        Raises:
            UnknownComplaint: There is no such complaint.
            Unavailable: No worker answers.
        """
        shown = await temporal.look(self.client, number)
        return await self._off_loop(lambda: opened_view(self.keys, shown))

    def opened(self, number: str, data: Any) -> Any:
        """Copy JSON-ready data of a complaint with all that is sealed in clear."""
        return self.keys.opened(data, number)

    def _sealed_if_known(self, number: str, command: Command) -> Command | None:
        """Nobody makes a key for a complaint that there is not."""
        return self.keys.sealed(number, command) if self.keys.has(number) else None

    async def _off_loop(self, call: Callable[[], R]) -> R:
        """A key that is not remembered is a query."""
        return await asyncio.to_thread(call)


def opened_view(keys: Keys, view: View) -> View:
    """Open what a view holds."""
    return parse(View, keys.opened(plain(view), view.number))
