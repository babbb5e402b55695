"""One complaint as a page: head, timeline, clocks, what waits for somebody, what may be done next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cli.exits import command_name
from cli.printing import heading, moment, span, table, words, working_span
from cli.words import PLUMBING, money, sentence, who
from complaints import clocks as clock_arithmetic
from complaints import news
from complaints.events import Event
from complaints.forms import Names
from complaints.lifecycle import LIFECYCLE
from complaints.playbook import guidance
from complaints.privacy import WITHHELD
from complaints.records import Clock, ClockName, NoticeStatus
from complaints.view import View
from complaints.vocabulary import ENGINE, Money, Nature, Role
from complaints.working_time import Zone

if TYPE_CHECKING:
    from rich.console import RenderableType

    from complaints.policy import Policy
    from db.history import Earlier


_LATE = timedelta(minutes=1)
"""From here on it is said that what time brought was seen later than it fell due."""


_ASTRAY = (NoticeStatus.OUTBOX, NoticeStatus.FAILED)
"""What became of a message that was sent by itself, and now has to be told by somebody."""


@dataclass(frozen=True)
class Page:
    """What a page is made of.

    Attributes:
        policy: The one it goes by; without it all times are UTC.
        private: Leave the customer and all free text out.
        whole: Show what happens behind the scenes as well.
        earlier: What this customer complained of before.
    """

    view: View
    ledger: Sequence[Event]
    policy: Policy | None
    now: datetime
    private: bool = False
    whole: bool = False
    earlier: Sequence[Earlier] = ()

    @property
    def zone(self) -> Zone | None:
        """Where the organisation's clocks are."""
        return self.policy.zone if self.policy else None

    def lines(self) -> Iterator[RenderableType]:
        """Lay the page out, from top to bottom."""
        yield from self._head()
        if self.ledger:
            yield heading(f"What happened ({self.zone.name if self.zone else 'UTC'})")
            yield table(("time", "what*", "by whom*"), [self._line(event) for event in self._events()])
        yield from self._section(
            "Earlier complaints of this customer",
            ("number", "received", "category", "how it stands*", "compensation"),
            self._earlier(),
        )
        yield from self._section("Clocks", ("clock", "due", "how it stands"), self._clocks())
        yield from self._section(
            "Escalations", ("", "why*", "waits for*", "since", "how it stands"), self._escalations()
        )
        yield from self._section(
            "Questions to departments", ("", "department*", "question*", "answer"), self._questions()
        )
        yield from self._section(
            "Departments summoned", ("", "department*", "what for*", "since", "who came"), self._summons()
        )
        yield from self._section(
            "Emergencies", ("", "hazard*", "what*", "since", "how it stands"), self._emergencies()
        )
        yield from self._section("Options", ("", "what*", "worth", "how it stands"), self._options())
        yield from self._section("Actions", ("", "what*", "owner*", "due", "done"), self._actions())
        yield from self._section("Promises", ("", "what*", "due", "kept"), self._promises())
        yield from self._section(
            "Files", ("", "name*", "kind", "bytes", "since", "how it stands"), self._files()
        )
        yield from self._section("What helps now", ("", ""), self._guidance())
        yield from self._section("What may be done next", ("who*", "what"), self._next())

    def _section(
        self, title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]
    ) -> Iterator[RenderableType]:
        if rows:
            yield heading(title)
            yield table(columns, rows)

    def _free(self, text: str | None) -> str:
        return "" if text is None else WITHHELD if self.private else text

    def _when(self, instant: datetime | None) -> str:
        return moment(instant, self.zone) if instant else ""

    # --- sections

    def _head(self) -> Iterator[RenderableType]:
        from rich.text import Text

        view = self.view
        stands = words(view.stage) + (f" ({words(view.outcome)})" if view.outcome else "")
        yield Text.assemble((view.number, "bold"), f"  {stands}, {view.severity}, {view.category}")
        responsible = f"{view.handler} of {view.department}" if view.handler else "nobody yet"
        again = f", reopened {view.cycle - 1} times" if view.cycle > 1 else ""
        again += f", round {view.round}" if view.round > 1 else ""
        received = f"  received {self._when(view.received_at)}{again}; answers for it: {responsible}"
        yield Text(received)
        if view.registration:
            customer = view.registration.customer
            named = ", ".join(part for part in (customer.name, customer.contact) if part) or "anonymous"
            yield Text(f"  customer: {self._free(named)}")
            yield Text(f"  {self._free(view.registration.description)}")
            if view.registration.asked_remedy:
                yield Text(f"  asks for: {self._free(view.registration.asked_remedy)}")
        yield from (Text(f"  {line}") for line in self._known())
        if view.pause:
            since = (
                f"  clocks stand still since {self._when(view.pause.since)}, waiting for {view.pause.owner}: "
            )
            yield Text(since + self._free(view.pause.what), style="yellow")
        if view.nature == Nature.COMMUNICATIVE:
            yield Text("  communicative: asking, venting or seeking help")
        if view.converted_at:
            yield Text(f"  valid since {self._when(view.converted_at)}, communicative before", style="yellow")
        if view.difficult:
            first = f"; first responsible: {view.first_responsible}" if view.first_responsible else ""
            yield Text(f"  difficult{first}", style="yellow")
        if view.recused:
            yield Text(f"  kept out: {', '.join(view.recused)}", style="yellow")
        if view.disputed:
            yield Text(f"  liability disputed: {self._free(view.disputed)}", style="yellow")

    def _known(self) -> Iterator[str]:
        """Say what the rituals of the trade have brought to light."""
        view = self.view
        if view.registration and view.registration.place:
            yield f"place: {self._free(view.registration.place)}"
        for name, value in view.details.items():
            field = self.policy.form.get(name) if self.policy else None
            yield f"{field.title.en if field else name}: {self._free(value)}"
        if view.accepted:
            yield f"accepted: {self._free(view.accepted.grounds)}"
        if view.interests:
            yield f"asks: {self._free(view.interests.asks)}; needs: {self._free(view.interests.needs)}"
        if view.expectations:
            yield f"cannot be had: {self._free(view.expectations.said)}"
        if view.decision:
            yield f"decided: {self._free(view.decision.what)} ({self._free(view.decision.standard)})"
        for entry in view.goodwill:
            cost = f" ({money(entry.form.cost)})" if entry.form.cost else ""
            yield f"goodwill: {self._free(entry.form.what)}{cost}"
        if view.incident:
            yield f"belongs to incident {view.incident}"

    def _events(self) -> list[Event]:
        return [event for event in self.ledger if self.whole or event.fact.type not in PLUMBING]

    def _line(self, event: Event) -> tuple[str, str, str]:
        said = sentence(event, self.zone, policy=self.policy, private=self.private)
        late = event.at - event.occurred_at
        if event.actor == ENGINE and late >= _LATE:  # an outage hides nothing, and is not hidden
            said += f" (seen {span(late)} late)"
        return self._when(event.occurred_at), said, who(event.actor)

    def _earlier(self) -> list[tuple[str, ...]]:
        return [
            (
                each.number,
                self._when(each.received_at),
                each.category,
                words(each.stage) + (f" ({words(each.outcome)})" if each.outcome else ""),
                ", ".join(money(Money(amount_minor=a, currency=c)) for c, a in each.cost.items()) or "-",
            )
            for each in self.earlier
        ]

    def _clocks(self) -> list[tuple[str, ...]]:
        shown = [c for c in self.view.clocks.values() if c.is_open or c.breached_at or self.whole]
        shown.sort(key=lambda clock: (not clock.is_open, clock.due_at))
        return [(self._name(clock), self._when(clock.due_at), self._stands(clock)) for clock in shown]

    def _name(self, clock: Clock) -> str:
        rule = self.policy.statutory.get(clock.subject) if self.policy else None
        return f"{clock.key} {rule.title.en}" if rule and clock.name == ClockName.STATUTORY else clock.key

    def _stands(self, clock: Clock) -> str:
        missed = ", missed" if clock.breached_at else ""
        if clock.settled_at is not None:
            return f"{clock.verdict}{missed if clock.verdict != 'breached' else ''} {self._when(clock.settled_at)}"
        if clock.paused_at is not None:
            return f"PAUSED, {self._left(clock)} left when it goes on"
        if not clock.has_target:
            return "NO TARGET in the policy"
        if clock.breached_at is not None or clock.due_at <= self.now:
            return f"OVERDUE by {span(self.now - clock.due_at)}"
        return f"{self._left(clock)} left" + (", provisional" if clock.provisional else "")

    def _left(self, clock: Clock) -> str:
        """Say what is left, in working time where the budget counts that."""
        if self.policy is None:
            return span(clock.due_at - (clock.paused_at or self.now))
        left = clock_arithmetic.time_left(self.policy, clock, self.now)
        counts_work = clock.budget is not None and clock.budget.unit.startswith("business")
        return f"{working_span(left)} of working time" if counts_work else span(left)

    def _escalations(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for e in self.view.escalations.values():
            stands = "open"
            if e.resolved_at:
                stands = f"resolved: {self._free(e.resolution)}"
            elif e.acknowledged_at:
                stands = f"acknowledged by {e.acknowledged_by}"
            why = words(e.cause) + (f": {e.clock}" if e.clock else "")
            whom = words(e.audience) + (f" of {e.department}" if e.department else "")
            whom = f"{e.person} ({whom})" if e.person else whom
            rows.append((e.id, why, whom, self._when(e.called_at), stands))
        return rows

    def _questions(self) -> list[tuple[str, ...]]:
        return [
            (v.id, v.department, self._free(v.question), self._free(v.answer) if v.answer else "waiting")
            for v in self.view.verifications.values()
        ]

    def _summons(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for s in self.view.summons.values():
            waiting = "waiting for its lead" if s.lead_attends else "waiting"
            came = f"{s.sent} {self._when(s.sent_at)}" if s.sent else waiting
            called = f"{s.department} ({words(s.part)})"
            rows.append((s.id, called, self._free(s.what), self._when(s.summoned_at), came))
        return rows

    def _emergencies(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for e in self.view.emergencies.values():
            stands = "nobody on site yet"
            if e.attended_at:
                stands = "made safe" if e.made_safe else "attended, NOT SAFE"
                stands += f" {self._when(e.attended_at)}: {self._free(e.found)}"
            hazard = self.policy.hazards.get(e.hazard or "") if self.policy else None
            named = hazard.title.en if hazard else e.hazard or "not named"
            rows.append((e.id, named, self._free(e.what), self._when(e.declared_at), stands))
        return rows

    def _options(self) -> list[tuple[str, ...]]:
        approvals = {a.option: a for a in self.view.approvals.values()}
        rows: list[tuple[str, ...]] = []
        for option in self.view.options.values():
            worth = money(option.draft.compensation) if option.draft.compensation else ""
            stands = option.status + (
                f", approval {approvals[option.id].status}" if option.id in approvals else ""
            )
            rows.append((option.id, self._free(option.draft.what), worth, stands))
        return rows

    def _actions(self) -> list[tuple[str, ...]]:
        return [
            (
                a.id,
                self._free(a.plan.what),
                a.plan.owner,
                self._when(a.plan.due_at),
                self._when(a.completed_at),
            )
            for a in self.view.actions.values()
        ]

    def _promises(self) -> list[tuple[str, ...]]:
        return [
            (p.id, self._free(p.what), self._when(p.due_at), self._when(p.kept_at))
            for p in self.view.promises.values()
        ]

    def _files(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for file in self.view.attachments.values():
            gone = (
                f"removed {self._when(file.removed_at)}: {self._free(file.reason)}" if file.removed_at else ""
            )
            name = self._free(file.file_name)
            rows.append(
                (file.id, name, file.media_type, str(file.size_bytes), self._when(file.attached_at), gone)
            )
        return rows

    def _guidance(self) -> list[tuple[str, ...]]:
        if self.policy is None:
            return []
        heard = self.view.first_contact
        said = guidance(
            self.policy,
            stage=self.view.stage,
            customer_type=heard.customer_type if heard else None,
            intensity=heard.emotional_intensity if heard else None,
            kind=self.view.classification.kind if self.view.classification else None,
            motive=heard.motive if heard else None,
            category=self.view.category,
            difficult=self.view.difficult,
        )
        rows: list[tuple[str, ...]] = [(names.en, names.zh) for names in said]
        message = self._daily_message(self.policy)
        return [*rows, (f"To tell the customer today: {message.en}", message.zh)] if message else rows

    def _daily_message(self, policy: Policy) -> Names | None:
        owed = [c.key for c in self.view.clocks.values() if c.is_open and c.name == ClockName.FEEDBACK]
        astray = any(n.clock in owed and n.status in _ASTRAY for n in self.view.notices.values())
        if not owed or (policy.feedback.automatic and not astray):
            return None
        return news.daily(self.view, policy)

    def _next(self) -> list[tuple[str, ...]]:
        """Group what is possible by who may do it; what moves the complaint on comes first."""
        groups: dict[tuple[Role, ...], list[str]] = {}
        moving = lambda p: LIFECYCLE[self.view.stage, p.act] == self.view.stage  # noqa: E731
        for p in sorted(self.view.may, key=moving):
            roles = tuple(role for role in Role if role in p.roles)
            groups.setdefault(roles, []).append(command_name(p.act))
        return [
            (", ".join(words(role) for role in roles), ", ".join(dict.fromkeys(acts)))
            for roles, acts in groups.items()
        ]
