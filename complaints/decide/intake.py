"""Intake: feelings first, then the matter, and always somebody accountable."""

from __future__ import annotations

from complaints import commands, consequences, facts, news, scoring, steps
from complaints.decide.hazards import suspect_hazards
from complaints.decide.importing import check_import
from complaints.decide.rituals import check_accepted, check_fields, check_term
from complaints.draft import Draft
from complaints.errors import (
    AboveAuthority,
    AlreadyDone,
    ApologyIsNotEnough,
    ConflictOfInterest,
    CustomerNotTold,
    FirstContactIncomplete,
    FirstContactMissing,
    InvestigationRequired,
    NobodyAccountable,
    UnknownCategory,
    UnknownItem,
)
from complaints.forms import Imported, refill
from complaints.lifecycle import Act
from complaints.policy import MetBy, fingerprint
from complaints.records import ClockName, Move, NoticeKind
from complaints.scoring import Scored
from complaints.sealed import is_sealed
from complaints.vocabulary import SEVERITY_ORDER, Outcome, RemedyKind, Role


def register(draft: Draft, command: commands.Register) -> None:
    """Take it in; the clocks run from when it was received."""
    _check_category(draft, command.category)
    policy = draft.state.policy
    check_fields(draft.state, command.details)
    imported = check_import(draft, command)
    draft.add(
        refill(
            facts.Registered,
            command,
            imported=imported,
            number=draft.state.number,
            language=command.customer.language,
            policy_name=policy.name,
            policy_version=policy.version,
            policy_sha256=fingerprint(policy),
            received_at=draft.occurred_at,
        )
    )
    scored = _score(draft)
    if imported is not None:
        _let_stand(draft, imported)
    if draft.state.classification is None:
        _raise_severity(draft, scored)  # before any clock starts by it
    draft.follow(Act.REGISTER)
    acknowledged = news.receipt(draft.state, policy) if draft.state.reachable else None
    if acknowledged is not None:
        draft.notify(NoticeKind.RECEIPT, Role.DESK, "receipt", why=acknowledged)
    _recognise_difficulty(draft, scored)
    suspect_hazards(draft, _said(draft), command.heard)


def record_first_contact(draft: Draft, command: commands.RecordFirstContact) -> None:
    """All four steps, or it was no first contact."""
    steps = ("listened", "restated", "customer_confirmed", "apology_or_understanding")
    skipped = [step for step in steps if not getattr(command, step)]
    if skipped:
        raise FirstContactIncomplete(
            f"no step is skipped; missing: {', '.join(skipped)}", Act.RECORD_FIRST_CONTACT
        )
    check_term(command.motive, draft.state.policy.motives, "motive")
    is_first = draft.state.first_contact is None
    draft.add(refill(facts.FirstContactRecorded, command))
    draft.fulfil(ClockName.FIRST_CONTACT)
    draft.fulfil_statutory(MetBy.FIRST_CONTACT)
    rate(draft)
    if is_first:
        draft.heard()
    draft.customer_heard()


def classify(draft: Draft, command: commands.Classify) -> None:
    """Give it a category; a difficult one goes to the customer service department at once."""
    _check_category(draft, command.category)
    check_term(command.kind, draft.state.policy.kinds, "kind")
    was = draft.state
    draft.add(refill(facts.Classified, command))
    draft.fit_statutory()
    if command.severity != was.severity:
        draft.lay_clocks_anew(Move.SEVERITY)
    if command.difficult and not was.difficult:
        draft.found_difficult()
    if (
        command.category != was.category
    ):  # the severity has just been said by somebody who knows more than a table
        _recognise_difficulty(draft, _score(draft))


def assign(draft: Draft, command: commands.Assign) -> None:
    """Name who answers for it."""
    if draft.state.handler is not None:
        raise AlreadyDone(f"{draft.state.handler} answers for it already", Act.REASSIGN)
    check_unbiased(draft, command.handler)
    draft.add(refill(facts.Assigned, command))


def resolve_at_first_contact(draft: Draft, command: commands.ResolveAtFirstContact) -> None:
    """The green channel: settled on the spot, within the actor's own authority."""
    state = draft.state
    if state.first_contact is None and state.reachable:
        raise FirstContactMissing("nobody has heard the customer yet", Act.RECORD_FIRST_CONTACT)
    if command.kind == RemedyKind.APOLOGY:
        raise ApologyIsNotEnough("an apology alone settles nothing; say what was done", Act.ASSIGN)
    check_accepted(state)
    if steps.exceeds_doubt(state.policy, command.compensation):
        raise InvestigationRequired("so much is granted on findings only", Act.ASSIGN, Act.ESCALATE)
    if not state.policy.may_grant(draft.actor.role, command.compensation, draft.actor.department):
        raise AboveAuthority(f"{draft.actor.role} may not grant this alone", Act.ASSIGN, Act.ESCALATE)
    if state.handler is None:
        if draft.actor.department is None:
            raise NobodyAccountable("nobody answers for this complaint yet", Act.ASSIGN)
        draft.add(facts.Assigned(department=draft.actor.department, handler=draft.actor.id))
    draft.add(refill(facts.ResolvedAtFirstContact, command))
    draft.follow(Act.RESOLVE_AT_FIRST_CONTACT, Outcome.RESOLVED_AT_FIRST_CONTACT)


def decline(draft: Draft, command: commands.Decline) -> None:
    """Turn it down, with the reason told."""
    check_told(draft, told=command.customer_told)
    draft.add(refill(facts.Declined, command))
    draft.follow(Act.DECLINE, Outcome.DECLINED)


def transfer(draft: Draft, command: commands.Transfer) -> None:
    """Hand it on, and say so."""
    check_told(draft, told=command.customer_told)
    draft.add(refill(facts.Transferred, command))
    draft.follow(Act.TRANSFER, Outcome.TRANSFERRED)


def link_duplicate(draft: Draft, command: commands.LinkDuplicate) -> None:
    """End it in favour of the other one."""
    if command.of == draft.state.number:
        raise UnknownItem("a complaint is no duplicate of itself; name the other one", Act.LINK_DUPLICATE)
    draft.add(refill(facts.DuplicateLinked, command))
    draft.follow(Act.LINK_DUPLICATE, Outcome.DUPLICATE)


def check_told(draft: Draft, *, told: bool) -> None:
    """Refuse what was not told to a customer who could be told.

    Raises:
        CustomerNotTold: The customer can be reached and was not told.
    """
    if draft.state.reachable and not told:
        raise CustomerNotTold("tell the customer first, then record that they were told", Act.GIVE_FEEDBACK)


def check_unbiased(draft: Draft, person: str) -> None:
    """Refuse to put somebody in charge who is kept out.

    Raises:
        ConflictOfInterest: They are named in the complaint, or in conflict.
    """
    if person in draft.state.recused:
        raise ConflictOfInterest(f"{person} is kept out of this complaint", Act.ASSIGN, Act.REASSIGN)


def _let_stand(draft: Draft, imported: Imported) -> None:
    """Let an imported complaint be as severe as it was, and belong to whom it did, before any clock starts by that."""
    if imported.assigned is not None:
        check_unbiased(draft, imported.assigned.handler)
        draft.add(refill(facts.Assigned, imported.assigned))
    if imported.severity is not None:
        draft.add(facts.Classified(category=draft.state.category, severity=imported.severity))


def rate(draft: Draft) -> None:
    """Reckon what is at stake by what is known now: a severity only rises by this, and is lowered by people."""
    scored = _score(draft)
    _raise_severity(draft, scored)
    _recognise_difficulty(draft, scored)


def _score(draft: Draft) -> Scored:
    state = draft.state
    registration, heard = state.registration, state.first_contact
    assert registration is not None  # registering came first
    return scoring.score(
        state.policy,
        scoring.Facts(
            category=state.category,
            text=_said(draft),
            intensity=heard.emotional_intensity if heard else None,
            customer_type=heard.customer_type if heard else None,
            claim=registration.claim,
            earlier_complaints=registration.earlier_complaints,
            heard=registration.heard,
        ),
    )


def _said(draft: Draft) -> str:
    """Return all that the customer said and nobody sealed."""
    registration = draft.state.registration
    assert registration is not None  # registering came first
    said = (registration.description, registration.asked_remedy)
    return " ".join(part for part in said if part and not is_sealed(part))


def _raise_severity(draft: Draft, scored: Scored) -> None:
    if SEVERITY_ORDER.index(scored.severity) > SEVERITY_ORDER.index(draft.state.severity):
        reasons = tuple(f"{reason.what} {reason.points:+d}" for reason in scored.reasons)
        draft.add(
            consequences.SeverityScored(severity=scored.severity, points=scored.points, reasons=reasons)
        )
        draft.lay_clocks_anew(Move.SEVERITY)


def _recognise_difficulty(draft: Draft, scored: Scored) -> None:
    if scored.difficult and not draft.state.difficult:
        draft.add(consequences.DifficultyRecognised(reasons=scored.difficult))
        draft.found_difficult()


def _check_category(draft: Draft, category: str) -> None:
    known = draft.state.policy.categories
    if category not in known:
        raise UnknownCategory(f"{category!r} is not a category of policy {draft.state.policy.name}", *known)
