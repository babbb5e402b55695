"""Deletes the bytes of forgotten people's files: sealed with a destroyed key they say nothing, and take up room."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from files.errors import StorageAway
from files.storage import Files, KeyOf

log = structlog.get_logger()


def forget_files(where: str, key_of: KeyOf, numbers: Sequence[str]) -> int | None:
    """Delete all files of complaints, and return how many; None where the storage does not answer.

    Blocks, so a loop must not run on this thread. Doing it again deletes what was left.
    """
    try:
        return asyncio.run(_forget(Files(where, key_of), numbers))
    except StorageAway as fault:
        log.warning(
            "files of forgotten people are left, sealed for ever", why=str(fault), complaints=len(numbers)
        )
        return None


async def _forget(files: Files, numbers: Sequence[str]) -> int:
    return sum([await files.forget(number) for number in numbers])
