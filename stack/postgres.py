"""A private PostgreSQL on the loopback interface, in one folder.

    home/data       the database cluster
    home/password   of the one role, `redress`; readable by its owner alone
    home/port       where it listened last, which is where it listens next if the port is free
    home/lock       held by the process that runs it

It stops in order when its owner stops it, and by the kernel's hand when its owner is killed. Whatever survives
even that is ended by the next start, which recovers the data as after a power cut.
"""

import re
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from stack.claim import Claim
from stack.errors import DidNotStart, StackError
from stack.ports import LOOPBACK, choose_port
from stack.postgres_cluster import disown_stranger, end_leftover, make_cluster, ready_home
from stack.postgres_programs import Programs, find_programs
from stack.processes import AT_ONCE, Child, Steps, spawn

USUAL_PORT = 5433
DATABASE = "redress"
_ROLE = "redress"

# Fast shutdown, then immediate shutdown (recovers on the next start), then the kernel's.
_ORDERLY: Steps = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

_START_SECONDS = 120.0
_POLL_SECONDS = 0.02
# Failures that pass: the processes of a killed server need a moment to notice its death and let go of its memory.
_PASSING = re.compile(rb"pre-existing shared memory block|lock file .* already exists|could not bind")

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    # TCP alone: the path of a socket may have 107 bytes, and folders are longer than one thinks.
    "unix_socket_directories": "",
    "max_connections": "200",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}


class Postgres:
    """One PostgreSQL server. Safe to start again after it was killed; not for use by two threads at once."""

    name = "PostgreSQL"

    def __init__(
        self,
        home: Path,
        *,
        durable: bool = True,
        usual_port: int | None = USUAL_PORT,
        log: Path | None = None,
    ) -> None:
        """Describe a server; nothing is touched before `start`.

        Args:
            home: Its folder, made when needed.
            durable: False trades survival of a power cut for speed; for tests.
            usual_port: Taken if it is free and the server never listened elsewhere; None for any.
            log: Its log file, `home/postgres.log` by default.
        """
        self.home = home.resolve()
        self.data = self.home / "data"
        self.log = (log or self.home / "postgres.log").resolve()
        self._durable = durable
        self._usual_port = usual_port
        self._claim = Claim(self.home / "lock", f"the database in {self.home}")
        self._child: Child | None = None

    # Where it is

    @property
    def port(self) -> int:
        """Where it listens, or listened last.

        Raises:
            StackError: it was never started.
        """
        port = _recorded_port(self.home)
        if port is None:
            raise StackError(f"no database was ever started in {self.home}")
        return port

    def url(self, database: str = DATABASE) -> str:
        """SQLAlchemy's URL of one database, password included. Known also to processes that did not start it."""
        return f"postgresql+psycopg://{_ROLE}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    @property
    def pid(self) -> int | None:
        """The process that we started while it runs, else None."""
        return self._child.pid if self._child is not None and self._child.running else None

    @property
    def running(self) -> bool:
        """Whether the server that we started still runs."""
        return self._child is not None and self._child.running

    # Its life

    def start(self) -> None:
        """Start it, and wait until it answers; does nothing if it runs.

        The first start makes the cluster (a few seconds) and an empty database `redress`.

        Raises:
            AlreadyRunning: another living process runs it.
            NotInstalled: there is no PostgreSQL, or it is of another major version than the data.
            DidNotStart: it gave up; the message holds the end of its log.
        """
        if self.running:
            return
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._claim.take()
        try:
            programs = find_programs(self.home / "programs", self.data)
            ready_home(self.home, programs)
            end_leftover(self.data, _ORDERLY)
            make_cluster(self.home, programs, role=_ROLE, durable=self._durable)
            self._serve(programs)
            self._ensure_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it in order; does nothing if it does not run."""
        self._end(_ORDERLY)

    def kill(self) -> None:
        """Stop it this instant, as a power cut would; the next start recovers."""
        self._end(AT_ONCE)

    def _end(self, steps: Steps) -> None:
        if self._child is not None:
            self._child.end(steps)
            self._child = None
        self._claim.release()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    # Its databases

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or as a copy of `template`, to which nobody may be connected meanwhile."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            # Copying files takes tens of milliseconds; the default strategy writes all of it to the log first.
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        with self._connect() as connection:
            connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and throw out whoever is connected to it."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _ensure_database(self) -> None:
        with self._connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if found is None:
            self.create_database(DATABASE)

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=_ROLE,
            password=self._password(),
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _password(self) -> str:
        return (self.home / "password").read_text().strip()

    # Making and serving

    def _serve(self, programs: Programs) -> None:
        deadline = time.monotonic() + _START_SECONDS
        pause = 0.05
        while True:
            disown_stranger(self.data)
            port = choose_port(_recorded_port(self.home), self._usual_port)
            (self.home / "port").write_text(f"{port}\n")
            log_start = self.log.stat().st_size if self.log.exists() else 0
            self._child = self._spawn(programs, port)
            while self._child.running and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(_POLL_SECONDS)
            passing = not self._child.running and _PASSING.search(self.log.read_bytes()[log_start:])
            if not passing or time.monotonic() > deadline:
                raise DidNotStart("PostgreSQL did not start", self.log)
            time.sleep(pause)
            pause = min(2 * pause, 1.0)

    def _spawn(self, programs: Programs, port: int) -> Child:
        settings = {**_SETTINGS, **({} if self._durable else _NOT_DURABLE), "port": str(port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [programs.path("postgres"), "-D", str(self.data), *options],
            log=self.log,
            folder=Path("/"),
            death_signal=signal.SIGINT,
            before=programs.before,
            user=programs.user,
        )

    def _answers(self) -> bool:
        # With our password, so that a stranger on the port is not taken for our server.
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


def _recorded_port(home: Path) -> int | None:
    try:
        return int((home / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None
