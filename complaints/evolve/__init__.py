"""How an event changes state: the only way it ever does. Nothing is decided here, and nothing refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from complaints import facts
from complaints.copies import replace
from complaints.events import Event
from complaints.evolve import attendance, calls, deadlines, files, outliving, people
from complaints.policy import Policy
from complaints.state import REMEMBERED_COMMANDS, State


def evolve(state: State, event: Event) -> State:
    """Return the state after an event."""
    change = _CHANGES.get(type(event.fact))
    changed = change(state, event, event.fact) if change else state
    ids = changed.command_ids
    if event.command_id is not None and event.command_id not in ids[-1:]:
        ids = (*ids, event.command_id)[-REMEMBERED_COMMANDS:]
    heard_at = state.heard_at if event.command_id is None else event.occurred_at
    return replace(changed, seq=event.seq, hash=event.hash, at=event.at, heard_at=heard_at, command_ids=ids)


def replayed(state: State, past: Iterable[Event], policies: Mapping[str, Policy] | None = None) -> State:
    """Return the state after many events.

    Args:
        policies: By fingerprint; those that the complaint was migrated to, if it was.
    """
    for event in past:
        if isinstance(event.fact, facts.PolicyMigrated) and policies is not None:
            state = replace(state, policy=policies[event.fact.policy_sha256])
        state = evolve(state, event)
    return state


def rebuilt(number: str, ledger: Sequence[Event], policies: Mapping[str, Policy]) -> State:
    """Return a complaint as its whole ledger leaves it.

    Args:
        policies: By fingerprint: every one that `pins` names.

    Raises:
        KeyError: One of them is missing.
    """
    return replayed(State(number=number, policy=policies[pins(ledger)[0]]), ledger, policies)


def pins(ledger: Sequence[Event]) -> tuple[str, ...]:
    """Name the policies that a complaint went by, in order, by fingerprint."""
    kinds = (facts.Registered, facts.PolicyMigrated)
    return tuple(event.fact.policy_sha256 for event in ledger if isinstance(event.fact, kinds))


_CHANGES = {
    **people.CHANGES,
    **deadlines.CHANGES,
    **calls.CHANGES,
    **attendance.CHANGES,
    **outliving.CHANGES,
    **files.CHANGES,
}
"""Facts that are not named here (declined, withdrawn, a note …) stand in the ledger and change nothing else."""
