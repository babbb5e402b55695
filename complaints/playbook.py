"""What helps a handler at this moment, found in the policy's playbook."""

from __future__ import annotations

from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import Guidance, Policy


def guidance(
    policy: Policy,
    *,
    stage: Stage,
    customer_type: str | None,
    intensity: int | None,
    kind: str | None = None,
    motive: str | None = None,
    category: str | None = None,
    difficult: bool = False,
) -> tuple[Names, ...]:
    """Return the guidance that applies, most specific first.

    What is meant for this type of customer, motive, kind or category, or for difficult complaints, comes before what is
    meant for everybody; among these, what is kept for strong feelings comes before the rest, and what belongs to this
    stage before what always holds. Otherwise the order of the policy stands.

    Args:
        customer_type: Nobody's own guidance applies while it is unknown.
        intensity: Counts as calm (1) while it is unknown.
    """

    def applies(entry: Guidance) -> bool:
        return (
            (not entry.stages or stage in entry.stages)
            and (not entry.customer_types or customer_type in entry.customer_types)
            and (not entry.kinds or kind in entry.kinds)
            and (not entry.motives or motive in entry.motives)
            and (not entry.categories or category in entry.categories)
            and (difficult or not entry.difficult)
            and entry.intensity <= (intensity or 1)
        )

    def generality(entry: Guidance) -> tuple[bool, int, bool]:
        particular = (
            entry.customer_types or entry.kinds or entry.motives or entry.categories or entry.difficult
        )
        return (not particular, -entry.intensity, not entry.stages)

    return tuple(entry.say for entry in sorted(filter(applies, policy.playbook), key=generality))
