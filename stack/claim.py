"""One owner per folder: a lock that the kernel takes back when its owner dies, however it dies."""

import fcntl
import os
from pathlib import Path

from stack.errors import AlreadyRunning


class Claim:
    """The exclusive right to run servers on a folder, held from `take` to `release` or our death.

    The lock is the kernel's (flock), so a file left behind by a killed owner claims nothing. Children do not
    inherit it: the descriptor is closed on exec.
    """

    def __init__(self, path: Path, what: str) -> None:
        """Claim `path`, a file made when needed; `what` names the thing claimed in errors."""
        self._path = path
        self._what = what
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take it; taking what we already hold does nothing.

        Raises:
            AlreadyRunning: somebody else holds it.
        """
        if self._descriptor is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(self._what, holder(self._path)) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it up; releasing what we do not hold does nothing.

        The file stays: removing it would let two owners lock two files of the same name.
        """
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def holder(path: Path) -> int | None:
    """The pid written into a claim file, or None. Only true while the claim is held."""
    try:
        return int(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
