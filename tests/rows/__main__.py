"""Lives the story of every row, and lists them: `make rows`. Ends with 1 if a row has none, or one of them fails."""

from __future__ import annotations

import inspect
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rows.rows import ROWS, SYSTEMS, row_of


class Listing:
    """Remembers what became of each row."""

    def __init__(self) -> None:
        self.demands: dict[str, str] = {}
        self.outcomes: dict[str, list[str]] = {row: [] for row in ROWS}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            row = row_of(item.name)
            if row:
                said = inspect.getdoc(getattr(item, "obj", None)) or item.name
                self.demands.setdefault(row, " ".join(said.split()))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        row = row_of(report.nodeid.rpartition("::")[2])
        if row and (report.when == "call" or report.failed):
            self.outcomes.setdefault(row, []).append(report.outcome)

    def lines(self) -> list[str]:
        told: list[str] = []
        for row, outcomes in self.outcomes.items():
            if not told or told[-1][:1] != row[0]:
                told += ["", SYSTEMS.get(row[0], "")]
            told.append(f"{row:3}  {self._state(outcomes):7}  {self.demands.get(row, '')}")
        return told

    def _state(self, outcomes: list[str]) -> str:
        if not outcomes:
            return "MISSING"
        return "passes" if set(outcomes) == {"passed"} else "FAILS"

    @property
    def is_complete(self) -> bool:
        return all(set(outcomes) == {"passed"} for outcomes in self.outcomes.values())


def main(arguments: list[str]) -> int:
    """Run the stories, print the list, and say whether every row has one that passes."""
    listing = Listing()
    plugins: list[Any] = [listing]
    code = pytest.main([str(Path(__file__).parent), "-q", "--no-header", *arguments], plugins=plugins)
    passing = sum(set(outcomes) == {"passed"} for outcomes in listing.outcomes.values())
    print("\n".join(listing.lines()))
    print(f"\n{passing} of {len(ROWS)} rows have a story that passes")
    return 0 if code == 0 and listing.is_complete else 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # the SDK may abort in the interpreter's own shutdown (sdk-python issue 300)
