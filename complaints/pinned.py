"""Policies as complaints are pinned to them: one text each, read once, shared by all complaints of a process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from complaints.policy import DEFAULT_LADDER, Policy, fingerprint, text_of
from complaints.vocabulary import AUTHORITY_ORDER
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
    if problems := list(_unusable(policy)):
        raise Malformed(*problems)
    try:
        return shared(policy)
    except (OverflowError, UnicodeEncodeError):
        raise Malformed(Problem(field="policy", rule="has a value that cannot be written down")) from None


def _unusable(policy: Policy) -> Iterator[Problem]:
    """Find what the rules could not work with; whether it makes sense was judged when its file was read."""
    if policy.calendar not in policy.calendars:
        yield Problem(field="calendar", rule=f"is none of {', '.join(policy.calendars)}")
    for name, calendar in policy.calendars.items():
        if any(later.since <= earlier.since for earlier, later in pairwise(calendar.zone.offsets)):
            yield Problem(field=f"calendars.{name}.zone.offsets", rule="must ascend")
    if DEFAULT_LADDER not in policy.ladders:
        yield Problem(field="ladders", rule=f"must have one named {DEFAULT_LADDER}")
    for name, rungs in policy.ladders.items():
        for index, rung in enumerate(rungs):
            if rung.audience not in AUTHORITY_ORDER:
                field = f"ladders.{name}.{index}.audience"
                yield Problem(field=field, rule=f"is none of {', '.join(AUTHORITY_ORDER)}")


def shared(policy: Policy) -> Policy:
    """Return the one copy that this process keeps of a policy: thousands of complaints go by the same.

    It is read from the policy's own text, so that its keys stand in the same order in every process, whichever text
    of it came first: what a complaint hands on to its next run is the same to the byte.
    """
    sha256 = fingerprint(policy)
    if sha256 not in _BY_FINGERPRINT:
        _BY_FINGERPRINT[sha256] = parse(Policy, json.loads(text_of(policy)))
    return _BY_FINGERPRINT[sha256]


_BY_FINGERPRINT: dict[str, Policy] = {}
