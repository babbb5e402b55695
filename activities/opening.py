"""Opens matters: the one place where a matter's workflow is started, however often it is asked for."""

from __future__ import annotations

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.names import COMPLAINTS_QUEUE, MATTER, OPEN_MATTER
from activities.work import CONTINUE_MATTER_AFTER, MatterStart
from complaints.matters.commands import Envelope, Open
from complaints.matters.forms import id_of

log = structlog.get_logger()


async def open_matter(
    client: Client,
    envelope: Envelope,
    *,
    task_queue: str = COMPLAINTS_QUEUE,
    continue_after: int = CONTINUE_MATTER_AFTER,
) -> tuple[str, bool]:
    """Start a matter; starting the same one again finds it, also when it has ended.

    Returns:
        Its id, and whether it is new.
    """
    command = envelope.command
    assert isinstance(command, Open)
    matter = id_of(command.kind, command.reference)
    try:
        await client.start_workflow(
            MATTER,
            MatterStart(id=matter, opening=envelope, continue_after=continue_after),
            id=matter,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            static_summary=f"{command.kind} {command.reference}",
        )
    except WorkflowAlreadyStartedError:
        return matter, False
    return matter, True


class Openings:
    """The activity by which workflows open matters."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=OPEN_MATTER)
    async def open(self, envelope: Envelope) -> str:
        """Open a matter on the queue that asks for it, and return its id."""
        matter, new = await open_matter(self._client, envelope, task_queue=activity.info().task_queue)
        log.info("matter opened" if new else "matter was open", matter=matter)
        return matter
