"""The recorded histories, and their two readers."""

from __future__ import annotations

import base64
import tomllib
from functools import lru_cache
from pathlib import Path

from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from audit.export import load
from audit.replay import Report, replay
from workflows.complaint import Complaint
from workflows.converter import data_converter

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


async def strictly(history: WorkflowHistory) -> Report:
    return await replay(history, key=KEY)


async def plainly(history: WorkflowHistory) -> Exception | None:
    """What the SDK's own Replayer has against it."""
    replayer = Replayer(
        workflows=[Complaint], data_converter=data_converter(KEY), workflow_runner=UnsandboxedWorkflowRunner()
    )
    return (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure
