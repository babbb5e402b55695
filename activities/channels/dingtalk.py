"""DingTalk (钉钉): a group's custom robot. Target: `dingtalk://TOKEN?secret=SEC...`.

TOKEN is the `access_token` of the robot's webhook address. With the security setting "additional
signature" (加签) the secret is needed; with "custom keywords" one of them must occur in every notice.
A robot takes 20 messages a minute and is then closed for ten.

Source: https://open.dingtalk.com/document/robots/custom-robot-access and
https://open.dingtalk.com/document/robots/customize-robot-security-settings
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from activities.channels.failures import RefusedForNow, Rejected
from activities.channels.message import Message, Sent, fitted, single_line
from activities.channels.posting import post
from activities.channels.robots import accepted, error_code, said, unreadable
from activities.channels.target import Target

MAX_TEXT_BYTES = 16_000
"""The limit is 20,000 bytes for the request; quoting takes its share."""

_NOT_NOW = {
    -1: None,  # system busy
    130101: timedelta(minutes=10),  # more than 20 messages a minute
    410100: timedelta(minutes=10),  # the same, under its newer number
    90030: None,  # webhook over limit
}


def signature(timestamp_ms: int, secret: str) -> str:
    """Base64 of HMAC-SHA256, keyed with the secret, over timestamp, line feed and secret."""
    digest = hmac.new(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, repr=False)
class DingTalk:
    """Sends to one DingTalk robot."""

    token: str
    secret: str
    base: str
    timeout_seconds: float

    @property
    def channel(self) -> str:
        return "dingtalk"

    @classmethod
    def at(cls, target: Target) -> DingTalk:
        """Raises ValueError when the target is not one of DingTalk."""
        target.allow("secret", "timeout", "base")
        return cls(
            target.key("TOKEN"),
            target.options.get("secret", ""),
            target.base("https://oapi.dingtalk.com"),
            target.timeout_seconds,
        )

    def send(self, message: Message) -> Sent:
        """Deliver; see `Sender.send`."""
        query = {"access_token": self.token}
        if self.secret:
            now_ms = time.time_ns() // 1_000_000
            query |= {"timestamp": str(now_ms), "sign": signature(now_ms, self.secret)}
        text = fitted(f"{single_line(message.subject)}\n{message.body}", MAX_TEXT_BYTES)
        answer = post(
            self.channel,
            f"{self.base}/robot/send?{urlencode(query)}",
            {"msgtype": "text", "text": {"content": text}},
            timeout_seconds=self.timeout_seconds,
        )
        fields = answer.fields() or {}
        code = error_code(fields, "errcode")
        if code is None:
            raise unreadable(self.channel, answer)
        if code == 0:
            return accepted(self.channel, answer, "errcode")
        reason = said(code, fields.get("errmsg"), (self.token, self.secret))
        if code in _NOT_NOW:
            raise RefusedForNow(self.channel, reason, answer.retry_after or _NOT_NOW[code])
        raise Rejected(self.channel, reason)
