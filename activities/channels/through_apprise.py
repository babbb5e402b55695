"""Other services through Apprise, where it is installed. Target: `apprise+` and any Apprise URL.

The known trap: Apprise reports success when the service's HTTP status is good. Services that refuse a
message with a 200 and an error code in the body (DingTalk, WeCom and Feishu do) count as delivered to
it, and the message is lost in silence. For those three the schemes of our own are the only way in. For any
other service, find out how it says no before an escalation depends on it.

Nor does Apprise tell why it failed: a failure is always worth another try here.
"""

from __future__ import annotations

import importlib
import logging
from dataclasses import dataclass
from typing import Any

from activities.channels.failures import RefusedForNow
from activities.channels.message import Message, Sent, single_line

PREFIX = "apprise+"

_OURS = {
    "dingtalk": "dingtalk",
    "wecombot": "wecom",
    "feishu": "feishu",
    "lark": "feishu",
}
"""Apprise's schemes for services that have a sender of our own."""


@dataclass(frozen=True, repr=False)
class ThroughApprise:
    """Sends to one Apprise URL, within Apprise's own timeouts (`cto` and `rto` in its URL, 4 s each)."""

    service: Any

    @property
    def channel(self) -> str:
        return "apprise"

    @classmethod
    def at(cls, text: str) -> ThroughApprise:
        """Raises ValueError when Apprise is missing, does not know the URL, or must not be used for it."""
        url = text.strip()[len(PREFIX) :]
        try:
            apprise = importlib.import_module("apprise")
        except ImportError:
            raise ValueError("apprise+...: Apprise is not installed; install redress[apprise]") from None
        # It logs the URLs it cannot read and, at debug level, every request; tokens included, as does
        # the HTTP library below it.
        logger = logging.getLogger("apprise")
        logger.propagate = False
        logger.handlers = [logging.NullHandler()]
        logging.getLogger("urllib3").setLevel(logging.INFO)
        service = apprise.Apprise()
        if not service.add(url):
            raise ValueError("apprise+...: Apprise does not understand the URL after 'apprise+'")
        # Asked of the plugins and not of the URL: Apprise also takes the services' own https addresses.
        for scheme in (plugin.secure_protocol for plugin in service):
            if isinstance(scheme, str) and scheme in _OURS:
                raise ValueError(
                    f"apprise+{scheme}: Apprise reports success when this service refuses; use {_OURS[scheme]}://"
                )
        return cls(service)

    def send(self, message: Message) -> Sent:
        """Deliver; see `Sender.send`."""
        try:
            said = self.service.notify(title=single_line(message.subject), body=message.body)
        except Exception:  # noqa: BLE001 - plugins raise what they like, and its text may hold the URL
            raise RefusedForNow(self.channel, "Apprise failed with an error of its own") from None
        # Up to 1.x a bool or None, from 2.0 a result that is true for success only.
        if not said:
            raise RefusedForNow(self.channel, "Apprise reported a failure, without a reason")
        return Sent(self.channel, "Apprise reported success")
