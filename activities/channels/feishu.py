"""Feishu (飞书): a group's custom bot. Target: `feishu://TOKEN?secret=...`.

TOKEN is the last part of the bot's webhook address. With the security setting "signature" the secret
is needed. A bot takes 100 messages a minute and 5 a second; at full and half hours the service itself
is short of breath and answers 11232. For Lark, the international edition, add
`base=https://open.larksuite.com`.

Source: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot and
https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import quote

from activities.channels.failures import RefusedForNow, Rejected
from activities.channels.message import Message, Sent, fitted, single_line
from activities.channels.posting import post
from activities.channels.robots import accepted, error_code, said, unreadable
from activities.channels.target import Target

MAX_TEXT_BYTES = 8_000
MAX_LINES = 200
"""The limit is 20 KB for the request, in which each line of text costs a wrapping of its own."""

_NOT_NOW = {
    11232,  # limited by the service's load
    99991400,  # limited by the open platform; comes with HTTP 429 or, from older interfaces, 400
}
_BAD_REQUEST = 9499


def signature(timestamp: int, secret: str) -> str:
    """Base64 of HMAC-SHA256 over nothing, keyed with timestamp (seconds), line feed and secret.

    Not a slip: unlike DingTalk's, what looks like the message is the key here, and the message is empty.
    """
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, repr=False)
class Feishu:
    """Sends to one Feishu custom bot."""

    token: str
    secret: str
    base: str
    timeout_seconds: float

    @property
    def channel(self) -> str:
        return "feishu"

    @classmethod
    def at(cls, target: Target) -> Feishu:
        """Raises ValueError when the target is not one of Feishu."""
        target.allow("secret", "timeout", "base")
        return cls(
            target.key("TOKEN"),
            target.options.get("secret", ""),
            target.base("https://open.feishu.cn"),
            target.timeout_seconds,
        )

    def send(self, message: Message) -> Sent:
        """Deliver; see `Sender.send`."""
        lines = fitted(message.body, MAX_TEXT_BYTES).splitlines() or [""]
        if len(lines) > MAX_LINES:
            lines = [*lines[: MAX_LINES - 1], "…"]
        # A "post" and not a "text": in a text, <at user_id="all"> would call everyone in the group.
        post_body: dict[str, object] = {
            "msg_type": "post",
            "content": {
                "post": {
                    "zh_cn": {
                        "title": fitted(single_line(message.subject), 400),
                        "content": [[{"tag": "text", "text": line}] for line in lines],
                    }
                }
            },
        }
        if self.secret:
            now = int(time.time())
            post_body |= {"timestamp": str(now), "sign": signature(now, self.secret)}
        answer = post(
            self.channel,
            f"{self.base}/open-apis/bot/v2/hook/{quote(self.token, safe='')}",
            post_body,
            timeout_seconds=self.timeout_seconds,
        )
        fields = answer.fields() or {}
        code = error_code(fields, "code")
        if code is None:  # the older interface knows StatusCode only
            code = error_code(fields, "StatusCode")
        if code is None:
            raise unreadable(self.channel, answer)
        if code == 0:
            return accepted(self.channel, answer, "code")
        text = fields.get("msg") or fields.get("StatusMessage")
        reason = said(code, text, (self.token, self.secret))
        # 9499 is documented as "Bad Request", a malformed message, but is also how some front ends of
        # the service say "too many request": only the words tell the final one from the passing one.
        crowded = code == _BAD_REQUEST and isinstance(text, str) and "too many" in text.lower()
        if code in _NOT_NOW or crowded:
            raise RefusedForNow(self.channel, reason, answer.retry_after)
        raise Rejected(self.channel, reason)
