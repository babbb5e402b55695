"""The rows of the source material, by their ids. Each is a system that has to work; its story is named after it.

A story is `async def test_M1_what_it_shows` in this folder, and its docstring says in a sentence what the row demands.
"""

from __future__ import annotations

import re
from pathlib import Path

_LAST = {"P": 7, "T": 3, "H": 4, "D": 3, "R": 5, "O": 7, "E": 2, "M": 6, "N": 5, "A": 5, "C": 4}

SYSTEMS = {
    "P": "Power utility complaint handling",
    "T": "Telecom network complaints",
    "H": "Public hotline for reporting violations",
    "D": "Difficult complaints",
    "R": "Hospitality and restaurants",
    "O": "Walk-in complaint desk with a green channel",
    "E": "Online retail",
    "M": "Property management",
    "N": "Negotiation with four elements",
    "A": "After-sales service",
    "C": "Complaint management as a practice (bank, CRM)",
}

ROWS = tuple(f"{letter}{number}" for letter, last in _LAST.items() for number in range(1, last + 1))

_STORY = re.compile(r"^(?:async )?def (test_([A-Z]\d+)_\w+)", re.MULTILINE)


def row_of(test: str) -> str | None:
    """Return the row that a test is named after."""
    match = re.match(r"test_([A-Z]\d+)_", test)
    return match[1] if match else None


def stories() -> dict[str, list[str]]:
    """List the stories of each row, as their files have them."""
    found: dict[str, list[str]] = {row: [] for row in ROWS}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for name, row in _STORY.findall(path.read_text(encoding="utf-8")):
            found.setdefault(row, []).append(name)
    return found
