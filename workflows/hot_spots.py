"""The watch for hot spots, once: what is found becomes a matter, and what is open takes up what came in since.

A schedule starts it every day. Running it again on the same day opens nothing twice.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.hot_spots import Addition, Look, Spot
    from activities.names import ADD_TO_HOT_SPOT, FIND_HOT_SPOTS, OPEN_MATTER
    from complaints.hotspots import Watch
    from complaints.matters import hot_spots
    from complaints.matters.commands import Command, Envelope
    from complaints.vocabulary import ENGINE
    from workflows import names

LOOKING = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(minutes=2),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)),
)


@workflow.defn(name=names.WATCH_HOT_SPOTS)
class WatchHotSpots:
    """One look at all cells."""

    @workflow.run
    async def run(self, watch: Watch) -> list[str]:
        """Look, and return the matters that were opened or added to."""
        look = Look(watch=watch, until=workflow.now())
        spots = await workflow.execute_activity(FIND_HOT_SPOTS, look, result_type=list[Spot], **LOOKING)
        return [await self._see_to(spot, watch) for spot in spots]

    async def _see_to(self, spot: Spot, watch: Watch) -> str:
        now = workflow.now()
        if spot.matter is None:
            command = hot_spots.opening(spot.evidence, spot.cases, watch, now)
            envelope = _envelope("opening", command)
            opened: str = await workflow.execute_activity(OPEN_MATTER, envelope, result_type=str, **LOOKING)
            return opened
        fresh = hot_spots.more(spot.known, spot.cases)
        if fresh is not None:
            addition = Addition(matter=spot.matter, envelope=_envelope(f"{now:%Y%m%d%H%M}", fresh))
            await workflow.execute_activity(ADD_TO_HOT_SPOT, addition, result_type=bool, **LOOKING)
        return spot.matter


def _envelope(about: str, command: Command) -> Envelope:
    return Envelope(id=f"hot-spot-{about}", actor=ENGINE, received_at=workflow.now(), command=command)
