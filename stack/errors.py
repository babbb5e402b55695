"""What can go wrong when servers are started and stopped on this machine.

    StackError
    ├── NotInstalled     a program we need was not found, or cannot be run from here
    ├── DidNotStart      it was started and gave up, or never answered; carries the end of its log
    └── AlreadyRunning   another process of this machine holds the same folder; carries its pid

Whoever raises one has stopped what it had started.
"""

from pathlib import Path

_QUOTED_LOG_BYTES = 2_000


class StackError(Exception):
    """A server of the embedded stack could not be run."""


class NotInstalled(StackError):
    """A program we need was not found, or cannot be run from here."""


class DidNotStart(StackError):
    """A server gave up, or never answered.

    Attributes:
        log: Where the server wrote; its end is part of the message.
    """

    def __init__(self, what: str, log: Path) -> None:
        self.log = log
        said = log.read_bytes()[-_QUOTED_LOG_BYTES:].decode(errors="replace") if log.exists() else "(no log)"
        super().__init__(f"{what}; {log} ends with:\n{said}")


class AlreadyRunning(StackError):
    """Another process holds the same folder.

    Attributes:
        pid: The holder; None in the instant in which it has taken the folder and not yet signed.
    """

    def __init__(self, what: str, pid: int | None) -> None:
        self.pid = pid
        super().__init__(
            f"{what} is already in use by process {pid if pid is not None else '(starting)'}; stop that one first"
        )
