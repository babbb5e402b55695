"""Solution: offers within authority, approvals, rejections, mediation, early honesty."""

import pytest

from complaints import commands as c
from complaints.errors import (
    AboveAuthority,
    AlreadyDone,
    ApprovalNotNeeded,
    CustomerNotTold,
    DueInThePast,
    MediationNotNeeded,
    MediationRequired,
    NotYourRole,
    OfferNotOpen,
    OwnApproval,
    UnknownItem,
)
from complaints.lifecycle import Stage
from complaints.records import ApprovalStatus, Cause, ClockName, OptionStatus, Verdict
from complaints.vocabulary import Money, Outcome, Role
from tests.lives import DAY, HOUR, INSTANT, Life, at_stage, cny, example, option, rejected_options


def offered(yuan: int = 0) -> Life:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.OfferOption, life, option=option(life, yuan)))
    return life


@pytest.mark.parametrize(("role", "limit"), [(Role.DESK, 200), (Role.HANDLER, 500), (Role.LEAD, 5_000)])
def test_an_offer_stays_within_authority(role: Role, limit: int) -> None:
    life = at_stage(Stage.SOLUTION)
    assert life.do(example(c.OfferOption, life, option=option(life, limit)), role=role)
    above = example(c.OfferOption, life, option=option(life, limit + 1))
    with pytest.raises(AboveAuthority):
        life.do(above, role=role)


def test_the_customer_service_department_may_offer_any_sum() -> None:
    life = at_stage(Stage.SOLUTION)
    name = option(life, 1_000_000)
    assert life.do(example(c.OfferOption, life, option=name), role=Role.CUSTOMER_SERVICE)


def test_a_currency_without_a_limit_may_not_be_granted() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.PrepareOption, compensation=Money(amount_minor=1, currency="JPY")))
    with pytest.raises(AboveAuthority):
        life.do(example(c.OfferOption, life), role=Role.LEAD)


def test_what_was_approved_may_be_offered() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 3_000)
    life.do(example(c.RequestApproval, life))
    life.do(example(c.Approve, life), after=HOUR)
    assert life.state.approvals["R1"].status == ApprovalStatus.APPROVED
    assert life.clock(ClockName.APPROVAL).verdict == Verdict.MET
    assert life.do(example(c.OfferOption, life))


def test_what_was_refused_may_not_be_offered_but_asked_for_again() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 3_000)
    life.do(example(c.RequestApproval, life))
    life.do(example(c.RefuseApproval, life))
    with pytest.raises(AboveAuthority):
        life.do(example(c.OfferOption, life))
    assert life.do(example(c.RequestApproval, life))


@pytest.mark.parametrize(
    ("yuan", "level"), [(501, Role.LEAD), (5_000, Role.LEAD), (5_001, Role.CUSTOMER_SERVICE)]
)
def test_the_lowest_superior_with_enough_authority_is_asked(yuan: int, level: Role) -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, yuan)
    life.do(example(c.RequestApproval, life))
    assert life.state.approvals["R1"].level == level


def test_the_desk_asks_a_lead_even_for_what_a_handler_could_offer() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 300)
    life.do(example(c.RequestApproval, life), role=Role.DESK)
    assert life.state.approvals["R1"].level == Role.LEAD


@pytest.mark.parametrize(("yuan", "above"), [(3_000, Role.CUSTOMER_SERVICE), (9_000, Role.EXECUTIVE)])
def test_a_missed_approval_goes_above_the_approver(yuan: int, above: Role) -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, yuan)
    life.do(example(c.RequestApproval, life))
    life.wait_until(life.clock(ClockName.APPROVAL).due_at)
    assert life.escalation().audience == above


def test_approval_is_not_asked_for_what_one_may_grant() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 500)
    with pytest.raises(ApprovalNotNeeded):
        life.do(example(c.RequestApproval, life))


def test_approval_is_asked_for_once() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 3_000)
    life.do(example(c.RequestApproval, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.RequestApproval, life))
    life.do(example(c.Approve, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.RequestApproval, life))


def test_a_lead_does_not_approve_above_their_own_authority() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 5_001)
    life.do(example(c.RequestApproval, life))
    with pytest.raises(AboveAuthority):
        life.do(example(c.Approve, life), role=Role.LEAD)
    assert life.do(example(c.Approve, life), role=Role.CUSTOMER_SERVICE)


def test_nobody_approves_their_own_request() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 9_000)
    life.do(example(c.RequestApproval, life), role=Role.LEAD)
    with pytest.raises(OwnApproval):
        life.do(example(c.Approve, life), role=Role.CUSTOMER_SERVICE, id="chen.jing")


def test_nobody_approves_the_option_they_prepared() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.PrepareOption, compensation=cny(3_000)), role=Role.LEAD)
    life.do(example(c.RequestApproval, life), role=Role.HANDLER)
    with pytest.raises(OwnApproval):
        life.do(example(c.Approve, life), role=Role.LEAD)


def test_a_handler_approves_nothing() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 3_000)
    life.do(example(c.RequestApproval, life))
    with pytest.raises(NotYourRole):
        life.do(example(c.Approve, life), role=Role.HANDLER)


@pytest.mark.parametrize("kind", [c.Approve, c.RefuseApproval])
def test_only_what_waits_for_approval_is_decided(kind: type) -> None:
    life = at_stage(Stage.SOLUTION)
    option(life, 3_000)
    with pytest.raises(UnknownItem):
        life.do(example(kind, life))


def test_leaving_the_solution_voids_a_waiting_approval() -> None:
    life = offered()
    option(life, 3_000)
    life.do(example(c.RequestApproval, life))
    life.do(c.AcceptOption(option="O1"))
    assert life.clock(ClockName.APPROVAL).verdict == Verdict.VOID


def test_an_offer_is_told_to_the_customer() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life)
    with pytest.raises(CustomerNotTold):
        life.do(example(c.OfferOption, life, customer_told=False))


def test_an_offer_counts_as_the_feedback_of_its_day() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life)
    life.do(example(c.OfferOption, life), after=DAY)
    assert [k.verdict for k in life.clocks(ClockName.FEEDBACK)] == [Verdict.MET, None]


def test_an_offer_leaves_time_to_answer() -> None:
    life = at_stage(Stage.SOLUTION)
    option(life)
    with pytest.raises(DueInThePast):
        life.do(example(c.OfferOption, life, valid_until=life.now))
    assert life.do(example(c.OfferOption, life, valid_until=life.now + INSTANT))


@pytest.mark.parametrize(
    "kind", [c.OfferOption, c.AcceptOption, c.RejectOption, c.CounterOffer, c.RequestApproval, c.Approve]
)
def test_an_option_nobody_prepared_is_unknown(kind: type) -> None:
    life = at_stage(Stage.SOLUTION)
    with pytest.raises(UnknownItem):
        life.do(example(kind, life, option="O9"))


@pytest.mark.parametrize("kind", [c.AcceptOption, c.RejectOption, c.CounterOffer])
def test_only_what_was_offered_is_answered(kind: type) -> None:
    life = at_stage(Stage.SOLUTION)
    option(life)
    with pytest.raises(OfferNotOpen):
        life.do(example(kind, life, option="O1"))


def test_an_offer_is_accepted_up_to_its_last_instant() -> None:
    life = offered()
    until = life.state.options["O1"].valid_until
    life.do(c.AcceptOption(option="O1"), at=until)
    assert life.state.stage == Stage.EXECUTION


def test_an_offer_that_ran_out_is_not_accepted_but_may_be_made_again() -> None:
    life = offered()
    life.wait(3 * DAY + INSTANT)
    with pytest.raises(OfferNotOpen):
        life.do(c.AcceptOption(option="O1"))
    life.do(example(c.OfferOption, life))
    assert life.do(c.AcceptOption(option="O1"))


def test_a_customer_who_answered_in_time_is_not_harmed_by_our_outage() -> None:
    life = offered()
    until = life.state.options["O1"].valid_until
    life.outage(9 * DAY)
    life.do(c.AcceptOption(option="O1"), received_at=until)
    assert life.state.options["O1"].status == OptionStatus.ACCEPTED


@pytest.mark.parametrize("kind", [c.RejectOption, c.CounterOffer])
def test_what_was_rejected_is_not_offered_again(kind: type) -> None:
    life = offered()
    life.do(example(kind, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.OfferOption, life, option="O1"))


def test_after_too_many_rejections_somebody_mediates_before_the_next_offer() -> None:
    life = rejected_options(at_stage(Stage.SOLUTION), 2)
    assert not life.state.escalations
    rejected_options(life, 1)
    assert (life.escalation().cause, life.escalation().audience) == (Cause.MEDIATION, Role.CUSTOMER_SERVICE)
    option(life)
    with pytest.raises(MediationRequired):
        life.do(example(c.OfferOption, life))
    life.do(example(c.Mediate))
    assert not life.escalation().is_open
    assert life.do(example(c.OfferOption, life))


def test_each_mediation_buys_as_many_further_rejections() -> None:
    life = rejected_options(at_stage(Stage.SOLUTION), 3)
    life.do(example(c.Mediate))
    rejected_options(life, 3)
    option(life)
    with pytest.raises(MediationRequired):
        life.do(example(c.OfferOption, life))
    assert [e.cause for e in life.state.escalations.values()] == [Cause.MEDIATION, Cause.MEDIATION]


def test_there_is_nothing_to_mediate_before_a_rejection() -> None:
    with pytest.raises(MediationNotNeeded):
        at_stage(Stage.SOLUTION).do(example(c.Mediate))


@pytest.mark.parametrize("stage", [Stage.INVESTIGATION, Stage.SOLUTION])
def test_what_cannot_be_solved_is_admitted_with_the_customer_told(stage: Stage) -> None:
    life = at_stage(stage)
    with pytest.raises(CustomerNotTold):
        life.do(example(c.AdmitUnsolvable, customer_told=False))
    life.do(example(c.AdmitUnsolvable))
    assert (life.state.stage, life.state.outcome) == (Stage.FOLLOW_UP, Outcome.UNSOLVABLE)
