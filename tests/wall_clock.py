"""Deadlines as they stand on the wall of the organisation: what a policy's clocks show, to be compared by eye."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints.policy import Policy
from complaints.records import ClockName
from complaints.vocabulary import Severity
from complaints.working_time import Budget, Calendar, add, instant_of, local_time


@dataclass(frozen=True)
class WallClock:
    """The clock in the office of an organisation with this policy."""

    policy: Policy

    @property
    def calendar(self) -> Calendar:
        return self.policy.working_time(None)

    def at(self, shown: str) -> datetime:
        """Return the instant at which the clock shows this."""
        return instant_of(self.calendar.zone, datetime.fromisoformat(shown))

    def due(self, received: str, budget: Budget | None, calendar: Calendar | None = None) -> str:
        """Return what the clock shows when a budget is used up."""
        assert budget is not None
        end = add(self.at(received), budget, calendar or self.calendar)
        return local_time(self.calendar.zone, end).isoformat(" ", "minutes")

    def statutory(self, received: str, subject: str, step: int | None = None) -> str:
        """Return when a statutory duty is due, or one of the steps by which it may be extended."""
        rule = self.policy.statutory[subject]
        return self.due(received, rule.budget if step is None else rule.extensions[step].budget)

    def internal(self, received: str, *names: ClockName, severity: Severity = Severity.NORMAL) -> str:
        """Return when the last of some clocks is due, if each starts when the one before it is used up."""
        end = received
        for name in names:
            end = self.due(end, self.policy.rule(name).budget_for(severity))
        return end
