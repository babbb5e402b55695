"""What every route works with: made once a process, and found on the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.client import Client

from api.cursors import Cursors
from complaints.policy_file import named
from db.keys import Keys
from db.starts import digest_key
from files.intake import Limits
from files.storage import Files
from workflows.door import Door
from workflows.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


class Records:
    """PostgreSQL, asked from threads: as many at once as there are connections, the others wait without a thread."""

    def __init__(self, engine: Engine, at_once: int) -> None:
        self.engine = engine
        self._limiter = CapacityLimiter(at_once)

    async def ask(
        self, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Ask something on a session of its own; what was written is committed."""

        def answer() -> T:
            with Session(self.engine, expire_on_commit=False) as session:
                found = question(session, *args, **kwargs)
                session.commit()
                return found

        return await self.run(answer)

    async def run(self, work: Callable[[], T]) -> T:
        """Do what opens a connection of its own, one at most."""
        return await to_thread.run_sync(work, limiter=self._limiter)


class Services:
    """One client, one engine, one door."""

    def __init__(
        self,
        client: Client,
        engine: Engine,
        settings: Settings,
        door: Door | None = None,
        files: Files | None = None,
    ) -> None:
        self.client = client
        self.settings = settings
        self.records = Records(engine, settings.api_connections)
        self.door = door or Door(client, engine, settings.masters, lambda: named(settings.policy))
        self._files = files
        self._digest_key: bytes | None = None
        self.file_limits = Limits(
            file_bytes=settings.file_max_bytes, complaint_bytes=settings.files_max_bytes
        )
        self.cursors = Cursors(*settings.masters.all)

    @property
    def keys(self) -> Keys:
        """The keys of all that is sealed; what they do may be a query, so not on the event loop."""
        return self.door.keys

    async def digest_key(self) -> bytes:
        """Return the key of the digests of what was sent. It never changes."""
        if self._digest_key is None:
            self._digest_key = digest_key(await to_thread.run_sync(self.keys.secret, "starts"))
        return self._digest_key

    @property
    def files(self) -> Files:
        """Where attachments are; opened when it is first needed, so that a storage that is away stops nothing else.

        Raises:
            StorageAway: It cannot be opened.
        """
        if self._files is None:
            self._files = Files(self.settings.files, self.keys.data_key)
        return self._files


def services(request: Request) -> Services:
    """Find the services of the application that a request came to."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


async def _services(request: Request) -> Services:
    return services(request)


Known = Annotated[Services, Depends(_services)]
