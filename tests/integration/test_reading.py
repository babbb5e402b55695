"""Reading leaves a connection as it was, with what was prepared on it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from db.engine import for_reading, make_engine

OFTEN_ENOUGH = 7
"""The driver prepares a statement that has been executed five times."""

PREPARED = text("SELECT count(*) FROM pg_prepared_statements")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """One connection, on which a statement is prepared."""
    engine = make_engine(database_url, pool_size=1)
    with engine.begin() as connection:
        for _ in range(OFTEN_ENOUGH):
            connection.execute(text("SELECT number FROM complaints"))
        assert connection.execute(PREPARED).scalar_one() > 0
    yield engine
    engine.dispose()


def test_reading_keeps_what_is_prepared(engine: Engine) -> None:
    with for_reading(engine).connect() as connection:
        connection.execute(text("SELECT number FROM ledger"))
    with engine.begin() as connection:
        assert connection.execute(PREPARED).scalar_one() > 0


def test_rolling_back_forgets_it(engine: Engine) -> None:
    """This is why reading has a way of its own."""
    with engine.connect() as connection:
        connection.execute(text("SELECT number FROM ledger"))
    with engine.begin() as connection:
        assert connection.execute(PREPARED).scalar_one() == 0


def test_writing_after_reading_is_one_transaction_again(engine: Engine) -> None:
    with for_reading(engine).connect() as connection:
        connection.execute(text("SELECT number FROM ledger"))
    with engine.connect() as connection:
        first = connection.execute(text("SELECT txid_current()")).scalar_one()
        assert connection.execute(text("SELECT txid_current()")).scalar_one() == first
