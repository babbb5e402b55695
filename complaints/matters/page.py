"""A decision about a matter in the making: facts are added one by one, and who is told follows from them."""

from __future__ import annotations

from datetime import datetime

from complaints import consequences
from complaints.events import GENESIS
from complaints.matters.facts import Event, Fact, chained
from complaints.matters.state import State, evolve
from complaints.records import NoticeKind
from complaints.vocabulary import ENGINE, Actor, Role


class Page:
    """The state so far, and the events that led to it."""

    def __init__(
        self,
        state: State,
        *,
        at: datetime,
        occurred_at: datetime,
        actor: Actor = ENGINE,
        command_id: str | None = None,
    ) -> None:
        self.state = state
        self.events: list[Event] = []
        self.at = at
        self.occurred_at = occurred_at
        self.actor = actor
        self._command_id = command_id

    def add(self, fact: Fact) -> None:
        """Let it have happened."""
        event = chained(
            self.state.hash if self.state.seq else GENESIS,
            seq=self.state.seq + 1,
            at=self.at,
            occurred_at=self.occurred_at,
            actor=self.actor,
            command_id=self._command_id,
            fact=fact,
        )
        self.events.append(event)
        self.state = evolve(self.state, event)

    def tell_owner(self, about: str) -> None:
        """Tell whoever answers for it: by name, else the department's lead, else the customer service department."""
        if self.state.owner is not None:
            self.tell(NoticeKind.WARNING, Role.HANDLER, about)
        else:
            self.tell(NoticeKind.WARNING, Role.LEAD, about)

    def tell(self, kind: NoticeKind, audience: Role, about: str) -> None:
        """Queue a notice. Where a matter has no department its leads are the customer service department."""
        if audience == Role.LEAD and self.state.department is None:
            audience = Role.CUSTOMER_SERVICE
        recipient = {
            Role.HANDLER: f"person:{self.state.owner}",
            Role.LEAD: f"lead:{self.state.department}",
        }.get(audience, audience.value)
        self.add(
            consequences.NoticeQueued(
                notice=f"{self.state.id}:{about}-{self.state.seq}:{recipient}",
                kind=kind,
                audience=audience,
                recipient=recipient,
                clock=None,
                escalation=None,
            )
        )

    def call_off(self) -> None:
        """Withdraw what somebody was to be told after their quiet hours: it is settled."""
        for notice in self.state.queued():
            if notice.not_before is not None and notice.not_before > self.at:
                self.add(consequences.NoticeWithdrawn(notice=notice.id))
