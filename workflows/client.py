"""The door to complaints for everything that is not a workflow: connect, start, execute, view.

Refusals come back as the refusals they are; what the surroundings do wrong comes back as `Unavailable`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary, WeakValueDictionary

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.runtime import Runtime
from temporalio.service import RetryConfig, RPCError, RPCStatusCode

from activities.names import COMPLAINTS_QUEUE
from complaints.commands import Envelope, Register
from complaints.errors import AlreadyClosed
from complaints.lifecycle import Stage
from complaints.policy import Policy, text_of
from complaints.state import State
from complaints.turn import take_turn
from complaints.view import Answer, View
from complaints.vocabulary import Severity
from workflows import names
from workflows.case_file import summary
from workflows.complaint import CONTINUE_AFTER, Complaint, Start
from workflows.converter import data_converter
from workflows.refusals import from_failure
from workflows.settings import Settings

PATIENCE = timedelta(seconds=15)
"""How long a caller waits for a worker before it is told to come back."""


AT_ONCE = 6
"""How many commands to one complaint may be under way from one client; the others queue here.

The server admits ten. One more not only is turned away: it makes the server forget the task that the ten ride on, and
under steady pressure none of them is ever answered. Several clients together may still come to ten.
"""

_gates: WeakKeyDictionary[Client, WeakValueDictionary[str, asyncio.Semaphore]] = WeakKeyDictionary()


class UnknownComplaint(LookupError):
    """There is no complaint of that number."""


class Unavailable(ConnectionError):
    """The server or the workers do not answer; the same command with the same id may be sent again."""


async def connect(
    settings: Settings,
    *,
    runtime: Runtime | None = None,
    lazy: bool = False,
    tries_for: timedelta = timedelta(seconds=10),
) -> Client:
    """Connect to Temporal.

    Args:
        lazy: Whether to connect with the first request only; until the server answers, every one is unavailable.
        tries_for: How long a request is tried again while nobody answers, before it is unavailable.

    Raises:
        Unavailable: Nobody answers at the address.
    """
    api_key = settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None
    try:
        return await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            api_key=api_key,
            tls=True if api_key else settings.temporal_tls,
            data_converter=data_converter(settings.masters),
            runtime=runtime,
            lazy=lazy,
            retry_config=RetryConfig(max_elapsed_time_millis=int(tries_for.total_seconds() * 1000)),
        )
    except (RuntimeError, RPCError) as fault:
        raise Unavailable(f"no Temporal server answers at {settings.temporal_address}") from fault


async def start(
    client: Client,
    registration: Envelope,
    policy: Policy,
    *,
    task_queue: str = COMPLAINTS_QUEUE,
    continue_after: int = CONTINUE_AFTER,
    after: timedelta = timedelta(),
) -> tuple[WorkflowHandle[Complaint, Answer], bool]:
    """Start a complaint; starting the same one again finds it.

    Intake is validated before anything is started, since a workflow that refuses its registration would go on.

    Args:
        after: How long the server lets it wait before its life begins. Where clocks jump, a complaint of next
            Monday can be started today.

    Returns:
        Its handle, and whether it is new.

    Raises:
        Refusal: The registration is against a rule.
        Unavailable: The server does not answer.
    """
    command = registration.command
    assert isinstance(command, Register)
    number = names.number_of(command.source, command.reference)
    take_turn(State(number=number, policy=policy), registration, datetime.now(UTC) + after)
    attributes = TypedSearchAttributes(
        [
            SearchAttributePair(names.STAGE, Stage.INTAKE.value),
            SearchAttributePair(names.SEVERITY, Severity.NORMAL.value),
            SearchAttributePair(names.ESCALATED, False),
        ]
    )
    line = summary(number, policy.categories[command.category].en, command.channel)
    try:
        handle = await client.start_workflow(
            Complaint.run,
            Start(
                number=number,
                policy=text_of(policy),
                registration=registration,
                continue_after=continue_after,
            ),
            id=number,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            search_attributes=attributes,
            static_summary=line,
            static_details=f"Policy {policy.name} {policy.version}",
            start_delay=after or None,
            rpc_timeout=PATIENCE,
        )
    except WorkflowAlreadyStartedError:
        return client.get_workflow_handle_for(Complaint.run, number), False
    except (RPCError, RuntimeError) as fault:
        raise _unavailable(fault) from fault
    return handle, True


async def execute(
    client: Client, number: str, envelope: Envelope, *, patience: timedelta = PATIENCE
) -> Answer:
    """Let a command act on a complaint. The same envelope id acts once.

    Raises:
        Refusal: A rule says no.
        UnknownComplaint: There is no such complaint.
        Unavailable: No answer within `patience`; send it again with the same id.
    """
    handle = client.get_workflow_handle_for(Complaint.run, number)
    try:
        async with asyncio.timeout(patience.total_seconds()), _turn(client, number):
            return await handle.execute_update(
                Complaint.execute, envelope, id=envelope.id, rpc_timeout=patience
            )
    except WorkflowUpdateFailedError as failed:
        if isinstance(failed.cause, ApplicationError) and failed.cause.type == names.ARRIVING:
            raise Unavailable("the complaint is being taken in") from None
        refusal = from_failure(failed.cause)
        if refusal is None:
            raise
        raise refusal from None
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as late:
        raise Unavailable("no worker answered in time") from late
    except (RPCError, RuntimeError) as fault:
        if not _is_not_found(fault):
            raise _unavailable(fault) from fault
        await check_known(client, number)
        raise AlreadyClosed(f"complaint {number} has ended") from None


async def look(client: Client, number: str, *, patience: timedelta = PATIENCE) -> View:
    """Show a complaint as its workflow sees it.

    Raises:
        UnknownComplaint: There is no such complaint.
        Unavailable: No worker answers.
    """
    handle = client.get_workflow_handle_for(Complaint.run, number)
    try:
        return await handle.query(Complaint.view, rpc_timeout=patience)
    except (RPCError, RuntimeError) as fault:
        if _is_not_found(fault):
            raise UnknownComplaint(f"there is no complaint {number}") from None
        raise _unavailable(fault) from fault
    except WorkflowQueryFailedError as fault:
        raise Unavailable("the worker could not answer") from fault


async def register_search_attributes(
    client: Client, wanted: Mapping[str, str] = names.SEARCH_ATTRIBUTES
) -> None:
    """Make the namespace know our search attributes; ones that it knows are left alone."""
    from temporalio.api.enums.v1 import IndexedValueType
    from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest

    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    kinds = {
        "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
        "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    }
    missing = {name: kinds[kind] for name, kind in wanted.items() if name not in known.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )


@asynccontextmanager
async def _turn(client: Client, number: str) -> AsyncIterator[None]:
    """Wait until few enough commands to a complaint are under way."""
    gates = _gates.setdefault(client, WeakValueDictionary())
    gate = gates.get(number)
    if gate is None:
        gate = gates[number] = asyncio.Semaphore(AT_ONCE)
    async with gate:  # held here; nobody waiting any more, it is forgotten
        yield


async def check_known(client: Client, number: str) -> None:
    """Make sure that there is such a complaint.

    Raises:
        UnknownComplaint: There is none.
        Unavailable: Temporal does not answer.
    """
    try:
        await client.get_workflow_handle(number).describe()
    except RPCError as fault:
        if fault.status == RPCStatusCode.NOT_FOUND:
            raise UnknownComplaint(f"there is no complaint {number}") from None
        raise _unavailable(fault) from fault


def _is_not_found(fault: Exception) -> bool:
    return isinstance(fault, RPCError) and fault.status == RPCStatusCode.NOT_FOUND


def _unavailable(fault: RPCError | RuntimeError) -> Unavailable:
    """Say what failed; a client that has never got through raises what is no RPCError.

    Raises:
        RuntimeError: It is something else.
    """
    if isinstance(fault, RPCError):
        return Unavailable(f"Temporal does not answer: {fault.status.name.lower()}")
    if "client connect" not in str(fault):
        raise fault
    return Unavailable("Temporal does not answer: nobody is there")
