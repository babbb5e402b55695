"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

AGAIN = frozenset({429, 502, 503, 504})
"""Of all answers these alone are asked for again; any other 4xx would say the same again."""


@dataclass(frozen=True)
class Patience:
    """How often a request is sent, and how long is waited in between.

    Attributes:
        attempts: At most so many in all.
        first_seconds: Before the second attempt; it doubles with every one, and is spread by chance.
        longest_seconds: At most between two. A server that asks for more than that is not asked again.
    """

    attempts: int = 5
    first_seconds: float = 0.5
    longest_seconds: float = 30.0

    def wait(self, attempt: int, answer: httpx.Response | None) -> float | None:
        """Return how many seconds to wait after an attempt, or None where there is to be no other.

        Args:
            attempt: Counts from 1.
            answer: None where there was none at all.
        """
        if attempt >= self.attempts or (answer is not None and answer.status_code not in AGAIN):
            return None
        asked = retry_after(answer) if answer is not None else None
        if asked is not None:
            return asked if asked <= self.longest_seconds else None
        most = min(self.first_seconds * 2 ** (attempt - 1), self.longest_seconds)
        return random.uniform(most / 2, most)  # noqa: S311 - it keeps clients apart, and nothing secret


def retry_after(answer: httpx.Response) -> float | None:
    """Read `Retry-After`, in seconds or as a date; None where it says nothing."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max((until.astimezone(UTC) - datetime.now(UTC)).total_seconds(), 0.0)
