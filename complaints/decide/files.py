"""Files on a complaint: which may come, and who takes one away. Their bytes are the business of the doors."""

from __future__ import annotations

from complaints import commands, facts
from complaints.draft import Draft
from complaints.errors import AlreadyDone, NotYourFile, TooManyFiles, UnknownItem
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.vocabulary import Role

FILES_AT_MOST = 200
"""How many a complaint holds at once. Each is a part of its state, which is copied and replayed as long as it lives."""

_SUPERIORS = (Role.LEAD, Role.CUSTOMER_SERVICE)


def attach_file(draft: Draft, command: commands.AttachFile) -> None:
    """Put a file on the complaint."""
    files = draft.state.attachments
    if command.attachment in files:
        raise AlreadyDone(f"{command.attachment} is on the complaint already", Act.ADD_NOTE)
    if sum(file.removed_at is None for file in files.values()) >= FILES_AT_MOST:
        raise TooManyFiles(f"a complaint holds {FILES_AT_MOST} files", Act.REMOVE_FILE)
    draft.add(refill(facts.FileAttached, command))


def remove_file(draft: Draft, command: commands.RemoveFile) -> None:
    """Take a file away; that it was there, and what it was, stays in the ledger."""
    file = draft.state.attachments.get(command.attachment)
    if file is None:
        there = [each.id for each in draft.state.attachments.values() if each.removed_at is None]
        raise UnknownItem(f"there is no file {command.attachment}", *there)
    if file.removed_at is not None:
        raise AlreadyDone(f"{file.id} was removed already", Act.ATTACH_FILE)
    if draft.actor.id != file.attached_by and draft.actor.role not in _SUPERIORS:
        raise NotYourFile(
            f"{file.attached_by} put {file.id} there; they or a lead may remove it", Act.ADD_NOTE
        )
    draft.add(refill(facts.FileRemoved, command))
