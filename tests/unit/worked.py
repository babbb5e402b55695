"""What the worked tables of the policy packs share: deadlines as the clocks on an organisation's walls show them."""

from __future__ import annotations

from datetime import datetime

from complaints.working_time import Budget, Calendar, add, instant_of, local_time


def at(shown: str, calendar: Calendar) -> datetime:
    """Return the instant at which the clocks of a calendar's zone show this."""
    return instant_of(calendar.zone, datetime.fromisoformat(shown))


def due(received: str, budget: Budget | None, calendar: Calendar) -> str:
    """Say when a budget runs out that begins at a local time; the end of a day is 00:00 of the next."""
    assert budget is not None
    return local_time(calendar.zone, add(at(received, calendar), budget, calendar)).isoformat(" ", "minutes")
