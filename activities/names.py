"""Names that are stored in histories: data once shipped, pinned by a test."""

from __future__ import annotations

RECORD = "record"
DELIVER = "deliver"

COMPLAINTS_QUEUE = "redress-complaints"
NOTICES_QUEUE = "redress-notices"
"""Outbound notices have a queue of their own: a slow mail server delays no deadline."""
