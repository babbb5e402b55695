"""Files in a folder: whole or not at all, sealed, each in its place."""

from __future__ import annotations

import asyncio
import os
import time
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from complaints.errors import CustomerForgotten
from files.errors import FileDamaged, FileGone, FileMissing, StorageAway, TooLarge
from files.storage import Files
from files.sweep import sweep

DAY = timedelta(days=1)


def key_of(number: str) -> bytes:
    if number == "erased-1":
        raise CustomerForgotten("nobody knows them any more")
    return number.encode().ljust(32, b"k")[:32]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "files"


@pytest.fixture
def files(folder: Path) -> Files:
    return Files(str(folder), key_of)


async def of(*chunks: bytes, then: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then:
        raise then


async def read(files: Files, number: str = "hotline-1", attachment: str = "a-1") -> bytes:
    return b"".join([chunk async for chunk in files.get(number, attachment)])


def objects_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_stored_comes_back(files: Files) -> None:
    data = os.urandom(12_000_000)
    await files.put("hotline-1", "a-1", of(data[:5_000_000], data[5_000_000:]))
    assert await read(files) == data


async def test_a_folder_may_be_named_by_an_address(folder: Path) -> None:
    await Files(folder.as_uri(), key_of).put("hotline-1", "a-1", of(b"abc"))
    assert await read(Files(str(folder), key_of)) == b"abc"


async def test_an_object_is_called_by_number_and_attachment_and_shows_nothing(
    files: Files, folder: Path
) -> None:
    await files.put("hotline-1", "a-1", of("王秀英".encode() * 100))
    (path,) = objects_in(folder)
    assert path.relative_to(folder) == Path("hotline-1/a-1")
    assert "王秀英".encode() not in path.read_bytes()


async def test_what_fails_on_its_way_leaves_nothing(files: Files, folder: Path) -> None:
    with pytest.raises(TooLarge):
        await files.put("hotline-1", "a-1", of(os.urandom(9_000_000), then=TooLarge(1)))
    assert objects_in(folder) == []


async def test_what_was_altered_is_named_as_damaged(files: Files, folder: Path) -> None:
    await files.put("hotline-1", "a-1", of(b"abc"))
    path = folder / "hotline-1" / "a-1"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(FileDamaged, match="a-1"):
        await read(files)


async def test_a_file_in_the_place_of_another_is_damaged(files: Files, folder: Path) -> None:
    await files.put("hotline-1", "a-1", of(b"one"))
    await files.put("hotline-1", "a-2", of(b"two"))
    (folder / "hotline-1" / "a-1").write_bytes((folder / "hotline-1" / "a-2").read_bytes())
    with pytest.raises(FileDamaged):
        await read(files)


async def test_what_is_not_there_is_missing(files: Files) -> None:
    with pytest.raises(FileMissing):
        await read(files)


async def test_deleting_twice_is_deleting(files: Files) -> None:
    await files.put("hotline-1", "a-1", of(b"abc"))
    await files.delete("hotline-1", "a-1")
    await files.delete("hotline-1", "a-1")
    with pytest.raises(FileMissing):
        await read(files)


async def test_with_its_key_a_complaint_loses_its_files(files: Files) -> None:
    with pytest.raises(CustomerForgotten):
        await files.put("erased-1", "a-1", of(b"abc"))
    with pytest.raises(FileGone):
        await read(files, "erased-1")


async def test_all_of_one_complaint_is_forgotten_and_nothing_of_another(files: Files) -> None:
    for number, attachment in (("hotline-1", "a-1"), ("hotline-1", "a-2"), ("hotline-11", "a-1")):
        await files.put(number, attachment, of(b"abc"))
    assert await files.forget("hotline-1") == 2
    assert [each.number async for each in files.stored()] == ["hotline-11"]


def test_a_folder_that_cannot_be_made_is_said_to_be_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageAway):
        Files(str(tmp_path / "file" / "folder"), key_of)


async def test_a_disk_that_fails_is_said_to_be_away(files: Files, folder: Path) -> None:
    (folder / "hotline-1").write_text("in the way")
    with pytest.raises(StorageAway):
        await files.put("hotline-1", "a-1", of(b"abc"))


async def test_a_large_file_passes_through_with_little_memory(files: Files) -> None:
    """A hundred megabytes; what Python holds at once, and what the whole process gains."""

    async def source() -> AsyncIterator[bytes]:
        for _ in range(1600):
            yield bytes(65_536)

    await files.put("hotline-1", "warm-up", of(*(bytes(65_536) for _ in range(300))))
    before = _resident()
    tracemalloc.start()
    await files.put("hotline-1", "a-1", source())
    size = 0
    async for chunk in files.get("hotline-1", "a-1"):
        size += len(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 1600 * 65_536
    assert peak < 16_000_000
    assert _resident() - before < 40_000_000


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# --- the sweep


async def test_the_sweep_deletes_what_nobody_knows_once_it_is_old(files: Files) -> None:
    for attachment in ("known", "orphan", "doubtful"):
        await files.put("hotline-1", attachment, of(b"abc"))
    known = {"known": True, "orphan": False, "doubtful": None}

    async def is_known(_number: str, attachment: str) -> bool | None:
        await asyncio.sleep(0)
        return known[attachment]

    now = datetime.now(UTC)
    assert (await sweep(files, is_known, now)).kept == 3
    looked = await sweep(files, is_known, now + 2 * DAY, dry_run=True)
    assert [each.attachment for each in looked.deleted] == ["orphan"]
    assert len([each async for each in files.stored()]) == 3
    swept = await sweep(files, is_known, now + 2 * DAY)
    assert (swept.kept, swept.unsure, len(swept.deleted)) == (1, 1, 1)
    assert {each.attachment async for each in files.stored()} == {"known", "doubtful"}


async def test_the_sweep_leaves_what_is_not_ours(files: Files, folder: Path) -> None:
    (folder / "README").write_text("what lies here")
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "c").write_text("a folder too deep")

    async def is_known(_number: str, _attachment: str) -> bool | None:
        raise AssertionError("asked")

    assert (await sweep(files, is_known, datetime.now(UTC) + 2 * DAY)).deleted == ()


async def test_what_a_killed_upload_left_is_dropped_after_a_day(files: Files, folder: Path) -> None:
    await files.put("hotline-1", "a-1", of(b"abc"))
    remains = folder / "hotline-1" / "a-2#1"
    remains.write_bytes(b"half of it")
    assert files.drop_unfinished(DAY) == 0
    os.utime(remains, (time.time() - 2 * 86_400,) * 2)
    assert files.drop_unfinished(DAY) == 1
    assert await read(files) == b"abc"
