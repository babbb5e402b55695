"""The folder of a PostgreSQL cluster: making it, and telling whose server is on it.

PostgreSQL's own lock file names a process by number alone, which after a crash or a reboot may be anybody's.
"""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from stack.errors import NotInstalled, StackError
from stack.postgres_programs import Programs
from stack.processes import Identity, Steps, command_line

_BUILTIN_LOCALES_SINCE = 17
_SETTINGS_SINCE = 16  # those of `initdb`


def ready_home(home: Path, programs: Programs) -> None:
    """See that whoever runs the programs can enter the folder, and nobody else."""
    if programs.user is not None:
        closed = [place for place in home.parents if not place.stat().st_mode & 0o001]
        if closed:
            raise NotInstalled(
                f"PostgreSQL refuses to run as root, and the user {programs.user[0]} that it would run as cannot enter "
                f"{closed[-1]}: keep the data below a folder that all may enter, such as /var/tmp"
            )
    programs.own(home)
    home.chmod(0o700)


def make_cluster(home: Path, programs: Programs, *, role: str, durable: bool) -> None:
    """Make the cluster unless it is there, with one role and its password in `home/password`.

    Raises:
        NotInstalled: it is there, and of another major version than the programs.
        StackError: `initdb` failed; the message holds what it said.
    """
    data = home / "data"
    installed = programs.major_version()
    version = data / "PG_VERSION"
    if version.exists():
        made_by = int(version.read_text())
        if made_by != installed:
            raise NotInstalled(
                f"{data} was made by PostgreSQL {made_by} and the installed one is {installed}: "
                "dump it with the old one and restore, or remove the folder"
            )
        return
    password = home / "password"
    password.write_text(secrets.token_urlsafe(24) + "\n")
    password.chmod(0o600)
    programs.own(password)
    # Made under another name, so that a killed initdb leaves no half a cluster behind.
    unfinished = home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    arguments = ["-D", str(unfinished), "-U", role, "--encoding=UTF8", "--auth=scram-sha-256"]
    arguments += [f"--pwfile={password}", "--data-checksums", "--no-instructions"]
    # Not the C locale: in it pg_trgm sees no Chinese.
    arguments += [f"--locale={'en_US.UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}"]
    if installed >= _BUILTIN_LOCALES_SINCE:
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        arguments += ["--no-sync"]
        if installed >= _SETTINGS_SINCE:
            # To prove the password costs more than all else of a connection; nobody guesses one of 24 random bytes.
            arguments += ["--set=scram_iterations=1"]
    try:
        programs.run("initdb", *arguments)
    except subprocess.CalledProcessError as failure:
        raise StackError(
            f"PostgreSQL could not make a database in {home}: {failure.__notes__[0]}"
        ) from failure
    unfinished.rename(data)


def _postmaster(data: Path) -> tuple[int | None, bool]:
    """The pid in the cluster's lock file, if any, and whether it is that of a server on this very cluster."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None, False
    command = command_line(pid)
    return pid, "postgres" in command and f"-D {data} " in f"{command} "


def end_leftover(data: Path, steps: Steps) -> None:
    """End a server that outlived its owner. We hold the claim, so it has no living one."""
    pid, is_ours = _postmaster(data)
    if pid is not None and is_ours and (left := Identity.of(pid)) is not None and not left.end(steps):
        raise StackError(f"a PostgreSQL of an earlier run, process {pid}, cannot be ended")


def disown_stranger(data: Path) -> None:
    """Let PostgreSQL see that a lock file whose number now belongs to a stranger is stale.

    PostgreSQL refuses to start while any process has that number, unless it is its own parent, which it knows
    cannot be a server. The rest of the file is kept: by it PostgreSQL makes sure that no process of the killed
    server still has the data in its memory.
    """
    pid, is_ours = _postmaster(data)
    if pid is not None and not is_ours:
        lock = data / "postmaster.pid"
        lines = lock.read_text().splitlines(keepends=True)
        lock.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))
