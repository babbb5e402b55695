"""Turns away commands whose personal values came in clear: what a history holds can never be taken out of it again.

Our own doors seal; this watches over those who talk to Temporal directly. It asks before an update is accepted, so it leaves
no trace, and it takes no part in replays.
"""

from __future__ import annotations

from temporalio import workflow
from temporalio.worker import (
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

with workflow.unsafe.imports_passed_through():
    from complaints import personal
    from complaints.commands import Envelope
    from complaints.errors import NotSealed
    from workflows.refusals import as_failure

_ENCODE = "encode them by the codec server"


class SealedOnly(Interceptor):
    """Put into the worker that runs complaints."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - as the SDK has it
    ) -> type[WorkflowInboundInterceptor]:
        """Watch over every workflow."""
        return _Watch


class _Watch(WorkflowInboundInterceptor):
    def handle_update_validator(self, input: HandleUpdateInput) -> None:  # noqa: A002 - as the SDK has it
        for each in input.args:
            if not isinstance(each, Envelope):
                continue
            if personal.is_clear(each.command):
                raise as_failure(NotSealed("names, contacts and texts came in clear", _ENCODE))
            if personal.is_foreign(each.command, workflow.info().workflow_id):
                raise as_failure(NotSealed("something was sealed for another complaint", _ENCODE))
        super().handle_update_validator(input)
