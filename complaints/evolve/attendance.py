"""How state changes by people who have to come: departments that are called together, and dangers on site."""

from __future__ import annotations

from typing import Any

from complaints import consequences, facts
from complaints.copies import replace
from complaints.events import Event
from complaints.evolve.change import Change, altered, with_item
from complaints.records import Emergency, Summons
from complaints.state import State


def _departments_summoned(state: State, event: Event, fact: facts.DepartmentsSummoned) -> State:
    called = {
        id_: Summons(
            id=id_,
            department=each.department,
            part=each.part,
            what=fact.what,
            lead_attends=fact.lead_attends,
            summoned_at=event.occurred_at,
        )
        for id_, each in zip(fact.summons, fact.departments, strict=True)
    }
    return replace(state, summons={**state.summons, **called})


def _someone_sent(state: State, event: Event, fact: facts.SomeoneSent) -> State:
    sent = {"sent": fact.person, "sent_at": event.occurred_at}
    return replace(state, summons=altered(state.summons, fact.summons, **sent))


def _hazard_suspected(state: State, event: Event, fact: consequences.HazardSuspected) -> State:
    if fact.emergency is None:
        return state
    return _with_emergency(state, event, fact.emergency, fact.hazard, None, fact.escalation)


def _emergency_declared(state: State, event: Event, fact: facts.EmergencyDeclared) -> State:
    return _with_emergency(state, event, fact.emergency, fact.hazard, fact.what, fact.escalation)


def _with_emergency(
    state: State, event: Event, id_: str, hazard: str | None, what: str | None, escalation: str
) -> State:
    declared = Emergency(
        id=id_, hazard=hazard, what=what, escalation=escalation, declared_at=event.occurred_at
    )
    return replace(state, emergencies=with_item(state.emergencies, id_, declared))


def _emergency_attended(state: State, event: Event, fact: facts.EmergencyAttended) -> State:
    first_at = state.emergencies[fact.emergency].attended_at
    seen = {"attended_at": first_at or event.occurred_at, "found": fact.found, "made_safe": fact.made_safe}
    return replace(state, emergencies=altered(state.emergencies, fact.emergency, **seen))


CHANGES: dict[type[Any], Change] = {
    facts.DepartmentsSummoned: _departments_summoned,
    facts.SomeoneSent: _someone_sent,
    consequences.HazardSuspected: _hazard_suspected,
    facts.EmergencyDeclared: _emergency_declared,
    facts.EmergencyAttended: _emergency_attended,
}
