"""The life of a complaint: one table of (stage, act) -> stage. No exception to it lives anywhere else."""

from __future__ import annotations

from enum import StrEnum

from complaints.vocabulary import Role


class Stage(StrEnum):
    """Where a complaint stands."""

    NEW = "new"  # nothing is known yet; only registering is possible
    INTAKE = "intake"  # feelings first: contact, classify, name somebody accountable
    INVESTIGATION = "investigation"  # facts are collected until there are findings
    SOLUTION = "solution"  # options are prepared, offered, negotiated
    EXECUTION = "execution"  # what was agreed is being done
    FOLLOW_UP = "follow_up"  # the customer is asked whether it is settled
    CLOSED = "closed"  # settled, but may be reopened within the appeal window
    ENDED = "ended"  # nothing more can happen


class Act(StrEnum):
    """What can be done to a complaint. The last four are done by the engine itself, never by a command."""

    REGISTER = "register"
    RECORD_FIRST_CONTACT = "record_first_contact"
    CLASSIFY = "classify"
    ASSIGN = "assign"
    RESOLVE_AT_FIRST_CONTACT = "resolve_at_first_contact"
    DECLINE = "decline"
    TRANSFER = "transfer"
    LINK_DUPLICATE = "link_duplicate"
    FILL_FORM = "fill_form"
    ACCEPT = "accept"
    RECORD_INTERESTS = "record_interests"
    REQUEST_VERIFICATION = "request_verification"
    ANSWER_VERIFICATION = "answer_verification"
    RECORD_FINDINGS = "record_findings"
    DISPUTE_LIABILITY = "dispute_liability"
    JUDGE_LIABILITY = "judge_liability"
    PREPARE_OPTION = "prepare_option"
    OFFER_OPTION = "offer_option"
    ACCEPT_OPTION = "accept_option"
    REJECT_OPTION = "reject_option"
    COUNTER_OFFER = "counter_offer"
    REQUEST_APPROVAL = "request_approval"
    APPROVE = "approve"
    REFUSE_APPROVAL = "refuse_approval"
    MEDIATE = "mediate"
    ADMIT_UNSOLVABLE = "admit_unsolvable"
    SET_EXPECTATIONS = "set_expectations"
    DECIDE = "decide"
    PLAN_ACTION = "plan_action"
    COMPLETE_ACTION = "complete_action"
    MAKE_PROMISE = "make_promise"
    KEEP_PROMISE = "keep_promise"
    GIVE_GOODWILL = "give_goodwill"
    GIVE_FEEDBACK = "give_feedback"
    ACKNOWLEDGE_RECEIPT = "acknowledge_receipt"
    STOP_FEEDBACK = "stop_feedback"
    RESUME_FEEDBACK = "resume_feedback"
    AWAIT_CUSTOMER = "await_customer"
    CUSTOMER_REPLIED = "customer_replied"
    REASSIGN = "reassign"
    CHANGE_SEVERITY = "change_severity"
    ESCALATE = "escalate"
    ACKNOWLEDGE_ESCALATION = "acknowledge_escalation"
    RESOLVE_ESCALATION = "resolve_escalation"
    REASSIGN_ESCALATION = "reassign_escalation"
    DECLINE_ESCALATION = "decline_escalation"
    SUMMON_DEPARTMENTS = "summon_departments"
    SEND_SOMEONE = "send_someone"
    DECLARE_EMERGENCY = "declare_emergency"
    ATTEND_EMERGENCY = "attend_emergency"
    CALL_FOR_SUPPORT = "call_for_support"
    CONVERT_NATURE = "convert_nature"
    RECUSE = "recuse"
    MIGRATE_POLICY = "migrate_policy"
    GRANT_EXTENSION = "grant_extension"
    RAISE_IMPROVEMENT = "raise_improvement"
    JOIN_INCIDENT = "join_incident"
    ADD_NOTE = "add_note"
    WITHDRAW = "withdraw"
    CONFIRM_SATISFACTION = "confirm_satisfaction"
    REPORT_DISSATISFACTION = "report_dissatisfaction"
    RECORD_ATTEMPT = "record_attempt"
    RECORD_SECOND_CALL = "record_second_call"
    RECORD_AFTER_CLOSING = "record_after_closing"
    REOPEN = "reopen"
    BEGIN_INVESTIGATION = "begin_investigation"
    FINISH_EXECUTION = "finish_execution"
    LET_APPEAL_LAPSE = "let_appeal_lapse"
    LET_CLOSING_STAND = "let_closing_stand"


OPEN = (Stage.INTAKE, Stage.INVESTIGATION, Stage.SOLUTION, Stage.EXECUTION, Stage.FOLLOW_UP)
IN_WORK = (Stage.INTAKE, Stage.INVESTIGATION, Stage.SOLUTION, Stage.EXECUTION)
"""The stages in which the customer hears from us every day."""

ENGINE_ACTS = frozenset(
    {Act.BEGIN_INVESTIGATION, Act.FINISH_EXECUTION, Act.LET_APPEAL_LAPSE, Act.LET_CLOSING_STAND}
)

_IN_ANY_OPEN_STAGE = (
    Act.ANSWER_VERIFICATION, Act.MAKE_PROMISE, Act.KEEP_PROMISE, Act.GIVE_FEEDBACK, Act.AWAIT_CUSTOMER,
    Act.CUSTOMER_REPLIED, Act.REASSIGN, Act.CHANGE_SEVERITY, Act.ESCALATE, Act.ACKNOWLEDGE_ESCALATION,
    Act.RESOLVE_ESCALATION, Act.REASSIGN_ESCALATION, Act.DECLINE_ESCALATION, Act.SUMMON_DEPARTMENTS, Act.SEND_SOMEONE,
    Act.DECLARE_EMERGENCY, Act.ATTEND_EMERGENCY, Act.CALL_FOR_SUPPORT, Act.CONVERT_NATURE, Act.RECUSE,
    Act.MIGRATE_POLICY, Act.GRANT_EXTENSION, Act.ADD_NOTE, Act.RAISE_IMPROVEMENT, Act.JOIN_INCIDENT,
    Act.ACKNOWLEDGE_RECEIPT, Act.STOP_FEEDBACK, Act.RESUME_FEEDBACK,
)  # fmt: skip

LIFECYCLE: dict[tuple[Stage, Act], Stage] = {
    (Stage.NEW,           Act.REGISTER):                 Stage.INTAKE,
    (Stage.INTAKE,        Act.RECORD_FIRST_CONTACT):     Stage.INTAKE,
    (Stage.INTAKE,        Act.CLASSIFY):                 Stage.INTAKE,
    (Stage.INTAKE,        Act.ASSIGN):                   Stage.INTAKE,
    (Stage.INTAKE,        Act.FILL_FORM):                Stage.INTAKE,
    (Stage.INTAKE,        Act.ACCEPT):                   Stage.INTAKE,
    (Stage.INTAKE,        Act.RECORD_INTERESTS):         Stage.INTAKE,
    (Stage.INTAKE,        Act.BEGIN_INVESTIGATION):      Stage.INVESTIGATION,
    (Stage.INTAKE,        Act.RESOLVE_AT_FIRST_CONTACT): Stage.FOLLOW_UP,
    (Stage.INTAKE,        Act.DECLINE):                  Stage.CLOSED,
    (Stage.INTAKE,        Act.TRANSFER):                 Stage.ENDED,
    (Stage.INTAKE,        Act.LINK_DUPLICATE):           Stage.ENDED,
    (Stage.INTAKE,        Act.LET_CLOSING_STAND):        Stage.CLOSED,  # imported, and closed before that
    (Stage.INVESTIGATION, Act.RECORD_FIRST_CONTACT):     Stage.INVESTIGATION,  # once more, or reopened and never heard
    (Stage.INVESTIGATION, Act.CLASSIFY):                 Stage.INVESTIGATION,
    (Stage.INVESTIGATION, Act.ASSIGN):                   Stage.INVESTIGATION,  # reopened, and never assigned before
    (Stage.INVESTIGATION, Act.FILL_FORM):                Stage.INVESTIGATION,
    (Stage.INVESTIGATION, Act.ACCEPT):                   Stage.INVESTIGATION,  # declined, and reopened
    (Stage.INVESTIGATION, Act.RECORD_INTERESTS):         Stage.INVESTIGATION,
    (Stage.INVESTIGATION, Act.SET_EXPECTATIONS):         Stage.INVESTIGATION,
    (Stage.INVESTIGATION, Act.REQUEST_VERIFICATION):     Stage.INVESTIGATION,
    (Stage.INVESTIGATION, Act.PREPARE_OPTION):           Stage.INVESTIGATION,
    (Stage.INVESTIGATION, Act.COMPLETE_ACTION):          Stage.INVESTIGATION,  # a work order of the round before
    (Stage.INVESTIGATION, Act.RECORD_FINDINGS):          Stage.SOLUTION,
    (Stage.INVESTIGATION, Act.ADMIT_UNSOLVABLE):         Stage.FOLLOW_UP,
    (Stage.INVESTIGATION, Act.DECLINE):                  Stage.CLOSED,
    (Stage.INVESTIGATION, Act.TRANSFER):                 Stage.ENDED,
    (Stage.INVESTIGATION, Act.LINK_DUPLICATE):           Stage.ENDED,
    (Stage.INVESTIGATION, Act.LET_CLOSING_STAND):        Stage.CLOSED,  # the same; it was classified and assigned
    (Stage.SOLUTION,      Act.FILL_FORM):                Stage.SOLUTION,
    (Stage.SOLUTION,      Act.RECORD_INTERESTS):         Stage.SOLUTION,
    (Stage.SOLUTION,      Act.SET_EXPECTATIONS):         Stage.SOLUTION,
    (Stage.SOLUTION,      Act.REQUEST_VERIFICATION):     Stage.SOLUTION,
    (Stage.SOLUTION,      Act.DISPUTE_LIABILITY):        Stage.SOLUTION,
    (Stage.SOLUTION,      Act.JUDGE_LIABILITY):          Stage.SOLUTION,
    (Stage.SOLUTION,      Act.PREPARE_OPTION):           Stage.SOLUTION,
    (Stage.SOLUTION,      Act.REQUEST_APPROVAL):         Stage.SOLUTION,
    (Stage.SOLUTION,      Act.APPROVE):                  Stage.SOLUTION,
    (Stage.SOLUTION,      Act.REFUSE_APPROVAL):          Stage.SOLUTION,
    (Stage.SOLUTION,      Act.OFFER_OPTION):             Stage.SOLUTION,
    (Stage.SOLUTION,      Act.REJECT_OPTION):            Stage.SOLUTION,
    (Stage.SOLUTION,      Act.COUNTER_OFFER):            Stage.SOLUTION,
    (Stage.SOLUTION,      Act.MEDIATE):                  Stage.SOLUTION,
    (Stage.SOLUTION,      Act.COMPLETE_ACTION):          Stage.SOLUTION,  # a work order, dispatched with the judgement
    (Stage.SOLUTION,      Act.ACCEPT_OPTION):            Stage.EXECUTION,
    (Stage.SOLUTION,      Act.DECIDE):                   Stage.EXECUTION,  # where no consent is asked for
    (Stage.SOLUTION,      Act.ADMIT_UNSOLVABLE):         Stage.FOLLOW_UP,
    (Stage.EXECUTION,     Act.DISPUTE_LIABILITY):        Stage.EXECUTION,
    (Stage.EXECUTION,     Act.JUDGE_LIABILITY):          Stage.EXECUTION,
    (Stage.EXECUTION,     Act.PLAN_ACTION):              Stage.EXECUTION,
    (Stage.EXECUTION,     Act.COMPLETE_ACTION):          Stage.EXECUTION,
    (Stage.EXECUTION,     Act.GIVE_GOODWILL):            Stage.EXECUTION,
    (Stage.EXECUTION,     Act.FINISH_EXECUTION):         Stage.FOLLOW_UP,
    (Stage.FOLLOW_UP,     Act.GIVE_GOODWILL):            Stage.FOLLOW_UP,
    (Stage.FOLLOW_UP,     Act.CONFIRM_SATISFACTION):     Stage.CLOSED,
    (Stage.FOLLOW_UP,     Act.REPORT_DISSATISFACTION):   Stage.INVESTIGATION,
    (Stage.FOLLOW_UP,     Act.RECORD_ATTEMPT):           Stage.FOLLOW_UP,
    (Stage.FOLLOW_UP,     Act.COMPLETE_ACTION):          Stage.FOLLOW_UP,  # a work order of what could not be solved
    (Stage.CLOSED,        Act.RECORD_SECOND_CALL):       Stage.CLOSED,  # what no longer works is reopened by it
    (Stage.CLOSED,        Act.RECORD_AFTER_CLOSING):     Stage.CLOSED,  # the same
    (Stage.CLOSED,        Act.GIVE_GOODWILL):            Stage.CLOSED,
    (Stage.CLOSED,        Act.ACKNOWLEDGE_ESCALATION):   Stage.CLOSED,  # of a second call that nobody made
    (Stage.CLOSED,        Act.RESOLVE_ESCALATION):       Stage.CLOSED,
    (Stage.CLOSED,        Act.REASSIGN_ESCALATION):      Stage.CLOSED,
    (Stage.CLOSED,        Act.DECLINE_ESCALATION):       Stage.CLOSED,
    (Stage.CLOSED,        Act.RECUSE):                   Stage.CLOSED,
    (Stage.CLOSED,        Act.MIGRATE_POLICY):           Stage.CLOSED,
    (Stage.CLOSED,        Act.REOPEN):                   Stage.INVESTIGATION,
    (Stage.CLOSED,        Act.RAISE_IMPROVEMENT):        Stage.CLOSED,
    (Stage.CLOSED,        Act.ADD_NOTE):                 Stage.CLOSED,
    (Stage.CLOSED,        Act.LET_APPEAL_LAPSE):         Stage.ENDED,
    **{(stage, Act.WITHDRAW): Stage.CLOSED for stage in OPEN},
    **{(stage, act): stage for stage in OPEN for act in _IN_ANY_OPEN_STAGE},
}  # fmt: skip

_STAFF = frozenset({Role.DESK, Role.HANDLER, Role.LEAD, Role.CUSTOMER_SERVICE})
_DOORS = _STAFF | {Role.SYSTEM}
_SUPERIORS = frozenset({Role.LEAD, Role.CUSTOMER_SERVICE, Role.EXECUTIVE})
_CALLED = _STAFF | {Role.MEDIATOR, Role.EXECUTIVE}
_CUSTOMER_SERVICE = frozenset({Role.CUSTOMER_SERVICE})

WHO_MAY: dict[Act, frozenset[Role]] = {
    **dict.fromkeys(Act, _STAFF),
    **dict.fromkeys((Act.REGISTER, Act.CUSTOMER_REPLIED, Act.WITHDRAW, Act.REOPEN), _DOORS),
    **dict.fromkeys((Act.ACKNOWLEDGE_RECEIPT, Act.STOP_FEEDBACK, Act.RESUME_FEEDBACK), _DOORS),
    Act.ADD_NOTE: _DOORS | {Role.MEDIATOR},
    **dict.fromkeys((Act.DECLARE_EMERGENCY, Act.JOIN_INCIDENT), _DOORS),
    Act.RAISE_IMPROVEMENT: _STAFF | {Role.MEDIATOR},
    **dict.fromkeys((Act.ACCEPT_OPTION, Act.REJECT_OPTION, Act.COUNTER_OFFER), _DOORS),
    **dict.fromkeys((Act.CONFIRM_SATISFACTION, Act.REPORT_DISSATISFACTION, Act.ANSWER_VERIFICATION), _DOORS),
    **dict.fromkeys((Act.APPROVE, Act.REFUSE_APPROVAL, Act.GRANT_EXTENSION, Act.REASSIGN), _SUPERIORS),
    Act.REASSIGN_ESCALATION: _SUPERIORS,
    # A colleague may be called by name; `decide` refuses whoever an escalation does not wait for.
    **dict.fromkeys((Act.ACKNOWLEDGE_ESCALATION, Act.RESOLVE_ESCALATION, Act.DECLINE_ESCALATION), _CALLED),
    Act.JUDGE_LIABILITY: _CUSTOMER_SERVICE,
    Act.MIGRATE_POLICY: _CUSTOMER_SERVICE | {Role.EXECUTIVE},
    Act.MEDIATE: _CUSTOMER_SERVICE | {Role.MEDIATOR},
    **{
        act: _STAFF | {Role.MEDIATOR} for act in (Act.PREPARE_OPTION, Act.GIVE_FEEDBACK, Act.CALL_FOR_SUPPORT)
    },
    **dict.fromkeys((Act.RECUSE,), _STAFF | {Role.MEDIATOR, Role.EXECUTIVE}),
    **dict.fromkeys(ENGINE_ACTS, frozenset[Role]()),
}
"""Which roles may do what. Deny by default: a role that is not named here may not."""


def acts_at(stage: Stage) -> tuple[Act, ...]:
    """List what a command can do at a stage, in the order of the enum."""
    return tuple(act for act in Act if act not in ENGINE_ACTS and (stage, act) in LIFECYCLE)


def is_terminal(stage: Stage) -> bool:
    """Say whether nothing at all can follow."""
    return not any(start == stage for start, _ in LIFECYCLE)


def diagram() -> str:
    """Draw the table as a Mermaid state diagram; acts that stay in their stage are left out."""
    arrows: dict[tuple[Stage, Stage], list[str]] = {}
    for (start, act), end in LIFECYCLE.items():
        if start != end:
            arrows.setdefault((start, end), []).append(act)
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.NEW}"]
    lines += [f"    {start} --> {end}: {', '.join(acts)}" for (start, end), acts in arrows.items()]
    lines += [f"    {stage} --> [*]" for stage in Stage if is_terminal(stage)]
    return "\n".join(lines)


def acts_by_stage() -> str:
    """Write the table as Markdown: what may be done at each stage, where it leads, and who may do it."""
    lines = ["| stage | act | leads to | who may |", "|---|---|---|---|"]
    for stage in Stage:
        for act in Act:
            if (stage, act) in LIFECYCLE:
                who = ", ".join(sorted(WHO_MAY[act])) or "the engine itself"
                lines.append(f"| {stage} | {act} | {LIFECYCLE[stage, act]} | {who} |")
    return "\n".join(lines)
