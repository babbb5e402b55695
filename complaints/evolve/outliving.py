"""How state changes by what outlives the complaint."""

from __future__ import annotations

from typing import Any

from complaints import consequences, facts
from complaints.copies import replace
from complaints.events import Event
from complaints.evolve.change import Change, altered, with_item
from complaints.forms import ImprovementPlan, refill
from complaints.matters.forms import Improvement
from complaints.state import State


def _raised(state: State, event: Event, fact: facts.ImprovementRaised) -> State:
    improvement = Improvement(
        id=fact.improvement, plan=refill(ImprovementPlan, fact), raised_at=event.occurred_at
    )
    return replace(state, improvements=with_item(state.improvements, improvement.id, improvement))


def _opened(state: State, _: Event, fact: consequences.ImprovementOpened) -> State:
    return replace(state, improvements=altered(state.improvements, fact.improvement, matter=fact.matter))


def _joined(state: State, _: Event, fact: facts.IncidentJoined) -> State:
    return replace(state, incident=fact.incident)


CHANGES: dict[type[Any], Change] = {
    facts.ImprovementRaised: _raised,
    consequences.ImprovementOpened: _opened,
    facts.IncidentJoined: _joined,
}
