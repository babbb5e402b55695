"""The embedded PostgreSQL: whoever runs it, and whatever kills it, the data are there afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from stack.errors import AlreadyRunning
from stack.postgres import Postgres
from stack.postgres_programs import find_programs
from stack.processes import Identity
from tests.eventually import eventually_sync
from tests.integration.owners import Owner, Owners


def _psycopg_url(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(_psycopg_url(url), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _remember_something(url: str) -> None:
    _execute(url, "CREATE TABLE kept AS SELECT '投诉'::text AS word")


def _remembered(url: str) -> object:
    return _execute(url, "SELECT word FROM kept")[0][0]


def _gone(pid: int) -> None:
    assert Identity.of(pid) is None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", usual_port=None)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def stranger() -> Iterator[int]:
    process = subprocess.Popen(["sleep", "300"])
    yield process.pid
    process.kill()
    process.wait()


def test_data_outlive_a_restart(server: Postgres) -> None:
    _remember_something(server.url())
    server.stop()
    server.start()
    assert _remembered(server.url()) == "投诉"


def test_data_outlive_kill_9_of_the_server_even_with_sessions_open(server: Postgres) -> None:
    _remember_something(server.url())
    port, pid = server.port, server.pid
    session = psycopg.connect(_psycopg_url(server.url()))
    os.kill(pid or 0, signal.SIGKILL)
    eventually_sync(lambda: _gone(pid or 0))
    server.start()
    session.close()
    assert _remembered(server.url()) == "投诉"
    assert server.port == port


def test_kill_9_of_its_owner_leaves_no_server_and_the_next_start_finds_the_data(
    tmp_path: Path, own: Owners
) -> None:
    owner = own("postgres", str(tmp_path / "postgres"))
    _remember_something(owner.facts["url"])
    owner.kill()
    eventually_sync(lambda: _gone(owner.facts["server"]))
    with Postgres(tmp_path / "postgres", durable=False, usual_port=None) as server:
        assert _remembered(server.url()) == "投诉"


def test_a_server_that_outlived_its_owner_is_ended_by_the_next_start(server: Postgres) -> None:
    server.stop()
    programs = find_programs(server.home / "programs", server.data)
    settings = ["-c", f"port={server.port}", "-c", "unix_socket_directories="]
    left = subprocess.Popen(
        [*programs.before, programs.path("postgres"), "-D", str(server.data), *settings],
        stderr=subprocess.DEVNULL,
        cwd="/",
    )

    def serves() -> None:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", server.port)) == 0

    eventually_sync(serves)
    server.start()
    assert left.wait(timeout=5) == 0
    assert server.running


def test_a_stranger_with_the_number_of_a_dead_server_is_never_signalled(
    server: Postgres, postgres: Postgres, stranger: int
) -> None:
    assert postgres.pid is not None
    for other in (stranger, postgres.pid):  # anybody, and a PostgreSQL that serves other data
        killed = server.pid or 0
        os.kill(killed, signal.SIGKILL)
        eventually_sync(partial(_gone, killed))
        lock = server.data / "postmaster.pid"
        lock.write_text("\n".join([str(other), *lock.read_text().splitlines()[1:]]) + "\n")
        server.start()
        assert server.pid not in (None, killed)
        assert Identity.of(other) is not None
    server.stop()
    assert Identity.of(stranger) is not None
    assert postgres.running


def test_a_taken_port_is_left_to_its_owner_and_the_new_one_is_kept(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        usual = taken.getsockname()[1]
        server = Postgres(tmp_path, durable=False, usual_port=usual)
        with server:
            first = server.port
    assert first != usual
    with server:
        assert server.port == first


def test_the_usual_port_is_used_when_it_is_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        usual = probe.getsockname()[1]
    with Postgres(tmp_path, durable=False, usual_port=usual) as server:
        assert server.port == usual


def test_a_second_owner_is_refused_and_told_who_is_first(postgres: Postgres) -> None:
    with pytest.raises(AlreadyRunning) as refused:
        Postgres(postgres.home, usual_port=None).start()
    assert refused.value.pid == os.getpid()
    assert postgres.running


def test_nobody_gets_in_without_the_password(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1", port=postgres.port, user="redress", dbname="redress", password="guess"
        )


def test_a_copy_of_a_database_holds_what_its_template_held(postgres: Postgres) -> None:
    postgres.create_database("original")
    _remember_something(postgres.url("original"))
    postgres.create_database("copy", template="original")
    _execute(postgres.url("original"), "DROP TABLE kept")
    assert _remembered(postgres.url("copy")) == "投诉"
    with psycopg.connect(_psycopg_url(postgres.url("copy"))):
        postgres.drop_database("copy")  # throws the session out
    postgres.drop_database("original")
    assert not _execute(postgres.url(), "SELECT 1 FROM pg_database WHERE datname IN ('copy', 'original')")


def test_similarity_search_sees_chinese(postgres: Postgres) -> None:
    _execute(postgres.url(), "CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert _execute(postgres.url(), "SELECT show_trgm('抢修超时') <> '{}'") == [(True,)]


def _as_ourselves(own: Owners, home: Path) -> Owner:
    return own("postgres", str(home / "postgres"))


def _as_an_ordinary_user(own: Owners, home: Path) -> Owner:
    # Files of ours may lie where no real other user can reach them; in a namespace we can be one who can.
    ordinary = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
    return own("postgres", str(home / "postgres"), before=ordinary)


def _as_root_without_namespaces(own: Owners, home: Path) -> Owner:
    # A PATH without `unshare` looks like a machine that forbids them.
    return own("postgres", str(home / "postgres"), environment={"PATH": str(home)})


def _user_of(pid: int) -> int:
    return int(subprocess.run(["ps", "-o", "uid=", "-p", str(pid)], capture_output=True, check=True).stdout)


# As root the tests above have already run it the one way that is not here.
_WAYS = (
    [(_as_an_ordinary_user, 0), (_as_root_without_namespaces, pwd.getpwnam("nobody").pw_uid)]
    if os.geteuid() == 0
    else [(_as_ourselves, os.geteuid())]
)


@pytest.mark.parametrize(("start", "user"), _WAYS)
def test_it_runs_for_root_and_for_ordinary_users(
    start: Callable[[Owners, Path], Owner], user: int, own: Owners
) -> None:
    home = Path(tempfile.mkdtemp(dir="/var/tmp"))  # pytest's own folder is closed to others
    home.chmod(0o755)
    try:
        owner = start(own, home)
        assert owner.facts, owner.complaint()
        assert _user_of(owner.facts["server"]) == user
        _remember_something(owner.facts["url"])
        owner.kill()
        eventually_sync(lambda: _gone(owner.facts["server"]))
        again = start(own, home)
        assert _remembered(again.facts["url"]) == "投诉"
        again.kill()
        eventually_sync(lambda: _gone(again.facts["server"]))
    finally:
        shutil.rmtree(home)
