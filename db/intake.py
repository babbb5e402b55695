"""What every door does with a complaint before it starts: choose the policy, look the customer up, hear, and seal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Engine
from sqlalchemy.orm import Session

from complaints import personal, scoring
from complaints.commands import Envelope, Register
from complaints.numbers import number_of
from complaints.policy import Policy
from complaints.state import State
from complaints.turn import take_turn
from db.engine import for_reading
from db.history import with_history
from db.keys import Keys
from db.policies import choose
from db.similar import Alike, gist_of, similar


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A complaint that may be started.

    Attributes:
        registration: Sealed, with what our records know of the customer.
        similar: Complaints that are likely the same.
    """

    registration: Envelope
    policy: Policy
    similar: tuple[Alike, ...] = ()


def prepare(
    engine: Engine,
    keys: Keys,
    registration: Envelope,
    otherwise: Callable[[], Policy],
    *,
    compare: bool = True,
    only: ColumnElement[bool] | None = None,
) -> Prepared:
    """Make a registration ready to start. What is refused has left nothing behind.

    Args:
        otherwise: Reads the policy for where none is in force.
        compare: Look for likely duplicates too.
        only: Of those, the ones that whoever asks may see (`visibility.is_visible`).

    Raises:
        Malformed: It brings something sealed from outside.
        Refusal: It is against a rule.
    """
    form = registration.command
    assert isinstance(form, Register)
    personal.refuse_tokens(form)
    number, received_at = number_of(form.source, form.reference), registration.received_at
    with Session(for_reading(engine)) as session:
        known = keys.within(session)
        policy = choose_policy(session, form, received_at) or otherwise()
        form = with_history(session, known, form, policy, number=number, received_at=received_at)
        form = heard(form, policy)
        take_turn(State(number=number, policy=policy), replace(registration, command=form), datetime.now(UTC))
        gist = gist_of(form, policy, received_at)
        alike = similar(session, known, gist, besides=number, limit=3, only=only) if compare else ()
    return Prepared(
        registration=replace(registration, command=keys.sealed(number, form)),
        policy=policy,
        similar=tuple(alike),
    )


def heard(form: Register, policy: Policy) -> Register:
    """Note what the policy wants to know of the customer's words, while they can be read."""
    said = " ".join(part for part in (form.description, form.asked_remedy) if part)
    return replace(form, heard=scoring.heard_in(policy, said))


def choose_policy(session: Session, form: Register, received_at: datetime) -> Policy | None:
    """Return the policy in force for a complaint; none where nothing is activated.

    An imported one that was received before any was goes by the one that was in force when it was taken over.
    """
    instants = (received_at, *([form.imported.at] if form.imported else []))
    asked = (
        choose(session, category=form.category, organisation=form.organisation, received_at=instant)
        for instant in instants
    )
    return next((policy for policy in asked if policy is not None), None)
