"""Whatever people send and however late it arrives, these things hold of every complaint."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from complaints import commands as c
from complaints import consequences, events, facts, wire
from complaints.changes import Changes, changes
from complaints.commands import Envelope, act_of
from complaints.delivery import Delivery, record_delivery
from complaints.elapse import elapse, next_due
from complaints.errors import Refusal
from complaints.events import GENESIS, is_authentic
from complaints.evolve import pins, rebuilt
from complaints.forms import ActionPlan, Imported, Names, RestatedPoint, SummonedDepartment
from complaints.lifecycle import OPEN, WHO_MAY, Act, Stage, acts_at
from complaints.policy import DifficultRule, MetBy, Policy, Rung, StatutoryRule, fingerprint, text_of
from complaints.policy_file import builtin, load, read, shipped
from complaints.practices import (
    Acknowledgement,
    AfterClosing,
    Desk,
    FormField,
    Gate,
    Hazard,
    Joint,
    Mishandling,
    StatutoryExtension,
    Step,
)
from complaints.records import Clock, ClockName, NoticeKind, NoticeStatus, Verdict
from complaints.state import State
from complaints.turn import take_turn
from complaints.view import answer, view
from complaints.vocabulary import (
    Channel,
    Customer,
    Justified,
    Nature,
    Outcome,
    Part,
    PauseOwner,
    RemedyKind,
    Role,
    Severity,
)
from tests.lives import (
    DAY,
    HOUR,
    MINUTE,
    PEOPLE,
    WANG_XIUYING,
    Life,
    business_days,
    business_hours,
    cny,
    days,
    example,
    hours,
    renewed,
    usual_role,
    with_clock,
    with_ladder,
    work_order,
)

SPANS = st.sampled_from((timedelta(), MINUTE, HOUR, 4 * HOUR, 9 * HOUR, DAY, 2 * DAY, 6 * DAY, 16 * DAY))
LATENESS = st.sampled_from(
    (timedelta(), timedelta(), timedelta(), -MINUTE / 2, HOUR, 7 * HOUR, 3 * DAY, 91 * DAY)
)
ROWS = tuple(field.name for field in fields(Changes) if field.name not in ("head", "events"))


RICH = replace(
    with_clock(
        ClockName.SOLUTION,
        with_ladder(
            Rung(audience=Role.LEAD, percent=60),
            Rung(audience=Role.LEAD, acknowledge_within=business_hours(2)),
            Rung(audience=Role.CUSTOMER_SERVICE, after_due=hours(6), acknowledge_within=hours(3)),
            Rung(audience=Role.EXECUTIVE, after_due=hours(30)),
        ),
        budget=business_days(3),
        by_severity={Severity.CRITICAL: business_hours(4), Severity.LOW: days(9)},
    ),
    statutory={
        met_by.value: StatutoryRule(
            budget=business_days(2 + index),
            warn_percent=(80,),
            title=Names(en=met_by.value, zh="时限"),
            met_by=met_by,
            source="A promise on a poster.",
        )
        for index, met_by in enumerate(MetBy)
    },
    follow_up=replace(builtin().follow_up, delay=hours(12), attempts=2, second_call=days(3)),
    options_prepared=2,
)
"""Everything a policy may have that the built-in one has not."""

OTHER = renewed(with_ladder(Rung(audience=Role.CUSTOMER_SERVICE), policy=builtin()))
"""Another one to go on by: one rung, and what is owed by when is what it was."""

BARE = renewed(with_clock(ClockName.VERIFICATION, budget=None))
"""One that has forgotten a target."""

CALLING = replace(
    with_clock(ClockName.ATTENDANCE, budget=business_hours(4), by_severity={Severity.CRITICAL: hours(1)}),
    hazards={
        "meter": Hazard(title=Names(en="Meter", zh="电表"), words=("电表",), on_site_within=hours(2)),
        "bill": Hazard(title=Names(en="Bill", zh="账单"), words=("账单",), tell=Role.LEAD),
        "flood": Hazard(title=Names(en="Flood", zh="水淹"), on_site_within=business_hours(3)),
    },
    joint=Joint(lead_attends_if_difficult=True),
    conversion=tuple(Mishandling),
    first_responsible="service",
    difficult=DifficultRule(intensity=5),
)
"""One that calls people together, looks for dangers, and tells two natures apart."""

_SAID = Names(en="Said", zh="说明")
RITUAL = replace(
    with_clock(
        ClockName.NEXT_OFFER,
        with_clock(ClockName.ADMISSION, RICH, budget=hours(20)),
        budget=business_hours(6),
    ),
    name="ritual",
    admission=True,
    acknowledgement=Acknowledgement(message=Names(en="{number} {deadlines}", zh="{number}{deadlines}")),
    feedback=replace(builtin().feedback, automatic=True),
    form={"meter": FormField(title=_SAID), "order": FormField(title=_SAID, categories=("outage",))},
    gates=(
        Gate(before=Act.DISPUTE_LIABILITY, needs=(Step.EXPLAINED,)),
        Gate(before=Act.REQUEST_APPROVAL, needs=(Step.INTERESTS_RECORDED,), from_sum=(cny(1_000),)),
        Gate(before=Act.MEDIATE, needs=(Step.FORM_COMPLETE, Step.QUESTIONS_ANSWERED), difficult=True),
    ),
    doubt={"CNY": 20_000},
    desks={"hall": Desk(title=_SAID, authority={"CNY": 100_000})},
    decided_by=(Role.LEAD,),
    after_closing={
        "win_back": AfterClosing(title=_SAID, after=days(4)),
        "sorry": AfterClosing(title=_SAID, after=hours(30), outcomes=(Outcome.DECLINED,)),
    },
    statutory={
        **RICH.statutory,
        "outage": StatutoryRule(
            title=_SAID,
            met_by=MetBy.ANSWER,
            source="A promise on a poster.",
            budget=days(2),
            categories=("outage",),
            extensions=(StatutoryExtension(budget=days(9), roles=(Role.LEAD,), source="The same poster."),),
        ),
    },
)
"""One with the rituals of a trade."""

POLICIES = {"builtin": builtin(), "rich": RICH, "bare": BARE, "ritual": RITUAL, "calling": CALLING}
TEXTS = tuple(text_of(policy) for policy in (RICH, OTHER, OTHER, builtin(), renewed(), RITUAL, CALLING))


def _difficult(name: str) -> Policy:
    """A shipped policy with the rules for difficult complaints laid over it."""
    text = f"""
        extends: [{name}, difficult]
        name: {name}-difficult
        version: "1"
        title: {{en: Both, zh: 两者}}
    """
    return read(text, name=f"{name}-difficult.yaml")


PACKS = {name: builtin(name) for name in shipped()}
PACKS |= {f"{name}-difficult": _difficult(name) for name in shipped() if name not in ("default", "difficult")}
PACKS["airport"] = load(Path(__file__).parents[1] / "unit" / "packs" / "airport.yaml")
"""Everything that ships, alone and with difficult complaints on top, and one that a stranger wrote."""

PACK_TEXTS = tuple(text_of(policy) for policy in PACKS.values())


KNOWN = (*POLICIES.values(), *PACKS.values(), renewed(), OTHER)

AFTERWARDS = {ClockName.SECOND_CALL, ClockName.AFTER_CLOSING}
"""What somebody still owes the customer of a complaint that is closed."""


class Complaints(RuleBasedStateMachine):
    """One complaint under everything that can be sent to it, valid or not, in time or late."""

    life: Life
    recorded: State
    unrecorded: int
    tables: dict[str, dict[str, Any]]
    sent: list[Envelope]
    settled: dict[str, Clock]

    @initialize(
        customer=st.sampled_from((WANG_XIUYING, WANG_XIUYING, Customer(anonymous=True))),
        backdated=st.sampled_from((timedelta(), timedelta(), HOUR, 9 * DAY)),
        stage=st.sampled_from((*OPEN, Stage.CLOSED)),
        policy=st.sampled_from((*POLICIES, "ritual", "calling")),
        nature=st.sampled_from(Nature),
        imported=st.sampled_from((None, None, None, 3 * DAY, 400 * DAY)),
    )
    def live_up_to_a_stage(
        self,
        customer: Customer,
        backdated: timedelta,
        stage: Stage,
        policy: str,
        nature: Nature,
        imported: timedelta | None,
    ) -> None:
        self._begin(POLICIES[policy])
        form = example(c.Register, customer=customer, reference=self._reference())
        if imported is None:
            self._send(form, Role.DESK, backdated)
        else:
            past = Imported(at=self.life.now, origin="old.csv:2")
            self._send(replace(form, imported=past), Role.CUSTOMER_SERVICE, imported)
        if stage != Stage.INTAKE:
            self.life.to(Stage.INVESTIGATION)
            self.life.do(example(c.RecordFirstContact, nature=nature))
        self.life.to(stage)

    # --- what can happen

    @rule(data=st.data(), lateness=LATENESS, span=SPANS, punctual=st.booleans())
    def command(self, data: st.DataObject, lateness: timedelta, span: timedelta, punctual: bool) -> None:
        self._pass(span, punctual)
        here = [act for act in acts_at(self.life.state.stage) if act != Act.WITHDRAW] or [Act.REOPEN]
        legal = data.draw(st.integers(0, 9)) > 0
        act = data.draw(st.sampled_from(here if legal else [act for act in Act if act in KINDS]))
        fields_of = data.draw(FIELDS[act](self.life)) if act in FIELDS else {}
        command = example(KINDS[act], self.life, **fields_of)
        allowed = data.draw(st.integers(0, 9)) > 0
        roles = sorted(WHO_MAY[act]) if allowed else list(Role)
        self._send(command, data.draw(st.sampled_from(roles)), lateness)

    @rule(data=st.data(), span=SPANS, punctual=st.booleans())
    def somebody_answers_an_escalation(self, data: st.DataObject, span: timedelta, punctual: bool) -> None:
        self._pass(span, punctual)
        waiting = [e.id for e in self.life.state.open_escalations()]
        if not waiting:
            return
        act = data.draw(st.sampled_from(ANSWERS))
        command = example(KINDS[act], self.life, escalation=data.draw(st.sampled_from(waiting)))
        self._send(command, data.draw(st.sampled_from(sorted(WHO_MAY[act]))), timedelta())

    @rule(data=st.data(), span=SPANS, punctual=st.booleans())
    def somebody_has_to_come(self, data: st.DataObject, span: timedelta, punctual: bool) -> None:
        self._pass(span, punctual)
        act = data.draw(st.sampled_from(COMINGS))
        command = example(KINDS[act], self.life, **data.draw(FIELDS[act](self.life)))
        self._send(command, Role.CUSTOMER_SERVICE, timedelta())

    @rule(span=SPANS)
    def timers_fire_when_due(self, span: timedelta) -> None:
        self._pass(span, punctual=True)

    @rule(span=SPANS)
    def a_timer_fires_late(self, span: timedelta) -> None:
        self._pass(span, punctual=False)
        self.life.look()
        self._check_time()

    @rule(data=st.data())
    def a_command_is_repeated(self, data: st.DataObject) -> None:
        before = self.life.state
        turn = take_turn(before, data.draw(st.sampled_from(self.sent)), self.life.now)
        assert turn.brought == ()
        assert turn.state == before

    @rule(failed=st.booleans(), channel=st.sampled_from(("outbox", "e-mail")))
    def a_notice_is_answered_for(self, failed: bool, channel: str) -> None:
        waiting = [n.id for n in self.life.state.notices.values() if n.status == NoticeStatus.QUEUED]
        for notice in waiting[:1]:
            delivery = Delivery(notice=notice, channel=channel, receipt="250 OK", failed=failed)
            first, *_ = self.life.take(record_delivery(self.life.state, delivery, self.life.now))
            assert getattr(first.fact, "notice", None) == notice
            assert record_delivery(self.life.state, delivery, self.life.now) == []

    @rule()
    def a_batch_is_recorded(self) -> None:
        new = self.life.events[self.unrecorded :]
        batch = changes(self.recorded, self.life.state, new)
        for name in ROWS:
            for row in getattr(batch, name):
                self.tables[name][getattr(row, "key", None) or row.id] = row
            assert self.tables[name] == getattr(self.life.state, name)
        assert batch.head.seq == self.life.state.seq
        self.recorded, self.unrecorded = self.life.state, len(self.life.events)

    # --- what always holds

    @invariant()
    def a_complaint_that_is_over_waits_for_nobody(self) -> None:
        state = self.life.state
        names = {clock.name for clock in state.clocks.values() if clock.is_open}
        if state.stage == Stage.CLOSED:
            assert ClockName.APPEAL in names
            assert names <= {ClockName.APPEAL, ClockName.ACKNOWLEDGEMENT, *AFTERWARDS}
        if state.stage == Stage.ENDED:
            assert not names
            assert next_due(state) is None
            assert not state.open_escalations()
        if not state.is_open:
            causes = {state.clocks[e.clock].name if e.clock else None for e in state.open_escalations()}
            assert causes <= AFTERWARDS
            assert state.pause is None
            assert state.closed_at is not None

    @invariant()
    def an_open_complaint_is_watched(self) -> None:
        state = self.life.state
        if not state.is_open:
            return
        watching = [clock for clock in state.clocks.values() if clock.is_open]
        assert len([clock for clock in watching if clock.name == state.stage.value]) == 1
        assert not [clock for clock in watching if clock.name == ClockName.APPEAL]
        if state.pause and state.pause.owner == PauseOwner.CUSTOMER:
            assert not [clock for clock in watching if clock.name == ClockName.FEEDBACK]
        if state.pause:
            assert len([clock for clock in watching if clock.name == ClockName.WAITING]) == 1
        assert bool(state.pause) or not [clock for clock in watching if clock.paused_at]
        for promise in state.open_promises:
            clocks = [k for k in state.clocks.values() if k.name == "promise" and k.subject == promise.id]
            assert clocks

    @invariant()
    def every_breach_has_an_escalation(self) -> None:
        state = self.life.state
        for clock in state.clocks.values():
            if clock.breached_at is not None:
                assert clock.escalation in state.escalations
                assert clock.breached_at >= clock.due_at
                assert clock.verdict in (None, Verdict.BREACHED)
                assert clock.paused_at is None
            else:
                assert clock.verdict != Verdict.BREACHED
        assert sum(k.is_ticking for k in state.clocks.values() if k.name == ClockName.FEEDBACK) <= 1

    @invariant()
    def nothing_changes_a_clock_that_was_settled(self) -> None:
        clocks = self.life.state.clocks
        for key, clock in self.settled.items():
            # Only that somebody was told of the breach may become known later.
            assert replace(clocks[key], delivered_at=clock.delivered_at) == clock
        self.settled = {key: clock for key, clock in clocks.items() if not clock.is_open}

    @invariant()
    def a_course_is_in_order(self) -> None:
        for clock in self.life.state.clocks.values():
            assert len(clock.warn_at) == len(clock.warn_percent) >= clock.warned
            assert len(clock.call_at) == len(clock.call_rungs) >= clock.called
            assert list(clock.warn_at) == sorted(clock.warn_at)
            assert list(clock.call_at[clock.called :]) == sorted(clock.call_at[clock.called :])

    @invariant()
    def every_escalation_that_waits_for_an_answer_has_its_clock(self) -> None:
        state = self.life.state
        for clock in state.clocks.values():
            if clock.name == ClockName.ACKNOWLEDGEMENT and clock.is_open:
                assert state.escalations[clock.subject].is_open
                assert state.escalations[clock.subject].acknowledged_at is None

    @invariant()
    def things_end_after_they_began(self) -> None:
        state = self.life.state
        for clock in state.clocks.values():
            assert clock.settled_at is None or clock.settled_at >= clock.started_at
            assert clock.due_at > clock.started_at or clock.verdict != Verdict.MET
            assert (clock.settled_at is None) == (clock.verdict is None)
        for escalation in state.escalations.values():
            assert escalation.resolved_at is None or escalation.resolved_at >= escalation.opened_at
            assert escalation.acknowledged_at is None or escalation.acknowledged_at >= escalation.called_at

    @invariant()
    def whoever_has_to_come_was_told_and_is_watched(self) -> None:
        state = self.life.state
        told = {n.recipient for n in state.notices.values() if n.kind == NoticeKind.SUMMONS and not n.part_of}
        assert told == {f"lead:{summons.department}" for summons in state.summons.values()}
        for clock in state.clocks.values():
            if clock.name == ClockName.ATTENDANCE and clock.is_open:
                assert state.summons[clock.subject].sent is None
            if clock.name == ClockName.EMERGENCY and clock.is_open:
                assert state.emergencies[clock.subject].attended_at is None
        for emergency in state.emergencies.values():
            assert not (emergency.made_safe and state.escalations[emergency.escalation].is_open)

    @invariant()
    def a_conversion_makes_it_valid(self) -> None:
        state = self.life.state
        assert state.converted_at is None or state.nature == Nature.VALID

    @invariant()
    def somebody_answers_for_it_and_the_customer_was_heard(self) -> None:
        state = self.life.state
        if state.stage in (Stage.SOLUTION, Stage.EXECUTION, Stage.FOLLOW_UP):
            assert state.handler is not None
            assert state.first_contact is not None or not state.reachable

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        self.a_batch_is_recorded()
        past = self.life.events
        _check_chain(past)
        _check_once(past)
        _check_recusals(past)
        policies = {fingerprint(policy): policy for policy in KNOWN}
        assert set(pins(past)) <= set(policies)
        assert self._same(rebuilt(self.life.state.number, past, policies))
        read = [wire.parse_event(json.loads(json.dumps(wire.plain(event)))) for event in past]
        assert read == past
        assert self._same(rebuilt(self.life.state.number, read, policies))
        assert self._same(wire.parse(State, json.loads(json.dumps(wire.plain(self.life.state)))))
        json.dumps(wire.plain(view(self.life.state)))

    # --- how

    def _new_life(self, policy: Policy) -> Life:
        return Life(policy)

    def _reference(self) -> str:
        return self.life.state.number.rpartition("-")[2]

    def _begin(self, policy: Policy) -> None:
        self.life = self._new_life(policy)
        self.recorded = self.life.state
        self.unrecorded = 0
        self.tables = {name: {} for name in ROWS}
        self.sent = []
        self.settled = {}

    def _send(self, command: Any, role: Role, lateness: timedelta) -> None:
        life, before = self.life, self.life.state
        envelope = Envelope(
            id=f"sent-{len(self.sent) + 1}",
            actor=PEOPLE[role],
            received_at=life.now - lateness,
            command=command,
        )
        try:
            turn = take_turn(before, envelope, life.now)
        except Refusal:
            return  # without a trace: at the end the events must still lead to this very state
        assert turn.brought, "a command that is accepted leaves its fact"
        assert {event.command_id for event in turn.brought} == {envelope.id}
        assert len({event.occurred_at for event in turn.brought}) == 1
        if before.heard_at:
            assert turn.brought[0].occurred_at >= before.heard_at
        answer(turn.state, turn.brought)
        life.state = turn.state
        life.events += turn.events
        self.sent.append(envelope)
        self._check_time()

    def _same(self, state: State) -> bool:
        """Two readings of a policy are compared by fingerprint."""
        live = self.life.state
        return fingerprint(state.policy) == fingerprint(live.policy) and (
            replace(state, policy=live.policy) == live
        )

    def _pass(self, span: timedelta, punctual: bool) -> None:
        if punctual:
            self.life.wait(span)
            self._check_time()
        else:
            self.life.outage(span)

    def _check_time(self) -> None:
        due = next_due(self.life.state)
        assert due is None or due > self.life.now
        assert elapse(self.life.state, self.life.now) == []


class UnderWhatShips(Complaints):
    """The same under the policies that ship, brought some way by somebody who does all that they ask for."""

    @initialize(
        customer=st.sampled_from((WANG_XIUYING, WANG_XIUYING, Customer(anonymous=True))),
        backdated=st.sampled_from((timedelta(), timedelta(), HOUR, 9 * DAY)),
        stage=st.sampled_from((*OPEN, Stage.CLOSED)),
        policy=st.sampled_from(tuple(PACKS)),
        nature=st.sampled_from(Nature),
        data=st.data(),
    )
    def live_up_to_a_stage(
        self,
        customer: Customer,
        backdated: timedelta,
        stage: Stage,
        policy: str,
        nature: Nature,
        data: st.DataObject,
    ) -> None:
        self._begin(PACKS[policy])
        category = data.draw(st.sampled_from(sorted(PACKS[policy].categories)))
        self._send(
            example(c.Register, customer=customer, category=category, reference=self._reference()),
            Role.DESK,
            backdated,
        )
        for step in _with_every_ritual(self.life, nature):
            if self.life.state.stage == stage:
                break
            self._send(step, usual_role(step), timedelta())
        assert self.life.state.stage == stage


def _with_every_ritual(life: Life, nature: Nature) -> Iterator[c.Command]:
    """Yield what a patient handler does from intake to closing; what the policy does not know is refused."""
    policy = life.state.policy
    point = RestatedPoint(said="三倍的电费", agreed=True)
    yield example(c.Accept)
    yield example(
        c.RecordFirstContact, channel=Channel.PHONE, nature=nature, points=(point,), agreed_next="明天回电"
    )
    yield c.FillForm(details=dict.fromkeys(policy.form, "7")) if policy.form else example(c.AddNote)
    yield example(c.MakePromise, life)
    yield example(c.KeepPromise, life)
    yield example(c.RecordInterests)
    yield example(c.Classify, category=life.state.category)
    yield example(c.Assign)
    yield example(c.RecordFindings)
    yield example(c.SetExpectations)
    yield example(c.GiveFeedback, explanation=True, answer=True)
    for _ in range(policy.options_prepared):
        yield example(c.PrepareOption, compensation=None)
    yield example(c.OfferOption, life)
    yield example(c.AcceptOption, life)
    yield example(c.PlanAction, life)
    yield example(c.CompleteAction, life)
    yield example(c.GiveGoodwill, cost=None)
    yield example(c.RecordFollowUp, answers=(5,) * len(policy.follow_up.questions))


def _check_chain(past: list[events.Event]) -> None:
    previous, at = GENESIS, past[0].at
    for number, event in enumerate(past, start=1):
        assert event.seq == number
        assert event.previous == previous
        assert event.at >= at
        assert is_authentic(event)
        previous, at = event.hash, event.at


def _check_once(past: list[events.Event]) -> None:
    def times(key: Callable[[Any], object], kind: type[Any]) -> list[int]:
        return list(Counter(key(e.fact) for e in past if isinstance(e.fact, kind)).values())

    assert set(times(lambda f: (f.clock, f.percent, f.warned_for), consequences.ClockWarned)) <= {1}
    assert set(times(lambda f: (f.clock, f.rung, f.called_for), consequences.RungCalled)) <= {1}
    assert set(times(lambda f: (f.clock, f.due_at), consequences.ClockBreached)) <= {1}
    assert set(times(lambda f: f.clock, consequences.ClockSettled)) <= {1}
    assert set(times(lambda f: f.clock, consequences.ClockStarted)) <= {1}
    assert set(times(lambda f: f.notice, consequences.NoticeQueued)) <= {1}
    assert set(times(lambda f: f.escalation, consequences.EscalationOpened)) <= {1}
    assert set(times(lambda f: f.escalation, facts.EscalationResolved)) <= {1}
    assert set(times(lambda f: f.summons, facts.SomeoneSent)) <= {1}
    assert set(times(lambda _: None, consequences.NatureConverted)) <= {1}
    assert set(times(lambda _: None, consequences.FirstResponsibleNamed)) <= {1}


def _check_recusals(past: list[events.Event]) -> None:
    """Whoever is kept out does nothing any more but say what they know, and is put in charge of nothing."""
    out: set[str] = set()
    last = None
    for event in past:
        if isinstance(event.fact, facts.Assigned | facts.Reassigned):
            assert event.fact.handler not in out
        if isinstance(event.fact, facts.SomeoneSent | consequences.EscalationOpened):
            assert event.fact.person not in out
        if event.command_id and event.command_id != last and event.actor.id in out:
            assert event.fact.type in (
                "NoteAdded",
                "FileAttached",
                "VerificationAnswered",
                "EmergencyDeclared",
            )
        if isinstance(event.fact, facts.Recused):
            out.add(event.fact.person)
        last = event.command_id


# --- what commands may say

KINDS: dict[Act, type[Any]] = {
    **{act_of(example(kind)): kind for kind in c.COMMANDS.values()},
    Act.REPORT_DISSATISFACTION: c.RecordFollowUp,
}


def _one_of(kind: str, key: str) -> Callable[[Life], st.SearchStrategy[dict[str, Any]]]:
    def fields_of(life: Life) -> st.SearchStrategy[dict[str, Any]]:
        known = list(getattr(life.state, kind))
        return st.fixed_dictionaries({key: st.sampled_from([*known, *known[-1:], "X9"])})

    return fields_of


def _any(**fields_of: st.SearchStrategy[Any]) -> Callable[[Life], st.SearchStrategy[dict[str, Any]]]:
    return lambda _: st.fixed_dictionaries(fields_of)


def _until(life: Life) -> st.SearchStrategy[datetime]:
    return st.sampled_from((-HOUR, timedelta(), MINUTE, 5 * HOUR, DAY, 8 * DAY, 40 * DAY)).map(
        lambda span: life.now + span
    )


def _one_more(
    kind: str, key: str, **more: st.SearchStrategy[Any]
) -> Callable[[Life], st.SearchStrategy[dict[str, Any]]]:
    def fields_of(life: Life) -> st.SearchStrategy[dict[str, Any]]:
        known = _one_of(kind, key)(life)
        return st.tuples(known, st.fixed_dictionaries(more)).map(lambda both: {**both[0], **both[1]})

    return fields_of


def _with_option(**more: st.SearchStrategy[Any]) -> Callable[[Life], st.SearchStrategy[dict[str, Any]]]:
    return _one_more("options", "option", **more)


def _work_orders(life: Life) -> st.SearchStrategy[tuple[ActionPlan, ...]]:
    order = _until(life).map(lambda due_at: work_order(life, due_at=due_at))
    return st.lists(order, max_size=2).map(tuple)


def _contacts(life: Life) -> list[str]:
    due = [clock.subject for clock in life.state.open_clocks(ClockName.AFTER_CLOSING)]
    return [*due, *sorted(life.state.policy.after_closing), "moon"]


_OFTEN = st.sampled_from((True, True, True, False))
_KINDS = st.sampled_from(RemedyKind)
_PERSONS = st.sampled_from(("sun.hao", "zhang.wei", "qian.duo", "he.ping"))
_DEPARTMENTS = st.lists(
    st.builds(
        SummonedDepartment,
        department=st.sampled_from(("billing", "metering", "east", "hall")),
        part=st.sampled_from(Part),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
_SUMS = st.sampled_from((None, cny(0), cny(100), cny(3_000), cny(90_000)))

ANSWERS = (
    Act.ACKNOWLEDGE_ESCALATION, Act.RESOLVE_ESCALATION, Act.REASSIGN_ESCALATION, Act.DECLINE_ESCALATION
)  # fmt: skip
COMINGS = (Act.SUMMON_DEPARTMENTS, Act.SEND_SOMEONE, Act.DECLARE_EMERGENCY, Act.ATTEND_EMERGENCY)
FIELDS: dict[Act, Callable[[Life], st.SearchStrategy[dict[str, Any]]]] = {
    Act.RECORD_FIRST_CONTACT: _any(
        restated=_OFTEN, nature=st.sampled_from(Nature), emotional_intensity=st.sampled_from((3, 5))
    ),
    Act.CLASSIFY: lambda life: st.fixed_dictionaries(
        {
            "category": st.sampled_from((*sorted(life.state.policy.categories), "moon")),
            "severity": st.sampled_from(Severity),
            "justified": st.sampled_from(Justified),
            "difficult": st.booleans(),
        }
    ),
    Act.FILL_FORM: lambda life: st.fixed_dictionaries(
        {
            "details": st.sampled_from((*sorted(life.state.policy.form), "moon")).map(
                lambda field: {field: "7"}
            )
        }
    ),
    Act.GIVE_GOODWILL: _any(cost=_SUMS),
    Act.RECORD_AFTER_CLOSING: lambda life: st.fixed_dictionaries(
        {"contact": st.sampled_from(_contacts(life)), "still_settled": st.booleans()}
    ),
    Act.RESOLVE_AT_FIRST_CONTACT: _any(kind=_KINDS, compensation=_SUMS),
    Act.DECLINE: _any(customer_told=_OFTEN),
    Act.TRANSFER: _any(customer_told=_OFTEN),
    Act.ANSWER_VERIFICATION: _one_of("verifications", "verification"),
    Act.JUDGE_LIABILITY: lambda life: st.fixed_dictionaries({"work_orders": _work_orders(life)}),
    Act.SUMMON_DEPARTMENTS: _any(departments=_DEPARTMENTS, lead_attends=st.booleans()),
    Act.SEND_SOMEONE: _one_more("summons", "summons", is_lead=_OFTEN, person=_PERSONS),
    Act.DECLARE_EMERGENCY: _any(hazard=st.sampled_from((None, None, "flood", "bill", "comet"))),
    Act.ATTEND_EMERGENCY: _one_more("emergencies", "emergency", made_safe=st.booleans()),
    Act.CALL_FOR_SUPPORT: _any(person=st.none() | _PERSONS),
    Act.REMOVE_FILE: _one_of("attachments", "attachment"),
    Act.RECORD_FINDINGS: _any(justified=st.sampled_from(Justified)),
    Act.PREPARE_OPTION: _any(compensation=_SUMS),
    Act.OFFER_OPTION: _with_option(customer_told=_OFTEN),
    Act.ACCEPT_OPTION: _with_option(),
    Act.REJECT_OPTION: _with_option(),
    Act.COUNTER_OFFER: _with_option(),
    Act.REQUEST_APPROVAL: _with_option(),
    Act.APPROVE: _with_option(),
    Act.REFUSE_APPROVAL: _with_option(),
    Act.PLAN_ACTION: lambda life: st.fixed_dictionaries({"kind": _KINDS, "due_at": _until(life)}),
    Act.COMPLETE_ACTION: _one_of("actions", "action"),
    Act.MAKE_PROMISE: lambda life: st.fixed_dictionaries({"due_at": _until(life)}),
    Act.KEEP_PROMISE: _one_of("promises", "promise"),
    Act.GIVE_FEEDBACK: _any(explanation=st.booleans(), channel=st.sampled_from(Channel)),
    Act.AWAIT_CUSTOMER: _any(owner=st.sampled_from(PauseOwner)),
    Act.CHANGE_SEVERITY: _any(severity=st.sampled_from(Severity)),
    Act.ACKNOWLEDGE_ESCALATION: _one_of("escalations", "escalation"),
    Act.RESOLVE_ESCALATION: _one_of("escalations", "escalation"),
    Act.GRANT_EXTENSION: lambda life: st.fixed_dictionaries(
        {"clock": st.sampled_from([*life.state.clocks, "moon/1"]), "until": _until(life)}
    ),
    Act.RECUSE: _any(person=st.sampled_from(("zhang.wei", "sun.hao", "chen.jing", "he.ping"))),
    Act.MIGRATE_POLICY: _any(
        policy=st.sampled_from((*TEXTS, *PACK_TEXTS)), approver=st.sampled_from(("li.na", "liu.min"))
    ),
    Act.REASSIGN: _any(handler=st.sampled_from(("sun.hao", "zhang.wei", "qian.duo"))),
    Act.RECORD_SECOND_CALL: _any(still_settled=st.booleans()),
    Act.CONFIRM_SATISFACTION: _any(satisfied=st.sampled_from((True, None)), score=st.integers(1, 5)),
    Act.REPORT_DISSATISFACTION: _any(satisfied=st.just(False)),
}


def lives(machine: type[Complaints], share: float = 1) -> None:
    """Live through them; the number of lives is set from outside, and `share` is how much of it this kind gets."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, int(share * int(os.environ.get("REDRESS_TEST_LIVES", "60")))),
            stateful_step_count=40,
            deadline=None,
            derandomize="CI" in os.environ,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            # Shrinking a long life takes minutes; the steps that are printed replay it.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
        ),
    )


def test_lives() -> None:
    lives(Complaints)


def test_lives_under_what_ships() -> None:
    lives(UnderWhatShips, share=0.5)
