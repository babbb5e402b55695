"""The recorded histories, and their two readers."""

from __future__ import annotations

import base64
import json
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.names import RECORD
from activities.work import Batch, NoticeWork
from audit.export import load
from audit.replay import Report, replay
from complaints.commands import Envelope
from complaints.delivery import Delivery
from complaints.view import Answer
from db.masters import Masters
from workflows.complaint import Complaint, Start
from workflows.converter import EncryptionCodec, data_converter, prepare

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEY = base64.b64decode((HERE / "key.txt").read_text().split()[-1])
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
FILES = sorted(HERE.glob("*/*.json"))


@lru_cache(maxsize=32)
def recorded(path: Path) -> list[WorkflowHistory]:
    return load(path.read_text(encoding="utf-8"))


def runs_of(name: str) -> list[WorkflowHistory]:
    """A copy of what is recorded of a life, to be changed at will."""
    return [
        WorkflowHistory(run.workflow_id, list(History(events=run.events).events))
        for run in recorded(HERE / VERSION / f"{name}.json")
    ]


def life(name: str) -> WorkflowHistory:
    """A copy of a life that has one run."""
    [run] = runs_of(name)
    return run


def first(history: WorkflowHistory, field: str) -> HistoryEvent:
    """The first event of a kind."""
    return next(event for event in history.events if event.HasField(f"{field}_event_attributes"))  # type: ignore[arg-type]


async def facts_of(history: WorkflowHistory) -> list[dict[str, Any]]:
    """What a run had written to the ledger."""
    scheduled = [event.activity_task_scheduled_event_attributes for event in history.events]
    batches = [each.input.payloads for each in scheduled if each.activity_type.name == RECORD]
    read = [
        json.loads(payload.data)
        for batch in batches
        for payload in await EncryptionCodec(Masters([KEY])).decode(batch)
    ]
    return [event["fact"] for batch in read for event in batch["changes"]["events"]]


async def strictly(history: WorkflowHistory) -> Report:
    return await replay(history, masters=Masters([KEY]))


async def plainly(history: WorkflowHistory) -> Exception | None:
    """What the SDK's own Replayer has against it."""
    prepare(
        Start, Envelope, Answer, Batch, NoticeWork, Delivery
    )  # or the first task takes longer than a task may
    replayer = Replayer(
        workflows=[Complaint],
        data_converter=data_converter(Masters([KEY])),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    return (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure
