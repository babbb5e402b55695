"""Delivers notices: told means that the service itself said so.

Without a target a notice goes to the outbox: it stands in the log here, and in the notices table once the complaint
has recorded what became of it. Needs no database, so an outage there silences nobody.
"""

from __future__ import annotations

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import SendFailed
from activities.names import DELIVER
from activities.targets import Targets
from activities.texts import compose
from activities.work import NoticeWork
from complaints.delivery import OUTBOX, Delivery

log = structlog.get_logger()


class Notices:
    """The activity of the notices queue, with the targets it was started with."""

    def __init__(self, targets: Targets, language: str = "zh") -> None:
        self._targets = targets
        self._language = language

    @activity.defn(name=DELIVER)
    def deliver(self, work: NoticeWork) -> Delivery:
        """Tell one recipient; their targets are tried in order until one accepts.

        Raises:
            ApplicationError: None accepted. It is retried if waiting may help; its type names the channel.
        """
        message = compose(work, self._language)
        bound = log.bind(complaint=work.number, notice=work.notice.id)
        senders = self._targets.of(work.notice.recipient)
        if not senders:
            bound.info("outbox", recipient=work.notice.recipient, subject=message.subject, body=message.body)
            return Delivery(notice=work.notice.id, channel=OUTBOX, receipt="no target")
        failures: list[SendFailed] = []
        for sender in senders:
            try:
                sent = sender.send(message)
            except SendFailed as failure:
                bound.warning("not delivered", channel=failure.channel, reason=failure.reason)
                failures.append(failure)
            else:
                bound.info("delivered", channel=sent.channel)
                return Delivery(notice=work.notice.id, channel=sent.channel, receipt=sent.receipt)
        raise _as_failure(failures)


def _as_failure(failures: list[SendFailed]) -> ApplicationError:
    """Retry while any of the targets may still accept."""
    worth_waiting = [failure for failure in failures if failure.retryable]
    named = (worth_waiting or failures)[0]
    return ApplicationError(
        named.reason,
        type=named.channel,
        non_retryable=not worth_waiting,
        next_retry_delay=named.retry_after,
    )
