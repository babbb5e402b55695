"""Why a message was not delivered, and whether trying again can help.

    SendFailed
    ├── Unreachable     no usable answer: refused or broken connection, timeout, TLS     try again
    ├── RefusedForNow   the service answered "not now": 429, 5xx, rate limit, SMTP 4xx   try again
    └── Rejected        the service answered "no": bad token or signature, SMTP 5xx      final

A reason is written for an operator and is safe to log and to store: it holds neither the target nor
its secrets. That is also why these errors are raised `from None`: the cause of an HTTP error carries
the whole URL, and failure converters store causes.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import ClassVar
from urllib.parse import quote

MAX_QUOTE_CHARS = 160


class SendFailed(Exception):
    """The message was not (or, where the reason says so, not wholly) delivered.

    Attributes:
        retryable: Whether the same message may be accepted later.
        channel: The kind of service.
        reason: One line for people.
        retry_after: How long the service asked us to wait, if it did.
    """

    retryable: ClassVar[bool]

    def __init__(self, channel: str, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{channel}: {reason}")
        self.channel = channel
        self.reason = reason
        self.retry_after = retry_after


class Unreachable(SendFailed):
    """No usable answer came. The message may have arrived all the same."""

    retryable = True


class RefusedForNow(SendFailed):
    """The service could not take the message now."""

    retryable = True


class Rejected(SendFailed):
    """The service will not take this message, however often it is offered."""

    retryable = False


def quoted(text: str, secrets: Iterable[str]) -> str:
    """What a service said, fit for a reason or a receipt: one short printable line without `secrets`."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), quote(secret)):
            text = text.replace(form, "***")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_QUOTE_CHARS else line[: MAX_QUOTE_CHARS - 1] + "…"


def in_plain_words(error: BaseException) -> str:
    """What went wrong on the network, without the text of the error: that may name the target."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return "the server's certificate is not trusted"
            case ssl.SSLError():
                return "no TLS connection could be agreed"
            case socket.gaierror():
                return "the server's name could not be resolved"
            case TimeoutError():
                return "no answer in time"
            case OSError(errno=int(number)) if number > 0:
                return os.strerror(number).lower()
    return "the connection broke off"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the innermost first: libraries wrap the telling one."""
    inner = error.__cause__ or error.__context__
    if inner is not None:
        yield from _causes(inner)
    yield error
