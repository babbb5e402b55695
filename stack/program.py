"""A command of the project's own, such as the worker, run beside the servers it is told the addresses of."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stack.processes import Child, Steps, end_leftover, spawn

# A first SIGTERM lets work in flight finish; by custom of ours a second one does not.
_ORDERLY: Steps = ((signal.SIGTERM, 30.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True)
class Program:
    """What to run.

    Attributes:
        name: Unique in its stack; also the name of its log.
        command: The program and its arguments.
        environment: Added to ours, under the addresses that the stack tells it.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class ProgramService:
    """A program as something to be kept running."""

    def __init__(self, program: Program, home: Path, addresses: Callable[[], Mapping[str, str]]) -> None:
        """Describe it; `addresses` gives the variables that say where the servers are, as they are now."""
        self.log = home / "logs" / f"{program.name}.log"
        self._program = program
        self._record = home / "run" / f"{program.name}.pid"
        self._addresses = addresses
        self._told: Mapping[str, str] = {}
        self._child: Child | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self._program.name

    @property
    def pid(self) -> int | None:
        """The process that we started while it runs, else None."""
        return self._child.pid if self._child is not None and self._child.running else None

    @property
    def running(self) -> bool:
        """Whether it runs *and* knows where the servers are: one that was told an old address is as good as dead."""
        return self._child is not None and self._child.running and self._told == self._addresses()

    def start(self) -> None:
        """Start it; does nothing if it runs. Whether it is of use is for itself to say, in its log."""
        if self.running:
            return
        self.stop()
        end_leftover(self._record, _ORDERLY)
        self._told = dict(self._addresses())
        self._child = spawn(
            self._program.command,
            log=self.log,
            record=self._record,
            environment={**os.environ, **self._program.environment, **self._told},
        )

    def stop(self) -> None:
        """Stop it in order; does nothing if it does not run."""
        if self._child is not None:
            self._child.end(_ORDERLY)
            self._child = None
