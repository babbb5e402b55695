"""Brings a database to a revision of our tables, from wherever the package is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, text

from db.engine import make_engine

_SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
_TURN = 7_233_733  # any number, as long as nobody else takes an advisory lock of it


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables up, all or nothing. Safe to call from several processes at once: they take turns."""
    with _turn(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take tables back, and their rows with them."""
    with _turn(url) as connection:
        command.downgrade(_config(connection), revision)


def revise(url: str, message: str) -> None:
    """Draft the migration from an up-to-date database to the present models, for a developer to complete."""
    with _turn(url) as connection:
        command.revision(_config(connection), message, autogenerate=True)


def is_current(url: str) -> bool:
    """Say whether the database has the tables of this version; takes no turn, changes nothing."""
    return has_current_tables(make_engine(url, application_name="redress-health", pool=NullPool))


def has_current_tables(engine: Engine) -> bool:
    """Say the same of a database that somebody is connected to already."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
        return set(found) == set(ScriptDirectory.from_config(_config(connection)).get_heads())


@contextmanager
def _turn(url: str) -> Iterator[Connection]:
    engine = make_engine(url, application_name="redress-migrate", statement_timeout=None, pool=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        yield connection


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
