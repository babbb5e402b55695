"""Guidance at a moment: what applies, and in which order."""

from dataclasses import replace

import pytest

from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.playbook import guidance
from complaints.policy import Guidance, Policy
from complaints.policy_file import builtin


def entry(
    say: str, *, stages: tuple[Stage, ...] = (), types: tuple[str, ...] = (), from_: int = 1
) -> Guidance:
    return Guidance(say=Names(en=say, zh=say), stages=stages, customer_types=types, intensity=from_)


ENTRIES = (
    entry("always"),
    entry("at intake", stages=(Stage.INTAKE,)),
    entry("when heated", from_=4),
    entry("furious", types=("furious",)),
    entry("furious and heated", types=("furious",), from_=4),
    entry("furious at intake", types=("furious", "loud"), stages=(Stage.INTAKE,)),
    entry("at solution", stages=(Stage.SOLUTION,)),
    entry("taciturn", types=("taciturn",)),
)
POLICY = replace(builtin(), playbook=ENTRIES)


def said(
    stage: Stage = Stage.INTAKE,
    type_: str | None = None,
    intensity: int | None = None,
    policy: Policy = POLICY,
) -> list[str]:
    return [names.en for names in guidance(policy, stage=stage, customer_type=type_, intensity=intensity)]


def test_what_is_meant_for_this_customer_comes_first_then_strong_feelings_then_the_stage() -> None:
    assert said(type_="furious", intensity=5) == [
        "furious and heated",
        "furious at intake",
        "furious",
        "when heated",
        "at intake",
        "always",
    ]


def test_while_nothing_is_known_of_the_customer_only_general_guidance_applies() -> None:
    assert said() == ["at intake", "always"]


def test_guidance_for_another_type_does_not_apply() -> None:
    assert said(type_="taciturn") == ["taciturn", "at intake", "always"]


def test_guidance_for_another_stage_does_not_apply() -> None:
    assert said(stage=Stage.SOLUTION) == ["at solution", "always"]


@pytest.mark.parametrize(("intensity", "applies"), [(None, False), (3, False), (4, True), (5, True)])
def test_guidance_applies_from_its_intensity_on(intensity: int | None, applies: bool) -> None:
    assert ("when heated" in said(intensity=intensity)) is applies


def test_equally_specific_guidance_keeps_the_order_of_the_policy() -> None:
    policy = replace(POLICY, playbook=(entry("b"), entry("a"), entry("c")))
    assert said(policy=policy) == ["b", "a", "c"]


def test_an_empty_playbook_says_nothing() -> None:
    assert said(policy=replace(POLICY, playbook=())) == []


@pytest.mark.parametrize("name", ["default", "power-utility"])
@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.NEW, Stage.ENDED)])
def test_the_policies_that_ship_have_guidance_at_every_stage(name: str, stage: Stage) -> None:
    assert guidance(builtin(name), stage=stage, customer_type=None, intensity=None)


@pytest.mark.parametrize("name", ["default", "power-utility"])
def test_the_policies_that_ship_have_guidance_for_every_type(name: str) -> None:
    policy = builtin(name)
    for type_ in policy.customer_types:
        general = guidance(policy, stage=Stage.INTAKE, customer_type=None, intensity=1)
        assert guidance(policy, stage=Stage.INTAKE, customer_type=type_, intensity=1)[0] not in general


def test_the_six_steps_of_the_power_utility_come_at_their_stages() -> None:
    policy = builtin("power-utility")
    steps = {
        stage: [
            names.en[:6]
            for names in guidance(policy, stage=stage, customer_type=None, intensity=None)
            if names.en.startswith("Step ")
        ]
        for stage in Stage
    }
    assert {stage: found for stage, found in steps.items() if found} == {
        Stage.INTAKE: ["Step 1", "Step 2"],
        Stage.INVESTIGATION: ["Step 3"],
        Stage.SOLUTION: ["Step 4"],
        Stage.EXECUTION: ["Step 5"],
        Stage.FOLLOW_UP: ["Step 6"],
    }
