"""A decision in the making: facts are added one by one, and each is seen by the rule that follows.

What follows from a fact by itself (a stage's clock starts, a fulfilled duty settles its clock and stands its
escalation down, a rung of the ladder is told) is said here once, so that commands and the passing of time agree.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from complaints import clocks, events, working_time
from complaints.events import Event, Fact
from complaints.evolve import evolve
from complaints.lifecycle import IN_WORK, LIFECYCLE, Act, Stage
from complaints.records import Cause, Clock, ClockName, Escalation, NoticeKind, Verdict
from complaints.state import State
from complaints.vocabulary import Actor, Outcome, PauseOwner, Role
from complaints.working_time import Budget

_DUTY_FELL_AWAY = (Outcome.WITHDRAWN, Outcome.DUPLICATE)
"""Outcomes that leave the clocks of the stage void instead of fulfilled."""


class Draft:
    """Facts decided so far, and the state that they lead to.

    Attributes:
        at: When it is decided. `occurred_at` is when it took place, which may be earlier.
    """

    def __init__(
        self,
        state: State,
        *,
        at: datetime,
        occurred_at: datetime,
        actor: Actor,
        command_id: str | None = None,
    ) -> None:
        self.state = state
        self.events: list[Event] = []
        self.at = max(at, state.at or at)
        self.occurred_at = occurred_at
        self.actor = actor
        self._command_id = command_id

    def add(self, fact: Fact) -> None:
        """Chain one more fact to the ledger."""
        event = events.chained(
            seq=self.state.seq + 1,
            at=self.at,
            occurred_at=self.occurred_at,
            actor=self.actor,
            command_id=self._command_id,
            fact=fact,
            previous=self.state.hash,
        )
        self.events.append(event)
        self.state = evolve(self.state, event)

    # --- stages

    def follow(self, act: Act, outcome: Outcome | None = None) -> None:
        """Go where the lifecycle table says that an act leads."""
        target = LIFECYCLE[self.state.stage, act]
        if target == self.state.stage:
            return
        self._leave(outcome)
        cycle, round_ = self.state.cycle, self.state.round
        if act == Act.REPORT_DISSATISFACTION:
            round_ += 1
        if act == Act.REOPEN:
            cycle, round_ = cycle + 1, 1
        keeps = self.state.outcome if target in (Stage.CLOSED, Stage.ENDED) else None
        self.add(events.StageEntered(stage=target, outcome=outcome or keeps, cycle=cycle, round=round_))
        self._arrive(target, fresh=act in (Act.REGISTER, Act.REPORT_DISSATISFACTION, Act.REOPEN))

    def _leave(self, outcome: Outcome | None) -> None:
        for clock in (*self._open(ClockName.APPROVAL), *self._open(ClockName.APPEAL)):
            self.void(clock)
        if self.state.is_open and outcome not in _DUTY_FELL_AWAY:
            self.fulfil(ClockName(self.state.stage.value))

    def _arrive(self, stage: Stage, *, fresh: bool) -> None:
        if stage == Stage.FOLLOW_UP or self.state.outcome in (Outcome.DECLINED, Outcome.TRANSFERRED):
            self.fulfil(ClockName.FIRST_CONTACT)
            self.fulfil(ClockName.OVERALL)
        if fresh:
            self._start_afresh()
        if stage in IN_WORK:
            self.start_feedback()
        else:
            self._end_feedback()
        if stage in (Stage.CLOSED, Stage.ENDED):
            self._settle_everything()
        if stage == Stage.CLOSED:
            self.start_clock(ClockName.APPEAL)
        elif stage != Stage.ENDED:
            self.start_clock(ClockName(stage.value))

    def _start_afresh(self) -> None:
        """What every attempt owes the customer: to be heard, an answer in all, and what was promised before."""
        if self.state.reachable and self.state.first_contact is None:
            self.start_clock(ClockName.FIRST_CONTACT)
        self.start_clock(ClockName.OVERALL)
        for promise in self.state.open_promises:
            if promise.due_at > self.occurred_at and not self.state.open_clocks(
                ClockName.PROMISE, promise.id
            ):
                self.start_clock(ClockName.PROMISE, promise.id, due_at=promise.due_at)

    def _settle_everything(self) -> None:
        for key in list(self.state.clocks):
            clock = self.state.clocks[key]  # looked up anew: one that stands an escalation down ends another
            if clock.is_open:
                self.void(clock)
        for escalation in self.state.open_escalations():
            self.resolve(escalation, "the complaint was closed")

    # --- clocks

    def start_clock(
        self,
        name: ClockName,
        subject: str = "",
        *,
        budget: Budget | None = None,
        due_at: datetime | None = None,
        from_now: bool = False,
    ) -> None:
        """Start a clock from the policy's budget, or one that is given, or towards a deadline that is named.

        Args:
            from_now: Count from the decision, not from when it took place: nobody could act before.
        """
        rule = self.state.policy.clock(name)
        budget = None if due_at else budget or rule.budget
        started_at = self.at if from_now else self.occurred_at
        if budget is not None:
            due_at = working_time.add(started_at, budget)
        assert due_at is not None, (
            f"the policy gives {name} no budget"
        )  # a policy without it is refused as a whole
        warn_at = clocks.shares(started_at, due_at, rule.warn_percent)
        self._start(
            name, subject, started_at, due_at, budget, rule.warn_percent, warn_at, pausable=rule.pausable
        )

    def _start(
        self,
        name: ClockName,
        subject: str,
        started_at: datetime,
        due_at: datetime,
        budget: Budget | None,
        warn_percent: tuple[int, ...],
        warn_at: tuple[datetime, ...],
        *,
        pausable: bool,
    ) -> None:
        count = sum(clock.name == name for clock in self.state.clocks.values())
        self.add(
            events.ClockStarted(
                clock=f"{name}/{count + 1}",
                name=name,
                subject=subject,
                started_at=started_at,
                due_at=due_at,
                budget=budget,
                warn_percent=warn_percent,
                warn_at=warn_at,
                pausable=pausable,
            )
        )

    def fulfil(self, name: ClockName, subject: str | None = None) -> None:
        """Settle the open clocks of a duty that has just been done."""
        for clock in self.state.open_clocks(name, subject):
            self._fulfil(clock)

    def _fulfil(self, clock: Clock) -> None:
        verdict = clocks.verdict(clock, self.occurred_at)
        if clock.breached_at is not None and verdict == Verdict.MET:
            self.add(events.BreachWithdrawn(clock=clock.key, fulfilled_at=self.occurred_at))
        self._settle(clock, verdict, "the duty was fulfilled")

    def void(self, clock: Clock) -> None:
        """Settle a clock whose duty fell away; one that was missed before stays missed."""
        missed = clock.breached_at is not None and clock.due_at < self.occurred_at
        if clock.breached_at is not None and not missed:
            self.add(events.BreachWithdrawn(clock=clock.key, fulfilled_at=self.occurred_at))
        self._settle(clock, Verdict.BREACHED if missed else Verdict.VOID, "the duty fell away")

    def miss(self, clock: Clock) -> None:
        """Settle a clock that was missed and can no longer be answered."""
        self._settle(clock, Verdict.BREACHED, "nobody answered")

    def _settle(self, clock: Clock, verdict: Verdict, why: str) -> None:
        settled_at = max(self.occurred_at, clock.started_at)  # a late report may end what began after it
        self.add(events.ClockSettled(clock=clock.key, verdict=verdict, settled_at=settled_at))
        if clock.name != ClockName.ACKNOWLEDGEMENT:  # it watches an escalation, and did not cause it
            self._stand_down(clock, why)

    def withdraw_breach(self, clock: Clock) -> None:
        """Take back a breach that was seen before a command received in time was processed."""
        self.add(events.BreachWithdrawn(clock=clock.key, fulfilled_at=self.occurred_at))
        self._stand_down(clock, "it was received in time")

    def _stand_down(self, clock: Clock, why: str) -> None:
        """Resolve the escalation of a clock, unless another one that it stands for is still missed."""
        still_missed = {c.escalation for c in self.state.clocks.values() if c.is_open and c.breached_at}
        escalation = self.state.escalations.get(clock.escalation or "")
        if escalation and escalation.is_open and escalation.id not in still_missed:
            self.resolve(escalation, why)

    def _open(self, name: ClockName) -> list[Clock]:
        return self.state.open_clocks(name)

    # --- daily feedback

    def customer_heard(self) -> None:
        """Count what the customer was just told as the feedback of its local day."""
        zone = self.state.policy.zone
        today = working_time.local_time(zone, self.occurred_at).date()
        for clock in self._open(ClockName.FEEDBACK):
            due_on = working_time.local_time(zone, clock.due_at).date()
            if today == due_on or (clock.breached_at and today > due_on):
                self._fulfil(clock)
        self.start_feedback()

    def start_feedback(self) -> None:
        """Start the clock of the next local day, unless one runs or nobody is to be told."""
        state = self.state
        ticking = any(clock.is_ticking for clock in self._open(ClockName.FEEDBACK))
        waits_for_them = state.pause is not None and state.pause.owner == PauseOwner.CUSTOMER
        if ticking or waits_for_them or state.stage not in IN_WORK or not state.reachable:
            return
        rule, zone = state.policy.feedback, state.policy.zone
        due_at = working_time.next_daily(zone, self.occurred_at, rule.due_at)
        remind_at = working_time.next_daily(zone, self.occurred_at, rule.remind_at) - self._spread()
        percent = int(100 * ((remind_at - self.occurred_at) / (due_at - self.occurred_at)))
        self._start(
            ClockName.FEEDBACK, "", self.occurred_at, due_at, None, (percent,), (remind_at,), pausable=False
        )

    def _end_feedback(self) -> None:
        for clock in self._open(ClockName.FEEDBACK):
            self.void(clock)

    def pause_feedback(self) -> None:
        """While we wait for the customer nobody owes them news; while we wait for others they are told so."""
        if self.state.pause and self.state.pause.owner == PauseOwner.CUSTOMER:
            self._end_feedback()

    def customer_spoke(self, message: str) -> None:
        """Whatever the customer says ends a wait for them; the clocks go on with what they had left."""
        if self.state.pause and self.state.pause.owner == PauseOwner.CUSTOMER:
            self.resume(message)

    def resume(self, message: str) -> None:
        """End a wait."""
        self.fulfil(ClockName.WAITING)
        self.add(events.CustomerReplied(message=message))
        self.start_feedback()

    def _spread(self) -> timedelta:
        digest = hashlib.sha256(self.state.number.encode()).digest()
        return timedelta(minutes=int.from_bytes(digest[:4]) % (self.state.policy.feedback.spread_minutes + 1))

    # --- escalations and notices

    def next_escalation(self) -> str:
        """Return the id that the next escalation will have."""
        return f"E{len(self.state.escalations) + 1}"

    def escalate(
        self,
        cause: Cause,
        reason: str,
        *,
        audience: Role = Role.LEAD,
        clock: str | None = None,
        department: str | None = None,
    ) -> None:
        """Open an escalation at the rung of an audience. Where there is no such department, it goes one up."""
        policy, department = self.state.policy, department or self.state.department
        rung = policy.rung_of(audience)
        if policy.ladder[rung].audience == Role.LEAD and department is None:
            rung = policy.rung_of(Role.CUSTOMER_SERVICE)
            reason += "; no department is assigned"
        self.add(
            events.EscalationOpened(
                escalation=self.next_escalation(),
                cause=cause,
                clock=clock,
                rung=rung,
                audience=policy.ladder[rung].audience,
                department=department,
                reason=reason,
            )
        )
        self._call(list(self.state.escalations.values())[-1])

    def climb(self, escalation: Escalation, reason: str) -> None:
        """Tell the next rung; on the last one it stays until somebody acts."""
        ladder = self.state.policy.ladder
        if escalation.rung + 1 >= len(ladder):
            return
        self._end_acknowledgement(escalation)
        rung = escalation.rung + 1
        self.add(
            events.EscalationClimbed(
                escalation=escalation.id, rung=rung, audience=ladder[rung].audience, reason=reason
            )
        )
        self._call(self.state.escalations[escalation.id])

    def _call(self, escalation: Escalation) -> None:
        within = self.state.policy.ladder[escalation.rung].acknowledge_within
        if within is not None:
            self.start_clock(ClockName.ACKNOWLEDGEMENT, escalation.id, budget=within, from_now=True)
        self.notify(
            NoticeKind.ESCALATION,
            escalation.audience,
            f"{escalation.id}.{escalation.rung}",
            department=escalation.department,
            clock=escalation.clock,
            escalation=escalation.id,
        )

    def resolve(self, escalation: Escalation, resolution: str) -> None:
        """Stand an escalation down."""
        self._end_acknowledgement(escalation)
        self.add(events.EscalationResolved(escalation=escalation.id, resolution=resolution))

    def _end_acknowledgement(self, escalation: Escalation) -> None:
        for clock in self.state.open_clocks(ClockName.ACKNOWLEDGEMENT, escalation.id):
            self.void(clock)

    def notify(
        self,
        kind: NoticeKind,
        audience: Role,
        about: str,
        *,
        department: str | None = None,
        clock: str | None = None,
        escalation: str | None = None,
    ) -> None:
        """Queue a notice, unless this recipient has been told of this already."""
        recipient = self._recipient(audience, department)
        notice = f"{self.state.number}:{about}:{recipient}"
        if notice not in self.state.notices:
            self.add(
                events.NoticeQueued(
                    notice=notice,
                    kind=kind,
                    audience=audience,
                    recipient=recipient,
                    clock=clock,
                    escalation=escalation,
                )
            )

    def _recipient(self, audience: Role, department: str | None) -> str:
        if audience == Role.HANDLER and self.state.handler:
            return f"{audience}:{self.state.handler}"
        if audience == Role.LEAD:
            return f"{audience}:{department or self.state.department}"
        return audience.value
