"""Senders for notices: e-mail, DingTalk, WeCom, Feishu, a signed webhook, and others through Apprise.

A notice counts as delivered only when the service itself says so. This package turns a target into a
sender and a message into a delivery or a `SendFailed`; when to try again, and what is stored about it,
is left to the activity that calls it.

    smtp://user:password@host:port/?from=..&to=..,..[&starttls=yes]     smtps://... likewise
    dingtalk://TOKEN[?secret=..]
    wecom://KEY
    feishu://TOKEN[?secret=..]
    webhook+https://host/path[?secret=..]                               webhook+http://... likewise
    apprise+<any Apprise URL>

All but the last take `timeout=SECONDS` (10 unless given, at most 60) for the whole delivery. The chat
services take `base=http://host:port` for a gateway in the service's place. Special characters in a part
of a target are percent-encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from activities.channels.dingtalk import DingTalk
from activities.channels.failures import RefusedForNow, Rejected, SendFailed, Unreachable
from activities.channels.feishu import Feishu
from activities.channels.mail import Mail
from activities.channels.message import JSON, Message, Sender, Sent
from activities.channels.target import Target
from activities.channels.through_apprise import PREFIX, ThroughApprise
from activities.channels.webhook import Webhook
from activities.channels.wecom import WeCom

__all__ = [
    "JSON",
    "Message",
    "RefusedForNow",
    "Rejected",
    "SendFailed",
    "Sender",
    "Sent",
    "Unreachable",
    "sender_for",
]

_SENDERS: Mapping[str, Callable[[Target], Sender]] = {
    "smtp": Mail.at,
    "smtps": Mail.at,
    "dingtalk": DingTalk.at,
    "wecom": WeCom.at,
    "feishu": Feishu.at,
    "webhook+https": Webhook.at,
    "webhook+http": Webhook.at,
}


def sender_for(target: str) -> Sender:
    """The sender for a target. Reads the target only; nothing is sent or looked up.

    Raises:
        ValueError: Says what is wrong with the target and which schemes exist, repeating no secret.
    """
    if target.strip().lower().startswith(PREFIX):
        return ThroughApprise.at(target)
    parsed = Target.parsed(target)
    make = _SENDERS.get(parsed.scheme)
    if make is None:
        raise ValueError(f"unknown scheme {parsed.scheme!r}; a target starts with one of {_schemes()}")
    return make(parsed)


def _schemes() -> str:
    return ", ".join([*(f"{scheme}://" for scheme in _SENDERS), f"{PREFIX}<Apprise URL>"])
