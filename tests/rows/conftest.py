"""Row stories are lived on the same servers as the other workflow tests."""

from tests.workflow.conftest import case, engine, open_case, workers

__all__ = ["case", "engine", "open_case", "workers"]
