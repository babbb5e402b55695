"""Row stories are lived on the same servers as the other workflow tests."""

from tests.workflow.conftest import case, customers, engine, open_case, workers

__all__ = ["case", "customers", "engine", "open_case", "workers"]
