"""What customers are told by itself: the receipt at once, the news once a day, and what follows when it arrives.

Told means that a service said so. What only lies in the outbox, or was refused, has told nobody.
"""

from __future__ import annotations

from complaints import facts, news
from complaints.draft import Draft
from complaints.forms import spoken
from complaints.policy import MetBy
from complaints.records import Clock, Notice, NoticeKind, NoticeStatus
from complaints.vocabulary import Channel, Role


def send_receipt(draft: Draft) -> None:
    """Tell a customer who can be reached that we have the complaint, where the policy words it."""
    said = news.receipt(draft.state, draft.state.policy)
    if said is not None and draft.state.reachable:
        draft.notify(NoticeKind.RECEIPT, Role.DESK, "receipt", why=said)


def acknowledge(draft: Draft, channel: Channel, *, states_deadlines: bool) -> None:
    """Put down that the customer knows that we have it; that meets a duty only if they know by when it is answered."""
    draft.add(facts.ReceiptAcknowledged(channel=channel, states_deadlines=states_deadlines))
    if states_deadlines:
        draft.fulfil_statutory(MetBy.ACKNOWLEDGED)


def send_news(draft: Draft, clock: Clock, percent: int) -> None:
    """Send the day's message; where it can no longer arrive in time, or has not yet, a human is asked to tell them."""
    sent = _news_of(draft, clock)
    if sent is None and draft.at < clock.due_at:
        said = news.daily_news(draft.state, draft.state.policy, draft.at)
        draft.notify(NoticeKind.NEWS, Role.DESK, f"{clock.key}@news", clock=clock.key, why=said)
    elif sent is None or sent.status == NoticeStatus.QUEUED:
        draft.warn(clock, percent)


def _news_of(draft: Draft, clock: Clock) -> Notice | None:
    about = (n for n in draft.state.notices.values() if n.clock == clock.key and n.kind == NoticeKind.NEWS)
    return next(about, None)


def was_told(draft: Draft, notice: Notice, channel: str) -> None:
    """Draw the consequences of a message that a service says has reached the customer."""
    through = Channel(channel) if channel in [each.value for each in Channel] else Channel.SYSTEM
    state = draft.state
    if notice.why is None or state.registration is None:
        return
    if notice.kind == NoticeKind.RECEIPT:
        stated = news.states_deadlines(notice.why, state, state.policy)
        acknowledge(draft, through, states_deadlines=stated)
    elif notice.kind == NoticeKind.NEWS:
        said = spoken(notice.why, state.registration.customer.language)
        feedback = f"F{len(state.feedback) + 1}"
        draft.add(facts.FeedbackGiven(message=said, channel=through, feedback=feedback))
        draft.customer_heard()


def was_not_told(draft: Draft, notice: Notice) -> None:
    """Let a human tell the news that did not arrive, while the day is not over."""
    clock = draft.state.clocks.get(notice.clock or "")
    if notice.kind == NoticeKind.NEWS and clock is not None and clock.is_ticking:
        draft.warn(clock, clock.warn_percent[max(clock.warned, 1) - 1])
