"""What is well-formed among the rituals of a policy and yet makes no sense, such as a gate that nobody could pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from complaints.forms import Names
from complaints.lifecycle import ENGINE_ACTS, LIFECYCLE, WHO_MAY, Act, Stage
from complaints.policy import ClockRule, FollowUpRule, Guidance, StatutoryRule
from complaints.policy_mistakes import SUPERIORS, Mistakes, only
from complaints.practices import AfterClosing, FormField, Gate, Hazard, Step
from complaints.records import ClockName
from complaints.steps import RULES
from complaints.vocabulary import Role
from complaints.working_time import Budget, Unit

AT_THE_END = (Step.SATISFACTION_IN_WORDS, Step.SURVEY_ANSWERED)
"""What only the follow-up itself can say."""

_ORDER = {stage: index for index, stage in enumerate(Stage)}


def check_gates(gates: tuple[Gate, ...], categories: Mapping[str, Names]) -> Mistakes:
    allowed = [act for act in Act if act not in ENGINE_ACTS and act != Act.REGISTER]
    for index, gate in enumerate(gates):
        path = ("gates", index)
        yield from only((*path, "before"), gate.before, [*allowed, Act.BEGIN_INVESTIGATION])
        yield from only((*path, "categories"), gate.categories, categories)
        for at, step in enumerate(gate.needs):
            if step in AT_THE_END and gate.before != Act.CONFIRM_SATISFACTION:
                yield (*path, "needs", at), f"{step} is only known at {Act.CONFIRM_SATISFACTION}"
            elif _first(RULES[step].by) > _first(gate.before):
                yield (
                    (*path, "needs", at),
                    f"{step} can't be done before {gate.before}: nobody would ever pass",
                )


def _first(act: Act) -> int:
    return min(_ORDER[stage] for stage, each in LIFECYCLE if each == act)


def check_needs_of_gates(
    gates: tuple[Gate, ...], form: Mapping[str, FormField], admission: bool, follow_up: FollowUpRule
) -> Mistakes:
    """Steps that only exist where another section says so."""
    exist = {
        Step.FORM_COMPLETE: ("form", bool(form)),
        Step.ACCEPTED: ("admission", admission),
        Step.SURVEY_ANSWERED: ("follow_up.questions", bool(follow_up.questions)),
    }
    for index, gate in enumerate(gates):
        for at, step in enumerate(gate.needs):
            section, is_set = exist.get(step, ("", True))
            if not is_set:
                yield ("gates", index, "needs", at), f"{step} needs {section}, which the policy does not have"


def check_form(form: Mapping[str, FormField], categories: Mapping[str, Names]) -> Mistakes:
    for name, field in form.items():
        yield from only(("form", name, "categories"), field.categories, categories)


def check_admission(
    admission: bool, clocks: Mapping[ClockName, ClockRule], statutory: Mapping[str, StatutoryRule]
) -> Mistakes:
    if admission:
        return
    if ClockName.ADMISSION in clocks:
        yield ("clocks", ClockName.ADMISSION), "has no effect here: admission is not set"
    for name, rule in statutory.items():
        if rule.met_by == "admission":
            yield ("statutory", name, "met_by"), "can't be met: admission is not set"


def check_statutory_steps(
    statutory: Mapping[str, StatutoryRule], categories: Mapping[str, Names]
) -> Mistakes:
    for name, rule in statutory.items():
        yield from only(("statutory", name, "categories"), rule.categories, categories)
        for index, step in enumerate(rule.extensions):
            yield from only(("statutory", name, "extensions", index, "roles"), step.roles, SUPERIORS)
        budgets = [rule.budget, *(step.budget for step in rule.extensions)]
        for index, (earlier, later) in enumerate(pairwise(budgets)):
            if earlier is not None and later is not None and _is_no_longer(earlier, later):
                path = ("statutory", name, "extensions", index, "budget")
                yield path, "must be longer than the step before: each counts from where the duty began"


def _is_no_longer(earlier: Budget, later: Budget) -> bool:
    return earlier.unit == later.unit and later.amount <= earlier.amount


def check_hazards(hazards: Mapping[str, Hazard]) -> Mistakes:
    for name, hazard in hazards.items():
        yield from only(("hazards", name, "tell"), hazard.tell, SUPERIORS)


def check_decided_by(decided_by: tuple[Role, ...]) -> Mistakes:
    yield from only(("decided_by",), decided_by, sorted(WHO_MAY[Act.DECIDE]))


def check_after_closing(
    after_closing: Mapping[str, AfterClosing], clocks: Mapping[ClockName, ClockRule]
) -> Mistakes:
    appeal = clocks.get(ClockName.APPEAL, ClockRule()).budget
    for name, rule in after_closing.items():
        if appeal is not None and not _is_within(rule.after, appeal):
            yield ("after_closing", name, "after"), "must lie within the appeal window (clocks.appeal)"


def _is_within(shorter: Budget, longer: Budget) -> bool:
    """Say whether one budget ends before the other wherever weekends fall; holidays are not reckoned with."""
    if shorter.unit == longer.unit:
        return shorter.amount < longer.amount
    return shorter.amount * _HOURS_AT_MOST[shorter.unit] < longer.amount * _HOURS[longer.unit]


_HOURS = {
    Unit.BUSINESS_MINUTES: 1 / 60,
    Unit.BUSINESS_HOURS: 1,
    Unit.CALENDAR_HOURS: 1,
    Unit.BUSINESS_DAYS: 24,
    Unit.CALENDAR_DAYS: 24,
}

_WEEK = 7 / 5
_HOURS_AT_MOST = {
    **_HOURS,
    Unit.BUSINESS_MINUTES: _WEEK * 24 / 8 / 60,
    Unit.BUSINESS_HOURS: _WEEK * 24 / 8,
    Unit.BUSINESS_DAYS: _WEEK * 24,
}
"""With five days of eight hours in a week."""


def check_guidance(
    playbook: tuple[Guidance, ...],
    kinds: Mapping[str, Names],
    motives: Mapping[str, Names],
    categories: Mapping[str, Names],
) -> Mistakes:
    for index, guidance in enumerate(playbook):
        yield from only(("playbook", index, "kinds"), guidance.kinds, kinds)
        yield from only(("playbook", index, "motives"), guidance.motives, motives)
        yield from only(("playbook", index, "categories"), guidance.categories, categories)


CHECKS: tuple[Callable[..., Any], ...] = (
    check_gates,
    check_needs_of_gates,
    check_form,
    check_admission,
    check_statutory_steps,
    check_hazards,
    check_decided_by,
    check_after_closing,
    check_guidance,
)
