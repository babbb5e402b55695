"""Duties in a decision: a clock that is fulfilled, missed or void stands its escalation down."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from complaints import clocks, consequences
from complaints.draft.nature import Natures
from complaints.policy import MetBy
from complaints.records import Cause, Clock, ClockName, Move, Verdict
from complaints.vocabulary import Role
from complaints.working_time import Budget


class Given(TypedDict, total=False):
    """What may be said of a clock that is started, see `Watch.begin`."""

    budget: Budget | None
    calendar: str | None
    due_at: datetime | None
    started_at: datetime | None


class Duties(Natures):
    """What somebody owes: begun, fulfilled, fallen away or missed, and what that means for whoever was called."""

    def start_clock(self, name: ClockName, subject: str = "", **given: Unpack[Given]) -> None:
        """Start a clock; one for which the policy has no target is reported at once, and is never met."""
        if not self.begin(name, subject, **given):
            self._report_missing_target(name, subject)

    def start_if_set(self, name: ClockName, subject: str = "") -> None:
        """Start a clock that only some policies have."""
        if self.state.policy.rule(name).budget_for(self.state.severity) is not None:
            self.start_clock(name, subject)

    def _report_missing_target(self, name: ClockName, subject: str) -> None:
        """A duty without a target is a fault of the policy, and is never met."""
        clock = self.state.open_clocks(name, subject)[-1]
        self.add(
            consequences.ClockBreached(
                clock=clock.key, due_at=clock.due_at, detected_at=self.at, escalation=self.next_escalation()
            )
        )
        self.escalate(
            Cause.CONFIGURATION,
            f"policy {self.state.policy.name} has no target for {name}",
            audience=Role.CUSTOMER_SERVICE,
            clock=clock.key,
        )

    def fulfil(self, name: ClockName, subject: str | None = None) -> None:
        """Settle the open clocks of a duty that has just been done."""
        for clock in self.state.open_clocks(name, subject):
            self.settle_by(clock)

    def fulfil_statutory(self, *by: MetBy) -> None:
        """Settle the statutory duties that this fulfils."""
        for clock in self.open(ClockName.STATUTORY):
            rule = self.state.policy.statutory.get(clock.subject)
            if rule is not None and rule.met_by in by:
                self.settle_by(clock)

    def owes(self, by: MetBy) -> bool:
        """Say whether a statutory duty stands that is met by this."""
        rules = self.state.policy.statutory
        subjects = {clock.subject for clock in self.open(ClockName.STATUTORY)}
        return any(rules[subject].met_by == by for subject in subjects if subject in rules)

    def settle(self, clock: Clock, verdict: Verdict) -> None:
        """Stop a clock for good, and with it the warnings that still wait to be told."""
        super().settle(clock, verdict)
        self.call_off_warnings(clock)

    def settle_by(self, clock: Clock) -> None:
        """Settle one clock by when its duty was fulfilled, which may have been in time though it was seen too late."""
        verdict = clocks.verdict(clock, self.occurred_at)
        if clock.breached_at is not None and verdict == Verdict.MET:
            self.add(consequences.BreachWithdrawn(clock=clock.key, fulfilled_at=self.occurred_at))
        self.settle(clock, verdict)
        self._stand_down(clock, "the duty was fulfilled")

    def void(self, clock: Clock) -> None:
        """Settle a clock whose duty fell away, and call off whoever was called for it."""
        self.let_go(clock)
        self._stand_down(clock, "the duty fell away")

    def miss(self, clock: Clock) -> None:
        """Settle a clock that was missed and can no longer be answered."""
        self.settle(clock, Verdict.BREACHED)
        self._stand_down(clock, "nobody answered")

    def lay_clocks_anew(self, why: Move) -> None:
        """Lay them out, also those seen to be missed only since this was received, if that gives them more time."""
        for clock in list(self.state.clocks.values()):
            if clock.is_open and clock.breached_at and clocks.verdict(clock, self.occurred_at) == Verdict.MET:
                course = self.course_anew(clock)
                if course is not None and course.due_at > clock.due_at:
                    self.withdraw_breach(clock)
        super().lay_clocks_anew(why)

    def withdraw_breach(self, clock: Clock) -> None:
        """Take back a breach that was seen before a command received in time was processed."""
        self.add(consequences.BreachWithdrawn(clock=clock.key, fulfilled_at=self.occurred_at))
        self._stand_down(clock, "it was received in time")

    def _stand_down(self, clock: Clock, why: str) -> None:
        """Resolve the escalation of a clock, unless another one that it stands for is still missed."""
        if clock.name == ClockName.ACKNOWLEDGEMENT:  # it watches an escalation, and did not cause it
            return
        still_missed = {c.escalation for c in self.state.clocks.values() if c.is_open and c.breached_at}
        escalation = self.state.escalations.get(clock.escalation or "")
        if escalation and escalation.is_open and escalation.id not in still_missed:
            self.resolve(escalation, why)

    def extend(self, clock: Clock, until: datetime) -> None:
        """Move a deadline to an instant that was granted; what was called for fear of missing it stands down."""
        self.move(clock, Move.EXTENDED, clocks.extended(self.state.policy, clock, until, self.at))
        escalation = self.state.escalations.get(clock.escalation or "")
        if escalation and escalation.is_open and escalation.cause == Cause.AT_RISK:
            self.resolve(escalation, "more time was granted")
