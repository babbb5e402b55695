"""Real complaints: rows of the file that the city of New York publishes of its 311 service, cast in lives of ours."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from cli.demo.lives import FOLDER, Life, life
from complaints import scoring
from complaints.policy_file import builtin
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
    parts = yaml.safe_load((FOLDER / "city_lives.yaml").read_text(encoding="utf-8"))["lives"]
    turns = _turns([part for part in parts if "share" in part])
    [for_difficult] = [part for part in parts if part.get("for_difficult")]
    casts = (
        _cast(for_difficult if _is_difficult(row) else next(turns), row, earlier=drawn[0]) for row in drawn
    )
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


def _turns(parts: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Hand out the lives by their shares, as evenly as a smaller number allows, so that few still show many."""
    turns = sorted(
        ((turn + 0.5) / part["share"], order, part)
        for order, part in enumerate(parts)
        for turn in range(part["share"])
    )
    return cycle(part for _, _, part in turns)


def _is_difficult(row: Mapping[str, str]) -> bool:
    """Say whether the policy will send it to the customer service department by its words alone."""
    facts = scoring.Facts(category=_category(row), text=_description(row))
    return bool(scoring.score(builtin(), facts).difficult)


def _category(row: Mapping[str, str]) -> str:
    return _CATEGORIES.get(row["Complaint Type"], "other")


def _description(row: Mapping[str, str]) -> str:
    place = ", ".join(_tidy(row[column]) for column in ("Location Type", "City") if row[column].strip())
    return f"{row['Complaint Type']}: {row['Descriptor']}. {place}. First reported {row['Created Date']}."


def _cast(part: Mapping[str, Any], row: Mapping[str, str], *, earlier: Mapping[str, str]) -> dict[str, Any]:
    department = row["Agency"].lower()
    words = {
        "agency": row["Agency"],
        "department": department,
        "matter": row["Complaint Type"],
        "earlier": number_of(_SOURCE, earlier["Unique Key"]),
    }
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
            "category": _category(row),
            "description": _description(row),
        },
        "steps": [dict(_worded(step, words)) for step in part["steps"]],
        "ending": part["ending"],
    }


def _worded(step: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, value in step.items():
        yield name, value.format_map(words) if isinstance(value, str) else value


def _tidy(text: str) -> str:
    return text.title() if text.isupper() else text
