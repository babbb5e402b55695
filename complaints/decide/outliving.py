"""What outlives a complaint: improvements that are raised from it, and the incident that it is one of."""

from __future__ import annotations

from datetime import datetime

from complaints import commands, consequences, facts, working_time
from complaints.draft import Draft
from complaints.errors import AlreadyDone
from complaints.events import Event
from complaints.forms import Findings, ImprovementPlan, refill
from complaints.improvements import dated
from complaints.lifecycle import Act
from complaints.state import State
from complaints.vocabulary import ENGINE, ComplaintType


def raise_improvement(draft: Draft, command: commands.RaiseImprovement) -> None:
    """Say what has to change; it becomes a matter of its own."""
    _raise(draft, refill(ImprovementPlan, command))


def raise_from_findings(draft: Draft, findings: Findings) -> None:
    """Raise one by itself where our own process is at fault, unless that department has one from this complaint."""
    state = draft.state
    rule = state.policy.improvements
    is_structural = state.first_contact and state.first_contact.complaint_type == ComplaintType.STRUCTURAL
    known = {each.plan.department for each in state.improvements.values()}
    if rule and rule.from_structural and is_structural and findings.responsible_department not in known:
        _raise(
            draft,
            ImprovementPlan(what=findings.root_cause, department=findings.responsible_department),
        )


def _raise(draft: Draft, plan: ImprovementPlan) -> None:
    policy = draft.state.policy
    rule = policy.improvements
    calendar = policy.working_time(None)
    otherwise = working_time.add(draft.occurred_at, rule.within, calendar) if rule else None
    draft.add(
        refill(
            facts.ImprovementRaised,
            dated(plan, draft.occurred_at, otherwise),
            improvement=f"I{len(draft.state.improvements) + 1}",
        )
    )


def join_incident(draft: Draft, command: commands.JoinIncident) -> None:
    """Say that it is one of many, answered with them."""
    if draft.state.incident is not None:
        raise AlreadyDone(f"it belongs to {draft.state.incident} already", Act.ADD_NOTE)
    draft.add(refill(facts.IncidentJoined, command))


def improvement_opened(state: State, improvement: str, matter: str, now: datetime) -> list[Event]:
    """Return the event that an improvement is a matter of its own; none if that was known."""
    if state.improvements[improvement].matter is not None:
        return []
    draft = Draft(state, at=now, occurred_at=now, actor=ENGINE)
    draft.add(consequences.ImprovementOpened(improvement=improvement, matter=matter))
    return draft.events
