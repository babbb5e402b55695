"""Dangers: what a complaint hints at, what somebody declares, and whoever has to be on site."""

from __future__ import annotations

from complaints import commands, consequences, facts, scoring
from complaints.draft import Draft
from complaints.errors import AlreadyDone, UnknownItem
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.practices import Hazard
from complaints.records import Cause, ClockName
from complaints.vocabulary import Role
from complaints.working_time import Budget


def suspect_hazards(draft: Draft, said: str, heard: tuple[str, ...]) -> None:
    """Look for the policy's dangers in what the customer said, and raise each."""
    # A policy may have been read from a text with its keys in another order; the escalations must not differ.
    for name, hazard in sorted(draft.state.policy.hazards.items(), key=lambda item: item[0]):
        if f"hazards.{name}" in heard or (hazard.words and scoring.mentions(said, hazard.words)):
            goes = hazard.on_site_within is not None
            emergency = _next_emergency(draft) if goes else None
            draft.add(
                consequences.HazardSuspected(
                    hazard=name, escalation=draft.next_escalation(), emergency=emergency
                )
            )
            _raise(draft, emergency, hazard)


def declare_emergency(draft: Draft, command: commands.DeclareEmergency) -> None:
    """Raise a danger that somebody saw, whether or not the policy knows it."""
    known = draft.state.policy.hazards
    hazard = known.get(command.hazard or "")
    if command.hazard is not None and hazard is None:
        raise UnknownItem(f"the policy knows no hazard {command.hazard}", *sorted(known))
    emergency = _next_emergency(draft)
    draft.add(
        refill(facts.EmergencyDeclared, command, emergency=emergency, escalation=draft.next_escalation())
    )
    _raise(draft, emergency, hazard)


def attend_emergency(draft: Draft, command: commands.AttendEmergency) -> None:
    """Record who was on site; whoever was told stands down only when it is safe."""
    emergency = draft.state.emergencies.get(command.emergency)
    if emergency is None:
        raise UnknownItem(
            f"there is no emergency {command.emergency}", Act.DECLARE_EMERGENCY, *draft.state.emergencies
        )
    if emergency.made_safe:
        raise AlreadyDone(f"{emergency.id} was made safe already", Act.DECLARE_EMERGENCY)
    draft.add(refill(facts.EmergencyAttended, command))
    draft.fulfil(ClockName.EMERGENCY, emergency.id)
    escalation = draft.state.escalations[emergency.escalation]
    if command.made_safe and escalation.is_open:
        draft.resolve(escalation, "it was made safe")


def _next_emergency(draft: Draft) -> str:
    return f"H{len(draft.state.emergencies) + 1}"


def _raise(draft: Draft, emergency: str | None, hazard: Hazard | None) -> None:
    """Tell whoever the policy names, and watch that somebody goes."""
    title = f"hazard: {hazard.title.en} ({hazard.title.zh})" if hazard else "an emergency was declared"
    draft.escalate(Cause.HAZARD, title, audience=hazard.tell if hazard else Role.CUSTOMER_SERVICE)
    within: Budget | None = hazard.on_site_within if hazard else None
    if emergency is not None and within is not None:
        draft.start_clock(ClockName.EMERGENCY, emergency, budget=within)
