"""What an organisation asks of its people beyond clocks and ladders: the rituals of a trade, as data.

Every rule here is empty unless a policy sets it, and an empty one changes nothing. None knows an industry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, MinLen

from complaints.forms import Form, Names
from complaints.later import Later
from complaints.lifecycle import Act
from complaints.vocabulary import Currency, Identifier, Line, Money, Outcome, Role, Text
from complaints.working_time import Budget


class Step(StrEnum):
    """Something that has been done, or has not. `complaints.steps` says how it is told."""

    SPOKEN_WITH = "spoken_with"  # the first contact was by phone or face to face
    TIME_TOLD = "time_told"  # the customer was promised something by a concrete time
    POINTS_AGREED = "points_agreed"  # restated point by point, and the customer agreed to each
    NEXT_STEP_AGREED = "next_step_agreed"  # the way forward was agreed at the first contact
    FORM_COMPLETE = "form_complete"  # every required field of the form is filled in
    ACCEPTED = "accepted"  # the report was judged, and accepted
    INTERESTS_RECORDED = "interests_recorded"  # what they ask and what they need, apart
    EXPECTATIONS_SET = "expectations_set"  # what cannot be had was said before options were shown
    EXPLAINED = "explained"  # the findings were explained to the customer
    FULL_ANSWER = "full_answer"  # the customer was answered in full
    DEPARTMENTS_CAME = "departments_came"  # every department that was summoned has sent somebody
    QUESTIONS_ANSWERED = "questions_answered"  # every question to a department is answered
    LIABILITY_SETTLED = "liability_settled"  # nobody contests who is liable
    GOODWILL_SHOWN = "goodwill_shown"  # something beyond what was agreed
    SATISFACTION_IN_WORDS = "satisfaction_in_words"  # the customer's own words are on file
    SURVEY_ANSWERED = "survey_answered"  # every question of the survey has its answer


@dataclass(frozen=True, kw_only=True)
class Gate(Form):
    """What must have been done before an act; without it the act is refused, and says what is missing.

    Attributes:
        difficult: It stands in the way of difficult complaints only.
        categories: Of these categories only; empty means of all.
        from_sum: Only where at least this much is at stake, in the option that is meant or the remedy that is given.
        why: Said with the refusal.
    """

    before: Act
    needs: Annotated[tuple[Step, ...], MinLen(1)]
    difficult: bool = False
    categories: tuple[Identifier, ...] = ()
    from_sum: tuple[Money, ...] = ()
    why: Names | None = None


@dataclass(frozen=True, kw_only=True)
class FormField(Form):
    """A field of the customer-opinion form, beside what every complaint has.

    Attributes:
        required: The form is complete only with it.
        categories: Asked for in these categories only; empty means in all.
    """

    title: Names
    required: bool = True
    categories: tuple[Identifier, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Desk(Form):
    """A desk that accepts complaints on site, and the most it may grant alone, in minor units.

    The name of the entry is the department of whoever acts there in the role of a desk.
    """

    title: Names
    authority: Mapping[Currency, Annotated[int, Ge(0)]]


@dataclass(frozen=True, kw_only=True)
class Acknowledgement(Form):
    """What every customer who can be reached is told at once when a complaint is registered.

    Attributes:
        message: {number}, {received} and {deadlines} are filled in; the last one lists the statutory deadlines.
    """

    message: Names


@dataclass(frozen=True, kw_only=True)
class Hazard(Form):
    """A danger that a complaint may hint at.

    Attributes:
        words: In what the customer said; case does not matter.
        tell: Who is told at once.
        on_site_within: How soon somebody has to be there; empty where nobody has to go.
    """

    title: Names
    words: tuple[Line, ...] = ()
    tell: Role = Role.CUSTOMER_SERVICE
    on_site_within: Budget | None = None


@dataclass(frozen=True, kw_only=True)
class Joint(Form):
    """Departments that are called together.

    Attributes:
        lead_attends_if_difficult: Their leads come in person where the complaint is difficult.
    """

    lead_attends_if_difficult: bool = False


@dataclass(frozen=True, kw_only=True)
class AfterClosing(Form):
    """A contact after closing: does it still work, would they come back?

    Attributes:
        after: How long after closing it is due; it must lie within the appeal window.
        outcomes: Of complaints that ended so; empty means of all that were not withdrawn or folded into another.
    """

    title: Names
    after: Budget
    outcomes: tuple[Outcome, ...] = ()


class Mishandling(StrEnum):
    """What turns a communicative complaint into a valid one."""

    BREACH = "breach"  # a deadline was missed
    DISSATISFIED = "dissatisfied"  # the customer said so when asked
    REOPENED = "reopened"
    DIFFICULT = "difficult"  # it became a difficult one


@dataclass(frozen=True, kw_only=True)
class Improvements(Form):
    """How improvement items are raised from complaints.

    Attributes:
        within: How long the owner has, where nobody names a date.
        from_structural: A complaint whose cause is our own process raises one with its findings.
    """

    within: Budget
    from_structural: bool = False


@dataclass(frozen=True, kw_only=True)
class StatutoryExtension(Form):
    """One more step of a statutory duty, granted before the one before it runs out, and told to the customer.

    Attributes:
        budget: In all, counted from where the duty began.
        roles: Who may grant it.
        source: Where the law allows it.
    """

    budget: Budget
    roles: Annotated[tuple[Role, ...], MinLen(1)]
    source: Text


@dataclass(frozen=True, kw_only=True, eq=False)
class Practices:
    """The sections of a policy that describe these. Each is empty unless a policy sets it.

    Attributes:
        kinds: What kind of complaint a handler tells apart when classifying, by name; they steer the playbook.
        motives: What customers are after, by name; they steer the playbook.
        form: What the form asks for, beside what every complaint has.
        admission: Every report is judged before it is investigated: accepted, transferred or declined.
        confidential: Every reporter is confidential, whatever the form says.
        gates: What must have been done before an act.
        doubt: By currency, up to which sum the customer has the benefit of the doubt: paid without an investigation,
            and though nothing was found to be at fault. More than that needs findings.
        desks: Desks with limits of their own.
        acknowledgement: What a customer is told at once.
        hazards: Dangers that a complaint may hint at, by name.
        joint: How departments are called together.
        decided_by: Who may decide without the customer's consent, where that is the organisation's office.
        after_closing: Contacts after closing, by name.
        until_satisfied: A customer who cannot be reached is not taken for satisfied: only the customer service department
            may close without an answer.
        conversion: What turns a communicative complaint into a valid one.
        improvements: How improvement items are raised.
        first_responsible: The department that answers for a difficult complaint from the moment it is recognised.
    """

    kinds: Later[Mapping[Identifier, Names]] = field(default_factory=dict)
    motives: Later[Mapping[Identifier, Names]] = field(default_factory=dict)
    form: Later[Mapping[Identifier, FormField]] = field(default_factory=dict)
    admission: Later[bool] = False
    confidential: Later[bool] = False
    gates: Later[tuple[Gate, ...]] = ()
    doubt: Later[Mapping[Currency, Annotated[int, Ge(1)]]] = field(default_factory=dict)
    desks: Later[Mapping[Identifier, Desk]] = field(default_factory=dict)
    acknowledgement: Later[Acknowledgement | None] = None
    hazards: Later[Mapping[Identifier, Hazard]] = field(default_factory=dict)
    joint: Later[Joint | None] = None
    decided_by: Later[tuple[Role, ...]] = ()
    after_closing: Later[Mapping[Identifier, AfterClosing]] = field(default_factory=dict)
    until_satisfied: Later[bool] = False
    conversion: Later[tuple[Mishandling, ...]] = ()
    improvements: Later[Improvements | None] = None
    first_responsible: Later[Identifier | None] = None
