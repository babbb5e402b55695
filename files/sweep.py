"""Bytes that nobody knows: what an upload left that died before its command, and what a removal did not get to delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from files.storage import Files, Stored

GRACE = timedelta(days=1)
"""How long bytes may wait for their command."""

IsKnown: TypeAlias = Callable[[str, str], Awaitable[bool | None]]
"""Says whether a complaint has a file, by number and attachment; None where that cannot be found out now."""


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep did.

    Attributes:
        unsure: Objects that were left since nobody could say whose they are.
        unfinished: Remains of uploads that never became objects.
    """

    kept: int
    deleted: tuple[Stored, ...]
    unsure: int
    unfinished: int


async def sweep(
    files: Files, is_known: IsKnown, now: datetime, *, grace: timedelta = GRACE, dry_run: bool = False
) -> Swept:
    """Delete what is older than the grace and known to no complaint.

    Raises:
        StorageAway: The storage does not answer.
    """
    kept = unsure = 0
    deleted = []
    async for each in files.stored():
        known = True if now - each.stored_at < grace else await is_known(each.number, each.attachment)
        if known is None:
            unsure += 1
        elif known:
            kept += 1
        else:
            deleted.append(each)
    if not dry_run:
        for each in deleted:
            await files.delete(each.number, each.attachment)
    unfinished = 0 if dry_run else files.drop_unfinished(grace)
    return Swept(kept=kept, deleted=tuple(deleted), unsure=unsure, unfinished=unfinished)
