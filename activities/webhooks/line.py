"""A line to one receiver: each POST has one answer, within a time, and only its status counts.

It connects to the address that was judged, and to no other: no redirect is followed, no proxy asked. What the receiver
writes is not kept.
"""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx

from activities.channels.deadline import Deadline
from activities.channels.posting import retry_after
from activities.webhooks.addresses import Destination
from complaints.webhooks import AttemptOutcome

ANSWER_WITHIN = timedelta(seconds=10)
READ_AT_MOST = 4096
"""Bytes of an answer. It is read only so that the connection can be used again."""

_ADDRESSES_TRIED = 3


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a POST. `retry_after` is set where the receiver asked for time."""

    outcome: AttemptOutcome
    status: int | None = None
    retry_after: timedelta | None = None
    took: timedelta = timedelta(0)


class Line:
    """One connection, kept from one POST to the next. Used by one thread, as a context manager.

    Args:
        within: For one POST as a whole.
        trusted: The certificates that prove who a receiver is; those of the system, unless given.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        within: timedelta = ANSWER_WITHIN,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._url = destination.url
        self._addresses = destination.addresses[:_ADDRESSES_TRIED]
        self._within = within.total_seconds()
        self._stream: Any = None
        self._transport = httpx.HTTPTransport(verify=trusted or _trusted(), trust_env=False, proxy=None)

    def post(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Answer:
        """Send a body; never raises for what the other end does.

        Args:
            at: Now: a receiver may say until when it wants to be left alone.
        """
        began = time.monotonic()
        with Deadline(self._within) as deadline:
            deadline.watch(self._socket)
            answer = self._try(body, headers, at, deadline)
        return Answer(
            outcome=answer.outcome,
            status=answer.status,
            retry_after=answer.retry_after,
            took=timedelta(seconds=time.monotonic() - began),
        )

    def _try(self, body: bytes, headers: Mapping[str, str], at: datetime, deadline: Deadline) -> Answer:
        outcome = AttemptOutcome.UNREACHABLE
        for address in self._addresses:
            try:
                return self._exchange(address, body, headers, at, deadline)
            except (httpx.HTTPError, OSError, ValueError) as error:
                outcome = AttemptOutcome.TIMED_OUT if deadline.passed else _outcome_of(error)
                if deadline.passed or not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    break
        return Answer(outcome=outcome)

    def _exchange(
        self, address: str, body: bytes, headers: Mapping[str, str], at: datetime, deadline: Deadline
    ) -> Answer:
        request = httpx.Request(
            "POST",
            self._url.copy_with(host=address),
            content=body,
            headers={
                "host": self._url.netloc.decode("ascii"),
                "user-agent": "redress",
                "accept-encoding": "identity",
                **headers,
            },
            extensions={
                "timeout": httpx.Timeout(self._within, connect=self._within / len(self._addresses)).as_dict(),
                "sni_hostname": self._url.raw_host.decode("ascii"),
                "trace": self._watch,
            },
        )
        response = self._transport.handle_request(request)
        try:
            return Answer(
                outcome=_judged(response.status_code),
                status=response.status_code,
                retry_after=retry_after(response.headers, at) if response.status_code in (429, 503) else None,
            )
        finally:
            self._finish(response, deadline)

    def _finish(self, response: httpx.Response, deadline: Deadline) -> None:
        """Read a short answer to its end, so that the connection can be used again; close it on any other."""
        length = response.headers.get("content-length", "")
        try:
            if response.status_code == 204 or (length.isdecimal() and int(length) <= READ_AT_MOST):
                for _ in response.iter_raw():
                    if deadline.passed:
                        break
        except (httpx.HTTPError, OSError):
            pass  # it has said its status, and that is what counts
        finally:
            response.close()

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._stream = info["return_value"]

    def _socket(self) -> Any:
        return self._stream.get_extra_info("socket") if self._stream is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()


def _judged(status: int) -> AttemptOutcome:
    match status:
        case 410:
            return AttemptOutcome.GONE
        case 429:
            return AttemptOutcome.SLOW_DOWN
        case _ if 200 <= status < 300:
            return AttemptOutcome.ACCEPTED
        case _ if 300 <= status < 400:
            return AttemptOutcome.REDIRECTED
        case _ if 400 <= status < 500:
            return AttemptOutcome.REJECTED
    return AttemptOutcome.FAILED


def _outcome_of(error: Exception) -> AttemptOutcome:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return AttemptOutcome.UNTRUSTED
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return AttemptOutcome.TIMED_OUT
    return (
        AttemptOutcome.GARBLED
        if isinstance(error, httpx.ProtocolError | ValueError)
        else AttemptOutcome.UNREACHABLE
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates of the system. Kept, because reading them costs more than a call."""
    return httpx.create_ssl_context()
