"""The real server of the workflow tests, for the failures that are about timers, downtime and notices."""

from tests.workflow.conftest import case, customers, engine, open_case, workers

__all__ = ["case", "customers", "engine", "open_case", "workers"]
