"""The page that a decision is written on: facts are added one by one, and each is seen by the rule that follows."""

from __future__ import annotations

from datetime import datetime

from complaints import events
from complaints.copies import replace
from complaints.events import Event, Fact
from complaints.evolve import evolve
from complaints.policy import Policy
from complaints.state import State
from complaints.vocabulary import Actor


class Page:
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

    @property
    def is_past(self) -> bool:
        """Whether it took place before the complaint was taken over from another system, so that nobody is told now."""
        taken_over_at = self.state.taken_over_at
        return taken_over_at is not None and self.occurred_at < taken_over_at

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
