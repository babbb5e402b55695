"""Matters under any sequence of commands and any passing of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from complaints.errors import Refusal
from complaints.matters.elapse import elapse, next_due
from complaints.matters.facts import is_authentic
from complaints.matters.forms import Rules, Step
from complaints.matters.state import State, replayed
from complaints.vocabulary import Role
from tests.matters import DAY, MONDAY, Matter

HOURS = st.integers(0, 24 * 60)
RULES = st.builds(
    Rules,
    warn_hours=st.integers(0, 24 * 30),
    ladder=st.lists(HOURS, max_size=4).map(
        lambda hours: tuple(Step(after_hours=h, audience=Role.CUSTOMER_SERVICE) for h in sorted(hours))
    ),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), HOURS),
        st.tuples(
            st.sampled_from(["AddCases", "AddNote", "HandOver", "Postpone", "Conclude", "Cancel"]), HOURS
        ),
    ),
    max_size=12,
)


def live(rules: Rules, steps: list[tuple[str, int]]) -> Matter:
    matter = Matter(rules=rules)
    for name, hours in steps:
        if name == "wait":
            matter.wait(timedelta(hours=hours))
            continue
        fields: dict[str, Any] = {"until": matter.now + timedelta(hours=hours)} if name == "Postpone" else {}
        try:
            matter.do(name, **fields)
        except Refusal:
            continue
    return matter


@given(RULES, STEPS)
def test_the_events_rebuild_it_and_are_one_chain(rules: Rules, steps: list[tuple[str, int]]) -> None:
    matter = live(rules, steps)
    assert replayed(State(id=matter.state.id), matter.events) == matter.state
    assert all(is_authentic(event) for event in matter.events)
    assert [event.seq for event in matter.events] == list(range(1, len(matter.events) + 1))


@given(RULES, STEPS)
def test_time_never_stands_still_and_nothing_is_due_twice(rules: Rules, steps: list[tuple[str, int]]) -> None:
    matter = live(rules, steps)
    due = next_due(matter.state)
    while due is not None:
        matter.wait(max(due - matter.now, timedelta()))
        following = next_due(matter.state)
        assert following is None or following >= due
        assert following != due or matter.state.missed_at is not None
        due = following if following is None or following > matter.now else None
    assert elapse(matter.state, matter.now) == []


@given(RULES, st.lists(HOURS, max_size=6))
def test_it_does_not_matter_how_often_somebody_looks(rules: Rules, looks: list[int]) -> None:
    watched, unwatched = Matter(rules=rules), Matter(rules=rules)
    for hours in sorted(looks):
        watched.wait(max(MONDAY + timedelta(hours=hours) - watched.now, timedelta()))
    for matter in (watched, unwatched):
        matter.wait(MONDAY + 200 * DAY - matter.now)
    told = [(e.fact.type, e.occurred_at) for e in watched.events]
    assert told == [(e.fact.type, e.occurred_at) for e in unwatched.events]
