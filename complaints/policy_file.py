"""Reads policy files, and resolves them into what a complaint is pinned to."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from complaints import calendars
from complaints.policy import Policy
from complaints.wire import Malformed, Problem, parse

FOLDER = Path(__file__).resolve().parent.parent / "policies"


@lru_cache(maxsize=16)
def builtin(name: str = "default") -> Policy:
    """Return a policy that ships with the product."""
    return load(FOLDER / f"{name}.yaml")


def load(path: Path) -> Policy:
    """Read a policy file as a whole, or not at all.

    Raises:
        Malformed: Names every field that is against its rule.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise Malformed(Problem(field=path.name, rule=f"is no YAML: {error}")) from None
    if not isinstance(data, dict):
        raise Malformed(Problem(field=path.name, rule="must be a mapping of fields"))
    definitions = data.get("calendars", {})
    names = {str(data.get("calendar")), *definitions}
    calendars_ = {name: calendars.resolve(name, definitions.get(name)) for name in names}
    return parse(Policy, {**data, "calendars": calendars_})
