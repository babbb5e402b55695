"""The HTTP step that all HTTP channels share: one POST, one bounded answer, no redirects.

It judges only what means the same everywhere: no answer, 429, 5xx. What a 200 or a 400 means is left
to the channel, because chat services answer both with an error code of their own in the body.

It speaks to an httpx transport and not to a client: the client logs every URL, and those of chat
robots are credentials.
"""

from __future__ import annotations

import functools
import json
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from activities.channels.deadline import Deadline
from activities.channels.failures import RefusedForNow, Rejected, Unreachable, in_plain_words

MAX_ANSWER_BYTES = 64 * 1024
MAX_RETRY_AFTER = timedelta(hours=1)
"""A service's wish is heard up to here: an escalation must not sleep for a day on one odd header."""

_NOT_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Answer:
    """What the service answered: never a redirect, a 429 or a 5xx.

    Attributes:
        body: At most the first 64 KiB, not decompressed.
    """

    status: int
    body: bytes
    retry_after: timedelta | None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def fields(self) -> Mapping[str, object] | None:
        """The body's JSON object; None when it is anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


def post(
    channel: str,
    url: str,
    body: Mapping[str, object] | bytes,
    *,
    timeout_seconds: float,
    headers: Mapping[str, str] | None = None,
    read_body: bool = True,
) -> Answer:
    """POST JSON and read the answer.

    Args:
        channel: For the error.
        url: Complete, query included.
        body: An object to encode, or its encoded form where a signature covers the bytes.
        timeout_seconds: For the whole exchange.
        headers: In addition to the usual ones.
        read_body: False where the status alone decides, so that an endless body cannot undo a success.

    Raises:
        Unreachable: No whole answer within the time.
        RefusedForNow: 408, 425, 429 or 5xx.
        Rejected: A redirect.
    """
    content = (
        body
        if isinstance(body, bytes)
        else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    )
    with Deadline(timeout_seconds) as deadline:
        try:
            answer = _exchange(url, content, headers or {}, deadline, read_body=read_body)
        except (httpx.HTTPError, OSError, ValueError) as error:
            late = deadline.passed or isinstance(error, httpx.TimeoutException)
            raise Unreachable(channel, _late(deadline) if late else in_plain_words(error)) from None
        if deadline.passed:
            raise Unreachable(channel, _late(deadline))
    if answer.status in _NOT_NOW or answer.status >= 500:
        raise RefusedForNow(channel, f"answered HTTP {answer.status}", answer.retry_after)
    if 300 <= answer.status < 400:
        raise Rejected(channel, f"answered HTTP {answer.status}, a redirect, which is never followed")
    return answer


def _late(deadline: Deadline) -> str:
    return f"no answer within {deadline.seconds:g} s"


def _exchange(
    url: str, content: bytes, headers: Mapping[str, str], deadline: Deadline, *, read_body: bool
) -> Answer:
    def watch_connection(event: str, info: Mapping[str, object]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            stream = info["return_value"]
            deadline.watch(lambda: stream.get_extra_info("socket"))  # type: ignore[attr-defined]

    request = httpx.Request(
        "POST",
        url,
        content=content,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            # A bounded read is only bounded if it does not unfold afterwards.
            "Accept-Encoding": "identity",
            "User-Agent": "redress",
            "Connection": "close",
            **headers,
        },
        extensions={"timeout": httpx.Timeout(deadline.seconds).as_dict(), "trace": watch_connection},
    )
    with httpx.HTTPTransport(verify=_trusted(), proxy=_proxy(url)) as transport:
        response = transport.handle_request(request)
        try:
            received = bytearray()
            if read_body:
                for chunk in response.iter_raw():
                    received += chunk
                    if len(received) >= MAX_ANSWER_BYTES:
                        break
            return Answer(
                response.status_code,
                bytes(received[:MAX_ANSWER_BYTES]),
                retry_after(response.headers, datetime.now(UTC)),
            )
        finally:
            response.close()


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates we trust. Kept, because reading them costs more than the rest of a delivery."""
    return httpx.create_ssl_context()


def _proxy(url: str) -> str | None:
    """The HTTP proxy that the environment names for this URL (https_proxy, no_proxy and so on)."""
    target = urlsplit(url)
    proxy = urllib.request.getproxies().get(target.scheme)
    if not proxy or urllib.request.proxy_bypass(target.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def retry_after(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """How long to wait, at most an hour, from Retry-After (seconds or a date) or Feishu's own header (seconds)."""
    wish = headers.get("Retry-After") or headers.get("x-ogw-ratelimit-reset")
    if not wish:
        return None
    try:
        if wish.strip().isdecimal():
            wait = timedelta(seconds=int(wish))
        else:
            at = parsedate_to_datetime(wish)
            wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), MAX_RETRY_AFTER)
