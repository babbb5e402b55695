"""Fixtures of the integration tests."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from db.engine import make_engine
from tests.integration.owners import Owners


@pytest.fixture
def own() -> Iterator[Owners]:
    """Starts processes that own servers; whatever is left of them is killed in the end."""
    owners = Owners()
    yield owners
    owners.kill()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connects to a migrated database of the test's own, from several threads if need be."""
    engine = make_engine(database_url, application_name="tests")
    yield engine
    engine.dispose()
