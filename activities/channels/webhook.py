"""The generic webhook. Target: `webhook+https://host/path?secret=...` (or `webhook+http://`).

The receiver gets a POST with a JSON object `{"id", "subject", "body", "data"}` and these headers:

    Idempotency-Key       the message's id, percent-encoded where it is not plain ASCII; same on a retry
    X-Redress-Timestamp   seconds since 1970, when this attempt was signed
    X-Redress-Signature   sha256=HEX, the HMAC-SHA256 keyed with the secret over: timestamp, ".", raw body

To verify, recompute the signature over the raw body, compare in constant time, and refuse timestamps
more than a few minutes off. Any 2xx means that the receiver has taken the message. Without a secret the
signature header is absent. Parameters other than `secret` and `timeout` are passed on to the receiver.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import quote, unquote

import httpx

from activities.channels.failures import Rejected
from activities.channels.message import Message, Sent
from activities.channels.posting import post
from activities.channels.target import Target

_OURS = ("secret", "timeout")


def signature(timestamp: int, body: bytes, secret: str) -> str:
    """The value of X-Redress-Signature."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, repr=False)
class Webhook:
    """Sends to one receiver of ours or of a partner."""

    url: str
    secret: str
    timeout_seconds: float

    @property
    def channel(self) -> str:
        return "webhook"

    @classmethod
    def at(cls, target: Target) -> Webhook:
        """Raises ValueError when the target is not a webhook's."""
        if not target.url.hostname:
            raise ValueError(f"{target.scheme}: the host is missing")
        if target.url.username is not None:
            raise ValueError(f"{target.scheme}: user and password are not supported, use the option 'secret'")
        theirs = [p for p in target.url.query.split("&") if p and unquote(p.partition("=")[0]) not in _OURS]
        url = target.url._replace(
            scheme=target.scheme.removeprefix("webhook+"), query="&".join(theirs), fragment=""
        ).geturl()
        try:
            httpx.URL(url)
        except httpx.InvalidURL:
            raise ValueError(f"{target.scheme}: the target is not a valid URL") from None
        return cls(url, target.options.get("secret", ""), target.timeout_seconds)

    def send(self, message: Message) -> Sent:
        """Deliver; see `Sender.send`."""
        body = json.dumps(
            {"id": message.id, "subject": message.subject, "body": message.body, "data": message.data},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        now = int(time.time())
        headers = {
            "Idempotency-Key": quote(message.id, safe="!#$&'()*+,/:;=?@[]"),
            "X-Redress-Timestamp": str(now),
        }
        if self.secret:
            headers["X-Redress-Signature"] = signature(now, body, self.secret)
        answer = post(
            self.channel,
            self.url,
            body,
            timeout_seconds=self.timeout_seconds,
            headers=headers,
            read_body=False,
        )
        if not answer.ok:
            raise Rejected(self.channel, f"answered HTTP {answer.status}")
        return Sent(self.channel, f"HTTP {answer.status}")
