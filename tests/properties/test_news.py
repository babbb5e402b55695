"""Whatever people wrote in a complaint, the day's message holds none of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints import commands as c
from complaints.errors import Refusal
from complaints.news import daily
from tests.lives import HOUR, Life, example

SECRET = "Geheimnis"

KINDS = st.sampled_from(
    [kind for name, kind in c.COMMANDS.items() if name not in ("Register", "MigratePolicy", "LinkDuplicate")]
)
NAMED = frozenset({"customer_type", "category", "type", "clock", "escalation", "option", "action", "promise"})
"""Texts that name something of the policy or of the complaint."""


def secret(command: Any) -> Any:
    """Put something confidential wherever people may write."""
    texts = {
        field.name: SECRET
        for field in fields(command)
        if type(getattr(command, field.name)) is str
        and field.name not in NAMED | {"verification", "reference", "source"}
    }
    return replace(command, **texts)


@settings(max_examples=60, deadline=None)
@given(kinds=st.lists(KINDS, max_size=25), spans=st.lists(st.integers(0, 20), min_size=25, max_size=25))
def test_the_draft_holds_nothing_that_people_wrote(kinds: list[type[Any]], spans: list[int]) -> None:
    life = Life()
    life.do(secret(example(c.Register, life)))
    usual = [c.RecordFirstContact, c.Classify, c.Assign, c.RequestVerification, c.RecordFindings]
    for kind, hours in zip([*usual, *kinds], [1] * len(usual) + spans, strict=False):
        try:
            life.do(secret(example(kind, life)), after=hours * HOUR)
        except Refusal:
            continue
        said = daily(life.state, life.state.policy)
        assert SECRET not in said.en + said.zh
        assert life.state.number in said.en
        assert life.state.number in said.zh
        assert said == daily(life.state, life.state.policy)
