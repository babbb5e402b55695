"""Steps of a trade's rituals: when each is done, and which act does it. Gates of the policy ask for them.

Nothing can be asked of somebody who cannot be reached, so what the customer has a part in does not hold up an anonymous
complaint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from complaints.commands import RecordFollowUp
from complaints.lifecycle import Act
from complaints.policy import Policy
from complaints.practices import Gate, Step
from complaints.records import OptionStatus
from complaints.state import State
from complaints.vocabulary import Channel, Money


@dataclass(frozen=True)
class Rule:
    """How a step is told.

    Attributes:
        is_done: Asked with the command that the gate stands before, which may itself do the step.
        by: The act that does it.
        with_customer: The customer has a part in it.
    """

    is_done: Callable[[State, Any], bool]
    by: Act
    with_customer: bool = True


def missing(state: State, act: Act, command: object = None) -> list[tuple[Step, Gate]]:
    """List the steps that stand before an act and have not been done, each with the gate that asks for it."""
    return [
        (step, gate)
        for gate in state.policy.gates
        if gate.before == act and _stands(gate, state, command)
        for step in gate.needs
        if not _is_done(step, state, command)
    ]


def missing_fields(state: State) -> Iterator[str]:
    """Name the required fields of the form that nobody has filled in."""
    for name, field in state.policy.form.items():
        asked = not field.categories or state.category in field.categories
        if field.required and asked and name not in state.details:
            yield name


def _stands(gate: Gate, state: State, command: object) -> bool:
    if gate.difficult and not state.difficult:
        return False
    if gate.categories and state.category not in gate.categories:
        return False
    at_stake = sum_at_stake(state, command)
    return not gate.from_sum or any(_reaches(at_stake, sum_) for sum_ in gate.from_sum)


def sum_at_stake(state: State, command: object) -> Money | None:
    """Return what a command gives, or what the option that it means would."""
    given: Money | None = getattr(command, "compensation", None)
    option = state.options.get(getattr(command, "option", ""))
    return given or (option.draft.compensation if option else None)


def _reaches(sum_: Money | None, at_least: Money) -> bool:
    return (
        sum_ is not None and sum_.currency == at_least.currency and sum_.amount_minor >= at_least.amount_minor
    )


def exceeds_doubt(policy: Policy, sum_: Money | None) -> bool:
    """Say whether a sum is more than the customer has the benefit of the doubt for, where there is such a rule."""
    if not policy.doubt or sum_ is None:
        return False
    return sum_.amount_minor > policy.doubt.get(sum_.currency, 0)


def _is_done(step: Step, state: State, command: object) -> bool:
    rule = RULES[step]
    return (rule.with_customer and not state.reachable) or rule.is_done(state, command)


def _points_agreed(state: State, _: object) -> bool:
    points = state.first_contact.points if state.first_contact else ()
    return bool(points) and all(point.agreed for point in points)


def _goodwill_shown(state: State, command: object) -> bool:
    """Owed only where the customer agreed to something in this cycle."""
    agreed = any(o.status == OptionStatus.ACCEPTED and o.cycle == state.cycle for o in state.options.values())
    shown = any(entry.cycle == state.cycle for entry in state.goodwill)
    return not agreed or shown or bool(getattr(command, "goodwill", None))


def _departments_came(state: State, _: object) -> bool:
    return all(summons.sent is not None for summons in state.summons.values())


def _in_words(_: State, command: object) -> bool:
    return not _answers(command) or bool(getattr(command, "words", None))


def _survey_answered(state: State, command: object) -> bool:
    asked = len(state.policy.follow_up.questions)
    return not _answers(command) or len(getattr(command, "answers", ())) == asked


def _answers(command: object) -> bool:
    """Say whether the customer was reached at all."""
    return isinstance(command, RecordFollowUp) and command.satisfied is not None


_IN_PERSON = (Channel.PHONE, Channel.WALK_IN)

RULES: dict[Step, Rule] = {
    Step.SPOKEN_WITH: Rule(
        lambda state, _: bool(state.first_contact and state.first_contact.channel in _IN_PERSON),
        Act.RECORD_FIRST_CONTACT,
    ),
    Step.TIME_TOLD: Rule(lambda state, _: bool(state.promises), Act.MAKE_PROMISE),
    Step.POINTS_AGREED: Rule(_points_agreed, Act.RECORD_FIRST_CONTACT),
    Step.NEXT_STEP_AGREED: Rule(
        lambda state, _: bool(state.first_contact and state.first_contact.agreed_next),
        Act.RECORD_FIRST_CONTACT,
    ),
    Step.FORM_COMPLETE: Rule(
        lambda state, _: not any(missing_fields(state)), Act.FILL_FORM, with_customer=False
    ),
    Step.ACCEPTED: Rule(lambda state, _: state.accepted is not None, Act.ACCEPT, with_customer=False),
    Step.INTERESTS_RECORDED: Rule(lambda state, _: state.interests is not None, Act.RECORD_INTERESTS),
    Step.EXPECTATIONS_SET: Rule(lambda state, _: state.expectations is not None, Act.SET_EXPECTATIONS),
    Step.EXPLAINED: Rule(lambda state, _: state.explained, Act.GIVE_FEEDBACK),
    Step.FULL_ANSWER: Rule(lambda state, _: state.answered, Act.GIVE_FEEDBACK),
    Step.DEPARTMENTS_CAME: Rule(_departments_came, Act.SEND_SOMEONE, with_customer=False),
    Step.QUESTIONS_ANSWERED: Rule(
        lambda state, _: all(v.answered_at is not None for v in state.verifications.values()),
        Act.ANSWER_VERIFICATION,
        with_customer=False,
    ),
    Step.LIABILITY_SETTLED: Rule(
        lambda state, _: state.disputed is None, Act.JUDGE_LIABILITY, with_customer=False
    ),
    Step.GOODWILL_SHOWN: Rule(_goodwill_shown, Act.GIVE_GOODWILL),
    Step.SATISFACTION_IN_WORDS: Rule(_in_words, Act.CONFIRM_SATISFACTION),
    Step.SURVEY_ANSWERED: Rule(_survey_answered, Act.CONFIRM_SATISFACTION),
}
