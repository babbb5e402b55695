"""The worker as a process of its own, to be killed."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.conftest import ENCRYPTION_KEY
from tests.eventually import eventually

ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """`python -m worker`, with its log in a file; all `REDRESS_` variables are the test's own."""

    def __init__(self, log: Path, **variables: str) -> None:
        self._log = log
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("REDRESS_", "TEMPORAL_"))}
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "worker"],
                cwd=ROOT,
                env={**environment, **variables},
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        """All that it said so far, to standard error or output."""
        return self._log.read_text(encoding="utf-8")

    @property
    def code(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll()

    async def ready(self) -> None:
        def check() -> None:
            if self.code is not None:
                raise RuntimeError(f"the worker ended with {self.code}:\n{self.log}")
            assert "worker ready" in self.log

        await eventually(check, 40)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def end(self, within: float = 20) -> int:
        """Wait for its end; returns its exit status."""

        def check() -> int:
            assert self.code is not None, self.log
            return self.code

        return await eventually(check, within)

    def kill(self) -> None:
        """Kill it this instant, if it still runs."""
        if self.code is None:
            self._process.kill()
        self._process.wait()


Starts = Callable[..., Awaitable[WorkerProcess]]


def variables(database_url: str, address: str) -> dict[str, str]:
    """The settings that every worker needs."""
    return {
        "REDRESS_DATABASE_URL": database_url,
        "REDRESS_TEMPORAL_ADDRESS": address,
        "REDRESS_ENCRYPTION_KEY": base64.b64encode(ENCRYPTION_KEY).decode(),
    }
