"""Processes that own servers, and are killed with them in the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("stack_owner.py")
_ROOT = _SCRIPT.parents[2]


class Owner:
    """A process running `stack_owner.py`; `facts` is what it said it started."""

    def __init__(
        self, *arguments: str, before: Sequence[str] = (), environment: dict[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, str(_SCRIPT), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(_ROOT), **(environment or {})},
        )
        self.facts: dict[str, Any] = self.hear() or {}

    def hear(self) -> dict[str, Any] | None:
        """The next thing it says; None once it has ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def complaint(self) -> str:
        """What it wrote to standard error before it ended."""
        return self.process.communicate(timeout=30)[1]


class Owners:
    def __init__(self) -> None:
        self._made: list[Owner] = []

    def __call__(self, *arguments: str, **options: Any) -> Owner:
        owner = Owner(*arguments, **options)
        self._made.append(owner)
        return owner

    def kill(self) -> None:
        for owner in self._made:
            if owner.process.poll() is None:
                owner.kill()
            for pipe in (owner.process.stdout, owner.process.stderr):
                if pipe is not None:
                    pipe.close()
