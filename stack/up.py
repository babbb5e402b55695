"""Everything on one machine, in one folder, kept running until somebody stops it.

    home/postgres/    PostgreSQL, unless REDRESS_DATABASE_URL names another one
    home/temporal.db  Temporal, unless REDRESS_TEMPORAL_ADDRESS names another one
    home/logs/        what each of them says
    home/run/         who runs, and where

The programs of the project run beside them and are told the addresses by those same two variables.
"""

import fcntl
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from stack.claim import Claim, holder
from stack.postgres import USUAL_PORT as USUAL_POSTGRES_PORT
from stack.postgres import Postgres
from stack.program import Program, ProgramService
from stack.supervisor import Supervisor
from stack.temporal import USUAL_PORT, USUAL_UI_PORT, TemporalServer

DATABASE_VARIABLE = "REDRESS_DATABASE_URL"
TEMPORAL_VARIABLE = "REDRESS_TEMPORAL_ADDRESS"
"""The two variables that name servers elsewhere; programs read the same two."""

EMBEDDED_VARIABLE = "REDRESS_EMBEDDED_DATABASE"
"""Tells programs the folder of the database's files, if it is ours. Whoever reads the number in them can ask any database
whether it is this one."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stack:
    """PostgreSQL, Temporal and the project's programs on one machine.

    Use it as a context, from the main thread:

        with Stack(home, search_attributes=...) as stack:
            migrate(stack.database_url)
            stack.supervise([Program("worker", [sys.executable, "-m", "worker"])])
    """

    def __init__(
        self,
        home: Path,
        *,
        search_attributes: Mapping[str, str],
        namespace: str = "default",
        ui: bool = True,
        codec_endpoint: str | None = None,
        usual_ports: bool = True,
        tell: Callable[[str], None] = print,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Describe a stack; nothing is touched before `start`.

        Args:
            home: The folder of all its data, made when needed.
            search_attributes: Name to type, for the embedded Temporal.
            namespace: The Temporal namespace.
            ui: Whether the embedded Temporal serves its Web UI.
            codec_endpoint: Where that UI has encrypted payloads decoded.
            usual_ports: Whether to prefer the ports that people know; False for any.
            tell: Hears, a line at a time, of deaths, recoveries and the end.
            environ: Where servers elsewhere are looked up.
        """
        self.home = home.resolve()
        self._external_database = environ.get(DATABASE_VARIABLE) or None
        self._external_temporal = environ.get(TEMPORAL_VARIABLE) or None
        self.postgres = Postgres(
            self.home / "postgres",
            usual_port=USUAL_POSTGRES_PORT if usual_ports else None,
            log=self.home / "logs" / "postgres.log",
        )
        self.temporal = TemporalServer(
            self.home,
            namespace=namespace,
            search_attributes=search_attributes,
            ui=ui,
            codec_endpoint=codec_endpoint,
            usual_port=USUAL_PORT if usual_ports else None,
            usual_ui_port=USUAL_UI_PORT if usual_ports else None,
        )
        self._ui = ui
        self._claim = Claim(_lock(self.home), f"the stack in {self.home}")
        self._tell = tell
        self._supervisor = Supervisor(tell)
        self._asked_to_stop = threading.Event()
        self._former_handlers: dict[signal.Signals, Any] = {}

    # Where everything is

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL of the database, with its password."""
        return self._external_database or self.postgres.url()

    @property
    def temporal_address(self) -> str:
        """Temporal's `host:port`."""
        return self._external_temporal or self.temporal.address

    @property
    def ui_url(self) -> str | None:
        """The embedded Temporal's Web UI; None if it has none, or Temporal is elsewhere."""
        return self.temporal.ui_url if self._ui and self._external_temporal is None else None

    def addresses(self) -> dict[str, str]:
        """The variables that tell a program where the servers are."""
        return {DATABASE_VARIABLE: self.database_url, TEMPORAL_VARIABLE: self.temporal_address}

    @property
    def owns_database(self) -> bool:
        """Whether the database is the embedded one."""
        return self._external_database is None

    def told(self) -> dict[str, str]:
        """What programs are told: the addresses, and whether the database is ours."""
        own = str(self.postgres.data) if self.owns_database else ""
        return {**self.addresses(), EMBEDDED_VARIABLE: own}

    def describe(self) -> list[str]:
        """What runs where, a line each, without passwords."""
        database = urlsplit(self.database_url)
        at = f"{database.hostname}:{database.port or 5432}{database.path}"
        lines = [
            f"PostgreSQL   {at}  ({self._whose(self._external_database, DATABASE_VARIABLE)})",
            f"Temporal     {self.temporal_address}  ({self._whose(self._external_temporal, TEMPORAL_VARIABLE)})",
        ]
        if self.ui_url is not None:
            lines.append(f"Temporal UI  {self.ui_url}")
        return [*lines, f"Logs         {self.home / 'logs'}"]

    def _whose(self, external: str | None, variable: str) -> str:
        return f"in {self.home}" if external is None else f"not ours: named by {variable}"

    # Its life

    def start(self) -> None:
        """Start the servers that are not elsewhere, and wait until they answer.

        Raises:
            AlreadyRunning: another process runs this stack; the error names it.
            StackError: a server did not start; the others are stopped again.
        """
        self._claim.take()
        try:
            if self._external_database is None:
                self._supervisor.start(self.postgres)
            if self._external_temporal is None:
                self._supervisor.start(self.temporal)
        except BaseException:
            self.stop()
            raise

    def supervise(self, programs: Sequence[Program] = ()) -> None:
        """Run programs beside the servers and start again whatever dies, until SIGINT or SIGTERM.

        The first signal makes this return, and leaving the context then stops everything in order. A second signal,
        here or while stopping, kills everything at once and ends this process; the next start recovers. Before
        this is called both signals mean what they mean in any Python program.
        """
        for number in _SIGNALS:
            self._former_handlers[number] = signal.signal(number, self._on_signal)
        for program in programs:
            self._supervisor.start(ProgramService(program, self.home, self.told))
        self._supervisor.watch(self._asked_to_stop)
        self._tell("Stopping; a second signal stops at once")

    def ask_to_stop(self) -> None:
        """Make `supervise` return soon; may be called from any thread."""
        self._asked_to_stop.set()

    def stop(self) -> None:
        """Stop everything in order: programs, Temporal, PostgreSQL."""
        try:
            self._supervisor.stop()
        finally:
            self._claim.release()
            for number in list(self._former_handlers):
                signal.signal(number, self._former_handlers.pop(number))

    def __enter__(self) -> Self:
        """Start the servers."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything in order."""
        self.stop()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._asked_to_stop.is_set():
            self._supervisor.kill()
            os._exit(128 + number)
        self._asked_to_stop.set()


def running_pid(home: Path) -> int | None:
    """The process that runs the stack in this folder, or None."""
    try:
        with _lock(home).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return holder(_lock(home))
    return None


def _lock(home: Path) -> Path:
    return home / "run" / "up.lock"
