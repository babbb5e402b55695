"""The door through which an import starts complaints, the same as for everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from temporalio.client import Client

    from complaints.commands import Envelope
    from complaints.policy import Policy


@dataclass(frozen=True)
class Door:
    """Starts one complaint at a time."""

    client: Client

    async def start(self, registration: Envelope, policy: Policy) -> bool:
        """Start a complaint, and say whether it is new.

        Raises:
            Refusal: It is against a rule.
            Unavailable: The server does not answer.
        """
        from workflows import client

        _, new = await client.start(self.client, registration, policy)
        return new


async def trial(registration: Envelope, policy: Policy) -> bool:
    """Ask the rules, and start nothing.

    Raises:
        Refusal: It is against a rule.
    """
    from datetime import UTC, datetime

    from cli.imports.prepared import number_of
    from complaints.state import State
    from complaints.turn import take_turn

    take_turn(State(number=number_of(registration), policy=policy), registration, datetime.now(UTC))
    return True
