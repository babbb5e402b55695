"""Names that are stored in histories and ledgers: data once shipped, so they are written down here once more."""

from enum import StrEnum

import pytest

from complaints import lifecycle, policy, practices, records, vocabulary, working_time
from complaints.commands import COMMANDS
from complaints.events import FACTS, GENESIS

COMMAND_NAMES = """
    Register RecordFirstContact Classify Assign ResolveAtFirstContact Decline Transfer
    LinkDuplicate FillForm Accept RecordInterests RequestVerification AnswerVerification
    RecordFindings DisputeLiability JudgeLiability PrepareOption OfferOption
    AcceptOption RejectOption CounterOffer RequestApproval Approve RefuseApproval
    Mediate AdmitUnsolvable SetExpectations Decide PlanAction CompleteAction MakePromise
    KeepPromise GiveGoodwill GiveFeedback AcknowledgeReceipt StopFeedback ResumeFeedback
    AwaitCustomer CustomerReplied Reassign ChangeSeverity Escalate AcknowledgeEscalation
    ResolveEscalation ReassignEscalation DeclineEscalation SummonDepartments SendSomeone
    DeclareEmergency AttendEmergency CallForSupport ConvertNature Recuse MigratePolicy
    GrantExtension RaiseImprovement JoinIncident AddNote Withdraw RecordFollowUp
    RecordAttempt RecordSecondCall RecordAfterClosing Reopen AttachFile RemoveFile
"""

FACT_NAMES = """
    Registered FirstContactRecorded Classified Assigned ResolvedAtFirstContact Declined
    Transferred DuplicateLinked FormFilled Accepted InterestsRecorded
    VerificationRequested VerificationAnswered FindingsRecorded LiabilityDisputed
    LiabilityJudged OptionPrepared OptionOffered OptionAccepted OptionRejected
    CounterOffered ApprovalRequested Approved ApprovalRefused Mediated
    UnsolvableAdmitted ExpectationsSet Decided ActionPlanned ActionCompleted PromiseMade
    PromiseKept GoodwillGiven FeedbackGiven ReceiptAcknowledged FeedbackStopped
    FeedbackResumed CustomerAwaited CustomerReplied Reassigned SeverityChanged
    SeverityScored DifficultyRecognised FirstResponsibleNamed HazardSuspected
    NatureConverted EscalationAcknowledged EscalationResolved EscalationReassigned
    EscalationDeclined DepartmentsSummoned SomeoneSent EmergencyDeclared
    EmergencyAttended Recused PolicyMigrated ExtensionGranted ImprovementRaised
    ImprovementOpened IncidentJoined NoteAdded Withdrawn FollowUpRecorded
    AttemptRecorded SecondCallRecorded AfterClosingRecorded Reopened StageEntered
    ClockStarted ClockPaused ClockMoved ClockWarned RungCalled ClockBreached
    BreachWithdrawn ClockSettled EscalationOpened EscalationClimbed NoticeQueued
    NoticeRouted NoticeDeferred NoticeWithdrawn NoticeDelivered NoticeFailed
    FileAttached FileRemoved
"""

VALUES: dict[type[StrEnum], str] = {
    lifecycle.Stage: """
        new intake investigation solution execution follow_up closed ended
    """,
    lifecycle.Act: """
        register record_first_contact classify assign resolve_at_first_contact decline
        transfer link_duplicate fill_form accept record_interests request_verification
        answer_verification record_findings dispute_liability judge_liability
        prepare_option offer_option accept_option reject_option counter_offer
        request_approval approve refuse_approval mediate admit_unsolvable
        set_expectations decide plan_action complete_action make_promise keep_promise
        give_goodwill give_feedback acknowledge_receipt stop_feedback resume_feedback
        await_customer customer_replied reassign change_severity escalate
        acknowledge_escalation resolve_escalation reassign_escalation decline_escalation
        summon_departments send_someone declare_emergency attend_emergency
        call_for_support convert_nature recuse migrate_policy grant_extension
        raise_improvement join_incident add_note withdraw confirm_satisfaction
        report_dissatisfaction record_attempt record_second_call record_after_closing
        reopen attach_file remove_file begin_investigation finish_execution let_appeal_lapse let_closing_stand
    """,
    records.ClockName: """
        first_contact intake investigation solution execution follow_up overall feedback
        verification approval action promise waiting acknowledgement statutory second_call
        appeal admission next_offer attendance emergency after_closing
    """,
    records.Verdict: """
        met breached void
    """,
    records.Cause: """
        breach at_risk configuration by_hand difficult disputed mediation dissatisfied
        recusal hazard support converted
    """,
    records.NoticeKind: """
        warning escalation customer receipt news summons
    """,
    records.NoticeStatus: """
        queued routed delivered withdrawn outbox failed
    """,
    records.OptionStatus: """
        prepared offered accepted rejected
    """,
    records.ApprovalStatus: """
        requested approved refused
    """,
    vocabulary.Role: """
        system desk handler mediator lead customer_service executive auditor
    """,
    vocabulary.Channel: """
        phone e-mail web chat social letter walk-in system
    """,
    vocabulary.Severity: """
        low normal high critical
    """,
    vocabulary.Justified: """
        yes no unknown
    """,
    vocabulary.Nature: """
        valid communicative
    """,
    vocabulary.ComplaintType: """
        emotional rational structural
    """,
    vocabulary.Part: """
        responsible local associated first_handling
    """,
    vocabulary.RemedyKind: """
        apology explanation correction repair exchange refund compensation service
    """,
    vocabulary.PauseOwner: """
        customer vendor us
    """,
    vocabulary.Outcome: """
        resolved resolved_at_first_contact unsolvable declined transferred duplicate withdrawn
    """,
    working_time.Unit: """
        business_minutes business_hours business_days calendar_hours calendar_days
    """,
    records.Move: """
        resumed extended severity migrated
    """,
    working_time.Ends: """
        same_time close midnight
    """,
    practices.Step: """
        spoken_with time_told points_agreed next_step_agreed form_complete accepted
        interests_recorded expectations_set explained full_answer departments_came
        questions_answered liability_settled goodwill_shown satisfaction_in_words survey_answered
    """,
    practices.Mishandling: """
        breach dissatisfied reopened difficult
    """,
    policy.MetBy: """
        first_contact acknowledged admission answer settled closed
    """,
    policy.FeedbackDays: """
        every_day working_days
    """,
}


def test_command_names_are_pinned() -> None:
    assert list(COMMANDS) == COMMAND_NAMES.split()
    assert all(kind.type == name for name, kind in COMMANDS.items())


def test_fact_names_are_pinned() -> None:
    assert list(FACTS) == FACT_NAMES.split()
    assert all(kind.type == name for name, kind in FACTS.items())


@pytest.mark.parametrize("kind", VALUES)
def test_the_values_of_an_enum_are_pinned(kind: type[StrEnum]) -> None:
    assert [member.value for member in kind] == VALUES[kind].split()


def test_no_enum_is_forgotten() -> None:
    stored = {
        kind
        for module in (lifecycle, policy, practices, records, vocabulary, working_time)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind.__module__ == module.__name__
    }
    assert stored == set(VALUES)


def test_a_ledger_begins_with_zeros() -> None:
    assert GENESIS == 64 * "0"
