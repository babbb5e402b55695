"""Fixtures of the integration tests."""

from collections.abc import Iterator

import pytest

from tests.integration.owners import Owners


@pytest.fixture
def own() -> Iterator[Owners]:
    """Starts processes that own servers; whatever is left of them is killed in the end."""
    owners = Owners()
    yield owners
    owners.kill()
