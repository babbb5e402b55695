"""A decision in the making: facts are added one by one, and each is seen by the rule that follows.

What follows from a fact by itself (a stage's clock starts, a fulfilled duty settles its clock and stands its
escalation down, a rung of the ladder is told) is said here once, so that commands and the passing of time agree.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta

from complaints import clocks, events, working_time
from complaints.clocks import Course
from complaints.copies import replace
from complaints.events import Event, Fact
from complaints.evolve import evolve
from complaints.forms import refill
from complaints.lifecycle import IN_WORK, LIFECYCLE, Act, Stage
from complaints.policy import FeedbackDays, MetBy, Policy, rung_of
from complaints.records import Cause, Clock, ClockName, Escalation, Move, NoticeKind, Verdict
from complaints.state import State
from complaints.vocabulary import Actor, Outcome, PauseOwner, Role
from complaints.working_time import Budget

_DUTY_FELL_AWAY = (Outcome.WITHDRAWN, Outcome.DUPLICATE)
"""Outcomes that leave the clocks of the stage void instead of fulfilled."""

_SETTLED = (Outcome.RESOLVED, Outcome.RESOLVED_AT_FIRST_CONTACT)

_OWN_BUDGET = (ClockName.WAITING, ClockName.ACKNOWLEDGEMENT, ClockName.SECOND_CALL)
"""Their budget stands elsewhere in the policy than among its clocks; a change of severity does not touch it."""


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

    def adopt(self, policy: Policy) -> None:
        """Go on by another policy; the fact that says so comes right after."""
        self.state = replace(self.state, policy=policy)

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
        for name in (ClockName.APPROVAL, ClockName.APPEAL, ClockName.SECOND_CALL):
            for clock in self._open(name):
                self.void(clock)
        if self.state.is_open and outcome not in _DUTY_FELL_AWAY:
            self.fulfil(ClockName(self.state.stage.value))

    def _arrive(self, stage: Stage, *, fresh: bool) -> None:
        answered = self.state.outcome in (Outcome.DECLINED, Outcome.TRANSFERRED)
        if stage == Stage.FOLLOW_UP or answered:
            self.fulfil(ClockName.FIRST_CONTACT)
            self.fulfil(ClockName.OVERALL)
            self.fulfil_statutory(MetBy.FIRST_CONTACT, MetBy.ANSWER, MetBy.SETTLED)
        if fresh:
            self._start_afresh()
        if stage in IN_WORK:
            self.start_feedback()
        else:
            self._end_feedback()
        if stage in (Stage.CLOSED, Stage.ENDED):
            if self.state.outcome not in _DUTY_FELL_AWAY:
                self.fulfil_statutory(*MetBy)
            self._settle_everything()
        if stage == Stage.CLOSED:
            self.start_clock(ClockName.APPEAL)
            self._plan_second_call()
        elif stage == Stage.FOLLOW_UP:
            self._plan_follow_up()
        elif stage != Stage.ENDED:
            self.start_clock(ClockName(stage.value))

    def _plan_follow_up(self) -> None:
        """Ask when what was done has lasted for as long as the policy says."""
        delay, policy = self.state.policy.follow_up.delay, self.state.policy
        from_ = working_time.add(self.occurred_at, delay, policy.working_time(None)) if delay else None
        self.start_clock(ClockName.FOLLOW_UP, started_at=from_)

    def _plan_second_call(self) -> None:
        after = self.state.policy.follow_up.second_call
        if after is not None and self.state.reachable and self.state.outcome in _SETTLED:
            self.start_clock(ClockName.SECOND_CALL, budget=after)

    def _start_afresh(self) -> None:
        """What every attempt owes the customer: to be heard, an answer in all, and what was promised before."""
        if self.state.reachable and self.state.first_contact is None:
            self.start_clock(ClockName.FIRST_CONTACT)
        self.start_clock(ClockName.OVERALL)
        if self.state.round == 1:
            self._start_statutory()
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

    def _start_statutory(self) -> None:
        """What the law or a public promise sets runs from receipt, or from a reopening, beside all other clocks."""
        for subject, rule in self.state.policy.statutory.items():
            heard = self.state.first_contact is not None or not self.state.reachable
            if not (rule.met_by == MetBy.FIRST_CONTACT and heard):
                self.start_clock(ClockName.STATUTORY, subject)

    # --- clocks

    def start_clock(
        self,
        name: ClockName,
        subject: str = "",
        *,
        budget: Budget | None = None,
        calendar: str | None = None,
        due_at: datetime | None = None,
        started_at: datetime | None = None,
    ) -> None:
        """Start a clock from the policy's budget, or one that is given, or towards a deadline that is named.

        Args:
            calendar: Whose working time counts, where a budget is given.
            started_at: From when it counts, where that is not when it took place.
        """
        policy, started_at = self.state.policy, started_at or self.occurred_at
        rule = policy.rule(name, subject)
        if calendar is not None:
            rule = replace(rule, calendar=calendar)
        budget = None if due_at else budget or rule.budget_for(self.state.severity)
        if budget is not None:
            due_at = working_time.add(started_at, budget, policy.working_time(rule.calendar))
        course = clocks.course(
            policy, name, rule, started_at=started_at, budget=budget, due_at=due_at or started_at
        )
        self._start(name, subject, started_at, course)
        if due_at is None:
            self._report_missing_target(name, subject)

    def _start(self, name: ClockName, subject: str, started_at: datetime, course: Course) -> None:
        count = sum(clock.name == name for clock in self.state.clocks.values())
        key = f"{name}/{count + 1}"
        self.add(
            refill(events.ClockStarted, course, clock=key, name=name, subject=subject, started_at=started_at)
        )
        pause = self.state.pause
        if pause is not None and name in self._stopped_by(pause.owner):
            self.add(events.ClockPaused(clock=key, since=max(self.occurred_at, started_at)))

    def _report_missing_target(self, name: ClockName, subject: str) -> None:
        """A duty without a target is a fault of the policy, and is never met."""
        clock = self.state.open_clocks(name, subject)[-1]
        self.add(
            events.ClockBreached(
                clock=clock.key, due_at=clock.due_at, detected_at=self.at, escalation=self.next_escalation()
            )
        )
        self.escalate(
            Cause.CONFIGURATION,
            f"policy {self.state.policy.name} has no target for {name}",
            audience=Role.CUSTOMER_SERVICE,
            clock=clock.key,
        )

    def pause_clocks(self, owner: PauseOwner) -> None:
        """Let those clocks stand still that the policy stops on this account."""
        for clock in list(self.state.clocks.values()):
            if clock.is_ticking and clock.name in self._stopped_by(owner):
                self.add(events.ClockPaused(clock=clock.key, since=max(self.occurred_at, clock.started_at)))

    def _stopped_by(self, owner: PauseOwner) -> tuple[ClockName, ...]:
        rule = self.state.policy.pauses.get(owner)
        return rule.stops if rule else ()

    def _resume_clocks(self, owner: PauseOwner) -> None:
        for clock in list(self.state.clocks.values()):
            if clock.is_open and clock.paused_at is not None:
                course = clocks.moved_by_pause(self.state.policy, clock, self.occurred_at)
                until = max(self.occurred_at, clock.paused_at)
                self._move(clock, Move.RESUMED, course, at=until, since=clock.paused_at, owner=owner)

    def extend(self, clock: Clock, until: datetime) -> None:
        """Move a deadline to an instant that was granted; what was called for fear of missing it stands down."""
        self._move(clock, Move.EXTENDED, clocks.extended(self.state.policy, clock, until))
        escalation = self.state.escalations.get(clock.escalation or "")
        if escalation and escalation.is_open and escalation.cause == Cause.AT_RISK:
            self.resolve(escalation, "more time was granted")

    def lay_clocks_anew(self, why: Move) -> None:
        """Give every open clock the deadline that its severity and policy now ask for; missed ones stay missed."""
        policy = self.state.policy
        for clock in list(self.state.clocks.values()):
            rule = policy.rule(clock.name, clock.subject)
            budget = rule.budget_for(self.state.severity)
            if not clock.is_open or clock.breached_at is not None or clock.budget is None or budget is None:
                continue
            if clock.name in _OWN_BUDGET or (why == Move.SEVERITY and budget == clock.budget):
                continue
            course = clocks.laid_anew(policy, clock, budget, not_before=self.occurred_at)
            if course.due_at != clock.due_at or why == Move.SEVERITY or course != refill(Course, clock):
                self._move(clock, why, course)

    def _move(
        self,
        clock: Clock,
        why: Move,
        course: Course,
        *,
        at: datetime | None = None,
        since: datetime | None = None,
        owner: PauseOwner | None = None,
    ) -> None:
        at = at or self.occurred_at
        calendar = self.state.policy.working_time(course.calendar)
        told = clock.warn_percent[: clock.warned][-1:]
        called = clock.call_rungs[: clock.called]
        self.add(
            refill(
                events.ClockMoved,
                course,
                clock=clock.key,
                why=why,
                at=at,
                since=since,
                owner=owner,
                was_due_at=clock.due_at,
                left_seconds=int(
                    working_time.remaining(
                        clock.paused_at if why != Move.RESUMED and clock.paused_at else at,
                        course.due_at,
                        course.budget,
                        calendar,
                    ).total_seconds()
                ),
                warned=sum(percent <= max(told, default=0) for percent in course.warn_percent),
                called=sum(rung in called for rung in course.call_rungs),
            )
        )

    def fulfil(self, name: ClockName, subject: str | None = None) -> None:
        """Settle the open clocks of a duty that has just been done."""
        for clock in self.state.open_clocks(name, subject):
            self._fulfil(clock)

    def fulfil_statutory(self, *by: MetBy) -> None:
        """Settle the statutory duties that this fulfils."""
        for clock in self._open(ClockName.STATUTORY):
            rule = self.state.policy.statutory.get(clock.subject)
            if rule is None or rule.met_by in by:
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
        rule = state.policy.feedback
        due_at, remind_at = self._next(rule.due_at), self._next(rule.remind_at) - self._spread()
        percent = int(100 * ((remind_at - self.occurred_at) / (due_at - self.occurred_at)))
        course = clocks.course(
            state.policy,
            ClockName.FEEDBACK,
            state.policy.rule(ClockName.FEEDBACK),
            started_at=self.occurred_at,
            budget=None,
            due_at=due_at,
        )
        course = replace(course, warn_percent=(percent,), warn_at=(remind_at,))
        self._start(ClockName.FEEDBACK, "", self.occurred_at, course)

    def _next(self, at: time) -> datetime:
        """Find this time of day on the next day on which the customer is owed news."""
        policy = self.state.policy
        if policy.feedback.days == FeedbackDays.WORKING_DAYS:
            return working_time.next_daily_working(policy.working_time(None), self.occurred_at, at)
        return working_time.next_daily(policy.zone, self.occurred_at, at)

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
        owner = self.state.pause.owner if self.state.pause else PauseOwner.CUSTOMER
        self.fulfil(ClockName.WAITING)
        self.add(events.CustomerReplied(message=message))
        self._resume_clocks(owner)
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
        rung: int | None = None,
    ) -> None:
        """Open an escalation at the rung of an audience. Where there is no such department, it goes one up."""
        policy, department = self.state.policy, department or self.state.department
        ladder_name = self.state.clocks[clock].ladder if clock else ""
        ladder = policy.ladder(ladder_name)
        rung = rung_of(ladder, audience) if rung is None else rung
        if ladder[rung].audience == Role.LEAD and department is None:
            rung = rung_of(ladder, Role.CUSTOMER_SERVICE)
            reason += "; no department is assigned"
        self.add(
            events.EscalationOpened(
                escalation=self.next_escalation(),
                cause=cause,
                clock=clock,
                rung=rung,
                audience=ladder[rung].audience,
                department=department,
                reason=reason,
                ladder=ladder_name,
            )
        )
        self.call(list(self.state.escalations.values())[-1])

    def climb(self, escalation: Escalation, reason: str, *, to: int | None = None) -> None:
        """Tell the next rung, or one that is named; on the last one it stays until somebody acts."""
        ladder = self.state.policy.ladder(escalation.ladder)
        rung = escalation.rung + 1 if to is None else to
        if rung >= len(ladder):
            return
        self.end_acknowledgement(escalation)
        self.add(
            events.EscalationClimbed(
                escalation=escalation.id, rung=rung, audience=ladder[rung].audience, reason=reason
            )
        )
        self.call(self.state.escalations[escalation.id])

    def call(self, escalation: Escalation, *, again: bool = False) -> None:
        """Tell whoever stands on the rung, and give them their time to say that they have it.

        Args:
            again: Somebody on this rung was called before, so this is another notice.
        """
        ladder = self.state.policy.ladder(escalation.ladder)
        rung = ladder[min(escalation.rung, len(ladder) - 1)]
        if rung.acknowledge_within is not None:
            self.start_clock(
                ClockName.ACKNOWLEDGEMENT,
                escalation.id,
                budget=rung.acknowledge_within,
                calendar=rung.calendar,
                started_at=self.at,  # nobody could act before
            )
        about = f"{escalation.id}.{escalation.rung}"
        self.notify(
            NoticeKind.ESCALATION,
            escalation.audience,
            f"{about}.{escalation.calls}" if again else about,
            department=escalation.department,
            person=escalation.person,
            clock=escalation.clock,
            escalation=escalation.id,
        )

    def resolve(self, escalation: Escalation, resolution: str) -> None:
        """Stand an escalation down."""
        self.end_acknowledgement(escalation)
        self.add(events.EscalationResolved(escalation=escalation.id, resolution=resolution))

    def end_acknowledgement(self, escalation: Escalation) -> None:
        """Nobody on this rung has to answer any more."""
        for clock in self.state.open_clocks(ClockName.ACKNOWLEDGEMENT, escalation.id):
            self.void(clock)

    def notify(
        self,
        kind: NoticeKind,
        audience: Role,
        about: str,
        *,
        department: str | None = None,
        person: str | None = None,
        clock: str | None = None,
        escalation: str | None = None,
    ) -> None:
        """Queue a notice, unless this recipient has been told of this already."""
        recipient = f"person:{person}" if person else self._recipient(kind, audience, department)
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

    def _recipient(self, kind: NoticeKind, audience: Role, department: str | None) -> str:
        if kind == NoticeKind.CUSTOMER:
            return "customer"
        if audience == Role.HANDLER and self.state.handler:
            return f"{audience}:{self.state.handler}"
        if audience == Role.LEAD:
            return f"{audience}:{department or self.state.department}"
        return audience.value
