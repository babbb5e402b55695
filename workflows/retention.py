"""Retention, once: whoever no policy allows to be remembered is forgotten. A schedule starts it every night."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.names import FORGET_DUE
    from workflows import names

FORGETTING = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(hours=1),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10)),
)


@workflow.defn(name=names.KEEP_RETENTION)
class KeepRetention:
    """One look at all that has ended."""

    @workflow.run
    async def run(self) -> int:
        """Forget, and return of how many complaints."""
        now = workflow.now()
        count: int = await workflow.execute_activity(FORGET_DUE, now, result_type=int, **FORGETTING)
        return count
