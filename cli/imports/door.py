"""What an import does with a registration: lets it in through the door that all complaints come in by, or only tries it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from cli.imports.run import Start, There
    from complaints.commands import Envelope
    from complaints.policy import Policy
    from workflows.door import Door


def through(door: Door) -> Start:
    """Return what starts complaints; they are not compared with each other."""

    async def start(registration: Envelope) -> bool:
        return (await door.start(registration, compare=False)).new

    return start


def trial(policy_of: Callable[[Envelope], Policy]) -> Start:
    """Return what asks the rules, and starts nothing."""
    from complaints.state import State
    from complaints.turn import take_turn
    from db.intake import heard
    from workflows.names import number_of

    async def start(registration: Envelope) -> bool:
        form: Any = registration.command
        policy = policy_of(registration)
        state = State(number=number_of(form.source, form.reference), policy=policy)
        take_turn(state, replace(registration, command=heard(form, policy)), datetime.now(UTC))
        return True

    return start


def recorded_in(session: Session) -> There:
    """Return what asks the records which complaints are there."""
    from db.imports import recorded

    def there(numbers: Sequence[str]) -> set[str]:
        found = recorded(session, numbers)
        session.rollback()  # what others have written by the next question is seen then
        return found

    return there


def policies_in(session: Session, otherwise: Callable[[], Policy]) -> Callable[[Envelope], Policy]:
    """Return what asks the records for the policy of a complaint, each once for each turn of policies."""
    from db.imports import turns
    from db.intake import choose_policy

    instants = turns(session)
    chosen: dict[tuple[str, str | None, int], Policy] = {}

    def policy_of(registration: Envelope) -> Policy:
        form: Any = registration.command
        received_at = registration.received_at
        key = (form.category, form.organisation, bisect_right(instants, received_at))
        if key not in chosen:
            chosen[key] = choose_policy(session, form, received_at) or otherwise()
        return chosen[key]

    return policy_of
