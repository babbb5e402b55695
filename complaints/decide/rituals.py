"""The rituals of a trade: forms, admission, interests, expectations, goodwill, and the gates that ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from complaints import commands, facts, steps
from complaints.draft import Draft
from complaints.errors import (
    AboveAuthority,
    AlreadyDone,
    NotAccepted,
    NotAtThisStage,
    StepMissing,
    UnknownField,
    UnknownTerm,
)
from complaints.forms import refill
from complaints.lifecycle import Act, Stage
from complaints.policy import MetBy
from complaints.practices import Step
from complaints.records import ClockName
from complaints.state import State


def check_gates(state: State, act: Act, command: object = None) -> None:
    """Refuse an act whose steps have not been done.

    Raises:
        StepMissing: Names each missing step, and says which acts do them.
    """
    lacking = steps.missing(state, act, command)
    if not lacking:
        return
    names = list(dict.fromkeys(step for step, _ in lacking))
    said = [gate.why for _, gate in lacking if gate.why is not None]
    because = f": {said[0].en} {said[0].zh}" if said else ""
    fields = ", ".join(steps.missing_fields(state))
    of_form = f" (fields: {fields})" if fields and Step.FORM_COMPLETE in names else ""
    raise StepMissing(
        f"before {act} comes {', '.join(names)}{of_form}{because}",
        *dict.fromkeys(steps.RULES[step].by for step in names),
    )


def check_accepted(state: State) -> None:
    """Refuse to work on a report that nobody has judged, where each one is.

    Raises:
        NotAccepted: It has to be accepted, transferred or declined.
    """
    if state.policy.admission and state.accepted is None:
        raise NotAccepted("nobody has judged this report yet", Act.ACCEPT, Act.TRANSFER, Act.DECLINE)


def is_ready(state: State) -> bool:
    """Say whether nothing of the policy's keeps a complaint at intake."""
    judged = not state.policy.admission or state.accepted is not None
    return judged and not steps.missing(state, Act.BEGIN_INVESTIGATION)


def begin_when_ready(draft: Draft) -> None:
    """Leave the intake once the customer was heard, it is classified, somebody answers for it and no gate is closed."""
    state = draft.state
    heard = state.first_contact is not None or not state.reachable
    known = state.classification is not None and state.handler is not None
    if state.stage == Stage.INTAKE and heard and known and is_ready(state):
        draft.follow(Act.BEGIN_INVESTIGATION)


def check_fields(state: State, details: Mapping[str, str]) -> None:
    """Refuse values for fields that the form does not have.

    Raises:
        UnknownField: Names them, and the fields there are.
    """
    unknown = [name for name in details if name not in state.policy.form]
    if unknown:
        raise UnknownField(f"the form has no field {', '.join(unknown)}", *state.policy.form)


def check_term(term: str | None, known: Iterable[str], what: str) -> None:
    """Refuse a word that the policy does not know.

    Raises:
        UnknownTerm: Names the words it knows.
    """
    if term is not None and term not in known:
        raise UnknownTerm(f"the policy knows no {what} {term!r}", *known)


def fill_form(draft: Draft, command: commands.FillForm) -> None:
    """Fill in the form; what is given again replaces what was there."""
    check_fields(draft.state, command.details)
    draft.add(refill(facts.FormFilled, command))


def accept(draft: Draft, command: commands.Accept) -> None:
    """Take the report up."""
    state = draft.state
    if not state.policy.admission:
        raise NotAtThisStage("under this policy no report has to be accepted", Act.CLASSIFY, Act.ASSIGN)
    if state.accepted is not None:
        raise AlreadyDone("it was accepted already", Act.ASSIGN)
    draft.add(refill(facts.Accepted, command))
    draft.fulfil(ClockName.ADMISSION)
    draft.fulfil_statutory(MetBy.ADMISSION)


def record_interests(draft: Draft, command: commands.RecordInterests) -> None:
    """Tell position and interest apart; a better understanding replaces the one before."""
    draft.add(refill(facts.InterestsRecorded, command))


def set_expectations(draft: Draft, command: commands.SetExpectations) -> None:
    """Say what cannot be had; the customer has heard from us by that."""
    draft.add(refill(facts.ExpectationsSet, command))
    draft.customer_heard()


def give_goodwill(draft: Draft, command: commands.GiveGoodwill) -> None:
    """Give something beyond what was agreed, within one's own authority."""
    if not draft.state.policy.may_grant(draft.actor.role, command.cost, draft.actor.department):
        raise AboveAuthority(f"{draft.actor.role} may not give this alone", Act.GIVE_GOODWILL, Act.ADD_NOTE)
    draft.add(refill(facts.GoodwillGiven, command))
