"""The scripts that docker-compose.yml mounts do what the services after them rely on, on real servers."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stack.postgres import Postgres
from stack.postgres_programs import find_programs
from stack.temporal import TemporalServer, temporal_cli

DEPLOY = Path(__file__).parents[2] / "deploy"
PASSWORDS = {"TEMPORAL_DB_PASSWORD": "pw4temporal", "REDRESS_DB_PASSWORD": "pw4redress"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run create-databases.sql as the image's entrypoint does: once, as superuser `postgres`, through psql."""
    with tempfile.TemporaryDirectory(prefix="redress-deploy-") as folder:
        home = Path(folder) / "postgres"
        with Postgres(home, durable=False, usual_port=None) as server:
            # Our embedded server already has what the script shall make: a role and a database `redress`.
            with psycopg.connect(_plain(server.url("postgres")), autocommit=True) as embedded:
                embedded.execute("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'pw4postgres'")
            as_postgres = f"postgresql://postgres:pw4postgres@127.0.0.1:{server.port}/postgres"
            with psycopg.connect(as_postgres, autocommit=True) as superuser:
                superuser.execute("DROP DATABASE redress")
                superuser.execute("ALTER ROLE redress RENAME TO embedded")
            psql = find_programs(home / "programs", home / "data").path("psql")
            script = DEPLOY / "postgres" / "create-databases.sql"
            command = [
                psql,
                "--no-psqlrc",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                as_postgres,
                "-f",
                str(script),
            ]
            done = subprocess.run(
                command, env=os.environ | PASSWORDS, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            yield server.port


@pytest.fixture(scope="module")
def server() -> Iterator[TemporalServer]:
    with TemporalServer(None, search_attributes={}, usual_port=None) as running:
        yield running


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _connect(port: int, role: str, database: str) -> "psycopg.Connection[tuple[object, ...]]":
    password = PASSWORDS[f"{role.upper()}_DB_PASSWORD"]
    return psycopg.connect(
        host="127.0.0.1", port=port, user=role, password=password, dbname=database, connect_timeout=5
    )


@pytest.mark.parametrize(
    ("role", "database"),
    [("temporal", "temporal"), ("temporal", "temporal_visibility"), ("redress", "redress")],
)
def test_each_role_may_make_tables_in_its_own_database(port: int, role: str, database: str) -> None:
    with _connect(port, role, database) as connection:
        connection.execute("CREATE TABLE made_by_its_owner ()")


@pytest.mark.parametrize(
    ("role", "database"),
    [("temporal", "redress"), ("redress", "temporal"), ("redress", "temporal_visibility")],
)
def test_no_role_can_open_the_databases_of_the_other(port: int, role: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        _connect(port, role, database)


def test_no_role_is_a_superuser(port: int) -> None:
    with _connect(port, "redress", "redress") as connection:
        rows = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname IN ('redress', 'temporal')"
            " AND NOT (rolsuper OR rolcreatedb OR rolcreaterole)"
        ).fetchall()
    assert {name for (name,) in rows} == {"redress", "temporal"}


def test_temporal_may_create_the_extension_that_its_schema_needs(port: int) -> None:
    with _connect(port, "temporal", "temporal_visibility") as connection:
        connection.execute("CREATE EXTENSION btree_gin")


def _create_namespace(server: TemporalServer, retention: str) -> None:
    cli = temporal_cli()
    environment = os.environ | {
        "PATH": f"{cli.parent}{os.pathsep}{os.environ['PATH']}",
        "TEMPORAL_ADDRESS": server.address,
        "TEMPORAL_NAMESPACE": "redress",
        "HISTORY_RETENTION": retention,
    }
    script = ["sh", str(DEPLOY / "temporal" / "create-namespace.sh")]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def _ask(server: TemporalServer, *question: str) -> dict[str, object]:
    command = [
        str(temporal_cli()),
        "operator",
        *question,
        "--namespace",
        "redress",
        "--address",
        server.address,
    ]
    answer = subprocess.run([*command, "--output", "json"], capture_output=True, text=True, check=True).stdout
    parsed = json.loads(answer)
    assert isinstance(parsed, dict)
    return parsed


def test_namespace_gets_retention_and_search_attributes_and_may_be_made_again(server: TemporalServer) -> None:
    _create_namespace(server, "30d")
    _create_namespace(server, "90d")
    config = _ask(server, "namespace", "describe")["config"]
    assert isinstance(config, dict)
    assert config["workflowExecutionRetentionTtl"] == f"{90 * 24 * 3600}s"
    assert _ask(server, "search-attribute", "list")["customAttributes"] == {
        "ComplaintStage": "INDEXED_VALUE_TYPE_KEYWORD",
        "Department": "INDEXED_VALUE_TYPE_KEYWORD",
        "Severity": "INDEXED_VALUE_TYPE_KEYWORD",
        "Escalated": "INDEXED_VALUE_TYPE_BOOL",
    }
