"""The door of this process: what a start needs is looked up here, and what the workflow says comes back as it is.

To be replaced by `workflows.door.Door`, which has the same methods and seals what is personal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from anyio import to_thread
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.client import Client

from complaints.commands import Envelope, Register
from complaints.policy import Policy
from complaints.policy_file import FOLDER, builtin, load
from complaints.view import Answer, View
from db.history import with_history
from db.policies import choose
from db.similar import Alike
from workflows import client as temporal
from workflows.names import number_of
from workflows.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Started:
    """A complaint that was started, or was there already."""

    number: str
    new: bool
    policy: Policy
    similar: tuple[Alike, ...] = ()


class Door:
    """Starts complaints, lets commands in, shows what is there."""

    def __init__(self, client: Client, engine: Engine, settings: Settings) -> None:
        self._client = client
        self._engine = engine
        self._otherwise = settings.policy

    async def start(self, registration: Envelope) -> Started:
        """Start a complaint under the policy in force; starting the same one again finds it.

        Raises:
            Refusal: The registration is against a rule.
            Unavailable: Temporal does not answer.
        """
        form, policy = await to_thread.run_sync(partial(self._prepare, registration))
        handle, new = await temporal.start(self._client, replace(registration, command=form), policy)
        return Started(number=handle.id, new=new, policy=policy)

    async def execute(self, number: str, envelope: Envelope) -> Answer:
        """Let a command act.

        Raises:
            Refusal: A rule says no.
            UnknownComplaint: There is no such complaint.
            Unavailable: No answer in time.
        """
        return await temporal.execute(self._client, number, envelope)

    async def look(self, number: str) -> View:
        """Show a complaint as its workflow sees it.

        Raises:
            UnknownComplaint: There is no such complaint.
            Unavailable: No worker answers.
        """
        return await temporal.look(self._client, number)

    def opened(self, number: str, data: Any) -> Any:  # noqa: ARG002 - nothing is sealed yet
        """Show JSON-ready data of a complaint in clear text."""
        return data

    def _prepare(self, registration: Envelope) -> tuple[Register, Policy]:
        form = registration.command
        assert isinstance(form, Register)
        received_at = registration.received_at
        with Session(self._engine) as session:
            in_force = choose(
                session, category=form.category, organisation=form.organisation, received_at=received_at
            )
            policy = in_force or _usual(self._otherwise)
            number = number_of(form.source, form.reference)
            return with_history(session, form, policy, number=number, received_at=received_at), policy


def _usual(name: str) -> Policy:
    if "/" not in name and (FOLDER / f"{name}.yaml").exists():
        return builtin(name)
    return load(Path(name))
