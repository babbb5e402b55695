"""Solution: options that rest on a standard, offers within authority, negotiation, mediation, early honesty."""

from __future__ import annotations

from complaints import commands, facts, steps
from complaints.decide.intake import check_told
from complaints.draft import Draft
from complaints.errors import (
    AboveAuthority,
    AlreadyDone,
    ApprovalNotNeeded,
    CustomerDecides,
    DueInThePast,
    MediationNotNeeded,
    MediationRequired,
    NotAtFault,
    OfferNotOpen,
    OptionsMissing,
    OwnApproval,
    UnknownItem,
)
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.policy import MetBy
from complaints.records import Approval, Cause, ClockName, Option, OptionStatus
from complaints.vocabulary import Justified, Outcome, Role


def prepare_option(draft: Draft, command: commands.PrepareOption) -> None:
    """Have it ready before it is needed."""
    draft.add(refill(facts.OptionPrepared, command, option=f"O{len(draft.state.options) + 1}"))


def offer_option(draft: Draft, command: commands.OfferOption) -> None:
    """Put it to the customer, within authority, and not past the point where somebody has to mediate."""
    option = _option(draft, command.option)
    policy = draft.state.policy
    if option.status in (OptionStatus.ACCEPTED, OptionStatus.REJECTED):
        raise AlreadyDone(f"{option.id} was {option.status} already", Act.PREPARE_OPTION)
    prepared = [
        each
        for each in draft.state.options.values()
        if _is_of_round(draft, each) or each.status == OptionStatus.PREPARED
    ]
    if len(prepared) < policy.options_prepared:
        raise OptionsMissing(
            f"{policy.options_prepared} options stand ready before the first is offered; there are {len(prepared)}",
            Act.PREPARE_OPTION,
        )
    if _must_mediate(draft):
        raise MediationRequired(
            f"{draft.state.rejections} options were rejected", Act.MEDIATE, Act.ADMIT_UNSOLVABLE
        )
    unjustified = draft.state.justified == Justified.NO
    if unjustified and steps.exceeds_doubt(policy, option.draft.compensation):
        raise NotAtFault(
            f"{option.id} is more than the benefit of the doubt, and the findings say that nobody is at fault",
            Act.PREPARE_OPTION,
        )
    if not policy.may_grant(
        draft.actor.role, option.draft.compensation, draft.actor.department
    ) and not draft.state.is_approved(option.id):
        level = policy.approver_of(option.draft.compensation)
        raise AboveAuthority(f"{option.id} needs the approval of {level}", Act.REQUEST_APPROVAL)
    if command.valid_until <= draft.occurred_at:
        raise DueInThePast("valid_until has passed; an offer needs time to be answered", Act.OFFER_OPTION)
    check_told(draft, told=command.customer_told)
    draft.add(refill(facts.OptionOffered, command))
    draft.fulfil(ClockName.NEXT_OFFER)
    draft.fulfil_statutory(MetBy.ANSWER)
    draft.customer_heard()


def accept_option(draft: Draft, command: commands.AcceptOption) -> None:
    """Agreed: what was offered is now to be done."""
    _standing_offer(draft, command.option)
    draft.customer_spoke(f"accepted {command.option}")
    draft.add(refill(facts.OptionAccepted, command))
    draft.follow(Act.ACCEPT_OPTION)


def reject_option(draft: Draft, command: commands.RejectOption) -> None:
    """Refused: the next option follows, or somebody mediates."""
    _offered(draft, command.option)
    draft.customer_spoke(f"rejected {command.option}")
    draft.add(refill(facts.OptionRejected, command))
    _go_on(draft)


def counter_offer(draft: Draft, command: commands.CounterOffer) -> None:
    """A rejection that says what would be accepted, and why it matters."""
    _offered(draft, command.option)
    draft.customer_spoke(f"asked for something else than {command.option}")
    draft.add(refill(facts.CounterOffered, command))
    _go_on(draft)


def request_approval(draft: Draft, command: commands.RequestApproval) -> None:
    """Ask the lowest role whose authority suffices; the answer has a clock."""
    option = _option(draft, command.option)
    policy = draft.state.policy
    if policy.may_grant(draft.actor.role, option.draft.compensation, draft.actor.department):
        raise ApprovalNotNeeded(f"{draft.actor.role} may grant {option.id} alone", Act.OFFER_OPTION)
    if draft.state.is_approved(option.id) or draft.state.pending_approval(option.id):
        raise AlreadyDone(f"the approval of {option.id} was asked for already", Act.OFFER_OPTION, Act.APPROVE)
    approval = f"R{len(draft.state.approvals) + 1}"
    level = policy.approver_of(option.draft.compensation)
    draft.add(refill(facts.ApprovalRequested, command, approval=approval, level=level))
    draft.start_clock(ClockName.APPROVAL, approval)


def approve(draft: Draft, command: commands.Approve) -> None:
    """Grant it, with sufficient authority and not for oneself."""
    approval = _decidable(draft, command.option)
    draft.add(refill(facts.Approved, command, approval=approval.id))
    draft.fulfil(ClockName.APPROVAL, approval.id)


def refuse_approval(draft: Draft, command: commands.RefuseApproval) -> None:
    """Refuse it, with the reason."""
    approval = _decidable(draft, command.option)
    draft.add(refill(facts.ApprovalRefused, command, approval=approval.id))
    draft.fulfil(ClockName.APPROVAL, approval.id)


def mediate(draft: Draft, command: commands.Mediate) -> None:
    """After a rejection the customer service department may, and after too many it must, step between."""
    if draft.state.rejections == 0:
        raise MediationNotNeeded("the customer has not rejected anything yet", Act.OFFER_OPTION)
    draft.add(refill(facts.Mediated, command))
    draft.fulfil(ClockName.NEXT_OFFER)
    for escalation in draft.state.open_escalations():
        if escalation.cause == Cause.MEDIATION:
            draft.resolve(escalation, "the customer service department mediated")


def decide(draft: Draft, command: commands.Decide) -> None:
    """Decide alone, as an office does; what follows is carried out and told."""
    if draft.actor.role not in draft.state.policy.decided_by:
        raise CustomerDecides(
            f"{draft.actor.role} may not decide without the customer's consent", Act.OFFER_OPTION
        )
    draft.add(refill(facts.Decided, command))
    draft.follow(Act.DECIDE)


def admit_unsolvable(draft: Draft, command: commands.AdmitUnsolvable) -> None:
    """Say so as soon as it is known, with the reason told."""
    check_told(draft, told=command.customer_told)
    draft.add(refill(facts.UnsolvableAdmitted, command))
    draft.follow(Act.ADMIT_UNSOLVABLE, Outcome.UNSOLVABLE)


def _option(draft: Draft, option: str) -> Option:
    found = draft.state.options.get(option)
    if found is None:
        raise UnknownItem(f"there is no option {option}", Act.PREPARE_OPTION, *draft.state.options)
    return found


def _is_of_round(draft: Draft, option: Option) -> bool:
    return (option.cycle, option.round) == (draft.state.cycle, draft.state.round)


def _offered(draft: Draft, option: str) -> Option:
    found = _option(draft, option)
    if found.status != OptionStatus.OFFERED:
        raise OfferNotOpen(f"{option} is {found.status}, not offered", Act.OFFER_OPTION)
    return found


def _standing_offer(draft: Draft, option: str) -> Option:
    found = _offered(draft, option)
    if found.valid_until and found.valid_until < draft.occurred_at:
        raise OfferNotOpen(f"{option} was valid until {found.valid_until.isoformat()}", Act.OFFER_OPTION)
    return found


def _decidable(draft: Draft, option: str) -> Approval:
    prepared = _option(draft, option)
    approval = draft.state.pending_approval(option)
    if approval is None:
        raise UnknownItem(f"no approval of {option} is waiting", Act.REQUEST_APPROVAL)
    if draft.actor.id in (approval.requested_by, prepared.prepared_by):
        raise OwnApproval(
            "nobody approves their own option or request", f"let another {approval.level} decide"
        )
    if not draft.state.policy.may_grant(draft.actor.role, prepared.draft.compensation):
        raise AboveAuthority(
            f"{option} needs the approval of {approval.level}", f"let {approval.level} decide"
        )
    return approval


def _must_mediate(draft: Draft) -> bool:
    """Each mediation buys as many further rejections as the policy allows before it."""
    allowed = draft.state.policy.rejections_before_mediation * (draft.state.mediations + 1)
    return draft.state.rejections >= allowed


def _go_on(draft: Draft) -> None:
    """After a rejection the next option follows without delay, or somebody mediates."""
    if not _must_mediate(draft):
        draft.start_if_set(ClockName.NEXT_OFFER)
    elif not any(e.cause == Cause.MEDIATION for e in draft.state.open_escalations()):
        draft.escalate(Cause.MEDIATION, "too many options were rejected", audience=Role.CUSTOMER_SERVICE)
