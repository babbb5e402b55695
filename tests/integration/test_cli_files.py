"""`redress attach` and `redress files` on a real complaint."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
import pytest_asyncio

from cli.exits import Exit
from cli.main import run
from stack.temporal import TemporalServer
from tests.integration.desk import Desk, workers
from tests.integration.worker_process import variables

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
ME = ("--as", "handler:zhang.wei@billing")


@dataclass
class Shell:
    """A command line beside the desk, in a folder of its own."""

    desk: Desk
    folder: Path
    environment: dict[str, str]

    async def __call__(self, *arguments: str, ends: Exit = Exit.FINE) -> str:
        """Run a command, and return what it says."""
        said = io.StringIO()

        def work() -> int:
            with patch.dict(os.environ, self.environment), redirect_stdout(said), redirect_stderr(said):
                return run(arguments)

        assert await asyncio.to_thread(work) == ends, said.getvalue()
        return said.getvalue()

    async def attach(self, number: str, path: Path) -> str:
        """Attach a file, and return its id."""
        assert "image/png, 16 bytes" in await self("attach", number, str(path), *ME)
        (file,) = (await self.desk.look(number)).attachments
        return file


@pytest_asyncio.fixture(loop_scope="session")
async def shell(
    desk: Desk, temporal_server: TemporalServer, database_url: str, tmp_path: Path
) -> AsyncIterator[Shell]:
    environment = {
        **variables(database_url, temporal_server.address),
        "REDRESS_FILES": str(tmp_path / "files"),
        "REDRESS_HOME": str(tmp_path / "home"),
    }
    async with workers(desk):
        yield Shell(desk, tmp_path, environment)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "读数.png"
    path.write_bytes(PNG)
    return path


async def test_a_file_is_attached_listed_fetched_checked_and_removed(shell: Shell, picture: Path) -> None:
    number = await shell.desk.open()
    file = await shell.attach(number, picture)
    assert "读数.png" in await shell("files", "list", number)
    back = shell.folder / "back.png"
    await shell("files", "get", number, file, "--output", str(back))
    assert back.read_bytes() == PNG
    assert "1 files are what they were" in await shell("files", "check", number)
    await shell("files", "remove", number, file, "--reason", "附错了", *ME)
    await shell("files", "get", number, file, "--output", str(back), ends=Exit.NOT_FOUND)


async def test_what_is_refused_says_why(shell: Shell, picture: Path) -> None:
    number = await shell.desk.open()
    said = await shell("attach", number, str(picture), "--type", "application/pdf", *ME, ends=Exit.MALFORMED)
    assert "declared as application/pdf, and its bytes are image/png" in said
    await shell("attach", number, str(picture), "--as", "auditor:inspector", ends=Exit.REFUSED)
    await shell("attach", "desk-none", str(picture), *ME, ends=Exit.NOT_FOUND)
    await shell("attach", number, str(shell.folder / "nothing"), *ME, ends=Exit.MALFORMED)


async def test_a_damaged_file_fails_the_check_and_leaves_nothing(shell: Shell, picture: Path) -> None:
    number = await shell.desk.open()
    file = await shell.attach(number, picture)
    stored = shell.folder / "files" / number / file
    stored.write_bytes(stored.read_bytes()[:-1] + b"!")
    assert file in await shell("files", "check", number, ends=Exit.PROOF_FAILED)
    back = shell.folder / "back.png"
    await shell("files", "get", number, file, "--output", str(back), ends=Exit.PROOF_FAILED)
    assert not await asyncio.to_thread(back.exists)


async def test_the_sweep_takes_what_nobody_knows_and_leaves_the_rest(shell: Shell, picture: Path) -> None:
    number = await shell.desk.open()
    file = await shell.attach(number, picture)
    folder = shell.folder / "files" / number
    old = {"orphan": b"nobody", file: None}
    for name, data in old.items():
        if data is not None:
            (folder / name).write_bytes(data)
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    assert f"would delete {number}/orphan" in await shell("files", "sweep", "--dry-run")
    assert f"deleted {number}/orphan" in await shell("files", "sweep")
    assert [each.name for each in folder.iterdir()] == [file]
