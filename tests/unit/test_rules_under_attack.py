"""What was found by attacking the rules: odd policies, odd orders, late words. None of it may come back."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from complaints import commands as c
from complaints import pinned
from complaints.policy import text_of
from complaints.policy_file import builtin
from complaints.wire import Malformed
from tests.lives import Life, example

Change = Callable[[dict[str, Any]], object]


def _zone(policy: dict[str, Any]) -> dict[str, Any]:
    zone: dict[str, Any] = policy["calendars"]["china"]["zone"]
    return zone


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("ladders.default.0.audience", lambda p: p["ladders"]["default"][0].update(audience="auditor")),
        ("places.calendar", lambda p: p["places"].update(calendar="default.yaml\x00")),
        ("calendars.china.zone.name", lambda p: _zone(p).update(name="\x00")),
        ("calendars.china.zone.offsets", lambda p: _zone(p).update(offsets=_zone(p)["offsets"] * 2)),
        ("policy", lambda p: _zone(p).update(offsets=[{"since": "0001-01-01T00:00:00+09:00", "minutes": 0}])),
    ],
)
def test_a_policy_that_the_rules_could_not_work_with_is_refused_before_anybody_goes_by_it(
    field: str, change: Change
):
    policy = json.loads(text_of(builtin()))
    change(policy)
    with pytest.raises(Malformed) as refused:
        pinned.read(json.dumps(policy))
    assert [problem.field for problem in refused.value.problems] == [field]


def test_the_order_of_keys_in_a_policys_text_changes_nothing_that_is_decided():
    policy = builtin("power-utility")
    assert len(policy.statutory) > 1
    backwards = replace(policy, statutory=dict(reversed(policy.statutory.items())))
    assert text_of(backwards) == text_of(policy)
    lives = Life(policy), Life(backwards)
    for life in lives:
        life.do(example(c.Register, category=next(iter(policy.categories))))
    assert lives[0].state.hash == lives[1].state.hash
