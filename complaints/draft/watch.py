"""Clocks in a decision: where each is heading, and what moves or stops it."""

from __future__ import annotations

from datetime import datetime

from complaints import clocks, consequences, working_time
from complaints.copies import replace
from complaints.draft.page import Page
from complaints.forms import refill
from complaints.records import Clock, ClockName, Course, Move, Verdict
from complaints.vocabulary import PauseOwner
from complaints.working_time import Budget

_OWN_BUDGET = (
    ClockName.WAITING,
    ClockName.ACKNOWLEDGEMENT,
    ClockName.SECOND_CALL,
    ClockName.EMERGENCY,
    ClockName.AFTER_CLOSING,
)
"""Their budget stands elsewhere in the policy than among its clocks; a change of severity does not touch it."""


class Watch(Page):
    """Clocks: started, stopped, moved and settled, each with a fact that says where it is heading."""

    def begin(
        self,
        name: ClockName,
        subject: str = "",
        *,
        budget: Budget | None = None,
        calendar: str | None = None,
        due_at: datetime | None = None,
        started_at: datetime | None = None,
    ) -> bool:
        """Start a clock from the policy's budget, or one that is given, or towards a deadline that is named.

        Args:
            calendar: Whose working time counts, where a budget is given.
            started_at: From when it counts, where that is not when it took place.

        Returns:
            Whether it has a deadline; a duty without one is a fault of the policy.
        """
        policy, started_at = self.state.policy, started_at or self.occurred_at
        rule = policy.rule(name, subject)
        if calendar is not None:
            rule = replace(rule, calendar=calendar)
        budget = None if due_at else budget or rule.budget_for(self.state.severity)
        if budget is not None:
            due_at = working_time.add(started_at, budget, policy.working_time(rule.calendar))
        if due_at is None:  # a fault that is seen now, even where the duty would have counted from later
            started_at = self.occurred_at
        course = clocks.course(
            policy, name, rule, started_at=started_at, budget=budget, due_at=due_at or started_at
        )
        self.start(name, subject, started_at, course)
        return due_at is not None

    def start(self, name: ClockName, subject: str, started_at: datetime, course: Course) -> None:
        """Put a clock on its course. One that begins while we wait stands still from the first."""
        count = sum(clock.name == name for clock in self.state.clocks.values())
        key = f"{name}/{count + 1}"
        self.add(
            refill(
                consequences.ClockStarted,
                course,
                clock=key,
                name=name,
                subject=subject,
                started_at=started_at,
            )
        )
        pause = self.state.pause
        if pause is not None and course.due_at > started_at and name in self.stopped_by(pause.owner):
            self.add(consequences.ClockPaused(clock=key, since=max(self.occurred_at, started_at)))

    def pause_clocks(self, owner: PauseOwner) -> None:
        """Let those clocks stand still that the policy stops on this account."""
        for clock in list(self.state.clocks.values()):
            if clock.is_ticking and clock.name in self.stopped_by(owner):
                self.add(
                    consequences.ClockPaused(clock=clock.key, since=max(self.occurred_at, clock.started_at))
                )

    def stopped_by(self, owner: PauseOwner) -> tuple[ClockName, ...]:
        """Name the clocks that stand still on somebody's account."""
        rule = self.state.policy.pauses.get(owner)
        return rule.stops if rule else ()

    def resume_clocks(self, owner: PauseOwner) -> None:
        """Let all that stood still go on with what it had left."""
        for clock in list(self.state.clocks.values()):
            if clock.is_open and clock.paused_at is not None:
                course = clocks.moved_by_pause(self.state.policy, clock, self.occurred_at)
                until = max(self.occurred_at, clock.paused_at)
                self.move(clock, Move.RESUMED, course, at=until, since=clock.paused_at, owner=owner)

    def lay_clocks_anew(self, why: Move) -> None:
        """Give every open clock the deadline that its severity and policy now ask for; missed ones stay missed."""
        for clock in list(self.state.clocks.values()):
            if not clock.is_open or clock.breached_at is not None:
                continue
            course = self.course_anew(clock)
            if course is None or (why == Move.SEVERITY and course.budget == clock.budget):
                continue
            if course.due_at != clock.due_at or why == Move.SEVERITY or course != refill(Course, clock):
                self.move(clock, why, course)

    def course_anew(self, clock: Clock) -> Course | None:
        """Lay out a clock by the severity and policy of now; None where its budget does not come from these."""
        policy = self.state.policy
        budget = policy.rule(clock.name, clock.subject).budget_for(self.state.severity)
        if clock.budget is None or budget is None or clock.name in _OWN_BUDGET:
            return None
        # What stands still is judged by when it stopped: nothing can be asked of it before it goes on.
        return clocks.laid_anew(policy, clock, budget, not_before=clock.paused_at or self.occurred_at)

    def move(
        self,
        clock: Clock,
        why: Move,
        course: Course,
        *,
        at: datetime | None = None,
        since: datetime | None = None,
        owner: PauseOwner | None = None,
    ) -> None:
        """Write down where a deadline went, and what is left until then."""
        at = at or self.occurred_at
        calendar = self.state.policy.working_time(course.calendar)
        told = clock.warn_percent[: clock.warned][-1:]
        called = set(clock.call_rungs[: clock.called])
        ladder = self.state.policy.ladder(course.ladder)
        self.add(
            refill(
                consequences.ClockMoved,
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
                warned=sum(
                    percent <= max(told, default=0) and (why != Move.EXTENDED or instant <= self.at)
                    for percent, instant in zip(course.warn_percent, course.warn_at, strict=True)
                ),
                called=clocks.called_early(ladder, (rung for rung in course.call_rungs if rung in called)),
            )
        )

    def open(self, name: ClockName) -> list[Clock]:
        """List the unsettled clocks of a name."""
        return self.state.open_clocks(name)

    def let_go(self, clock: Clock) -> None:
        """Settle a clock whose duty fell away; one that was missed before stays missed."""
        missed = clock.breached_at is not None and (clock.due_at < self.occurred_at or not clock.has_target)
        if clock.breached_at is not None and not missed:
            self.add(consequences.BreachWithdrawn(clock=clock.key, fulfilled_at=self.occurred_at))
        self.settle(clock, Verdict.BREACHED if missed else Verdict.VOID)

    def settle(self, clock: Clock, verdict: Verdict) -> None:
        """Stop a clock for good."""
        settled_at = max(self.occurred_at, clock.started_at)  # a late report may end what began after it
        self.add(consequences.ClockSettled(clock=clock.key, verdict=verdict, settled_at=settled_at))
