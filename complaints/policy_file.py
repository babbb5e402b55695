"""Reads policy files, and resolves them into what a complaint is pinned to."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from complaints import zones
from complaints.policy import Policy
from complaints.records import ClockName
from complaints.vocabulary import Role
from complaints.wire import Malformed, Problem, parse

FOLDER = Path(__file__).resolve().parent.parent / "policies"

_WITHOUT_BUDGET = {ClockName.ACTION, ClockName.PROMISE, ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT}
"""Their deadline is named by people, by the feedback rule or by the ladder."""

_ANSWERABLE = {Role.LEAD, Role.CUSTOMER_SERVICE, Role.EXECUTIVE}


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
    _check(policy)
    missing = [
        name for name in ClockName if name not in _WITHOUT_BUDGET and policy.clock(name).budget is None
    ]
    if missing:
        raise Malformed(*(Problem(field=f"clocks.{name}.budget", rule="is missing") for name in missing))
    return policy


def _check(policy: Policy) -> None:
    """Refuse what is well-formed and makes no sense."""
    told = [rung.audience for rung in policy.ladder]
    orderly = Role.CUSTOMER_SERVICE in told and set(told) <= _ANSWERABLE and len(set(told)) == len(told)
    rules = {
        "feedback.remind_at": (policy.feedback.remind_at < policy.feedback.due_at, "must lie before due_at"),
        "clocks.waiting.pausable": (
            not policy.clock(ClockName.WAITING).pausable,
            "a wait cannot pause itself",
        ),
        "ladder": (orderly, "must name customer_service; lead and executive may join it, each once"),
    }
    for name, rule in policy.clocks.items():
        ascending = list(rule.warn_percent) == sorted(set(rule.warn_percent))
        rules[f"clocks.{name}.warn_percent"] = (ascending, "must ascend")
    broken = [Problem(field=field, rule=said) for field, (holds, said) in rules.items() if not holds]
    if broken:
        raise Malformed(*broken)


def _zone(name: object) -> Any:
    try:
        return zones.resolve(str(name))
    except ValueError as error:
        raise Malformed(Problem(field="zone", rule=str(error))) from None
