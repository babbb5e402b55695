"""Delivers notices: told means that the service itself said so.

A notice to a role is first passed on to the people who answer for it now; each of them then has a notice of their
own. Where no organisation is known it goes to the role's targets. Without a target it goes to the outbox: it stands
in the log here, and in the notices table once the complaint has recorded what became of it. Needs no database, so
an outage there silences nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.bundles import Bundles, Letter
from activities.channels import Sender
from activities.duty import Duty
from activities.names import DELIVER
from activities.records import reason_of
from activities.targets import CUSTOMER, Targets
from activities.texts import compose, line_of
from activities.work import NoticeWork
from complaints import zones
from complaints.delivery import DEFERRED, OUTBOX, ROUTED, Delivery
from complaints.forms import Names
from complaints.org import Member, quiet_until
from complaints.records import TO_CUSTOMER, Addressee
from complaints.routing import Routing
from complaints.sealed import CLOSED, ERASED, keys_in
from complaints.vocabulary import Role
from complaints.wire import parse, plain
from complaints.working_time import Zone, local_time

PERSON = "person:"
"""How the recipient begins where somebody is named rather than a role."""

log = structlog.get_logger()


class Notices:
    """The activity of the notices queue, with the targets it was started with."""

    def __init__(
        self,
        targets: Targets,
        language: str = "zh",
        *,
        bundles: Bundles | None = None,
        duty: Duty | None = None,
        opens: Callable[[Any, str], Any] | None = None,
    ) -> None:
        """Make it.

        Args:
            opens: Gets JSON-ready data and a complaint's number, and opens what is sealed in it. Without it, customers
                are told no words that somebody wrote.
        """
        self._targets = targets
        self._language = language
        self._bundles = bundles or Bundles()
        self._duty = duty
        self._opens = opens

    @activity.defn(name=DELIVER)
    def deliver(self, work: NoticeWork) -> Delivery:
        """Tell one recipient, or find the people who are to be told.

        Raises:
            ApplicationError: It waits for companions, or no target accepted it. It is retried if waiting may help.
        """
        at = max(work.at or work.notice.queued_at, datetime.now(UTC))
        routing = self._route(work, at)
        if routing is not None and routing.people:
            return self._passed_on(work, routing, at)
        recipient = work.notice.recipient
        if routing is not None and routing.reason:  # nobody at all: the department that owns what others miss
            recipient, work = Role.CUSTOMER_SERVICE.value, replace(work, why=routing.reason)
        quiet_until = self._quiet_until(work, self._member(_person(recipient)), at)
        if quiet_until is not None:
            return Delivery(notice=work.notice.id, channel=DEFERRED, receipt="", not_before=quiet_until)
        delivery = self._send(work, recipient)
        if routing is not None and routing.reason:
            return replace(delivery, receipt=f"{delivery.receipt}; {routing.why}")
        return delivery

    # --- who

    def _route(self, work: NoticeWork, at: datetime) -> Routing | None:
        """Find who answers for a notice now; empty where that is settled, or no organisation is known."""
        notice = work.notice
        if self._duty is None or notice.part_of or notice.kind in TO_CUSTOMER:
            return None
        kind, _, person = notice.recipient.partition(":")
        is_named = notice.recipient.startswith(PERSON) or kind == Role.HANDLER
        routing = self._duty.route(
            Role.HANDLER if is_named else notice.audience,
            work.department,
            at,
            frozenset(work.recused),
            person if is_named else None,
        )
        if notice.recipient == f"{PERSON}{person}" and routing.people == (person,):
            return None
        if routing.audience == Role.HANDLER:
            routing = replace(routing, audience=notice.audience)
        return routing if routing.people or routing.reason else None

    def _passed_on(self, work: NoticeWork, routing: Routing, at: datetime) -> Delivery:
        people = tuple(
            Addressee(person=person, not_before=self._quiet_until(work, self._member(person), at))
            for person in routing.people
        )
        log.info("passed on", complaint=work.number, notice=work.notice.id, people=list(routing.people))
        return Delivery(
            notice=work.notice.id,
            channel=ROUTED,
            receipt="",
            people=people,
            audience=routing.audience,
            why=routing.reason,
        )

    def _member(self, person: str | None) -> Member | None:
        return self._duty.member(person) if self._duty and person else None

    # --- when

    def _quiet_until(self, work: NoticeWork, member: Member | None, at: datetime) -> datetime | None:
        if not work.can_wait:
            return None
        quiet = member.quiet if member and member.quiet else work.quiet
        return quiet_until(quiet, self._zone(work), at)

    def _zone(self, work: NoticeWork) -> Zone:
        org = self._duty.org() if self._duty else None
        return org.zone if org and org.members else zones.resolve(work.zone or "UTC")

    # --- how

    def _send(self, work: NoticeWork, recipient: str) -> Delivery:
        notice = work.notice
        language = self._language_of(work, recipient)
        if work.said is not None and work.due_at is not None:  # who decided it knows no zone
            zone = self._zone(work)
            work = replace(work, due_local=local_time(zone, work.due_at), zone=zone.name)
        work, private = self._opened(work)
        message = compose(work, language)
        senders = self._senders(work, recipient)
        if not senders:
            shown = {} if notice.kind in TO_CUSTOMER else {"body": message.body}
            bound = log.bind(complaint=work.number, notice=notice.id)
            bound.info("outbox", recipient=recipient, subject=message.subject, **shown)
            return Delivery(notice=notice.id, channel=OUTBOX, receipt="no target")
        lane = f"{recipient}/{work.channel}" if work.channel else recipient
        if notice.kind in TO_CUSTOMER:  # what is meant for one customer shares no message
            letter = Letter(lane=notice.id, language=language, message=message, private=private)
        else:
            letter = Letter(lane=lane, language=language, message=message, line=line_of(work, language))
        sent = self._bundles.deliver(letter, senders)
        return Delivery(notice=notice.id, channel=sent.channel, receipt=sent.receipt)

    def _opened(self, work: NoticeWork) -> tuple[NoticeWork, bool]:
        """Open the words that a customer is told, and say whether there are any.

        Raises:
            ApplicationError: The key is not to be had now; it is retried.
        """
        said = plain(work.why)
        if work.notice.kind not in TO_CUSTOMER or not keys_in(said):
            return work, False
        if self._opens is None:
            return replace(work, why=None), False
        try:
            opened = self._opens(said, work.number)
        except SQLAlchemyError as fault:
            raise ApplicationError(reason_of(fault), type="RecordsAway") from None
        if any(text in (ERASED, CLOSED) for text in opened.values()):
            return replace(work, why=None), False
        return replace(work, why=parse(Names, opened)), True

    def _senders(self, work: NoticeWork, recipient: str) -> list[Sender]:
        """List a person's own senders, else those of the role in which they are told."""
        person = _person(recipient)
        if person is None:
            return self._targets.of(recipient, work.channel)
        own = self._duty.senders(person, work.channel) if self._duty else []
        return own or self._targets.of(_role(work, person), work.channel)

    def _language_of(self, work: NoticeWork, recipient: str) -> str:
        if recipient == CUSTOMER:
            return "zh" if work.language.lower().startswith("zh") else "en"
        member = self._member(_person(recipient))
        return member.language if member else self._language


def _person(recipient: str) -> str | None:
    return recipient.removeprefix(PERSON) if recipient.startswith(PERSON) else None


def _role(work: NoticeWork, person: str) -> str:
    """Name the role in which somebody is told, as the targets file does."""
    audience = work.notice.audience
    of = {Role.LEAD: work.department, Role.HANDLER: person}.get(audience)
    return f"{audience.value}:{of}" if of else audience.value
