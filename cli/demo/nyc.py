"""Real complaints: rows of the file that the city of New York publishes of its 311 service, cast in lives of ours."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from cli.demo.lives import FOLDER, Life, life
from workflows.names import number_of

_SOURCE = "nyc311"

_COLUMNS = (
    "Unique Key", "Created Date", "Agency", "Agency Name", "Complaint Type", "Descriptor", "Location Type", "City",
)  # fmt: skip

_CATEGORIES = {
    "Animal-Abuse": "safety",
    "Dead Animal": "service",
    "Animal in a Park": "safety",
    "Unsanitary Animal Pvt Property": "safety",
    "Unsanitary Animal Facility": "safety",
    "Illegal Animal Kept as Pet": "process",
    "Illegal Animal Sold": "process",
    "Animal Facility - No Permit": "process",
    "Pet Shop": "product",
}
"""Categories of the built-in policy, by the city's own; what is not named here is `other`."""


_PEOPLE = {"desk": "operator.311", "handler": "inspector", "lead": "chief", "customer_service": "city.hall"}


class NotUsable(ValueError):
    """The file is not the one we can read."""


def real_lives(path: Path, count: int, seed: int) -> list[Life]:
    """Draw complaints from the file and cast them; the same seed draws the same.

    Raises:
        NotUsable: The file cannot be read, or lacks a column.
    """
    rows = _rows(path)
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated, no secret
    drawn = chance.sample(rows, min(count, len(rows)))
    casts = (_cast(part, row, drawn[0]) for part, row in zip(_parts(len(drawn)), drawn, strict=True))
    return [life(cast, is_real=True) for cast in casts]


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as fault:
        raise NotUsable(f"{path} is not the city's file: {fault}") from fault
    missing = [name for name in _COLUMNS if not rows or not all(row.get(name) is not None for row in rows)]
    if missing:
        raise NotUsable(f"{path} is not the city's file: it lacks {', '.join(missing)}")
    return rows


def _parts(count: int) -> list[Mapping[str, Any]]:
    """Hand out the lives by their shares, as evenly as a smaller number allows, so that few still show many."""
    parts = yaml.safe_load((FOLDER / "city_lives.yaml").read_text(encoding="utf-8"))["lives"]
    turns = sorted(
        ((turn + 0.5) / part["share"], order, part)
        for order, part in enumerate(parts)
        for turn in range(part["share"])
    )
    return [turns[index % len(turns)][2] for index in range(count)]


def _cast(part: Mapping[str, Any], row: Mapping[str, str], first: Mapping[str, str]) -> dict[str, Any]:
    department = row["Agency"].lower()
    words = {
        "agency": row["Agency"],
        "department": department,
        "matter": row["Complaint Type"],
        "earlier": number_of(_SOURCE, first["Unique Key"]),
    }
    place = ", ".join(_tidy(row[column]) for column in ("Location Type", "City") if row[column].strip())
    return {
        "life": part["life"],
        "trade": {"en": row["Agency Name"], "zh": row["Agency"]},
        "department": department,
        "people": {**_PEOPLE, **part.get("people", {})},
        "arrives": part["arrives"],
        "complaint": {
            "source": _SOURCE,
            "reference": row["Unique Key"],
            "channel": "system",
            # The city publishes no names, and reaches the caller by the number of the request.
            "customer": {"contact": f"request {row['Unique Key']}", "language": "en-US"},
            "category": _CATEGORIES.get(row["Complaint Type"], "other"),
            "description": f"{row['Complaint Type']}: {row['Descriptor']}. {place}. First reported {row['Created Date']}.",
        },
        "steps": [dict(_worded(step, words)) for step in part["steps"]],
        "ending": part["ending"],
    }


def _worded(step: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, value in step.items():
        yield name, value.format_map(words) if isinstance(value, str) else value


def _tidy(text: str) -> str:
    return text.title() if text.isupper() else text
