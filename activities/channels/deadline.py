"""Bounds a whole exchange in time.

Socket timeouts bound each single read. A server that sends one byte now and then keeps every read in
time and the exchange open for hours, and with it a thread of the pool. So the connection is cut off.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Deadline:
    """Shuts down the watched connection when its time is over; the blocked call then fails by itself."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._lock = threading.Lock()
        self._connection: Callable[[], socket.socket | None] = lambda: None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, connection: Callable[[], socket.socket | None]) -> None:
        """Name the connection to shut down. Asked when the time is over: TLS replaces sockets."""
        with self._lock:
            self._connection = connection
            if self.passed:
                self._shut()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            self._shut()

    def _shut(self) -> None:
        connection = self._connection()
        if connection is not None:
            with contextlib.suppress(OSError):
                # Past SSLSocket.shutdown, which would pull the TLS state from under the reading thread.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
