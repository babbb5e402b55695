"""How a file gets onto a complaint: measured and looked at as it passes, stored, and then made known by a command.

The bytes come first, so that a complaint never names bytes that are not there. Every upload has a name of its own, so
no two ever touch each other's bytes; which of two with one idempotency key was first, the complaint itself decides.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from complaints.commands import AttachFile, Command, Envelope, RemoveFile
from complaints.errors import Refusal
from complaints.records import Attachment
from complaints.view import Answer, View
from complaints.vocabulary import Actor
from files.errors import ComplaintFull, EmptyFile, KeyUsedOtherwise, TooLarge, WrongKind
from files.kinds import HEAD_BYTES, KINDS, recognise
from files.naming import clean
from files.storage import Files


class Door(Protocol):
    """The way to complaints."""

    async def execute(self, number: str, envelope: Envelope) -> Answer:
        """Let a command act on a complaint."""

    async def look(self, number: str) -> View:
        """Show a complaint as its workflow sees it."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many bytes one file may have, and all of a complaint together."""

    file_bytes: int = 20 * 1024 * 1024
    complaint_bytes: int = 200 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A file on its way in: its bytes are read once, as they come."""

    file_name: str
    declared: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sends it, when it reached the door, and under which idempotency key, if any.

    Attributes:
        expected_seq: The event that must still be the complaint's last one.
    """

    actor: Actor
    received_at: datetime
    key: str | None = None
    expected_seq: int | None = None

    def envelope(self, command: Command) -> Envelope:
        """Put a command of theirs into its envelope."""
        id_ = self.key or f"file-{secrets.token_hex(16)}"
        return Envelope(
            id=id_,
            actor=self.actor,
            received_at=self.received_at,
            command=command,
            expected_seq=self.expected_seq,
        )


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What became of it. `new` is false for a repetition, which changed nothing."""

    attachment: Attachment
    new: bool
    seq: int


async def attach(
    door: Door, files: Files, limits: Limits, number: str, incoming: Incoming, sender: Sender
) -> Attached:
    """Take a file in.

    Raises:
        EmptyFile, TooLarge, ComplaintFull, WrongKind: The file is not taken, and nothing is kept of it.
        KeyUsedOtherwise: The idempotency key came with other bytes, or another command, before.
        Refusal: A rule of the lifecycle says no, and nothing is kept of it.
        StorageAway: It could not be stored.
        UnknownComplaint, Unavailable: As the door has it. What is unavailable may still act, so the bytes stay until
            the sweep finds that nobody knows them.
    """
    before = await door.look(number)
    measured = _Measured(incoming, limits, _left(before, limits, sender.key))
    attachment = _name_for(number, sender.key)
    await files.put(number, attachment, measured.pass_through())
    command = AttachFile(
        attachment=attachment,
        file_name=clean(incoming.file_name),
        media_type=measured.media_type,
        size_bytes=measured.size_bytes,
        sha256=measured.sha256,
    )
    try:
        answer = await door.execute(number, sender.envelope(command))
    except Refusal:
        await files.delete(number, attachment)
        raise
    after = await door.look(number)
    if attachment in after.attachments:
        return Attached(attachment=after.attachments[attachment], new=True, seq=answer.seq)
    await files.delete(number, attachment)
    earlier = _earlier(number, sender.key, after)
    if earlier is None:
        raise KeyUsedOtherwise("another command")
    if earlier.sha256 != measured.sha256:
        raise KeyUsedOtherwise(
            f"other bytes: their SHA-256 was {earlier.sha256}, now it is {measured.sha256}"
        )
    return Attached(attachment=earlier, new=False, seq=after.seq)


async def remove(
    door: Door, files: Files, number: str, attachment: str, reason: str, sender: Sender
) -> Attachment:
    """Take a file away: first the complaint knows, then its bytes are deleted.

    Raises:
        KeyUsedOtherwise: The idempotency key came with another command before.
        Refusal: A rule says no.
        StorageAway: It is removed, and its bytes could not be deleted; the sweep does that later.
        UnknownComplaint, Unavailable: As the door has it.
    """
    await door.execute(number, sender.envelope(RemoveFile(attachment=attachment, reason=reason)))
    file = (await door.look(number)).attachments.get(attachment)
    if file is None or file.removed_at is None:
        raise KeyUsedOtherwise("another command")
    await files.delete(number, attachment)
    return file


class _Measured:
    """Counts, hashes and looks at a stream that passes; lets nothing by before its kind is known."""

    def __init__(self, incoming: Incoming, limits: Limits, left_bytes: int) -> None:
        self._incoming = incoming
        self._limits = limits
        self._left_bytes = left_bytes
        self._digest = hashlib.sha256()
        self._is_wide = False
        self.media_type = ""
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def pass_through(self) -> AsyncIterator[bytes]:
        head = b""
        async for chunk in self._incoming.chunks:
            self._count(chunk)
            if self.media_type:
                self._check_text(chunk)
                yield chunk
                continue
            head += chunk
            if len(head) >= HEAD_BYTES:
                yield self._recognised(head)
        if not self.size_bytes:
            raise EmptyFile
        if not self.media_type:
            yield self._recognised(head)

    def _count(self, chunk: bytes) -> None:
        self.size_bytes += len(chunk)
        if self.size_bytes > self._limits.file_bytes:
            raise TooLarge(self._limits.file_bytes)
        if self.size_bytes > self._left_bytes:
            used = self._limits.complaint_bytes - self._left_bytes
            raise ComplaintFull(self._limits.complaint_bytes, used)
        self._digest.update(chunk)

    def _recognised(self, head: bytes) -> bytes:
        incoming = self._incoming
        self.media_type = recognise(head[:HEAD_BYTES], incoming.declared, incoming.file_name)
        self._is_wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        self._check_text(head)
        return head

    def _check_text(self, chunk: bytes) -> None:
        """What begins as a text goes on as one."""
        if self.media_type.startswith("text/") and not self._is_wide and b"\x00" in chunk:
            raise WrongKind(self.media_type, "text first and then something else", tuple(KINDS))


def _left(view: View, limits: Limits, key: str | None) -> int:
    """Say how many bytes the complaint still takes; a repetition takes no more than what is there already."""
    there = [file for file in view.attachments.values() if file.removed_at is None]
    earlier = _earlier(view.number, key, view)
    used = sum(file.size_bytes for file in there if earlier is None or file.id != earlier.id)
    return max(limits.complaint_bytes - used, 0)


def _name_for(number: str, key: str | None) -> str:
    """Make a new name; its first half finds a repetition again, its second keeps the bytes of two apart."""
    return f"{_mark(number, key or secrets.token_hex(16))}-{secrets.token_hex(8)}"


def is_named_here(attachment: str) -> bool:
    """Say whether a name is one of ours; files with other names are kept somewhere else.

    >>> is_named_here("5f70bf18a0860070-16e948b04aed3b82"), is_named_here("dms-4711")
    (True, False)
    """
    return _OURS.fullmatch(attachment) is not None


_OURS = re.compile("[0-9a-f]{16}-[0-9a-f]{16}")


def _mark(number: str, key: str) -> str:
    return hashlib.sha256(f"{number}\n{key}".encode()).hexdigest()[:16]


def _earlier(number: str, key: str | None, view: View) -> Attachment | None:
    """Find what came with an idempotency key before."""
    if key is None:
        return None
    mark = _mark(number, key)
    return next((file for file in view.attachments.values() if file.id.startswith(f"{mark}-")), None)
