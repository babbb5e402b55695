"""The project's own rules: entry points that explain themselves, locks that install from any index."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MAKE"))}


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of what the checks look at, as a repository of its own."""
    for folder in ("tools", "requirements"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    run("git", "init", "--quiet", cwd=tmp_path)
    run("git", "add", "tools", "requirements", "pyproject.toml", cwd=tmp_path)
    return tmp_path


def append(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text()}{line}\n")


def test_every_target_is_phony_and_no_file_of_its_name_can_hide_it() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert targets >= {"help", "demo", "up", "test", "check", "format", "bench", "lock", "setup", "clean"}
    assert set(re.findall(r"^\.PHONY: ([a-z]+)$", makefile, re.MULTILINE)) == targets


def test_make_alone_lists_the_targets() -> None:
    listed = run("make").stdout
    for target in ("demo", "up", "test", "check", "bench", "clean"):
        assert re.search(rf"make {target} +\w", listed)


def test_unknown_requirements_are_refused_by_name() -> None:
    refused = run("sh", "tools/setup", "moon")
    assert refused.returncode == 2
    assert "moon" in refused.stderr


def test_clean_locks_pass(house: Path) -> None:
    assert run("tools/check-addresses", cwd=house).returncode == 0
    assert run("tools/check-locks", cwd=house).returncode == 0


@pytest.mark.parametrize(
    "line",
    ["--index-url https://mirror.example/simple", "    # from file://mirror", "    #   -r /srv/build/dev.in"],
    ids=["index", "address", "path"],
)
def test_a_lock_that_knows_its_machine_is_refused(house: Path, line: str) -> None:
    append(house / "requirements" / "run.lock", line)
    assert run("tools/check-addresses", cwd=house).returncode == 1


def test_a_registry_named_anywhere_is_refused(house: Path) -> None:
    domain = "org"  # in two pieces, or this file would be caught as well
    append(house / "tools" / "lock", f"# see pypi.{domain}")
    assert run("tools/check-addresses", cwd=house).returncode == 1


def test_a_dependency_that_was_never_locked_is_refused(house: Path) -> None:
    project = house / "pyproject.toml"
    project.write_text(project.read_text().replace('"tzdata",', '"tzdata", "moonphase>=3",'))
    refused = run("tools/check-locks", cwd=house)
    assert refused.returncode == 1
    assert "moonphase" in refused.stderr


def test_a_version_tested_but_not_shipped_is_refused(house: Path) -> None:
    lock = house / "requirements" / "dev.lock"
    lock.write_text(re.sub(r"^httpx==\S+", "httpx==0.28.0", lock.read_text(), flags=re.MULTILINE))
    refused = run("tools/check-locks", cwd=house)
    assert refused.returncode == 1
    assert "httpx" in refused.stderr
