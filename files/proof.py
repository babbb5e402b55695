"""Whether stored bytes are those whose digest is in the ledger."""

from __future__ import annotations

import hashlib

from complaints.records import Attachment
from files.errors import FileDamaged
from files.storage import Files


async def prove(files: Files, number: str, file: Attachment) -> None:
    """Read all of a file once, so that nothing of a damaged one is ever given out.

    Raises:
        FileDamaged: It is not what the ledger says.
        FileMissing, FileGone, StorageAway: As the storage has it.
    """
    digest, size = hashlib.sha256(), 0
    async for chunk in files.get(number, file.id):
        digest.update(chunk)
        size += len(chunk)
    if (digest.hexdigest(), size) != (file.sha256, file.size_bytes):
        raise FileDamaged(file.id)
