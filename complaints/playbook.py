"""What helps a handler at this moment, found in the policy's playbook."""

from __future__ import annotations

from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import Guidance, Policy


def guidance(
    policy: Policy, *, stage: Stage, customer_type: str | None, intensity: int | None
) -> tuple[Names, ...]:
    """Return the guidance that applies, most specific first.

    What is meant for this type of customer comes before what is meant for everybody; among these, what is kept for
    strong feelings comes before the rest, and what belongs to this stage before what always holds. Otherwise the order
    of the policy stands.

    Args:
        customer_type: Nobody's own guidance applies while it is unknown.
        intensity: Counts as calm (1) while it is unknown.
    """

    def applies(entry: Guidance) -> bool:
        return (
            (not entry.stages or stage in entry.stages)
            and (not entry.customer_types or customer_type in entry.customer_types)
            and entry.intensity <= (intensity or 1)
        )

    def generality(entry: Guidance) -> tuple[bool, int, bool]:
        return (not entry.customer_types, -entry.intensity, not entry.stages)

    return tuple(entry.say for entry in sorted(filter(applies, policy.playbook), key=generality))
