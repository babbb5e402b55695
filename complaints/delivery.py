"""What became of a notice, reported back to the complaint it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints import consequences
from complaints.draft import Draft
from complaints.events import Event
from complaints.forms import Names
from complaints.records import Addressee, NoticeStatus
from complaints.state import State
from complaints.vocabulary import ENGINE, Role

OUTBOX = "outbox"
"""The channel of a notice for which no target is configured: it lies where people can read it."""

ROUTED = "routed"
"""What stands for the channel of a notice that was passed on to people."""

DEFERRED = "deferred"
"""What stands for it where nothing is sent before quiet hours are over."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A service's answer. `failed` means that it refused for good; `receipt` then says why.

    With `people`, nothing was sent yet: these were found for the role, as what `audience` says, `why` says why they,
    and each is told by a notice of their own. With `not_before`, nothing was sent yet either: quiet hours end then.

    It carries no time: due, detected and delivered are all told by the engine's clock, so that they compare.
    """

    notice: str
    channel: str
    receipt: str
    failed: bool = False
    people: tuple[Addressee, ...] = ()
    audience: Role | None = None
    why: Names | None = None
    not_before: datetime | None = None


def record_delivery(state: State, delivery: Delivery, now: datetime) -> list[Event]:
    """Return the event that a delivery brings; none if it has been recorded before."""
    notice = state.notices[delivery.notice]
    if notice.status != NoticeStatus.QUEUED:
        return []
    draft = Draft(state, at=now, occurred_at=now, actor=ENGINE)
    if delivery.not_before is not None:
        draft.add(consequences.NoticeDeferred(notice=notice.id, not_before=delivery.not_before))
        draft.call_off_settled()
        clock = state.clocks.get(notice.clock or "")
        if clock is not None and delivery.not_before >= clock.due_at:  # the day will be over by then
            draft.leave_to_handler(notice)
    elif delivery.people:
        draft.add(
            consequences.NoticeRouted(
                notice=delivery.notice,
                people=delivery.people,
                audience=delivery.audience or notice.audience,
                why=delivery.why or Names(en=delivery.receipt, zh=delivery.receipt),
            )
        )
        draft.call_off_settled()
    elif delivery.failed:
        draft.add(
            consequences.NoticeFailed(
                notice=delivery.notice, channel=delivery.channel, reason=delivery.receipt
            )
        )
        draft.leave_to_handler(notice)
    else:
        draft.add(
            consequences.NoticeDelivered(
                notice=delivery.notice,
                channel=delivery.channel,
                delivered_at=now,
                receipt=delivery.receipt,
            )
        )
        if delivery.channel == OUTBOX:  # it lies there, and has told nobody yet
            draft.leave_to_handler(notice)
        else:
            draft.tell_customer(notice, delivery.channel)
    return draft.events
