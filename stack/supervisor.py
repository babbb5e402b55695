"""Starts services in order, starts again what dies, and stops them in reverse order."""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Protocol

from stack.errors import StackError

_LOOK_EVERY_SECONDS = 0.1
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
# Who ran as long as this had recovered: its next death is news, not one more of the same.
_STEADY_SECONDS = 30.0


class Service(Protocol):
    """Something that can be started any number of times; each method does nothing where nothing is to do."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def pid(self) -> int | None:
        """Its process while one runs."""

    @property
    def running(self) -> bool:
        """Whether it does what it is for."""

    def start(self) -> None:
        """Start it, and wait until it can be relied upon."""

    def stop(self) -> None:
        """Stop it in order."""


class Supervisor:
    """Keeps services running. Later ones may rely on earlier ones, so they stop in reverse order."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Make one without services; `tell` hears of deaths and recoveries, a line each."""
        self._tell = tell
        self._kept: list[_Kept] = []

    def start(self, service: Service) -> None:
        """Start a service and keep it from now on.

        Raises:
            StackError: it did not start; it is not kept then.
        """
        service.start()
        self._kept.append(_Kept(service, self._tell))

    def watch(self, until: threading.Event) -> None:
        """Start again whatever ends, at once the first time and then after growing pauses, until the event is set."""
        while not until.wait(_LOOK_EVERY_SECONDS):
            for kept in self._kept:
                kept.look(time.monotonic())

    def stop(self) -> None:
        """Stop all in reverse order; one that cannot be stopped does not keep the others from it."""
        failures: list[Exception] = []
        for kept in reversed(self._kept):
            try:
                kept.service.stop()
            except Exception as failure:  # noqa: BLE001 - raised below, after the others had their turn
                failures.append(failure)
        # Only now, so that a signal that cannot wait still finds what is being stopped.
        self._kept.clear()
        if failures:
            raise ExceptionGroup("not everything could be stopped", failures)

    def kill(self) -> None:
        """Kill all this instant and wait for none; safe in a signal handler."""
        for pid in (kept.service.pid for kept in self._kept):
            if pid is not None:
                os.kill(pid, signal.SIGKILL)


class _Kept:
    """A service with the memory of its recent deaths."""

    def __init__(self, service: Service, tell: Callable[[str], None]) -> None:
        self.service = service
        self._tell = tell
        self._pause = 0.0
        self._running_since = time.monotonic()
        self._retry_at: float | None = None

    def look(self, now: float) -> None:
        """Notice that it died, or that the pause after its death is over."""
        if self._retry_at is None:
            if self.service.running:
                return
            if now - self._running_since > _STEADY_SECONDS:
                self._pause = 0.0
            self._tell(f"{self.service.name} ended unexpectedly; starting it again{self._announced_pause()}")
            self._retry_at = self._next_retry(now)
        if now >= self._retry_at:
            self._retry()

    def _retry(self) -> None:
        try:
            self.service.start()
        except (StackError, OSError) as failure:
            self._tell(
                f"{self.service.name} could not be started; trying again{self._announced_pause()}: {failure}"
            )
            self._retry_at = self._next_retry(time.monotonic())
        else:
            self._running_since = time.monotonic()
            self._retry_at = None
            self._tell(f"{self.service.name} runs again (process {self.service.pid})")

    def _next_retry(self, now: float) -> float:
        due = now + self._pause
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
        return due

    def _announced_pause(self) -> str:
        return f" in {self._pause:g} s" if self._pause else ""
