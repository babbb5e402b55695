"""What is wrong with rows, written down as it is found: as CSV or as JSON, by the name of the file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from cli.exits import Exit, Stopped
from cli.imports.prepared import Bad

SHOWN = 20
"""So many are told on the screen."""


class Report:
    """Every bad row of an import.

    Attributes:
        first: The first of them, for the screen.
        count: How many things are wrong.
    """

    def __init__(self, path: Path | None, file: str) -> None:
        self.first: list[Bad] = []
        self.count = 0
        self._path = path
        self._file = file
        self._out: IO[str] | None = None
        self._csv: Any = None

    def __enter__(self) -> Self:
        """Open the file.

        Raises:
            Stopped: It cannot be written, or is neither CSV nor JSON.
        """
        if self._path is None:
            return self
        if self._path.suffix not in (".csv", ".json"):
            raise Stopped(Exit.MALFORMED, "--report: must end in .csv or .json", "--report bad-rows.csv")
        try:
            self._out = self._path.open("w", encoding="utf-8", newline="")
        except OSError as fault:
            raise Stopped(Exit.MALFORMED, f"--report: {self._path} {fault.strerror or fault}") from None
        if self._path.suffix == ".csv":
            self._csv = csv.writer(self._out)
            self._csv.writerow(("file", "line", "field", "reason"))
        else:
            self._out.write("[")
        return self

    def add(self, bad: Bad) -> None:
        """Write one down."""
        if self.count < SHOWN:
            self.first.append(bad)
        if self._csv is not None:
            self._csv.writerow((self._file, bad.line, bad.field, bad.rule))
        elif self._out is not None:
            entry = {"file": self._file, "line": bad.line, "field": bad.field, "reason": bad.rule}
            separator = ",\n" if self.count else "\n"
            self._out.write(separator + json.dumps(entry, ensure_ascii=False))
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, however it ended."""
        if self._out is not None:
            if self._csv is None:
                self._out.write("\n]\n")
            self._out.close()

    def lines(self) -> list[str]:
        """Tell the first ones to people."""
        said = [
            f"{self._file}:{bad.line}: {f'{bad.field}: ' if bad.field else ''}{bad.rule}"
            for bad in self.first
        ]
        if self.count > len(self.first):
            where = "" if self._path else "; --report FILE.csv lists all of them"
            said.append(f"and {self.count - len(self.first)} more{where}")
        return said
