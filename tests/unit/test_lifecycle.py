"""Every act at every stage and by every role: what the table says, and a refusal by name for the rest."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from complaints import commands as c
from complaints.commands import COMMANDS, act_of
from complaints.errors import (
    AlreadyClosed,
    AlreadyRegistered,
    ApprovalNotNeeded,
    FirstContactMissing,
    NobodyAccountable,
    NotAtThisStage,
    NotClassified,
    NotYourRole,
    Refusal,
    UnknownItem,
)
from complaints.forms import Names, SummonedDepartment
from complaints.lifecycle import (
    ENGINE_ACTS,
    IN_WORK,
    LIFECYCLE,
    OPEN,
    WHO_MAY,
    Act,
    Stage,
    acts_at,
    diagram,
    is_terminal,
)
from complaints.policy_file import builtin
from complaints.practices import AfterClosing, FormField
from complaints.vocabulary import Nature, Part, Role
from tests.lives import DAY, HOUR, PEOPLE, Life, at_stage, days, example, option, work_order

COMMAND_OF: dict[Act, type[Any]] = {
    **{act_of(example(kind)): kind for kind in COMMANDS.values()},
    Act.REPORT_DISSATISFACTION: c.RecordFollowUp,
}
ACTS = tuple(act for act in Act if act not in ENGINE_ACTS)


def command_for(act: Act, life: Life) -> Any:
    fields = {"satisfied": False} if act == Act.REPORT_DISSATISFACTION else {}
    return example(COMMAND_OF[act], life, **fields)


def _a_verification(stage: Stage) -> Life:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification))
    return life.to(stage)


def _an_offer(stage: Stage) -> Life:
    life = at_stage(stage)
    life.do(example(c.OfferOption, life, option=option(life)))
    return life


def _a_request(stage: Stage) -> Life:
    life = at_stage(stage)
    life.do(c.RequestApproval(option=option(life, 3_000)))
    return life


def _a_rejection(stage: Stage) -> Life:
    life = _an_offer(stage)
    life.do(example(c.RejectOption, life))
    return life


def _after(kind: type[Any]) -> Callable[[Stage], Life]:
    def prepare(stage: Stage) -> Life:
        life = at_stage(stage)
        if kind is c.AwaitCustomer and stage == Stage.INTAKE:
            life.do(example(c.RecordFirstContact, life))
        life.do(example(kind, life))
        return life

    return prepare


def _heard(stage: Stage) -> Life:
    life = at_stage(stage)
    if stage == Stage.INTAKE:
        life.do(example(c.RecordFirstContact, life))
    return life


def _assigned(stage: Stage) -> Life:
    life = at_stage(stage)
    if stage == Stage.INTAKE:
        life.do(example(c.Assign, life))
    return life


def _unassigned(stage: Stage) -> Life:
    """Past intake nobody answers for it only if it was declined there, and reopened."""
    life = at_stage(Stage.INTAKE)
    if stage == Stage.INVESTIGATION:
        life.do(example(c.Decline, life))
        life.do(example(c.Reopen, life))
    return life


def _missed(stage: Stage) -> Life:
    """An escalation that waits for the lead of billing, or for somebody who is called after closing."""
    if stage == Stage.CLOSED:
        return _second_call_due(stage).wait(DAY)
    life = _assigned(stage)
    life.do(example(c.MakePromise, life, due_at=life.now + HOUR))
    return life.wait(HOUR)


def _second_call_due(stage: Stage) -> Life:
    rule = replace(builtin().follow_up, second_call=days(1))
    return at_stage(stage, replace(builtin(), follow_up=rule))


def _something_to_do(stage: Stage) -> Life:
    """An action that was planned, or a work order that outlived the solution."""
    if stage == Stage.EXECUTION:
        return _after(c.PlanAction)(stage)
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.DisputeLiability, life))
    life.do(example(c.JudgeLiability, life, work_orders=(work_order(life),)))
    if stage != Stage.SOLUTION:
        life.do(example(c.AdmitUnsolvable, life))
    if stage == Stage.INVESTIGATION:
        life.do(example(c.RecordFollowUp, life, satisfied=False))
    return life


def _communicative(stage: Stage) -> Life:
    life = Life()
    life.do(example(c.Register, life))
    life.do(example(c.RecordFirstContact, life, nature=Nature.COMMUNICATIVE))
    if stage != Stage.INTAKE:
        life.do(example(c.Classify, life))
        life.do(example(c.Assign, life))
    return life.to(stage)


def _above_authority(stage: Stage) -> Life:
    life = at_stage(stage)
    option(life, 3_000)
    return life


def _under(**sections: Any) -> Callable[[Stage], Life]:
    """Under a policy that has a ritual."""
    return lambda stage: at_stage(stage, replace(builtin(), **sections))


def _unjudged(stage: Stage) -> Life:
    life = Life(replace(builtin(), admission=True))
    life.do(example(c.Register))
    if stage == Stage.INVESTIGATION:
        life.do(example(c.Decline))
        life.do(example(c.Reopen))
    return life


STAFF = (Role.DESK, Role.HANDLER, Role.LEAD, Role.CUSTOMER_SERVICE)
SAID = Names(en="Win-back call", zh="挽回回访")
OF_ESCALATIONS = (
    Act.ACKNOWLEDGE_ESCALATION, Act.RESOLVE_ESCALATION, Act.REASSIGN_ESCALATION, Act.DECLINE_ESCALATION
)  # fmt: skip
PREPARED: dict[Act, Callable[[Stage], Life]] = {
    Act.RESOLVE_AT_FIRST_CONTACT: _heard,
    Act.ANSWER_VERIFICATION: _a_verification,
    Act.JUDGE_LIABILITY: _after(c.DisputeLiability),
    Act.OFFER_OPTION: _after(c.PrepareOption),
    Act.ACCEPT_OPTION: _an_offer,
    Act.REJECT_OPTION: _an_offer,
    Act.COUNTER_OFFER: _an_offer,
    Act.REQUEST_APPROVAL: _above_authority,
    Act.APPROVE: _a_request,
    Act.REFUSE_APPROVAL: _a_request,
    Act.MEDIATE: _a_rejection,
    Act.COMPLETE_ACTION: _something_to_do,
    Act.KEEP_PROMISE: _after(c.MakePromise),
    Act.AWAIT_CUSTOMER: _heard,
    Act.CUSTOMER_REPLIED: _after(c.AwaitCustomer),
    Act.ASSIGN: _unassigned,
    Act.REASSIGN: _assigned,
    **dict.fromkeys(OF_ESCALATIONS, _missed),
    Act.RECORD_SECOND_CALL: _second_call_due,
    Act.RESUME_FEEDBACK: _after(c.StopFeedback),
    Act.FILL_FORM: _under(form={"meter": FormField(title=SAID)}),
    Act.ACCEPT: _unjudged,
    Act.DECIDE: _under(decided_by=STAFF),
    Act.RECORD_AFTER_CLOSING: _under(after_closing={"win_back": AfterClosing(title=SAID, after=days(5))}),
    Act.SEND_SOMEONE: _after(c.SummonDepartments),
    Act.ATTEND_EMERGENCY: _after(c.DeclareEmergency),
    Act.CONVERT_NATURE: _communicative,
    Act.REMOVE_FILE: _after(c.AttachFile),
}
"""What has to have happened before an act makes sense; for the others, reaching the stage is enough."""

GOES_ON_BY_ITSELF = {(Stage.EXECUTION, Act.COMPLETE_ACTION): Stage.FOLLOW_UP}
"""Where the act completes what a stage waits for, and the engine's own act follows."""

NOTHING_ASKED_YET = (Stage.INTAKE, Act.ANSWER_VERIFICATION)
"""Legal by the table; only a complaint that comes back to intake can have a question to answer."""


@pytest.mark.parametrize(
    ("stage", "act"), [pair for pair in LIFECYCLE if pair[1] not in ENGINE_ACTS and pair != NOTHING_ASKED_YET]
)
def test_a_legal_act_leads_where_the_table_says(stage: Stage, act: Act) -> None:
    life = PREPARED.get(act, at_stage)(stage)
    assert life.state.stage == stage
    assert life.do(command_for(act, life))
    assert life.state.stage == GOES_ON_BY_ITSELF.get((stage, act), LIFECYCLE[stage, act])


def test_at_intake_there_is_no_verification_to_answer_yet() -> None:
    life = at_stage(Stage.INTAKE)
    with pytest.raises(UnknownItem):
        life.do(example(c.AnswerVerification, life))


@pytest.mark.parametrize(
    ("stage", "act"), [(stage, act) for stage in Stage for act in ACTS if (stage, act) not in LIFECYCLE]
)
def test_an_illegal_act_is_refused_by_name_and_leaves_no_trace(stage: Stage, act: Act) -> None:
    life = at_stage(stage)
    before = life.state
    with pytest.raises(Refusal) as refused:
        life.do(command_for(act, life))
    if stage in (Stage.CLOSED, Stage.ENDED):
        expected: type[Refusal] = AlreadyClosed
    elif act == Act.REGISTER:
        expected = AlreadyRegistered
    elif stage == Stage.INTAKE:
        expected = FirstContactMissing
    else:
        expected = NotAtThisStage
    assert type(refused.value) is expected
    assert refused.value.possible == tuple(acts_at(stage)) or stage == Stage.INTAKE
    assert life.state == before


def test_at_intake_the_refusal_names_the_next_thing_that_lacks() -> None:
    life = at_stage(Stage.INTAKE)
    for mended_by, lacks in (
        (c.RecordFirstContact, FirstContactMissing),
        (c.Assign, NobodyAccountable),
        (c.Classify, NotClassified),
    ):
        with pytest.raises(lacks) as refused:
            life.do(example(c.RecordFindings))
        assert refused.value.possible == (act_of(example(mended_by)),)
        life.do(example(mended_by))
    assert life.state.stage == Stage.INVESTIGATION


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_for_its_roles_alone(act: Act, role: Role) -> None:
    stage = [stage for stage, legal in LIFECYCLE if legal == act][-1]
    life = PREPARED.get(act, at_stage)(stage)
    if role in WHO_MAY[act]:
        _arrange_for(life, act, role)
        if (act, role) == (Act.REQUEST_APPROVAL, Role.CUSTOMER_SERVICE):
            with pytest.raises(ApprovalNotNeeded):
                life.do(command_for(act, life), role=role)
            return
        assert life.do(command_for(act, life), role=role)
        return
    before = life.state
    with pytest.raises(NotYourRole) as refused:
        life.do(command_for(act, life), role=role)
    assert all(role in WHO_MAY[Act(possible)] for possible in refused.value.possible)
    assert life.state == before


def _arrange_for(life: Life, act: Act, role: Role) -> None:
    """Bring about what only this role needs: a sum above its authority, a call that reached it."""
    if act == Act.OFFER_OPTION:
        option(life, 100)
    if act == Act.REQUEST_APPROVAL and role == Role.LEAD:
        option(life, 9_000)
    if act == Act.SEND_SOMEONE and role != Role.CUSTOMER_SERVICE:
        own = SummonedDepartment(department=PEOPLE[role].department or "", part=Part.FIRST_HANDLING)
        life.do(example(c.SummonDepartments, life, departments=(own,)))
    if act == Act.REMOVE_FILE:
        life.do(example(c.AttachFile, life), role=role)
    if act in OF_ESCALATIONS and role in (Role.DESK, Role.HANDLER, Role.MEDIATOR):
        life.do(example(c.CallForSupport, life, person=PEOPLE[role].id))


def test_nobody_but_the_engine_does_its_acts() -> None:
    assert {act for act in Act if not WHO_MAY[act]} == ENGINE_ACTS
    assert not ENGINE_ACTS & {act for stage in Stage for act in acts_at(stage)}
    assert not ENGINE_ACTS & set(COMMAND_OF)


def test_every_other_act_has_its_command() -> None:
    assert set(COMMAND_OF) == set(ACTS)


def test_auditors_read_and_never_act() -> None:
    assert not [act for act in Act if Role.AUDITOR in WHO_MAY[act]]


def test_only_the_end_is_terminal() -> None:
    assert [stage for stage in Stage if is_terminal(stage)] == [Stage.ENDED]


def test_every_stage_is_reached_from_the_first_and_leads_to_the_last() -> None:
    assert _reachable(Stage.NEW, LIFECYCLE) == set(Stage)
    for stage in Stage:
        assert Stage.ENDED in _reachable(stage, LIFECYCLE)


def test_a_complaint_can_be_withdrawn_from_every_open_stage() -> None:
    assert {stage for stage, act in LIFECYCLE if act == Act.WITHDRAW} == set(OPEN)
    assert set(IN_WORK) == set(OPEN) - {Stage.FOLLOW_UP}


def test_the_documented_diagram_is_the_table() -> None:
    text = (Path(__file__).parents[2] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawn = re.findall(r"```mermaid\n(stateDiagram-v2\n.*?)\n```", text, re.DOTALL)
    assert drawn == [diagram()]


def _reachable(start: Stage, table: dict[tuple[Stage, Act], Stage]) -> set[Stage]:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (stage, _), end in table.items():
            if stage == here and end not in seen:
                seen.add(end)
                todo.append(end)
    return seen
