"""Where PostgreSQL and Temporal are: where the environment says, else where a running `redress up` has them.

`redress up` leaves in its home what it takes to find it. What it was itself told by the environment it does not
write down, since those are secrets; whoever wants to join it sets the same variables.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.exits import Exit, Stopped

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from temporalio.client import Client

    from complaints.events import Event
    from db.keys import Keys
    from db.masters import Masters
    from workflows.door import Door
    from workflows.settings import Settings

DATABASE = "REDRESS_DATABASE_URL"
TEMPORAL = "REDRESS_TEMPORAL_ADDRESS"
FILES = "REDRESS_FILES"
KEY = "REDRESS_ENCRYPTION_KEY"
KEY_FILE = "REDRESS_ENCRYPTION_KEY_FILE"

SHARED = (
    DATABASE,
    TEMPORAL,
    KEY,
    KEY_FILE,
    "REDRESS_KEY_SERVICE",
    "REDRESS_TEMPORAL_NAMESPACE",
    "REDRESS_TEMPORAL_TLS",
    "REDRESS_TEMPORAL_API_KEY",
    FILES,
)
"""What all processes around the same complaints must agree upon."""


def home() -> Path:
    """The folder of the embedded stack: `REDRESS_HOME`, or `.redress` where we are."""
    return Path(os.environ.get("REDRESS_HOME") or ".redress").resolve()


def key_file() -> Path:
    """Where the embedded stack keeps its encryption key."""
    return home() / "encryption.key"


def dev_login_file() -> Path:
    """Where it keeps the key that the development login signs with."""
    return home() / "dev-login.key"


def leave_word() -> None:
    """Write down which variables `redress up` was given, by name, for the commands that join it."""
    word = _word()
    word.parent.mkdir(parents=True, exist_ok=True)
    word.write_text(json.dumps([name for name in SHARED if os.environ.get(name)]))


def settings() -> Settings:
    """Return the settings with which to join.

    Raises:
        Stopped: Nothing runs here, or it was started with variables that are not set here.
        SettingsError: A variable is wrong.
    """
    from workflows.settings import load_settings

    _complete(DATABASE, TEMPORAL, KEY)
    os.environ.setdefault(FILES, files_at())
    return load_settings()


def files_at() -> str:
    """Return where attachments are."""
    return os.environ.get(FILES) or str(home() / "files")


def database_url() -> str:
    """Return where PostgreSQL is.

    Raises:
        Stopped: Nothing runs here, or it uses a database that is not named here.
    """
    _complete(DATABASE)
    return os.environ[DATABASE]


def masters() -> Masters:
    """Return the master keys.

    Raises:
        Stopped: There is none here.
        SettingsError: One is no key.
    """
    from workflows.settings import load_masters

    if not os.environ.get(KEY) and not os.environ.get(KEY_FILE):
        _read_key_file()
    return load_masters()


@contextmanager
def records() -> Iterator[tuple[Session, Keys]]:
    """Open a session for reading, and the keys of what is sealed in it."""
    from sqlalchemy import Engine

    from db.keys import Keys

    known = masters()
    with database() as session:
        engine = session.get_bind()
        assert isinstance(engine, Engine)
        yield session, Keys(engine, known).within(session)


def opened_events(session: Session, events: Sequence[Event], number: str) -> list[Event]:
    """Open a complaint's events, as far as there is a key here; for what can be told without one."""
    from sqlalchemy import Engine

    from complaints.sealed import CLOSED, opened
    from complaints.wire import parse_event, plain
    from db.keys import Keys

    try:
        known = masters()
    except Stopped:
        return [parse_event(opened(plain(event), lambda *_: CLOSED)) for event in events]
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    return Keys(engine, known).within(session).opened_events(events, number)


@asynccontextmanager
async def door() -> AsyncIterator[Door]:
    """Open the way to all complaints.

    Raises:
        Unavailable: Temporal does not answer.
    """
    from complaints.policy_file import named
    from db.engine import make_engine
    from workflows.client import connect
    from workflows.door import Door

    known = settings()
    engine = make_engine(known.database_url.get_secret_value(), pool_size=2)
    try:
        yield Door(await connect(known), engine, known.masters, lambda: named(known.policy))
    finally:
        engine.dispose()


@contextmanager
def database() -> Iterator[Session]:
    """Open a session for reading."""
    from sqlalchemy.orm import Session

    from db.engine import make_engine

    try:
        engine = make_engine(database_url(), pool_size=1)
    except ValueError as error:
        raise Stopped(Exit.MALFORMED, f"{DATABASE}: {error}") from None
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


async def temporal() -> Client:
    """Connect to Temporal.

    Raises:
        Unavailable: It does not answer.
    """
    from workflows.client import connect

    return await connect(settings())


def _complete(*needed: str) -> None:
    """Set what the environment does not say, so that everything after us reads the environment alone."""
    if os.environ.get(KEY_FILE):
        needed = tuple(name for name in needed if name != KEY)
    if all(os.environ.get(name) for name in needed):
        return
    # Imported late: on a host with servers of its own nothing of the embedded stack is installed.
    from stack.up import Stack, running_pid

    # Temporal's address has a default, so alone it is nothing to stop for.
    missing = [name for name in needed if not os.environ.get(name) and name != TEMPORAL]
    if running_pid(home()) is None:
        if not missing:
            return
        raise Stopped(
            Exit.AWAY,
            f"nothing runs here: no `redress up` in {home()}, and {' and '.join(missing)} not set",
            "start everything on this machine: make up",
        )
    absent = [name for name in _given() if not os.environ.get(name)]
    if absent:
        raise Stopped(
            Exit.AWAY, f"the running `redress up` was given {', '.join(absent)}", "set the same here"
        )
    if KEY in needed and not os.environ.get(KEY):
        _read_key_file()
    if {DATABASE, TEMPORAL} & set(needed):
        try:
            os.environ.update(Stack(home(), search_attributes={}).addresses())
        except FileNotFoundError:
            raise Stopped(Exit.AWAY, f"the stack in {home()} is still starting", "try again") from None


def _read_key_file() -> None:
    try:
        os.environ[KEY] = key_file().read_text().strip()
    except FileNotFoundError:
        raise Stopped(Exit.AWAY, f"there is no encryption key: neither {KEY} nor {key_file()}") from None


def _given() -> list[str]:
    try:
        return [str(name) for name in json.loads(_word().read_text())]
    except (FileNotFoundError, ValueError):
        return []


def _word() -> Path:
    return home() / "run" / "given.json"
