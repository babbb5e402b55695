"""Escalations and notices in a decision. A rung is called once; climbing calls the next."""

from __future__ import annotations

from collections.abc import Iterable

from complaints import consequences, facts
from complaints.draft.watch import Watch
from complaints.forms import Names
from complaints.policy import rung_of
from complaints.records import (
    TO_CUSTOMER,
    Cause,
    Clock,
    ClockName,
    Escalation,
    Notice,
    NoticeKind,
    NoticeStatus,
)
from complaints.vocabulary import Role

_OF_A_DEADLINE = (NoticeKind.WARNING, NoticeKind.NEWS, NoticeKind.SUMMONS)
"""What nobody needs to read once the deadline that it is about no longer stands."""


class Ladder(Watch):
    """Escalations and notices: who is called, who is called next, and when nobody has to answer any more."""

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
        person: str | None = None,
    ) -> None:
        """Open an escalation at the rung of an audience. Where there is no such department, it goes one up.

        Args:
            person: Who is called by name; whoever stands on the rung is called only if they do not answer.
        """
        policy, department = self.state.policy, department or self.state.department
        ladder_name = self.state.clocks[clock].ladder if clock else ""
        ladder = policy.ladder(ladder_name)
        rung = rung_of(ladder, audience) if rung is None else min(rung, len(ladder) - 1)
        if ladder[rung].audience == Role.LEAD and department is None:
            rung = rung_of(ladder, Role.CUSTOMER_SERVICE)
            reason += "; no department is assigned"
        self.add(
            consequences.EscalationOpened(
                escalation=self.next_escalation(),
                cause=cause,
                clock=clock,
                rung=rung,
                audience=ladder[rung].audience,
                department=department,
                reason=reason,
                ladder=ladder_name,
                person=person,
            )
        )
        opened = list(self.state.escalations.values())[-1]
        if self.is_past:
            self.resolve(opened, "it was before the complaint was taken over")
        else:
            self.call(opened)

    def climb(self, escalation: Escalation, reason: str, *, to: int | None = None) -> None:
        """Tell the next rung; on the last one it stays until somebody acts.

        Args:
            to: The rung that has to be told; where there is none, whoever has it now is told again.
        """
        ladder = self.state.policy.ladder(escalation.ladder)
        rung = escalation.rung + 1 if to is None else to
        if escalation.department is None:  # there is no lead to tell
            rung = next((i for i in range(rung, len(ladder)) if ladder[i].audience != Role.LEAD), len(ladder))
        if rung >= len(ladder) and to is None:
            return
        rung = rung if rung < len(ladder) else min(escalation.rung, len(ladder) - 1)
        self.end_acknowledgement(escalation)
        self.add(
            consequences.EscalationClimbed(
                escalation=escalation.id, rung=rung, audience=ladder[rung].audience, reason=reason
            )
        )
        self.call(self.state.escalations[escalation.id], again=rung <= escalation.rung)

    def call(self, escalation: Escalation, *, again: bool = False) -> None:
        """Tell whoever stands on the rung, and give them their time to say that they have it.

        Args:
            again: Somebody on this rung was called before, so this is another notice.
        """
        ladder = self.state.policy.ladder(escalation.ladder)
        rung = ladder[min(escalation.rung, len(ladder) - 1)]
        if rung.acknowledge_within is not None:
            self.begin(
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
        self.add(facts.EscalationResolved(escalation=escalation.id, resolution=resolution))
        self.call_off(escalation)

    def call_off(self, escalation: Escalation) -> None:
        """Wake nobody for what is settled: a notice that still waits for the end of quiet hours is not sent."""
        self._withdraw(n for n in self.state.notices.values() if n.escalation == escalation.id)

    def call_off_warnings(self, clock: Clock) -> None:
        """Warn nobody, and call nobody, when their quiet hours end, for a deadline that no longer stands."""
        about = (n for n in self.state.notices.values() if n.clock == clock.key)
        self._withdraw(notice for notice in about if notice.kind in _OF_A_DEADLINE)

    def call_off_settled(self) -> None:
        """Call off what was settled while it was looked for whom to tell, and when."""
        settled = {e.id for e in self.state.escalations.values() if not e.is_open}
        clocks = {c.key for c in self.state.clocks.values() if not c.is_open}
        self._withdraw(
            n
            for n in self.state.notices.values()
            if n.escalation in settled or (n.kind in _OF_A_DEADLINE and n.clock in clocks)
        )

    def _withdraw(self, notices: Iterable[Notice]) -> None:
        for notice in list(notices):
            waits = notice.not_before is not None and notice.not_before > self.at
            if waits and notice.status == NoticeStatus.QUEUED:
                self.add(consequences.NoticeWithdrawn(notice=notice.id))

    def end_acknowledgement(self, escalation: Escalation) -> None:
        """Nobody on this rung has to answer any more."""
        for clock in self.state.open_clocks(ClockName.ACKNOWLEDGEMENT, escalation.id):
            self.let_go(clock)

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
        why: Names | None = None,
    ) -> None:
        """Queue a notice, unless this recipient has been told of this already, or it is past."""
        if self.is_past:
            return
        recipient = f"person:{person}" if person else self._recipient(kind, audience, department)
        notice = f"{self.state.number}:{about}:{recipient}"
        if notice not in self.state.notices:
            self.add(
                consequences.NoticeQueued(
                    notice=notice,
                    kind=kind,
                    audience=audience,
                    recipient=recipient,
                    clock=clock,
                    escalation=escalation,
                    rung=self.state.escalations[escalation].rung if escalation else None,
                    why=why,
                )
            )

    def _recipient(self, kind: NoticeKind, audience: Role, department: str | None) -> str:
        if kind in TO_CUSTOMER:
            return "customer"
        if audience == Role.HANDLER and self.state.handler:
            return f"{audience}:{self.state.handler}"
        if audience == Role.LEAD:
            return f"{audience}:{department or self.state.department}"
        return audience.value
