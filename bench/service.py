"""What every measurement stands on: a real Temporal server, a real PostgreSQL, and worker processes.

Both sides of a comparison get the same ones, at the same time: the server in memory with the settings of
`stack.temporal_knobs`, the database durable, both thrown away in the end.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from db.migrate import upgrade
from stack.postgres import Postgres
from stack.processes import Child, spawn
from stack.temporal import TemporalServer
from workflows.converter import generate_key
from workflows.names import SEARCH_ATTRIBUTES
from workflows.settings import Settings, load_settings


class Service:
    """The servers of one measurement, and the workers on them."""

    def __init__(self) -> None:
        self._ending = ExitStack()
        self._processes: dict[str, int] = {}
        self._programs: dict[str, Child] = {}
        self._beside: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        """Start the servers, with an empty, migrated database."""
        try:
            self._folder = Path(
                self._ending.enter_context(tempfile.TemporaryDirectory(prefix="redress-bench-"))
            )
            postgres = self._ending.enter_context(Postgres(self._folder / "postgres", usual_port=None))
            temporal = self._ending.enter_context(
                TemporalServer(None, search_attributes=SEARCH_ATTRIBUTES, usual_port=None, usual_ui_port=None)
            )
            self._environment = {
                "REDRESS_DATABASE_URL": postgres.url(),
                "REDRESS_TEMPORAL_ADDRESS": temporal.address,
                "REDRESS_ENCRYPTION_KEY": base64.b64encode(generate_key()).decode(),
            }
            upgrade(postgres.url())
            assert temporal.pid is not None
            assert postgres.pid is not None
            self._processes = {"server": temporal.pid, "database": postgres.pid}
        except BaseException:
            self._ending.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers, then the servers. After a fault, show what the workers said last."""
        if raised is not None:
            for module in self._programs:
                print(f"--- {module}", self._log(module).read_text()[-3000:], sep="\n", file=sys.stderr)
        self._ending.close()

    @property
    def settings(self) -> Settings:
        """The settings of every process of ours here, whatever the environment of this one says."""
        names = {name.removeprefix("REDRESS_").lower(): value for name, value in self._environment.items()}
        return load_settings(**names)

    def start_worker(self, module: str, *arguments: str) -> None:
        """Run a module as a worker process, by its name."""
        self._start(module, *arguments)
        self._beside[module] = {}

    def start_beside(self, worker: str, part: str, module: str, **variables: str) -> None:
        """Run a module as a further process of the side that has this worker.

        Args:
            part: What it is in its side.
            variables: More of its environment.
        """
        self._start(module, **variables)
        self._beside[worker][part] = module

    def _start(self, module: str, *arguments: str, **variables: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        program = spawn(
            [sys.executable, "-m", module, *arguments],
            log=self._log(module),
            environment={**inherited, **self._environment, **variables},
        )
        self._ending.callback(program.end)
        self._programs[module] = program

    def processes(self, module: str) -> dict[str, int]:
        """Name the processes that serve one side of a comparison, by their part in it.

        Args:
            module: Its worker.

        Raises:
            RuntimeError: One of them has ended.
        """
        parts = {"worker": module, **self._beside[module]}
        for part, each in parts.items():
            if not self._programs[each].running:
                raise RuntimeError(f"the {part} process {each} has ended")
        return {**self._processes, **{part: self._programs[each].pid for part, each in parts.items()}}

    def _log(self, module: str) -> Path:
        return self._folder / "logs" / f"{module}.log"
