"""The real server of the workflow tests, for the failures that are about timers, downtime and notices."""

from tests.workflow.conftest import case, engine, open_case, workers

__all__ = ["case", "engine", "open_case", "workers"]
