"""`redress attach` and `redress files`: put a file on a complaint, get it back, and look after what is stored."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Json, Number
from cli.printing import moment, say, say_json, table

if TYPE_CHECKING:
    from complaints.records import Attachment
    from files.intake import Attached, Sender
    from files.storage import Files
    from workflows.door import Door
    from workflows.settings import Settings

_CHUNK_BYTES = 64 * 1024

AttachmentId = Annotated[str, typer.Argument(metavar="ATTACHMENT", help="The file's id.", show_default=False)]
Key = Annotated[
    str | None,
    typer.Option("--id", help="Idempotency key: the same one never acts twice.", show_default="a new one"),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="Work on complaints")(attach)
    family = typer.Typer(help="Files on complaints, and their stored bytes.", no_args_is_help=True)
    for command in (list_, get, remove, check, sweep):
        family.command("list" if command is list_ else None)(command)
    app.add_typer(family, name="files", rich_help_panel="Work on complaints")


def attach(
    number: Number,
    file: Annotated[Path, typer.Argument(help="The file, or - for standard input.", show_default=False)],
    name: Annotated[
        str | None, typer.Option(help="What it is called.", show_default="as the file is")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="Its media type.", show_default="what its bytes are")
    ] = None,
    actor: As = None,
    id_: Key = None,
    json: Json = False,
) -> None:
    """Put a file on a complaint."""
    from complaints.wire import plain
    from files.intake import Incoming, Limits
    from files.intake import attach as take_in

    sender = _sender(actor, id_)
    incoming = Incoming(file_name=name or file.name, declared=kind or "", chunks=_read(file))

    async def send() -> Attached:
        async with _doors() as (door, files, known):
            limits = Limits(file_bytes=known.file_max_bytes, complaint_bytes=known.files_max_bytes)
            return await take_in(door, files, limits, number, incoming, sender)

    done = asyncio.run(send())
    if json:
        say_json({"new": done.new, "attachment": plain(done.attachment)})
        return
    it = done.attachment
    say(
        f"{number}  {it.id}  {it.media_type}, {it.size_bytes} bytes{'' if done.new else '; it was there already'}"
    )
    say(f"  SHA-256 {it.sha256}")


def list_(number: Number, json: Json = False) -> None:
    """List the files of a complaint, those that were removed included."""
    from complaints.wire import plain

    async def look() -> list[Attachment]:
        async with _doors() as (door, _, _):
            return list((await door.look(number)).attachments.values())

    found = asyncio.run(look())
    if json:
        say_json([plain(each) for each in found])
        return
    rows = [
        (
            each.id,
            each.file_name,
            each.media_type,
            str(each.size_bytes),
            moment(each.attached_at, None),
            f"removed {moment(each.removed_at, None)}" if each.removed_at else "",
        )
        for each in found
    ]
    columns = ("id", "name*", "kind", "bytes", "since (UTC)", "")
    say(table(columns, rows) if rows else f"{number} has no files")


def get(
    number: Number,
    attachment: AttachmentId,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to; - for standard output.", show_default="its name"),
    ] = None,
) -> None:
    """Fetch a file, proven against the digest in the ledger. Nothing is left of one that is damaged."""
    from files.proof import prove

    async def fetch() -> None:
        async with _doors() as (door, files, _):
            file = await _file(door, number, attachment)
            await prove(files, number, file)
            target = Path(file.file_name) if output is None else output
            if output is None and target.exists():
                raise Stopped(Exit.MALFORMED, f"{target} exists already", "--output names another place")
            with nullcontext(sys.stdout.buffer) if target == Path("-") else target.open("wb") as out:
                async for chunk in files.get(number, attachment):
                    out.write(chunk)

    asyncio.run(fetch())


def remove(
    number: Number,
    attachment: AttachmentId,
    reason: Annotated[str, typer.Option(help="Why; it stands in the ledger.", show_default=False)],
    actor: As = None,
    id_: Key = None,
) -> None:
    """Take a file away: its bytes are deleted, its digest stays in the ledger."""
    from files.intake import remove as take_away

    sender = _sender(actor, id_)

    async def send() -> None:
        async with _doors() as (door, files, _):
            await take_away(door, files, number, attachment, reason, sender)

    asyncio.run(send())
    say(f"{number}  {attachment} removed")


def check(number: Number) -> None:
    """Prove that the stored bytes of a complaint's files are those of the digests in its ledger."""
    from files.proof import prove

    async def prove_all() -> int:
        async with _doors() as (door, files, _):
            view = await door.look(number)
            there = [each for each in view.attachments.values() if each.removed_at is None]
            for each in there:
                await prove(files, number, each)
        return len(there)

    say(f"{number}  {asyncio.run(prove_all())} files are what they were")


def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Delete nothing; say what would be.")] = False,
) -> None:
    """Delete stored bytes that no complaint knows, a day after they came."""
    from files.sweep import sweep as clean_up

    async def run() -> None:
        async with _doors() as (door, files, _):
            found = await clean_up(files, _Knows(door), datetime.now(UTC), dry_run=dry_run)
        for each in found.deleted:
            did = "would delete" if dry_run else "deleted"
            say(f"{did} {each.number}/{each.attachment}, {each.size_bytes} bytes")
        say(f"{found.kept} kept, {len(found.deleted)} known to nobody, {found.unfinished} unfinished uploads")
        if found.unsure:
            raise Stopped(Exit.AWAY, f"{found.unsure} were left: nobody answers whose they are")

    asyncio.run(run())


class _Knows:
    """Says whether a complaint has a file: by the records, and where they know nothing of it, by its workflow."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, number: str, attachment: str) -> bool | None:
        from workflows.client import Unavailable, UnknownComplaint

        recorded = await asyncio.to_thread(self._recorded, number, attachment)
        if recorded is not None:
            return recorded
        try:
            file = (await self._door.look(number)).attachments.get(attachment)
        except UnknownComplaint:
            return False
        except Unavailable:
            return None
        return file is not None and file.removed_at is None

    def _recorded(self, number: str, attachment: str) -> bool | None:
        from sqlalchemy.orm import Session

        from db.attachment_tables import AttachmentRow

        with Session(self._door.engine) as session:
            row = session.get(AttachmentRow, (number, attachment))
            return None if row is None else row.removed_at is None


@asynccontextmanager
async def _doors() -> AsyncIterator[tuple[Door, Files, Settings]]:
    from cli.surroundings import door, settings
    from files.storage import Files

    async with door() as opened:
        known = settings()
        yield opened, Files(known.files, opened.keys.data_key), known


def _sender(actor: str | None, key: str | None) -> Sender:
    from files.intake import Sender

    return Sender(actor=reading.actor(actor), received_at=datetime.now(UTC), key=key)


async def _file(door: Door, number: str, attachment: str) -> Attachment:
    from files.errors import FileGone

    file = (await door.look(number)).attachments.get(attachment)
    if file is None:
        raise Stopped(Exit.NOT_FOUND, f"{number} has no file {attachment}", f"redress files list {number}")
    if file.removed_at is not None:
        raise FileGone(attachment)
    return file


async def _read(file: Path) -> AsyncIterator[bytes]:
    try:
        with nullcontext(sys.stdin.buffer) if file == Path("-") else file.open("rb") as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise Stopped(Exit.MALFORMED, f"{file} cannot be read: {error.strerror}") from None
