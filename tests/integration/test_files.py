"""Files on real complaints: bytes in a folder, digests in the ledger, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import NotYourFile, NotYourRole, Refusal
from complaints.view import Answer, View
from complaints.vocabulary import Role
from db.attachment_tables import AttachmentRow
from db.keys import Keys
from db.masters import Masters
from db.tables import LedgerRow
from files.errors import (
    ComplaintFull,
    EmptyFile,
    FileDamaged,
    FileMissing,
    KeyUsedOtherwise,
    TooLarge,
    WrongKind,
)
from files.intake import Attached, Incoming, Limits, Sender, attach, remove
from files.proof import prove
from files.storage import Files
from files.sweep import sweep
from tests.integration.desk import Desk, workers
from tests.keys import ENCRYPTION_KEY
from tests.lives import PEOPLE, example
from workflows.client import Unavailable

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
LIMITS = Limits(file_bytes=3_000_000, complaint_bytes=5_000_000)


@dataclass
class Counter:
    """A desk that takes files in, the way the doors do."""

    desk: Desk
    files: Files
    folder: Path

    async def execute(self, number: str, envelope: Envelope) -> Answer:
        return await self.desk.send(number, envelope)

    async def look(self, number: str) -> View:
        return await self.desk.look(number)

    async def attach(
        self,
        number: str,
        data: bytes = PNG + b"a meter",
        *,
        key: str | None = None,
        role: Role = Role.HANDLER,
        name: str = "读数.png",
        declared: str = "image/png",
        chunks: AsyncIterator[bytes] | None = None,
        limits: Limits = LIMITS,
    ) -> Attached:
        sender = Sender(actor=PEOPLE[role], received_at=datetime.now(UTC), key=key)
        incoming = Incoming(file_name=name, declared=declared, chunks=chunks or pieces(data))
        return await attach(self, self.files, limits, number, incoming, sender)

    async def remove(
        self, number: str, attachment: str, *, role: Role = Role.HANDLER, key: str | None = None
    ) -> Any:
        sender = Sender(actor=PEOPLE[role], received_at=datetime.now(UTC), key=key)
        return await remove(self, self.files, number, attachment, "附错了", sender)

    async def read(self, number: str, attachment: str) -> bytes:
        return b"".join([chunk async for chunk in self.files.get(number, attachment)])

    async def stored(self) -> list[str]:
        return [f"{each.number}/{each.attachment}" async for each in self.files.stored()]


async def pieces(data: bytes, size: int = 50_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest_asyncio.fixture(loop_scope="session")
async def counter(desk: Desk, tmp_path: Path) -> AsyncIterator[Counter]:
    folder = tmp_path / "files"
    async with workers(desk):
        yield Counter(desk, Files(str(folder), Keys(desk.engine, Masters([ENCRYPTION_KEY])).data_key), folder)


async def test_what_went_up_comes_down_and_its_digest_is_in_the_ledger(counter: Counter) -> None:
    number = await counter.desk.open()
    data = PNG + os.urandom(2_000_000)
    file = (await counter.attach(number, data)).attachment
    assert await counter.read(number, file.id) == data
    view = await counter.desk.agrees(number)
    assert view.attachments == {file.id: file}
    with Session(counter.desk.engine) as session:
        line = session.get(LedgerRow, (number, view.seq))
        row = session.get(AttachmentRow, (number, file.id))
    assert line
    assert row
    digest = hashlib.sha256(data).hexdigest()
    assert line.fact["sha256"] == row.sha256 == file.sha256 == digest
    assert (line.fact["type"], line.fact["size_bytes"]) == ("FileAttached", len(data))
    assert counter.desk.keys.opened(row.file_name, number) == "读数.png"


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        (b"", "image/png", EmptyFile),
        (b"<html><script>", "image/png", WrongKind),
        (PNG, "application/pdf", WrongKind),
        (PNG + bytes(3_000_000), "image/png", TooLarge),
        (b"a text " * 10_000 + b"\x00\x01", "text/plain", WrongKind),
    ],
)
async def test_of_a_file_that_is_not_taken_nothing_is_kept(
    counter: Counter, data: bytes, declared: str, expected: type[Exception]
) -> None:
    number = await counter.desk.open()
    with pytest.raises(expected):
        await counter.attach(number, data, declared=declared)
    assert await counter.stored() == []
    assert not (await counter.desk.look(number)).attachments


async def test_what_is_too_large_is_not_read_to_its_end(counter: Counter) -> None:
    number = await counter.desk.open()
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        yield PNG
        while True:
            given += 65_536
            yield bytes(65_536)

    with pytest.raises(TooLarge):
        await counter.attach(number, chunks=endless())
    assert given < LIMITS.file_bytes + 200_000


async def test_the_files_of_a_complaint_have_a_limit_together(counter: Counter) -> None:
    number = await counter.desk.open()
    big = PNG + bytes(2_900_000)
    first = await counter.attach(number, big, key="first")
    with pytest.raises(ComplaintFull):
        await counter.attach(number, big)
    assert not (await counter.attach(number, big, key="first")).new
    await counter.remove(number, first.attachment.id)
    assert (await counter.attach(number, big)).new


async def test_of_a_file_that_a_rule_refuses_nothing_is_kept(counter: Counter) -> None:
    number = await counter.desk.open()
    with pytest.raises(NotYourRole):
        await counter.attach(number, role=Role.AUDITOR)
    await counter.desk.do(number, c.Transfer)
    with pytest.raises(Refusal):
        await counter.attach(number)
    assert await counter.stored() == []


async def test_the_same_twice_is_one_file(counter: Counter) -> None:
    number = await counter.desk.open()
    first = await counter.attach(number, key="k1")
    second = await counter.attach(number, key="k1")
    assert (first.new, second.new) == (True, False)
    assert second.attachment == first.attachment
    assert await counter.stored() == [f"{number}/{first.attachment.id}"]


async def test_the_same_from_many_at_once_is_one_file(counter: Counter) -> None:
    number = await counter.desk.open()
    done = await asyncio.gather(*(counter.attach(number, key="k1") for _ in range(8)))
    assert [each.new for each in done].count(True) == 1
    (file,) = {each.attachment.id for each in done}
    assert await counter.stored() == [f"{number}/{file}"]
    await prove(counter.files, number, done[0].attachment)


async def test_two_at_once_without_a_key_are_two_files(counter: Counter) -> None:
    number = await counter.desk.open()
    done = await asyncio.gather(*(counter.attach(number) for _ in range(2)))
    assert len({each.attachment.id for each in done}) == 2
    assert len(await counter.stored()) == 2


async def test_other_bytes_under_the_same_key_are_refused_and_say_what_differs(counter: Counter) -> None:
    number = await counter.desk.open()
    first = await counter.attach(number, key="k1")
    with pytest.raises(KeyUsedOtherwise, match=first.attachment.sha256):
        await counter.attach(number, PNG + b"another meter", key="k1")
    assert await counter.stored() == [f"{number}/{first.attachment.id}"]


async def test_a_key_of_another_command_attaches_nothing(counter: Counter) -> None:
    number = await counter.desk.open()
    await counter.desk.send(number, counter.desk.envelope(example(c.AddNote), command_id="k1"))
    with pytest.raises(KeyUsedOtherwise, match="another command"):
        await counter.attach(number, key="k1")
    assert await counter.stored() == []


async def test_a_repetition_is_known_after_the_history_went_on_in_a_new_one(counter: Counter) -> None:
    number = await counter.desk.open(continue_after=20)
    first = await counter.attach(number, key="k1")
    for _ in range(12):
        await counter.desk.do(number, c.AddNote)
    second = await counter.attach(number, key="k1")
    assert (second.new, second.attachment) == (False, first.attachment)


async def test_removing_deletes_the_bytes_and_keeps_the_digest(counter: Counter) -> None:
    number = await counter.desk.open()
    file = (await counter.attach(number)).attachment
    with pytest.raises(NotYourFile):
        await counter.remove(number, file.id, role=Role.DESK)
    removed = await counter.remove(number, file.id, key="r1")
    again = await counter.remove(number, file.id, key="r1")
    assert removed == again
    assert (removed.sha256, counter.desk.keys.opened(removed.reason, number)) == (file.sha256, "附错了")
    with pytest.raises(FileMissing):
        await counter.read(number, file.id)
    assert (await counter.desk.agrees(number)).attachments[file.id].removed_by == "zhang.wei"


async def test_a_key_of_another_command_removes_nothing(counter: Counter) -> None:
    number = await counter.desk.open()
    file = (await counter.attach(number, key="k1")).attachment
    with pytest.raises(KeyUsedOtherwise):
        await counter.remove(number, file.id, key="k1")
    await prove(counter.files, number, file)


async def test_altered_bytes_are_named_as_damaged(counter: Counter) -> None:
    number = await counter.desk.open()
    file = (await counter.attach(number)).attachment
    await prove(counter.files, number, file)
    _alter(counter.folder / number / file.id)
    with pytest.raises(FileDamaged, match=file.id):
        await prove(counter.files, number, file)


def _alter(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(data)


async def test_other_bytes_sealed_in_its_place_do_not_pass_for_it(counter: Counter) -> None:
    """Whoever has the key may seal what they like; the ledger knows better."""
    number = await counter.desk.open()
    file = (await counter.attach(number)).attachment
    await counter.files.put(number, file.id, pieces(PNG + b"another"))
    with pytest.raises(FileDamaged):
        await prove(counter.files, number, file)


async def test_what_an_upload_left_that_died_is_swept_after_a_day(counter: Counter) -> None:
    number = await counter.desk.open()
    file = (await counter.attach(number)).attachment

    class Dies(Counter):
        async def execute(self, number: str, envelope: Envelope) -> Answer:
            raise Unavailable("the process is gone")

    with pytest.raises(Unavailable):
        await Dies(counter.desk, counter.files, counter.folder).attach(number)
    assert len(await counter.stored()) == 2
    now = datetime.now(UTC)

    async def is_known(number: str, attachment: str) -> bool | None:
        return attachment in (await counter.look(number)).attachments

    assert (await sweep(counter.files, is_known, now)).deleted == ()
    assert len((await sweep(counter.files, is_known, now + timedelta(days=2))).deleted) == 1
    assert await counter.stored() == [f"{number}/{file.id}"]
