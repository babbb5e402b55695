"""Intake: feelings first, then the matter, and always somebody accountable."""

import pytest

from complaints import commands as c
from complaints import facts
from complaints.errors import (
    AboveAuthority,
    AlreadyDone,
    ApologyIsNotEnough,
    CustomerNotTold,
    FirstContactIncomplete,
    FirstContactMissing,
    NobodyAccountable,
    NotClassified,
    UnknownCategory,
    UnknownItem,
)
from complaints.lifecycle import Stage
from complaints.policy import fingerprint
from complaints.records import Cause, ClockName, Verdict
from complaints.vocabulary import Actor, Customer, Outcome, RemedyKind, Role
from tests.lives import DAY, HOUR, NOBODY_KNOWN, Life, at_stage, cny, example


def anonymous() -> Life:
    life = Life()
    life.do(example(c.Register, customer=NOBODY_KNOWN))
    return life


def test_registering_pins_the_policy_by_its_hash() -> None:
    life = at_stage(Stage.INTAKE)
    (registered,) = life.facts(facts.Registered)
    assert registered.policy_sha256 == fingerprint(life.state.policy)
    assert registered.number == "hotline-2031"
    assert registered.received_at == life.now
    assert registered.language == "zh-CN"


def test_registering_starts_first_contact_intake_overall_and_feedback() -> None:
    life = at_stage(Stage.INTAKE)
    assert {clock.name: clock.due_at - life.now for clock in life.state.clocks.values()} == {
        ClockName.FIRST_CONTACT: DAY,
        ClockName.INTAKE: 2 * DAY,
        ClockName.OVERALL: 20 * DAY,
        ClockName.FEEDBACK: DAY + 8 * HOUR,  # seventeen o'clock tomorrow
    }


@pytest.mark.parametrize("kind", [c.Register, c.Classify])
def test_a_category_is_one_of_the_policy(kind: type) -> None:
    life = Life() if kind is c.Register else at_stage(Stage.INTAKE)
    with pytest.raises(UnknownCategory) as refused:
        life.do(example(kind, category="astrology"))
    assert "billing" in refused.value.possible


@pytest.mark.parametrize("step", ["listened", "restated", "customer_confirmed", "apology_or_understanding"])
def test_no_step_of_the_first_contact_is_skipped(step: str) -> None:
    life = at_stage(Stage.INTAKE)
    with pytest.raises(FirstContactIncomplete, match=step):
        life.do(example(c.RecordFirstContact, **{step: False}))
    assert life.clock(ClockName.FIRST_CONTACT).is_open


def test_the_first_contact_settles_its_clock() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.RecordFirstContact), after=HOUR)
    assert life.clock(ClockName.FIRST_CONTACT).verdict == Verdict.MET


@pytest.mark.parametrize(
    "order",
    [
        (c.RecordFirstContact, c.Classify, c.Assign),
        (c.Assign, c.RecordFirstContact, c.Classify),
        (c.Classify, c.Assign, c.RecordFirstContact),
    ],
)
def test_the_investigation_begins_when_contact_class_and_handler_are_there(order: tuple[type, ...]) -> None:
    life = at_stage(Stage.INTAKE)
    for kind in order:
        assert life.state.stage == Stage.INTAKE
        life.do(example(kind))
    assert life.state.stage == Stage.INVESTIGATION
    assert life.clock(ClockName.INTAKE).verdict == Verdict.MET


def test_who_cannot_be_reached_needs_no_first_contact_and_is_owed_no_feedback() -> None:
    life = anonymous()
    assert not life.clocks(ClockName.FIRST_CONTACT)
    assert not life.clocks(ClockName.FEEDBACK)
    life.do(example(c.Classify))
    life.do(example(c.Assign))
    assert life.state.stage == Stage.INVESTIGATION


def test_who_is_anonymous_but_can_be_reached_is_contacted_like_everybody() -> None:
    life = Life()
    life.do(example(c.Register, customer=Customer(anonymous=True, contact="whistle@example.org")))
    assert life.clock(ClockName.FIRST_CONTACT).is_open
    with pytest.raises(FirstContactMissing):
        life.do(example(c.RecordFindings))


def test_an_anonymous_complaint_still_needs_somebody_accountable_and_a_class() -> None:
    life = anonymous()
    with pytest.raises(NobodyAccountable):
        life.do(example(c.RecordFindings))
    life.do(example(c.Assign))
    with pytest.raises(NotClassified):
        life.do(example(c.RecordFindings))


def test_a_difficult_complaint_goes_to_the_customer_service_department_at_once() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.Classify, difficult=True, difficult_reason="扬言找媒体"))
    assert (life.escalation().cause, life.escalation().audience) == (Cause.DIFFICULT, Role.CUSTOMER_SERVICE)


def test_a_difficult_complaint_that_is_classified_again_is_not_raised_again() -> None:
    life = at_stage(Stage.INTAKE)
    for _ in range(2):
        life.do(example(c.Classify, difficult=True))
    assert len(life.state.escalations) == 1


def test_nothing_is_resolved_on_the_spot_before_the_customer_was_heard() -> None:
    with pytest.raises(FirstContactMissing):
        at_stage(Stage.INTAKE).do(example(c.ResolveAtFirstContact), role=Role.DESK)


def heard() -> Life:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.RecordFirstContact), role=Role.DESK)
    return life


def test_an_apology_alone_resolves_nothing_on_the_spot() -> None:
    with pytest.raises(ApologyIsNotEnough):
        heard().do(example(c.ResolveAtFirstContact, kind=RemedyKind.APOLOGY), role=Role.DESK)


@pytest.mark.parametrize(("role", "limit"), [(Role.DESK, 200), (Role.HANDLER, 500), (Role.LEAD, 5_000)])
def test_on_the_spot_everybody_grants_up_to_their_authority_and_not_a_fen_more(
    role: Role, limit: int
) -> None:
    within = example(c.ResolveAtFirstContact, compensation=cny(limit))
    above = example(c.ResolveAtFirstContact, compensation=cny(limit + 1))
    with pytest.raises(AboveAuthority):
        heard().do(above, role=role)
    life = heard()
    life.do(within, role=role)
    assert (life.state.stage, life.state.outcome) == (Stage.FOLLOW_UP, Outcome.RESOLVED_AT_FIRST_CONTACT)


def test_who_resolves_on_the_spot_answers_for_it() -> None:
    life = heard()
    life.do(example(c.ResolveAtFirstContact), role=Role.DESK)
    assert (life.state.handler, life.state.department) == ("xiao.li", "hall")


def test_who_is_of_no_department_cannot_answer_for_it() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.RecordFirstContact))
    command = example(c.ResolveAtFirstContact)
    with pytest.raises(NobodyAccountable):
        life.do(command, actor=Actor(id="passer.by", role=Role.DESK))


@pytest.mark.parametrize("kind", [c.Decline, c.Transfer])
@pytest.mark.parametrize("stage", [Stage.INTAKE, Stage.INVESTIGATION])
def test_no_complaint_is_turned_away_without_telling_the_customer(kind: type, stage: Stage) -> None:
    life = at_stage(stage)
    with pytest.raises(CustomerNotTold):
        life.do(example(kind, customer_told=False))


@pytest.mark.parametrize("kind", [c.Decline, c.Transfer])
def test_who_cannot_be_told_need_not_be_told(kind: type) -> None:
    life = anonymous()
    assert life.do(example(kind, customer_told=False))


def test_declining_in_time_meets_the_duties_it_ends() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.Decline), after=HOUR)
    met = {clock.name for clock in life.state.clocks.values() if clock.verdict == Verdict.MET}
    assert met == {ClockName.FIRST_CONTACT, ClockName.INTAKE, ClockName.OVERALL}
    assert life.state.outcome == Outcome.DECLINED


def test_a_transferred_complaint_has_no_appeal_window() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.Transfer))
    assert (life.state.stage, life.state.outcome) == (Stage.ENDED, Outcome.TRANSFERRED)
    assert not life.clocks(ClockName.APPEAL)


def test_a_duplicate_ends_with_its_duties_void() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.LinkDuplicate))
    assert (life.state.stage, life.state.outcome) == (Stage.ENDED, Outcome.DUPLICATE)
    assert {clock.verdict for clock in life.state.clocks.values()} == {Verdict.VOID}


def test_a_complaint_is_no_duplicate_of_itself() -> None:
    life = at_stage(Stage.INTAKE)
    with pytest.raises(UnknownItem):
        life.do(example(c.LinkDuplicate, of=life.state.number))


def test_a_complaint_that_was_declined_at_intake_and_reopened_makes_up_for_what_it_skipped() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(example(c.Decline))
    life.do(example(c.Reopen))
    for missing, mended_by in (
        (FirstContactMissing, c.RecordFirstContact),
        (NobodyAccountable, c.Assign),
        (NotClassified, c.Classify),
    ):
        for kind in (c.RecordFindings, c.RequestVerification, c.PrepareOption, c.AdmitUnsolvable):
            with pytest.raises(missing):
                life.do(example(kind))
        life.do(example(mended_by))
    with pytest.raises(AlreadyDone):
        life.do(example(c.Assign))
    life.do(example(c.RecordFindings))
    assert life.state.stage == Stage.SOLUTION
