"""Reads policy files, and resolves them into what a complaint is pinned to."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from complaints import zones
from complaints.policy import Policy
from complaints.records import ClockName
from complaints.wire import Malformed, Problem, parse

FOLDER = Path(__file__).resolve().parent.parent / "policies"

_WITHOUT_BUDGET = {ClockName.ACTION, ClockName.PROMISE, ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT}
"""Their deadline is named by people, by the feedback rule or by the ladder."""


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
    policy = parse(Policy, {**data, "zone": _zone(data.get("zone"))})
    missing = [
        name for name in ClockName if name not in _WITHOUT_BUDGET and policy.clock(name).budget is None
    ]
    if missing:
        raise Malformed(*(Problem(field=f"clocks.{name}.budget", rule="is missing") for name in missing))
    return policy


def _zone(name: object) -> Any:
    try:
        return zones.resolve(str(name))
    except ValueError as error:
        raise Malformed(Problem(field="zone", rule=str(error))) from None
