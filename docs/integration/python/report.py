"""Starts a complaint and sends it a command, straight from Temporal: no Redress library, plain JSON.

Needs `temporalio` and `httpx`, and in the environment

    TEMPORAL_ADDRESS    host:port                REDRESS_URL      where the API is
    TEMPORAL_NAMESPACE  such as default          REDRESS_API_KEY  a key with the scopes register, act, decode
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import (
    DataConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)
from temporalio.exceptions import ApplicationError

SOURCE = "crm"  # the name that your API key acts under
ACTOR = {"id": SOURCE, "role": "system"}


class RedressCodec(PayloadCodec, WithSerializationContext):
    """Has Redress seal and encrypt what goes to Temporal, and decrypt what comes back."""

    def __init__(self, http: httpx.AsyncClient, workflow: str = "") -> None:
        self._http = http
        self._workflow = workflow

    def with_context(self, context: SerializationContext) -> RedressCodec:
        """Say whose payloads they are: whoever may see that complaint may decode them, in Temporal's UI for instance."""
        return RedressCodec(self._http, getattr(context, "workflow_id", None) or "")

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._ask(f"encode?workflow={self._workflow}", payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._ask("decode", payloads)

    async def _ask(self, what: str, payloads: Sequence[Payload]) -> list[Payload]:
        body = json_format.MessageToDict(Payloads(payloads=payloads))
        answer = await self._http.post(f"/v1/codec/{what}", json=body)
        answer.raise_for_status()
        return list(json_format.ParseDict(answer.json(), Payloads()).payloads)


async def main(reference: str) -> None:
    headers = {"X-API-Key": os.environ["REDRESS_API_KEY"]}
    codec = RedressCodec(httpx.AsyncClient(base_url=os.environ["REDRESS_URL"], headers=headers))
    client = await Client.connect(
        os.environ["TEMPORAL_ADDRESS"],
        namespace=os.environ["TEMPORAL_NAMESPACE"],
        data_converter=dataclasses.replace(DataConverter.default, payload_codec=codec),
    )
    number = f"{SOURCE}-{reference}"
    registration = envelope(
        {
            "type": "Register",
            "source": SOURCE,
            "reference": reference,
            "channel": "web",
            "category": "billing",
            "customer": {"name": "王女士", "contact": "000-0000-0000", "language": "zh-CN"},
            "description": "三月电费突然翻倍，怀疑抄表有误。",
        }
    )
    # The same source and reference are the same complaint, however often this runs.
    await client.start_workflow(
        "Complaint",
        {"number": number, "registration": registration},
        id=number,
        task_queue="redress-complaints",
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,  # what was refused may be corrected
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    # By its number alone: the handle of a start is bound to a run, and a complaint has many.
    complaint: WorkflowHandle[Any, Any] = client.get_workflow_handle(number)
    print(json.dumps(await send(complaint, {"type": "AddNote", "text": "客户说周末在家。"})))


async def send(complaint: WorkflowHandle[Any, Any], command: dict[str, Any]) -> Any:
    """Send a command. Its id is its idempotency key: sent twice, it acts once and is answered alike."""
    message = envelope(command)
    while True:
        try:
            return await complaint.execute_update("execute", message, id=message["id"])
        except WorkflowUpdateFailedError as failed:
            # A complaint that was just started is still being taken in. Any other type is the name of a broken rule.
            if not isinstance(failed.cause, ApplicationError) or failed.cause.type != "Arriving":
                raise
            await asyncio.sleep(0.2)


def envelope(command: dict[str, Any]) -> dict[str, Any]:
    received_at = datetime.now(UTC).isoformat()
    return {"id": str(uuid.uuid4()), "actor": ACTOR, "received_at": received_at, "command": command}


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else f"py-{uuid.uuid4()}"))
    sys.stdout.flush()
    os._exit(0)  # the SDK may abort in the interpreter's own shutdown (sdk-python issue 300)
