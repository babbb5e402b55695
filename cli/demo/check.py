"""Whether a life ended as it was written, and whether everybody agrees on what happened in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from audit import agreement
from cli.demo.lives import Ending
from cli.demo.play import Played
from complaints.events import Event
from complaints.view import View
from db import queries


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A life after its examination. Nothing is wrong with it if `wrong` is empty."""

    played: Played
    ledger: Sequence[Event]
    wrong: Sequence[str]


def check(engine: Engine, played: Played) -> Checked:
    """Compare a life's end with what was written, then ledger, read model and workflow with each other."""
    number = played.life.number
    wrong = [f"{number}: {difference}" for difference in unlike(played.life.ending, ending_of(played.view))]
    with Session(engine) as session:
        disagreements = agreement.check(session, number, played.view)
        ledger = queries.ledger(session, number)
    wrong += [
        f"{number}: the {each.place} differs in {each.what}: {each.expected or 'nothing'} expected, "
        f"{each.found or 'nothing'} found"
        for each in disagreements
    ]
    return Checked(played=played, ledger=ledger, wrong=wrong)


def ending_of(view: View) -> Ending | None:
    """Say how a complaint ended, in the terms in which lives are written; None if it goes on."""
    if view.outcome is None:
        return None
    return Ending(
        outcome=view.outcome,
        stage=view.stage,
        breached=tuple(clock.name for clock in view.clocks.values() if clock.breached_at),
        escalations=tuple((each.cause, each.audience) for each in view.escalations.values()),
        satisfied=view.follow_ups[-1].form.satisfied if view.follow_ups else None,
        cycle=view.cycle,
        round=view.round,
    )


def unlike(written: Ending, lived: Ending | None) -> list[str]:
    """Name every point in which a life ended otherwise than written."""
    if lived is None:
        return ["it did not end"]
    return [
        f"{field.name} is {_said(getattr(lived, field.name))}, and should be {_said(getattr(written, field.name))}"
        for field in fields(Ending)
        if getattr(lived, field.name) != getattr(written, field.name)
    ]


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_said(item) for item in value) or "none"
    return str(value)
