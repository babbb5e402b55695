"""The whole stack on one machine: what dies comes back, and what is stopped is gone."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stack.processes import Identity
from stack.up import Stack, running_pid
from tests.eventually import eventually_sync
from tests.integration.owners import Owner, Owners

# Says where it was told the servers are, and waits.
_PROGRAM = """
import json, os, time
print(json.dumps({"pid": os.getpid(), "database": os.environ["REDRESS_DATABASE_URL"],
                  "temporal": os.environ["REDRESS_TEMPORAL_ADDRESS"]}), flush=True)
while True:
    time.sleep(1)
"""
_STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + _PROGRAM


def _gone(pid: int) -> None:
    assert Identity.of(pid) is None


def _program(home: Path, after: int = 0) -> dict[str, Any]:
    """What the program said when it was last started; `after` is the pid of an earlier one."""

    def said() -> dict[str, Any]:
        log = home / "logs" / "program.log"
        assert log.exists()
        lines = log.read_text().splitlines()
        assert lines
        latest: dict[str, Any] = json.loads(lines[-1])
        assert latest["pid"] != after
        return latest

    return eventually_sync(said)


def _hear(owner: Owner, words: str) -> str:
    """What the stack tells next that has these words in it."""
    while (facts := owner.hear()) is not None:
        told = str(facts.get("told", ""))
        if words in told:
            return told
    pytest.fail(f"it ended without saying {words!r}")


def _psycopg_url(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _answers(address: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        assert probe.connect_ex((host, int(port))) == 0


def _pids(owner: Owner, home: Path) -> list[int]:
    return [owner.facts["postgres"], owner.facts["temporal"], _program(home)["pid"]]


@pytest.fixture(scope="module")
def quiet_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Owner, Path]]:
    """One for the tests that leave it alone."""
    owners, home = Owners(), tmp_path_factory.mktemp("stack")
    yield owners("stack", str(home)), home
    owners.kill()


def test_whatever_dies_is_started_again_where_it_was_and_sigterm_stops_everything(
    tmp_path: Path, own: Owners
) -> None:
    owner = own("stack", str(tmp_path), _PROGRAM)
    first = _program(tmp_path)
    database, temporal = owner.facts["REDRESS_DATABASE_URL"], owner.facts["REDRESS_TEMPORAL_ADDRESS"]
    assert (first["database"], first["temporal"]) == (database, temporal)
    with psycopg.connect(_psycopg_url(database), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")

    os.kill(owner.facts["postgres"], signal.SIGKILL)
    _hear(owner, "PostgreSQL runs again")
    with psycopg.connect(_psycopg_url(database)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)

    os.kill(owner.facts["temporal"], signal.SIGKILL)
    _hear(owner, "Temporal runs again")
    _answers(temporal)

    os.kill(first["pid"], signal.SIGKILL)
    _hear(owner, "program runs again")
    second = _program(tmp_path, after=first["pid"])
    assert (second["database"], second["temporal"]) == (database, temporal)

    assert running_pid(tmp_path) == owner.process.pid
    assert owner.end(signal.SIGTERM) == 0
    _hear(owner, "Stopping")
    assert owner.hear() == {"stopped": True}
    _gone(second["pid"])
    assert running_pid(tmp_path) is None
    assert not list((tmp_path / "run").glob("*.pid"))


def test_kill_9_of_the_whole_stack_leaves_no_orphan_and_the_next_start_works(
    tmp_path: Path, own: Owners
) -> None:
    owner = own("stack", str(tmp_path), _PROGRAM)
    pids = _pids(owner, tmp_path)
    owner.kill()
    for pid in pids:
        eventually_sync(partial(_gone, pid), timeout=15)
    again = own("stack", str(tmp_path), _PROGRAM)
    assert again.facts["REDRESS_DATABASE_URL"] == owner.facts["REDRESS_DATABASE_URL"]
    assert again.facts["REDRESS_TEMPORAL_ADDRESS"] == owner.facts["REDRESS_TEMPORAL_ADDRESS"]
    _program(tmp_path, after=pids[-1])  # by then it listens to signals
    assert again.end(signal.SIGINT) == 0


def test_a_second_stack_on_the_same_folder_is_refused_and_told_who_is_first(
    quiet_stack: tuple[Owner, Path], own: Owners
) -> None:
    first, home = quiet_stack
    second = own("stack", str(home))
    assert second.process.wait(timeout=10) != 0
    assert f"process {first.process.pid}" in second.complaint()
    _answers(first.facts["REDRESS_TEMPORAL_ADDRESS"])


def test_a_second_signal_kills_everything_at_once(tmp_path: Path, own: Owners) -> None:
    owner = own("stack", str(tmp_path), _STUBBORN)
    pids = _pids(owner, tmp_path)
    owner.process.send_signal(signal.SIGTERM)
    _hear(owner, "Stopping")
    assert owner.end(signal.SIGTERM) == 128 + signal.SIGTERM
    for pid in pids:
        eventually_sync(partial(_gone, pid))


def test_a_program_that_keeps_dying_is_tried_less_and_less_often(tmp_path: Path, own: Owners) -> None:
    owner = own("stack", str(tmp_path), "raise SystemExit(1)")
    pauses = [_hear(owner, "program ended unexpectedly").rpartition(" again")[2] for _ in range(3)]
    assert pauses == ["", " in 0.5 s", " in 1 s"]


def test_servers_named_by_the_environment_are_used_and_none_are_started(tmp_path: Path) -> None:
    named = {
        "REDRESS_DATABASE_URL": "postgresql+psycopg://clerk:hush@db.example:6000/complaints",
        "REDRESS_TEMPORAL_ADDRESS": "temporal.example:7233",
    }
    with Stack(tmp_path, search_attributes={}, environ=named) as stack:
        assert stack.addresses() == named
        assert stack.ui_url is None
        assert "db.example:6000/complaints" in stack.describe()[0]
        assert "hush" not in " ".join(stack.describe())
        assert not stack.postgres.running
        assert not stack.temporal.running
    assert not (tmp_path / "postgres").exists()


def test_nothing_listens_beyond_the_loopback_interface(quiet_stack: tuple[Owner, Path]) -> None:
    owner, _ = quiet_stack
    ports = [
        int(owner.facts[name].rstrip("/").rpartition(":")[2].partition("/")[0])
        for name in ("REDRESS_DATABASE_URL", "REDRESS_TEMPORAL_ADDRESS", "ui")
    ]
    for port in ports:
        _answers(f"127.0.0.1:{port}")
        with socket.socket() as probe:
            # A server that listened on every address of the machine would answer here too.
            assert probe.connect_ex(("127.0.0.2", port)) != 0
