"""Investigation: facts, questions to other departments, findings, and who is liable."""

from __future__ import annotations

from complaints import commands, facts
from complaints.decide.execution import plan
from complaints.decide.outliving import raise_from_findings
from complaints.draft import Draft
from complaints.errors import AlreadyDone, NotDisputed, UnknownItem
from complaints.forms import refill
from complaints.lifecycle import Act
from complaints.records import Cause, ClockName
from complaints.vocabulary import Role


def request_verification(draft: Draft, command: commands.RequestVerification) -> None:
    """Ask another department; its answer has a clock."""
    asked = f"V{len(draft.state.verifications) + 1}"
    draft.add(refill(facts.VerificationRequested, command, verification=asked))
    draft.start_clock(ClockName.VERIFICATION, asked)


def answer_verification(draft: Draft, command: commands.AnswerVerification) -> None:
    """Answer it once."""
    verification = draft.state.verifications.get(command.verification)
    if verification is None:
        raise UnknownItem(f"there is no verification {command.verification}", *draft.state.verifications)
    if verification.answered_at is not None:
        raise AlreadyDone(f"{command.verification} was answered already", Act.ADD_NOTE)
    draft.add(refill(facts.VerificationAnswered, command))
    draft.fulfil(ClockName.VERIFICATION, command.verification)


def record_findings(draft: Draft, command: commands.RecordFindings) -> None:
    """Conclude; questions that are still open go on ticking until answered or the complaint is closed."""
    draft.add(refill(facts.FindingsRecorded, command))
    raise_from_findings(draft, command)
    draft.follow(Act.RECORD_FINDINGS)


def dispute_liability(draft: Draft, command: commands.DisputeLiability) -> None:
    """Contest the finding; the customer service department is told and will judge."""
    if draft.state.disputed is not None:
        raise AlreadyDone("the liability is contested already", Act.JUDGE_LIABILITY)
    draft.add(refill(facts.LiabilityDisputed, command))
    draft.escalate(Cause.DISPUTED, "the liability is contested", audience=Role.CUSTOMER_SERVICE)


def judge_liability(draft: Draft, command: commands.JudgeLiability) -> None:
    """Decide it, and dispatch the work orders; the escalation of the dispute is thereby answered."""
    if draft.state.disputed is None:
        raise NotDisputed("nobody contests the liability", Act.DISPUTE_LIABILITY)
    draft.add(refill(facts.LiabilityJudged, command))
    for escalation in draft.state.open_escalations():
        if escalation.cause == Cause.DISPUTED:
            draft.resolve(escalation, "the liability was judged")
    for order in command.work_orders:
        plan(draft, order, Act.JUDGE_LIABILITY)
