"""Refusals: what the rules say no to, each named after the rule.

    Refusal
    ├── AlreadyClosed, NotAtThisStage, NotYourRole          the lifecycle table
    ├── AlreadyRegistered, UnknownCategory, TimeOutOfBounds, MovedOn, KeyReused  the door
    ├── FirstContactMissing, FirstContactIncomplete, NotClassified, NobodyAccountable, CustomerNotTold
    ├── UnknownItem, AlreadyDone                             the thing that is meant
    ├── AboveAuthority, OwnApproval, ApprovalNotNeeded, MediationRequired, MediationNotNeeded, OfferNotOpen
    ├── NotDisputed, NotYourEscalation
    ├── NotYourSummons, LeadMustAttend, NotCommunicative
    ├── ExtensionTooLate, ExtensionNotLater, ExtensionTooLong, ExtensionsExhausted, DueInThePast
    ├── AlreadyWaiting, NotWaiting, PauseNotAllowed
    ├── ConflictOfInterest, LastRung, OptionsMissing, UnknownQuestion
    ├── StepMissing, NotAccepted, UnknownField, UnknownTerm   the rituals of the policy
    ├── InvestigationRequired, NotAtFault, CustomerDecides
    ├── DeadlinesNotStated
    ├── TooManyFiles, NotYourFile
    ├── PolicyUnreadable, SamePolicy
    ├── NotSealed, CustomerForgotten, StillOpen
    ├── DueMissing, NotYourMatter                            what outlives a complaint
    └── ApologyIsNotEnough, ExplanationMissing, PromiseOpen, AnswerMissing   closing

A refusal is expected: it is never retried, leaves no trace in the complaint, and says what is possible instead.
Everything else that is raised is a fault.
"""

from __future__ import annotations


class Refusal(Exception):
    """A rule says no.

    Attributes:
        message: Says in a sentence what stands in the way.
        possible: Says what can be done instead; may be empty.
    """

    def __init__(self, message: str, *possible: str) -> None:
        super().__init__(message)
        self.message = message
        self.possible = possible

    @property
    def rule(self) -> str:
        """The name of the broken rule."""
        return type(self).__name__


class AlreadyClosed(Refusal):
    """A complaint that is over takes no more commands."""


class NotAtThisStage(Refusal):
    """The lifecycle has no such row."""


class NotYourRole(Refusal):
    """The act belongs to others."""


class AlreadyRegistered(Refusal):
    """A complaint is registered once."""


class UnknownCategory(Refusal):
    """Categories are those of the policy."""


class TimeOutOfBounds(Refusal):
    """A command was received neither in the future, nor before the last one, nor before the policy's limit."""


class MovedOn(Refusal):
    """Who acts on what they saw acts only while it is still so."""


class KeyReused(Refusal):
    """An idempotency key stands for one request: another one under it would be taken for that one, and be lost."""


class FirstContactMissing(Refusal):
    """Feelings first, then the matter."""


class FirstContactIncomplete(Refusal):
    """Listen, restate, have it confirmed, apologise or show understanding: no step is skipped."""


class NotClassified(Refusal):
    """Nothing is investigated before it has a category and a severity."""


class NobodyAccountable(Refusal):
    """A complaint always has somebody who answers for it."""


class CustomerNotTold(Refusal):
    """What ends or changes things for the customer is told to the customer."""


class UnknownItem(Refusal):
    """There is no such thing in this complaint."""


class AlreadyDone(Refusal):
    """It has been done or decided before."""


class AboveAuthority(Refusal):
    """Money above one's own authority needs an approval."""


class OwnApproval(Refusal):
    """Nobody approves their own."""


class ApprovalNotNeeded(Refusal):
    """The sum is within the asker's own authority."""


class MediationRequired(Refusal):
    """After too many rejections the customer service department mediates."""


class MediationNotNeeded(Refusal):
    """There is nothing to mediate before the customer has rejected an option."""


class OfferNotOpen(Refusal):
    """Only an offer that stands, and has not run out, can be answered."""


class NotDisputed(Refusal):
    """Only a contested liability is judged."""


class NotYourEscalation(Refusal):
    """An escalation is answered by the rung it reached, or by one above."""


class NotYourSummons(Refusal):
    """A department sends its own people; the customer service department may speak for any."""


class LeadMustAttend(Refusal):
    """A lead who was asked to come in person sends nobody else."""


class NotCommunicative(Refusal):
    """Only a communicative complaint turns into a valid one."""


class ExtensionTooLate(Refusal):
    """More time is granted before it runs out."""


class ExtensionNotLater(Refusal):
    """An extension moves a deadline later."""


class ExtensionTooLong(Refusal):
    """The policy limits how much time is granted at once."""


class ExtensionsExhausted(Refusal):
    """The policy limits how often one clock is extended."""


class DueInThePast(Refusal):
    """What is planned or promised lies ahead."""


class AlreadyWaiting(Refusal):
    """Clocks stand still once."""


class NotWaiting(Refusal):
    """Nobody is being waited for."""


class PauseNotAllowed(Refusal):
    """The policy says on whose account clocks may stand still."""


class ConflictOfInterest(Refusal):
    """Whoever is named in a complaint, or in conflict, neither handles nor decides anything in it."""


class LastRung(Refusal):
    """Nobody stands above the last rung; it cannot be declined."""


class OptionsMissing(Refusal):
    """Alternatives are prepared before the first is offered."""


class UnknownQuestion(Refusal):
    """The survey asks the questions of the policy."""


class StepMissing(Refusal):
    """The policy asks for something to be done first."""


class NotAccepted(Refusal):
    """Where reports are judged, only an accepted one is worked on."""


class UnknownField(Refusal):
    """The form has the fields of the policy."""


class UnknownTerm(Refusal):
    """Kinds, motives and contacts are those of the policy."""


class InvestigationRequired(Refusal):
    """Beyond the benefit of the doubt, money needs findings."""


class NotAtFault(Refusal):
    """Beyond the benefit of the doubt, nothing is paid for what nobody did wrong."""


class CustomerDecides(Refusal):
    """The customer accepts or rejects; only an office that decides may decide alone."""


class DeadlinesNotStated(Refusal):
    """An acknowledgement that the law asks for says by when the customer is answered."""


class PolicyUnreadable(Refusal):
    """What a complaint is to be moved to is not a policy."""


class SamePolicy(Refusal):
    """It goes by this policy already."""


class TooManyFiles(Refusal):
    """A complaint holds so many files, and no more."""


class NotYourFile(Refusal):
    """A file is taken away by whoever put it there, by a lead, or by the customer service department."""


class NotSealed(Refusal):
    """What is personal is sealed before it gets here."""


class CustomerForgotten(Refusal):
    """Of a customer who was forgotten nothing more is put on file."""


class StillOpen(Refusal):
    """Nobody is forgotten while their complaint is worked on."""


class DueMissing(Refusal):
    """What is to be improved has a date by which it is."""


class NotYourMatter(Refusal):
    """A matter is decided by its department, or by those above it; its owner reports what was done."""


class ApologyIsNotEnough(Refusal):
    """A complaint is not closed on an apology with nothing done."""


class ExplanationMissing(Refusal):
    """An unjustified complaint is not closed without its explanation given."""


class PromiseOpen(Refusal):
    """A complaint is not closed while a promise is open."""


class AnswerMissing(Refusal):
    """A customer who can be reached is asked whether they are satisfied."""
