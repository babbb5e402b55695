"""How state changes by the files that are put on a complaint, and taken away."""

from __future__ import annotations

from typing import Any

from complaints import facts
from complaints.copies import replace
from complaints.events import Event
from complaints.evolve.change import Change, altered, with_item
from complaints.records import Attachment
from complaints.state import State


def _attached(state: State, event: Event, fact: facts.FileAttached) -> State:
    file = Attachment(
        id=fact.attachment,
        file_name=fact.file_name,
        media_type=fact.media_type,
        size_bytes=fact.size_bytes,
        sha256=fact.sha256,
        attached_by=event.actor.id,
        attached_at=event.occurred_at,
    )
    return replace(state, attachments=with_item(state.attachments, file.id, file))


def _removed(state: State, event: Event, fact: facts.FileRemoved) -> State:
    gone = {"removed_by": event.actor.id, "removed_at": event.occurred_at, "reason": fact.reason}
    return replace(state, attachments=altered(state.attachments, fact.attachment, **gone))


CHANGES: dict[type[Any], Change] = {facts.FileAttached: _attached, facts.FileRemoved: _removed}
