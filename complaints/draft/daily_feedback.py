"""The customer's daily news in a decision, and waits for the customer."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta

from complaints import clocks, facts, news, working_time
from complaints.copies import replace
from complaints.draft.duties import Duties
from complaints.lifecycle import IN_WORK
from complaints.policy import FeedbackDays, MetBy
from complaints.records import Clock, ClockName, Notice, NoticeKind
from complaints.vocabulary import Channel, PauseOwner, Role


class DailyFeedback(Duties):
    """What the customer is owed every day, and what a wait for them does to it."""

    def customer_heard(self) -> None:
        """Count what the customer was just told as the feedback of its local day."""
        zone = self.state.policy.zone
        today = working_time.local_time(zone, self.occurred_at).date()
        for clock in self.open(ClockName.FEEDBACK):
            due_on = working_time.local_time(zone, clock.due_at).date()
            if today == due_on or (clock.breached_at and today > due_on):
                self.settle_by(clock)
        self.start_feedback()

    def start_feedback(self, since: datetime | None = None) -> None:
        """Start the clock of the next local day, unless one runs or nobody is to be told.

        Args:
            since: The day after which it is, where that is not when it took place.
        """
        state, since = self.state, since or self.occurred_at
        ticking = any(clock.is_ticking for clock in self.open(ClockName.FEEDBACK))
        waits_for_them = state.pause is not None and state.pause.owner == PauseOwner.CUSTOMER
        if (
            state.feedback_stopped
            or ticking
            or waits_for_them
            or state.stage not in IN_WORK
            or not state.reachable
        ):
            return
        rule = state.policy.feedback
        due_at, remind_at = self._next(rule.due_at, since), self._next(rule.remind_at, since) - self._spread()
        # What is sent by itself is looked at once more, halfway: somebody can still tell them before the day ends.
        looks = (remind_at, remind_at + (due_at - remind_at) / 2) if rule.automatic else (remind_at,)
        span = due_at - since
        percents = tuple(int(100 * ((at - since) / span)) for at in looks)
        course = clocks.course(
            state.policy,
            ClockName.FEEDBACK,
            state.policy.rule(ClockName.FEEDBACK),
            started_at=since,
            budget=None,
            due_at=due_at,
        )
        course = replace(course, warn_percent=percents, warn_at=looks)
        self.start(ClockName.FEEDBACK, "", since, course)

    def tell_customer(self, notice: Notice, channel: str) -> None:
        """Count a message that the customer's service has taken."""
        by = Channel.EMAIL if channel == Channel.EMAIL else Channel.SYSTEM
        if notice.kind == NoticeKind.RECEIPT:
            states = news.states_deadlines(self.state.policy)
            self.add(facts.ReceiptAcknowledged(channel=by, states_deadlines=states))
            self.fulfil_statutory(MetBy.ACKNOWLEDGED)
        elif notice.kind == NoticeKind.NEWS and notice.why is not None:
            language = self.state.registration.customer.language if self.state.registration else ""
            message = notice.why.zh if language.lower().startswith("zh") else notice.why.en
            told = f"F{len(self.state.feedback) + 1}"
            self.add(facts.FeedbackGiven(feedback=told, message=message, channel=by))
            self.customer_heard()

    def leave_to_handler(self, notice: Notice) -> None:
        """Warn the handler of news that did not reach the customer: the day is not over."""
        clock = self.state.clocks.get(notice.clock or "")
        if notice.kind == NoticeKind.NEWS and clock is not None and clock.is_open:
            self.remind_of_news(clock)

    def remind_of_news(self, clock: Clock) -> None:
        """Have somebody of ours tell the customer by hand."""
        audience = Role.HANDLER if self.state.handler else Role.CUSTOMER_SERVICE
        self.notify(NoticeKind.WARNING, audience, f"{clock.key}@by-hand", clock=clock.key)

    def _next(self, at: time, since: datetime) -> datetime:
        """Find this time of day on the next day on which the customer is owed news."""
        policy = self.state.policy
        if policy.feedback.days == FeedbackDays.WORKING_DAYS:
            return working_time.next_daily_working(policy.working_time(None), since, at)
        return working_time.next_daily(policy.zone, since, at)

    def end_feedback(self) -> None:
        """Owe no more news."""
        for clock in self.open(ClockName.FEEDBACK):
            self.void(clock)

    def pause_feedback(self) -> None:
        """While we wait for the customer nobody owes them news; while we wait for others they are told so."""
        if self.state.pause and self.state.pause.owner == PauseOwner.CUSTOMER:
            self.end_feedback()

    def customer_spoke(self, message: str) -> None:
        """Whatever the customer says ends a wait for them; the clocks go on with what they had left."""
        if self.state.pause and self.state.pause.owner == PauseOwner.CUSTOMER:
            self.resume(message)

    def resume(self, message: str) -> None:
        """End a wait."""
        owner = self.state.pause.owner if self.state.pause else PauseOwner.CUSTOMER
        self.fulfil(ClockName.WAITING)
        self.add(facts.CustomerReplied(message=message))
        self.resume_clocks(owner)
        self.start_feedback()

    def _spread(self) -> timedelta:
        digest = hashlib.sha256(self.state.number.encode()).digest()
        return timedelta(minutes=int.from_bytes(digest[:4]) % (self.state.policy.feedback.spread_minutes + 1))
