"""Databases for tests: copied from a template, emptied after each test, and used again by the next one.

To drop and copy one each time would be simpler, and on ext4 five times as slow: it looks past every file that was
deleted in the last seconds before it makes a new one, and a database is 300 files.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from db.migrate import upgrade
from stack.postgres import Postgres

_TEMPLATE = "redress_template"
_LARGEST = 1.5
"""How much larger than the template one may have grown; what was deleted lies about in it for a while."""

_OTHERS_OUT = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SHAPE = """
    SELECT count(*), max(xmin::text::bigint) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT count(*), max(xmin::text::bigint) FROM pg_attribute
    UNION ALL SELECT count(*), max(xmin::text::bigint) FROM pg_constraint
    UNION ALL SELECT count(*), max(xmin::text::bigint) FROM pg_trigger
    UNION ALL SELECT count(*), max(xmin::text::bigint) FROM pg_proc
"""
_SIZE = "SELECT pg_database_size(current_database())"
_EMPTY = """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL session_replication_role = replica; -- without the triggers, some of which allow no deletion
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
        FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
            PERFORM setval(name::regclass, 1, false);
        END LOOP;
    END $$
"""


class Databases:
    """All of one server's."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._empty: list[str] = []
        server.create_database(_TEMPLATE)
        upgrade(server.url(_TEMPLATE))
        with self._connect(_TEMPLATE) as template:
            self._shape = template.execute(_SHAPE).fetchall()
            self._size = _one(template, _SIZE)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Lend an empty one, by its URL."""
        name = self._empty.pop() if self._empty else self._made()
        yield self._server.url(name)
        if self._emptied(name):
            self._empty.append(name)
        else:
            self._server.drop_database(name)

    def _made(self) -> str:
        name = f"test_{next(self._numbers)}"
        self._server.create_database(name, template=_TEMPLATE)
        return name

    def _emptied(self, name: str) -> bool:
        """Throw everybody out and delete everything, unless a test has changed more than rows."""
        try:
            database = self._connect(name)
        except psycopg.OperationalError:  # a test has closed it
            return False
        with database:
            database.execute(_OTHERS_OUT)
            if database.execute(_SHAPE).fetchall() != self._shape:
                return False
            if _one(database, _SIZE) > _LARGEST * self._size:
                return False
            database.execute(_EMPTY)
            return True

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(self._server.url(name).replace("+psycopg", ""), autocommit=True)


def _one(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
