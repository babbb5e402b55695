"""The rules and the people of the demonstration: those that ship, and an invented town's, with its dates filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from string import Template

from complaints import org_file, policy_file
from complaints.org import Org
from complaints.policy import Policy

_FOLDER = Path(__file__).parent
_DAYS = 30


def policies(home: Path, monday: date) -> dict[str, Policy]:
    """Return the policies under which lives are lived, by name. The town's is left in `home` to be read."""
    town = policy_file.load(_written(home, "power-town.yaml", monday))
    return {name: policy_file.builtin(name) for name in policy_file.shipped()} | {town.name: town}


def people(home: Path, monday: date) -> Org:
    """Return everybody who works here. The file they come from is left in `home` to be read."""
    return org_file.load(_written(home, "people.yaml", monday))


def _written(home: Path, name: str, monday: date) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (_FOLDER / name).read_text(encoding="utf-8")
    path.write_text(Template(text).substitute(_dates(monday)), encoding="utf-8")
    return path


def _dates(monday: date) -> Mapping[str, str]:
    return {f"day{day}": str(monday + timedelta(days=day - 1)) for day in range(1, _DAYS + 1)}
