"""The door to matters for everything that is not a workflow: open, execute, view."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.names import COMPLAINTS_QUEUE
from activities.opening import open_matter
from activities.work import CONTINUE_MATTER_AFTER
from complaints.errors import AlreadyClosed
from complaints.matters.commands import Envelope, Open
from complaints.matters.decide import take_turn
from complaints.matters.forms import id_of
from complaints.matters.state import State
from complaints.matters.together import Item, Together
from complaints.matters.view import Answer, View
from workflows.client import PATIENCE, Unavailable
from workflows.matter import Matter
from workflows.refusals import from_failure
from workflows.together import AnswerTogether


class UnknownMatter(LookupError):
    """There is no matter of that id."""


async def open_(
    client: Client,
    envelope: Envelope,
    *,
    task_queue: str = COMPLAINTS_QUEUE,
    continue_after: int = CONTINUE_MATTER_AFTER,
) -> tuple[str, bool]:
    """Open a matter; opening the same one again finds it.

    It is judged before anything is started, since a workflow that refuses its opening would have failed.

    Returns:
        Its id, and whether it is new.

    Raises:
        Refusal: The opening is against a rule.
        Unavailable: The server does not answer.
    """
    command = envelope.command
    assert isinstance(command, Open)
    take_turn(State(id=id_of(command.kind, command.reference)), envelope, datetime.now(UTC))
    try:
        return await open_matter(client, envelope, task_queue=task_queue, continue_after=continue_after)
    except RPCError as fault:
        raise _unavailable(fault) from fault


async def execute(
    client: Client, matter: str, envelope: Envelope, *, patience: timedelta = PATIENCE
) -> Answer:
    """Let a command act on a matter. The same envelope id acts once.

    Raises:
        Refusal: A rule says no.
        UnknownMatter: There is no such matter.
        Unavailable: No answer within `patience`; send it again with the same id.
    """
    handle: WorkflowHandle[Matter, Answer] = client.get_workflow_handle(matter)
    try:
        async with asyncio.timeout(patience.total_seconds()):
            return await handle.execute_update(Matter.execute, envelope, id=envelope.id, rpc_timeout=patience)
    except WorkflowUpdateFailedError as failed:
        refusal = from_failure(failed.cause)
        if refusal is None:
            raise
        raise refusal from None
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as late:
        raise Unavailable("no worker answered in time") from late
    except RPCError as fault:
        if fault.status != RPCStatusCode.NOT_FOUND:
            raise _unavailable(fault) from fault
    await look(client, matter)
    raise AlreadyClosed(f"{matter} has ended", "open another matter")


async def tell_together(
    client: Client, work: Together, *, task_queue: str = COMPLAINTS_QUEUE
) -> tuple[Item, ...]:
    """Send one command to many complaints, and wait until each has answered or refused.

    The same request id is the same undertaking: it is found again, and nothing acts twice.

    Raises:
        Unavailable: The server does not answer.
    """
    try:
        handle = await client.start_workflow(
            AnswerTogether.run,
            work,
            id=f"together.{work.incident}.{work.envelope.id}",
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    except WorkflowAlreadyStartedError:
        handle = client.get_workflow_handle_for(
            AnswerTogether.run, f"together.{work.incident}.{work.envelope.id}"
        )
    except RPCError as fault:
        raise _unavailable(fault) from fault
    return await handle.result()


async def look(client: Client, matter: str, *, patience: timedelta = PATIENCE) -> View:
    """Show a matter as its workflow sees it.

    Raises:
        UnknownMatter: There is no such matter.
        Unavailable: No worker answers.
    """
    try:
        handle: WorkflowHandle[Matter, Answer] = client.get_workflow_handle(matter)
        return await handle.query(Matter.view, rpc_timeout=patience)
    except RPCError as fault:
        if fault.status == RPCStatusCode.NOT_FOUND:
            raise UnknownMatter(f"there is no matter {matter}") from None
        raise _unavailable(fault) from fault
    except WorkflowQueryFailedError as fault:
        raise Unavailable("the worker could not answer") from fault


def _unavailable(fault: RPCError) -> Unavailable:
    return Unavailable(f"Temporal does not answer: {fault.status.name.lower()}")
