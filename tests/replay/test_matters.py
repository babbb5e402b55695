"""Recorded histories of matters replay with today's code."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from db.masters import Masters
from tests.replay.histories import HERE, KEY, VERSION
from tests.replay.matters import MATTERS
from workflows.converter import data_converter
from workflows.matter import Matter

FILES = sorted(HERE.glob("*/matters/*.json"))


def _read(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
async def test_recorded_matter_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=[Matter],
        data_converter=data_converter(Masters([KEY])),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    found = await replayer.replay_workflow(_read(path), raise_on_replay_failure=False)
    assert found.replay_failure is None


def test_every_life_of_a_matter_is_recorded() -> None:
    lives = {path.stem for path in (HERE / VERSION / "matters").glob("*.json")}
    assert lives == {script.__name__ for script in MATTERS}


async def test_a_changed_matter_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Matter, "_start_openings", lambda _: None)
    run = _read(HERE / VERSION / "matters" / "missed_postponed_and_concluded.json")
    replayer = Replayer(
        workflows=[Matter],
        data_converter=data_converter(Masters([KEY])),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    assert (await replayer.replay_workflow(run, raise_on_replay_failure=False)).replay_failure is not None
