"""Child processes that end when we end, and the leftovers of an earlier run that did not.

A process is named by its number *and* its start: numbers are recycled, and a stranger that got the number of a
program we once ran must never be signalled.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from stack import leash

Steps = Sequence[tuple[signal.Signals, float]]
"""Signals to send in turn, each with the seconds given to end after it."""

GENTLY: Steps = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))
AT_ONCE: Steps = ((signal.SIGKILL, 5.0),)

_LOG_ROTATION_BYTES = 20_000_000
_POLL_SECONDS = 0.01
_REAP_SECONDS = 5

# The death signal follows the *thread* that started the child, not its process. So one thread that lives as long
# as we do starts every child, whichever (perhaps short-lived) thread asks for it.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stack-spawner")


@dataclass(frozen=True)
class Identity:
    """One process, told apart from every later one with the same number.

    Attributes:
        pid: Its number.
        started: When it was started, as an opaque text.
    """

    pid: int
    started: str

    @staticmethod
    def of(pid: int) -> "Identity | None":
        """The living process of that number; None if there is none, or only a zombie that waits to be reaped."""
        started = _started(pid)
        return None if started is None else Identity(pid, started)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return Identity.of(self.pid) == self

    def end(self, steps: Steps = GENTLY) -> bool:
        """Signal it until it has ended; False if it outlived the last step. Never signals a successor of its pid."""
        for number, seconds in steps:
            if not self.alive:
                return True
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return True
            if self._ended_within(seconds):
                return True
        return not self.alive

    def _ended_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.alive:
                return True
            time.sleep(_POLL_SECONDS)
        return False


def _started(pid: int) -> str | None:
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The name, in brackets, may itself hold spaces and brackets; what follows the last one is regular.
        fields = stat[stat.rindex(")") + 2 :].split()
        state, threads, ticks_since_boot = fields[0], int(fields[17]), fields[19]
        # A killed program's first thread may be a zombie while its others still hold its ports and files.
        ended = state in "ZX" and threads <= 1
        return None if ended else f"{_boot()}/{ticks_since_boot}"
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "stat=,lstart="], capture_output=True, text=True, check=False
    )
    state, _, started = shown.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else started.strip()


def _boot() -> str:
    """Which boot of the machine this is: ticks since boot repeat after a reboot."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except FileNotFoundError:  # some sandboxes hide it
        return ""


def command_line(pid: int) -> str:
    """The command a process runs, its words separated by spaces; empty if there is no such process."""
    if sys.platform == "linux":
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .rstrip(b"\0")
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
        except (FileNotFoundError, ProcessLookupError):
            return ""
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()


class Child:
    """A program we started. It is signalled when we die, writes to a log, and leaves a record for the next run."""

    def __init__(self, process: "subprocess.Popen[bytes]", record: Path | None) -> None:
        """Use `spawn`."""
        self._process = process
        self._record = record
        self._identity = Identity.of(process.pid)
        if record is not None and self._identity is not None:
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps(asdict(self._identity)))

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """How it ended: its exit code, the negative number of the signal that ended it, or None while it runs."""
        return self._process.poll()

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.exit_status is None

    def end(self, steps: Steps = GENTLY) -> None:
        """Signal it until it has ended, and forget its record."""
        if self.running and self._identity is not None:
            self._identity.end(steps)
        self._process.wait(timeout=_REAP_SECONDS)
        if self._record is not None:
            self._record.unlink(missing_ok=True)


def spawn(
    argv: Sequence[str],
    *,
    log: Path,
    record: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    before: Sequence[str] = (),
    user: tuple[int, int] | None = None,
) -> Child:
    """Start a program in a session of its own, so that a terminal's Ctrl-C reaches us and not it.

    Args:
        argv: The program and its arguments; no shell.
        log: Where its output is appended. A log grown large is set aside once (`.1`).
        record: A file by which a later run finds the program, should we be killed and it survive.
        environment: Its whole environment; ours by default.
        folder: Its working directory; ours by default.
        death_signal: What the kernel sends it when we die, however we die.
        before: A command that runs the rest of its own command line, such as `unshare`. It goes in front of the
            leash, because a change of credentials clears the death signal.
        user: The uid and gid to run as.
    """
    uid, gid = ("-", "-") if user is None else (str(user[0]), str(user[1]))
    leashed = [
        sys.executable,
        "-I",
        "-S",
        leash.__file__,
        str(os.getpid()),
        str(int(death_signal)),
        uid,
        gid,
        *argv,
    ]
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_ROTATION_BYTES:
        log.replace(log.with_name(log.name + ".1"))

    def start() -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            return subprocess.Popen(
                [*before, *leashed],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )

    return Child(_spawner.submit(start).result(), record)


def end_leftover(record: Path, steps: Steps = GENTLY) -> bool:
    """End the program an earlier, killed run left behind; True if there was one.

    A record whose process is gone, or whose number now belongs to a stranger, is only removed.
    """
    try:
        left = Identity(**json.loads(record.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        left = None
    was_alive = left is not None and left.alive
    if left is not None and was_alive:
        left.end(steps)
    record.unlink(missing_ok=True)
    return was_alive
