"""Policies as complaints are pinned to them: one text each, read once, shared by all complaints of a process."""

from __future__ import annotations

import json
from functools import lru_cache

from complaints.policy import DEFAULT_LADDER, Policy, fingerprint, text_of
from complaints.wire import Malformed, Problem, parse


@lru_cache(maxsize=64)
def read(text: str) -> Policy:
    """Read the text of a resolved policy.

    Raises:
        Malformed: It is none.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(Problem(field="policy", rule="is not the JSON text of a resolved policy")) from None
    policy = parse(Policy, data)
    if policy.calendar not in policy.calendars:
        raise Malformed(Problem(field="calendar", rule=f"is none of {', '.join(policy.calendars)}"))
    if DEFAULT_LADDER not in policy.ladders:
        raise Malformed(Problem(field="ladders", rule=f"must have one named {DEFAULT_LADDER}"))
    return shared(policy)


def shared(policy: Policy) -> Policy:
    """Return the one copy that this process keeps of a policy: thousands of complaints go by the same."""
    return _BY_FINGERPRINT.setdefault(fingerprint(policy), policy)


_BY_FINGERPRINT: dict[str, Policy] = {}
