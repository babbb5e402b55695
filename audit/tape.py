"""Runs workflows for a replay, and writes down every command they give.

One place sees everything that a workflow does: activities, timers, answers, search attributes, its end. Interceptors
would not see timers.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from dataclasses import dataclass
from typing import Any

from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

from audit.difference import message_of


class _Hush(logging.Filter):
    """Keeps a failing replay out of the log: it is an answer here, and its message may quote a customer."""

    def __init__(self) -> None:
        super().__init__()
        self.replaying = threading.local()

    def filter(self, _record: logging.LogRecord) -> bool:
        return not getattr(self.replaying, "now", False)


_hush = _Hush()
logging.getLogger("temporalio.worker._workflow_instance").addFilter(_hush)


@dataclass(frozen=True)
class Step:
    """What a workflow did in one workflow task.

    Attributes:
        started: The id of the event with which the task began.
        failure: Why the code broke down; None if it did not.
    """

    started: int
    commands: tuple[WorkflowCommand, ...]
    failure: str | None


class Tape(WorkflowRunner):
    """Runs workflows outside the sandbox and keeps their steps, for one history at a time.

    The sandbox watches for code that is not deterministic while it is being written. Here whatever such code does
    shows as a difference, so its price, a third of the time, buys nothing.
    """

    def __init__(self) -> None:
        self._runner = UnsandboxedWorkflowRunner()
        self._task_queue = ""
        self.steps: list[Step] = []

    def rewind(self, task_queue: str) -> None:
        """Make ready for another history, which ran on that queue."""
        self._task_queue = task_queue
        self.steps = []

    def prepare_workflow(self, defn: workflow._Definition) -> None:
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        # The replayer invents a queue; an activity without a queue of its own must go where it went.
        info = dataclasses.replace(det.info, task_queue=self._task_queue)
        return _Taped(self._runner.create_instance(dataclasses.replace(det, info=info)), self.steps)


class _Taped(WorkflowInstance):
    """Hands everything through, and keeps what comes back."""

    def __init__(self, instance: WorkflowInstance, steps: list[Step]) -> None:
        self._instance = instance
        self._steps = steps

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        _hush.replaying.now = True
        try:
            completion = self._instance.activate(act)
        finally:
            _hush.replaying.now = False
        if not any(job.HasField("remove_from_cache") for job in act.jobs):
            failure = message_of(completion.failed.failure) if completion.HasField("failed") else None
            self._steps.append(Step(act.history_length, tuple(completion.successful.commands), failure))
        return completion

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> workflow.Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()
