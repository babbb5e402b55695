"""WeCom (企业微信): a group's robot. Target: `wecom://KEY`.

KEY is the `key` of the robot's webhook address; there is no signature. A robot takes 20 messages a
minute.

Source: https://developer.work.weixin.qq.com/document/path/91770 (robot) and
https://developer.work.weixin.qq.com/document/path/90313 (error codes)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from activities.channels.failures import RefusedForNow, Rejected
from activities.channels.message import Message, Sent, fitted, single_line
from activities.channels.posting import post
from activities.channels.robots import accepted, error_code, said, unreadable
from activities.channels.target import Target

MAX_TEXT_BYTES = 2048

_NOT_NOW = {
    -1: None,  # system busy
    6000: None,  # version conflict: "try again later"
    45009: timedelta(minutes=1),  # too many calls
    45033: None,  # too many calls at the same moment
}


@dataclass(frozen=True, repr=False)
class WeCom:
    """Sends to one WeCom group robot."""

    key: str
    base: str
    timeout_seconds: float

    @property
    def channel(self) -> str:
        return "wecom"

    @classmethod
    def at(cls, target: Target) -> WeCom:
        """Raises ValueError when the target is not one of WeCom."""
        target.allow("timeout", "base")
        return cls(target.key("KEY"), target.base("https://qyapi.weixin.qq.com"), target.timeout_seconds)

    def send(self, message: Message) -> Sent:
        """Deliver; see `Sender.send`."""
        text = fitted(f"{single_line(message.subject)}\n{message.body}", MAX_TEXT_BYTES)
        answer = post(
            self.channel,
            f"{self.base}/cgi-bin/webhook/send?{urlencode({'key': self.key})}",
            {"msgtype": "text", "text": {"content": text}},
            timeout_seconds=self.timeout_seconds,
        )
        fields = answer.fields() or {}
        code = error_code(fields, "errcode")
        if code is None:
            raise unreadable(self.channel, answer)
        if code == 0:
            return accepted(self.channel, answer, "errcode")
        reason = said(code, fields.get("errmsg"), (self.key,))
        if code in _NOT_NOW:
            raise RefusedForNow(self.channel, reason, answer.retry_after or _NOT_NOW[code])
        raise Rejected(self.channel, reason)
