"""One answer for all complaints of an incident, and reviews of what was collected: short workflows over many complaints."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.names import COLLECT_CASES, LIST_CHILDREN, OPEN_MATTER, TELL_CHILDREN
    from complaints.matters.reviews import Found, ReviewPlan, opening
    from complaints.matters.together import Item, Share, Together, shares
    from workflows import names
    from workflows.complaint import RECORDING

SHARE = 20
"""How many complaints one activity sees to."""

AT_ONCE = 4
"""How many activities at once: the complaints of others want to be answered too."""

TELLING: workflow.ActivityConfig = {**RECORDING, "start_to_close_timeout": timedelta(minutes=2)}


@workflow.defn(name=names.ANSWER_TOGETHER)
class AnswerTogether:
    """Sends one command to each complaint of an incident, and reports what came of it. Repeated, nothing acts twice."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    @workflow.run
    async def run(self, work: Together) -> tuple[Item, ...]:
        """Reach all of them; who refuses hinders nobody."""
        numbers = work.numbers
        if not numbers:
            numbers = await workflow.execute_activity(
                LIST_CHILDREN, work.incident, result_type=tuple[str, ...], **TELLING
            )
        gate = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._tell(each, gate) for each in shares(work.envelope, numbers, SHARE)))
        return self._sorted()

    @workflow.query(name=names.VIEW)
    def view(self) -> tuple[Item, ...]:
        """Show who has answered so far."""
        return self._sorted()

    async def _tell(self, share: Share, gate: asyncio.Semaphore) -> None:
        async with gate:
            self._items += await workflow.execute_activity(
                TELL_CHILDREN, share, result_type=tuple[Item, ...], **TELLING
            )

    def _sorted(self) -> tuple[Item, ...]:
        return tuple(sorted(self._items, key=lambda item: item.number))


@workflow.defn(name=names.COLLECT_REVIEW)
class CollectReview:
    """Collects complaints, and opens a review of them. A Temporal Schedule starts it."""

    @workflow.run
    async def run(self, plan: ReviewPlan) -> str | None:
        """Return the review's id; None where there is nothing to look at."""
        found = await workflow.execute_activity(COLLECT_CASES, plan, result_type=tuple[Found, ...], **TELLING)
        if not found:
            return None
        envelope = opening(plan, found, workflow.now())
        review: str = await workflow.execute_activity(OPEN_MATTER, envelope, result_type=str, **RECORDING)
        return review
