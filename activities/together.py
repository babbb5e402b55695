"""Sends one command to many complaints; each answers or refuses for itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.names import COLLECT_CASES, EXECUTE, LIST_CHILDREN, TELL_CHILDREN
from complaints.errors import AlreadyClosed, CustomerForgotten
from complaints.matters.reviews import Found, ReviewPlan
from complaints.matters.together import Item, Share, for_one
from complaints.view import Answer
from db.keys import Keys
from db.reviews import collect, open_children

PATIENCE = timedelta(seconds=20)

log = structlog.get_logger()


class Together:
    """The activities that reach many complaints at once."""

    def __init__(self, client: Client, engine: Engine, keys: Keys) -> None:
        self._client = client
        self._engine = engine
        self._keys = keys

    @activity.defn(name=LIST_CHILDREN)
    def list_children(self, incident: str) -> tuple[str, ...]:
        """List the open complaints of an incident."""
        with Session(self._engine) as session:
            return tuple(open_children(session, incident))

    @activity.defn(name=TELL_CHILDREN)
    async def tell(self, share: Share) -> tuple[Item, ...]:
        """Send a command to some complaints, and say what each answered.

        Raises:
            RPCError: One of them did not answer; all are sent it again, and who has answered answers the same.
        """
        items = await asyncio.gather(*(self._tell(share, number) for number in share.numbers))
        refused = sum(item.rule is not None for item in items)
        log.info("told together", request=share.envelope.id, complaints=len(items), refused=refused)
        return tuple(items)

    @activity.defn(name=COLLECT_CASES)
    def collect(self, plan: ReviewPlan) -> tuple[Found, ...]:
        """Find what is to be looked at together, as the records have it now."""
        with Session(self._engine) as session:
            return tuple(collect(session, plan, _now()))

    async def _tell(self, share: Share, number: str) -> Item:
        envelope = for_one(share.envelope, number)
        try:
            command = await asyncio.to_thread(self._keys.sealed, number, envelope.command)
        except CustomerForgotten as forgotten:
            return Item(number=number, rule=forgotten.rule, why=forgotten.message)
        envelope = replace(envelope, command=command)
        handle = self._client.get_workflow_handle(number)
        try:
            await handle.execute_update(
                EXECUTE, envelope, id=envelope.id, result_type=Answer, rpc_timeout=PATIENCE
            )
        except WorkflowUpdateFailedError as failed:
            cause = failed.cause
            if not isinstance(cause, ApplicationError) or cause.type is None:
                raise
            return Item(number=number, rule=cause.type, why=cause.message)
        except RPCError as fault:
            if fault.status != RPCStatusCode.NOT_FOUND:
                raise
            return Item(number=number, rule=AlreadyClosed.__name__, why=f"no complaint {number} is under way")
        return Item(number=number)


def _now() -> datetime:
    return datetime.now(UTC)
