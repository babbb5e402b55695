"""Histories as files: a complaint's whole chain of runs as JSON, still encrypted, and back."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.json_format import ParseError
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from audit.replay import start_of
from audit.sealed import NoHistory
from workflows.client import Unavailable, UnknownComplaint


async def fetch(client: Client, number: str) -> list[WorkflowHistory]:
    """Fetch all runs of a complaint from the server, the oldest first.

    Raises:
        UnknownComplaint: The server has no such complaint, or no longer.
        Unavailable: The server does not answer.
    """
    runs: list[WorkflowHistory] = []
    run_id: str | None = None
    try:
        while True:
            history = await client.get_workflow_handle(number, run_id=run_id).fetch_history()
            runs.insert(0, history)
            run_id = start_of(history).continued_execution_run_id
            if not run_id:
                return runs
    except RPCError as fault:
        if fault.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            raise UnknownComplaint(f"there is no history of complaint {number} on the server") from None
        raise Unavailable(f"Temporal does not answer: {fault.status.name.lower()}") from fault


async def export(client: Client, number: str) -> str:
    """Write all runs of a complaint as one JSON document.

    Raises:
        UnknownComplaint: The server has no such complaint, or no longer.
        Unavailable: The server does not answer.
    """
    return dump(number, await fetch(client, number))


def dump(number: str, runs: list[WorkflowHistory]) -> str:
    """Write runs as one JSON document, one event a line."""
    blocks = [
        "{\n"
        + json.dumps("events")
        + ": [\n"
        + ",\n".join(json.dumps(event, ensure_ascii=False) for event in run.to_json_dict()["events"])
        + "\n]}"
        for run in runs
    ]
    return f'{{"number": {json.dumps(number, ensure_ascii=False)}, "runs": [{", ".join(blocks)}]}}\n'


def load(text: str) -> list[WorkflowHistory]:
    """Read an exported complaint, or one history as `temporal workflow show -o json` prints it.

    Raises:
        NoHistory: It is neither.
    """
    try:
        document = json.loads(text)
        histories = [_history(run) for run in document.get("runs", [document])]
    except NoHistory:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, ParseError) as error:
        raise NoHistory(f"this is no exported history: {type(error).__name__}") from None
    if not histories:
        raise NoHistory("this export holds no history")
    return histories


def _history(run: dict[str, Any]) -> WorkflowHistory:
    history = WorkflowHistory.from_json("", run)
    return WorkflowHistory(start_of(history).workflow_id, history.events)
