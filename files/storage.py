"""Where the bytes are: a folder or an S3-compatible bucket. An object is called NUMBER/ATTACHMENT, and nothing else.

Objects are written whole or not at all, and never written again. What is in them is sealed (`sealing`) with the key of
their complaint, so destroying that key erases every copy there is, in backups as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from complaints.errors import CustomerForgotten
from files.errors import FileDamaged, FileGone, FileMissing, StorageAway
from files.sealing import Unsealable, opened, sealed

KeyOf: TypeAlias = Callable[[str], bytes]
"""Gives the key of a complaint, 32 bytes. It raises CustomerForgotten where that was destroyed."""

PART_BYTES = 5 * 1024 * 1024
"""What S3 takes at least as a part of an upload; so much of a file is in memory at once, twice at most."""

READ_BYTES = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An object as the storage lists it."""

    number: str
    attachment: str
    size_bytes: int
    stored_at: datetime


class Files:
    """The storage of one installation. Lives as long as the process; safe for any number of tasks."""

    def __init__(self, where: str, key_of: KeyOf) -> None:
        """Open a storage.

        Args:
            where: A folder, as a path or file:// URL, or s3://BUCKET/PREFIX. What else S3 needs comes from the
                usual variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL.

        Raises:
            StorageAway: The folder cannot be made, or what S3 needs is missing.
        """
        self._folder = None if is_bucket(where) else folder_of(where)
        self._key_of = key_of
        try:
            self._store: ObjectStore = (
                LocalStore(self._folder, mkdir=True) if self._folder else _bucket(where)
            )
        except (BaseError, OSError) as fault:
            raise StorageAway(f"the storage of files cannot be opened: {type(fault).__name__}") from None

    async def put(self, number: str, attachment: str, plain: AsyncIterator[bytes]) -> None:
        """Store a stream. What the stream itself raises comes through, and then nothing is stored.

        Raises:
            StorageAway: It cannot be written.
            CustomerForgotten: The complaint's key was destroyed.
        """
        key = await asyncio.to_thread(self._key_of, number)
        place = _place(number, attachment)
        source = _Watched(plain)
        stream = sealed(aiter(source), key, place)
        first, is_all = await _first_part(stream)
        whole_or_rest: Any = first if is_all else _after(first, stream)
        try:
            with _answering():
                await obstore.put_async(
                    self._store, place, whole_or_rest, chunk_size=PART_BYTES, max_concurrency=1
                )
        except FileNotFoundError:
            raise StorageAway("the storage of files has no such bucket or folder") from None
        except StorageAway:
            # Where the upload broke off on our side, some storages answer that in words of their own.
            if source.broke_by is not None:
                raise source.broke_by from None
            raise

    async def get(self, number: str, attachment: str) -> AsyncIterator[bytes]:
        """Give the bytes out as they are proven.

        Raises:
            FileMissing: There is no such object.
            FileDamaged: What is there is not what was stored; what came before was.
            FileGone: The complaint's key was destroyed.
            StorageAway: It cannot be read.
        """
        try:
            key = await asyncio.to_thread(self._key_of, number)
        except CustomerForgotten:
            raise FileGone(attachment) from None
        place = _place(number, attachment)
        try:
            with _answering():
                found = await obstore.get_async(self._store, place)
                stored = (bytes(chunk) async for chunk in found.stream(min_chunk_size=READ_BYTES))
                async for plain in opened(stored, key, place):
                    yield plain
        except FileNotFoundError:
            raise FileMissing(attachment) from None
        except Unsealable:
            raise FileDamaged(attachment) from None

    async def delete(self, number: str, attachment: str) -> None:
        """Delete the bytes of a file, if there are any."""
        with _answering(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _place(number, attachment))

    async def forget(self, number: str) -> int:
        """Delete all that there is of a complaint, and return how many objects that was."""
        found = [each async for each in self.stored(number)]
        for each in found:
            await self.delete(each.number, each.attachment)
        return len(found)

    async def stored(self, number: str | None = None) -> AsyncIterator[Stored]:
        """List what is stored, of one complaint or of all."""
        with _answering():
            pages: AsyncIterator[Any] = aiter(obstore.list(self._store, number, chunk_size=500))
            async for page in pages:
                for each in page:
                    folder, _, name = each["path"].rpartition("/")
                    if folder and "/" not in folder:  # whatever else lies there is not ours
                        yield Stored(
                            number=folder,
                            attachment=name,
                            size_bytes=each["size"],
                            stored_at=each["last_modified"],
                        )

    def drop_unfinished(self, older_than: timedelta) -> int:
        """Delete what uploads that died left in a folder; a bucket does that by a rule of its own lifecycle."""
        if self._folder is None:
            return 0
        before = time.time() - older_than.total_seconds()
        unfinished = [
            path for path in self._folder.glob("*/*#*") if path.is_file() and path.stat().st_mtime < before
        ]
        for path in unfinished:
            path.unlink(missing_ok=True)
        return len(unfinished)


def is_bucket(where: str) -> bool:
    """Say whether a setting names a bucket rather than a folder."""
    return where.startswith("s3://")


def folder_of(where: str) -> Path:
    """Read a path or file:// URL."""
    return Path(url2pathname(urlsplit(where).path) if where.startswith("file://") else where).absolute()


def _bucket(where: str) -> S3Store:
    url = urlsplit(where)
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    return S3Store(
        url.netloc,
        prefix=url.path.strip("/") or None,
        # An endpoint on a network of one's own may do without TLS; it says so by its address.
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": timedelta(seconds=60),
            "connect_timeout": timedelta(seconds=5),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
    )


class _Watched:
    """A stream that remembers what it broke off by."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self.broke_by: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                yield chunk
        except Exception as fault:
            self.broke_by = fault
            raise


async def _first_part(stream: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """Read what goes up in one request, and say whether that is all. Most files are so small."""
    part = bytearray()
    async for chunk in stream:
        part += chunk
        if len(part) > PART_BYTES:
            return bytes(part), False
    return bytes(part), True


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for each in rest:
        yield each


def _place(number: str, attachment: str) -> str:
    return f"{number}/{attachment}"


@contextlib.contextmanager
def _answering() -> Any:
    """Turn what storages raise into one error; their words may hold a URL with keys."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as fault:
        raise StorageAway(f"the storage of files does not answer: {type(fault).__name__}") from None
