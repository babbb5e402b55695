"""What a complaint turns into: a difficult one, or a valid one that began as a question."""

from __future__ import annotations

from complaints import consequences
from complaints.draft.ladder import Ladder
from complaints.practices import Mishandling
from complaints.records import Cause, Clock, ClockName
from complaints.vocabulary import Nature, Role

_OWED_TO_NOBODY = (ClockName.ACKNOWLEDGEMENT, ClockName.APPEAL, ClockName.WAITING)
"""Limits of a rung, of a window and of a wait: nobody was let down when they end."""


class Natures(Ladder):
    """What somebody has to be told of a complaint as a whole, as soon as it turns out so."""

    def found_difficult(self) -> None:
        """Tell the customer service department, and name who answers for it from now on."""
        self._name_first_responsible()
        first = self.state.first_responsible
        self.escalate(
            Cause.DIFFICULT,
            f"difficult complaint; first responsible: {first}" if first else "difficult complaint",
            audience=Role.CUSTOMER_SERVICE,
            department=first,
        )
        self.mishandled(Mishandling.DIFFICULT)

    def _name_first_responsible(self) -> None:
        state, department = self.state, self.state.policy.first_responsible
        if department is not None and department not in (state.department, state.first_responsible):
            self.add(consequences.FirstResponsibleNamed(department=department))

    def missed_duty(self, clock: Clock) -> None:
        """Weigh a deadline that was just missed."""
        if clock.name not in _OWED_TO_NOBODY:
            self.mishandled(Mishandling.BREACH)

    def heard(self) -> None:
        """Weigh what went wrong before the customer was heard first: only now it is known what they are after."""
        missed = [c for c in self.state.clocks.values() if c.breached_at is not None and c.has_target]
        for clock in missed:
            self.missed_duty(clock)
        if self.state.difficult:
            self.mishandled(Mishandling.DIFFICULT)
        if self.state.cycle > 1:
            self.mishandled(Mishandling.REOPENED)

    def mishandled(self, how: Mishandling) -> None:
        """Take a communicative complaint for a valid one, if the policy says that this makes it one."""
        state = self.state
        if state.is_open and state.nature == Nature.COMMUNICATIVE and how in state.policy.conversion:
            self.convert(consequences.NatureConverted(reasons=(f"conversion.{how}",)))

    def convert(self, converted: consequences.NatureConverted) -> None:
        """Take it for a valid one, and tell the customer service department."""
        self.add(converted)
        self.escalate(
            Cause.CONVERTED, "a communicative complaint became a valid one", audience=Role.CUSTOMER_SERVICE
        )
