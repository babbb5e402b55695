"""Names that are stored in histories: data once shipped, pinned by a test."""

from __future__ import annotations

RECORD = "record"
DELIVER = "deliver"
RECORD_MATTER = "record_matter"
OPEN_MATTER = "open_matter"
LIST_CHILDREN = "list_children"
TELL_CHILDREN = "tell_children"
COLLECT_CASES = "collect_cases"

EXECUTE = "execute"
"""The update by which complaints take commands."""
TAKE_IN = "take_in"
FORGET_DUE = "forget_due"
FIND_HOT_SPOTS = "find_hot_spots"
ADD_TO_HOT_SPOT = "add_to_hot_spot"

MATTER = "Matter"
"""The workflow type that `open_matter` starts; it stands here because activities know no workflow."""

COMPLAINTS_QUEUE = "redress-complaints"
NOTICES_QUEUE = "redress-notices"
"""Outbound notices have a queue of their own: a slow mail server delays no deadline."""
