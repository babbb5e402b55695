"""Migrations go up from empty and down to empty, and lead to what the models say."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from db.all_tables import Table
from db.engine import make_engine
from db.migrate import downgrade, upgrade
from stack.postgres import Postgres
from tests.integration.recorded import eventful, write

SCHEMA = """
    SELECT 'relation', relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'function', proname, '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND indexname NOT LIKE 'alembic%'
"""


@pytest.fixture
def empty_url(postgres: Postgres) -> Iterator[str]:
    name = f"migrations_{uuid4().hex}"
    postgres.create_database(name)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_url)
    yield engine
    engine.dispose()


def rows(engine: Engine, sql: str) -> set[tuple[str, ...]]:
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(text(sql))}


def names(engine: Engine) -> set[str]:
    return {name for _, name, *_ in rows(engine, SCHEMA)}


def test_the_tables_go_up_from_empty_and_down_to_empty(empty: Engine, empty_url: str):
    assert names(empty) == set()
    upgrade(empty_url)
    assert names(empty) >= set(Table.metadata.tables)
    downgrade(empty_url)
    assert names(empty) == {"alembic_version", "alembic_version_pkc"}
    upgrade(empty_url)
    assert names(empty) >= set(Table.metadata.tables)


def test_tables_with_rows_go_down_as_well(empty: Engine, empty_url: str):
    upgrade(empty_url)
    write(empty, *eventful().batches)
    downgrade(empty_url)
    assert names(empty) == {"alembic_version", "alembic_version_pkc"}


def test_clocks_and_escalations_of_the_first_tables_are_kept(empty: Engine, empty_url: str):
    """Down to the first tables, what they can hold stays; up again, each budget has its rule of ending."""
    upgrade(empty_url)
    write(empty, *eventful().batches)
    kept = rows(empty, _OLD_CLOCKS)
    downgrade(empty_url, "0001")
    upgrade(empty_url)
    assert rows(empty, _OLD_CLOCKS) == kept
    assert len(kept) > 10


_OLD_CLOCKS = """
    SELECT key, due_at::text, budget_amount::text, budget_unit, budget_ends, budget_counts_first_day::text FROM clocks
"""


def test_a_second_upgrade_changes_nothing(empty: Engine, empty_url: str):
    upgrade(empty_url)
    write(empty, *eventful().batches)
    upgrade(empty_url)
    assert rows(empty, "SELECT count(*)::text FROM ledger") == {(str(len(eventful().events)),)}


def test_processes_that_start_together_take_turns(empty: Engine, empty_url: str):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [empty_url] * 4))
    assert names(empty) >= set(Table.metadata.tables)


def test_any_working_folder_will_do(
    empty: Engine, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    upgrade(empty_url)
    assert names(empty) >= set(Table.metadata.tables)


def test_migrated_tables_are_those_of_the_models(engine: Engine):
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []


def test_migrated_rules_are_those_of_the_models(engine: Engine, empty: Engine):
    """Alembic compares no checks and no conditions of indexes."""
    Table.metadata.create_all(empty)
    by_models = rows(empty, CONSTRAINTS)
    assert len(by_models) > 100
    assert rows(engine, CONSTRAINTS) == by_models
