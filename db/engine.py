"""Engines: how we connect to PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import URL, Engine, Pool, QueuePool, create_engine, make_url

STATEMENT_TIMEOUT = timedelta(seconds=20)
"""Shorter than an activity may take, so that the database gives up before the engine tries again elsewhere."""


def make_engine(
    url: str,
    *,
    pool_size: int = 10,
    application_name: str = "redress",
    statement_timeout: timedelta | None = STATEMENT_TIMEOUT,
    pool: type[Pool] = QueuePool,
) -> Engine:
    """Describe how to connect; nothing is connected before the first use. Dispose of it in the end.

    After an outage of the database the first use fails and clears the pool: whoever uses it tries again.

    Args:
        url: `postgresql://user:password@host:port/database`.
        pool_size: As many threads may use it at once; further ones wait.
        statement_timeout: None for as long as it takes.
    """
    limit = int(statement_timeout.total_seconds() * 1000) if statement_timeout else 0
    return create_engine(
        postgres_url(url),
        poolclass=pool,
        **({"pool_size": pool_size, "max_overflow": 0} if pool is QueuePool else {}),
        connect_args={
            "application_name": application_name,
            "connect_timeout": 5,
            "tcp_user_timeout": 20_000,  # milliseconds; a host that vanished does not answer with an error
            "options": f"-c timezone=UTC -c statement_timeout={limit}",
        },
        # Otherwise messages and logs would show what was written: people's names and words.
        hide_parameters=True,
    )


def for_reading(engine: Engine) -> Engine:
    """Return the same engine for statements that only read, each a transaction of its own.

    Nothing has to be begun and rolled back then. A rollback costs more than its own trip: with it psycopg forgets the
    statements that it has prepared on that connection, and all of them are parsed and planned anew.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def postgres_url(url: str) -> URL:
    """Read a URL in any of the usual spellings.

    Raises:
        ValueError: It names no PostgreSQL database.
    """
    read = make_url(url)
    if read.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise ValueError(
            f"{read.drivername!r} is no PostgreSQL; write postgresql://user:password@host/database"
        )
    return read.set(drivername="postgresql+psycopg")
