"""How processes log: one line an event, without secrets, and without the words that faults quote."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from workflows.discretion import withhold_secrets
from workflows.settings import Settings


def configure_logs(settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Write one line an event to a stream: for people, or as JSON for machines.

    Each line is one write, or those of other threads would stand in the midst of it.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_without_messages),
        withhold_secrets,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=[_name_complaint, *shared])
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def _without_messages(exc_info: ExcInfo) -> str:
    """Show where and what, not the words: those may quote what people wrote. The Temporal UI keeps them, encrypted."""
    error: BaseException | None = exc_info[1]
    lines: list[str] = []
    while error is not None:
        lines.insert(0, "".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def _name_complaint(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Put the complaint's number, which is the workflow's id, where our own lines have it."""
    record = event["_record"]
    about = getattr(record, "temporal_activity", None) or getattr(record, "temporal_workflow", None)
    return {**event, "complaint": about["workflow_id"]} if about else event
