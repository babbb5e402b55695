"""How often is too often: so many in any stretch of a minute, counted apart for each key, person or address.

Counted exactly, in this process, in bounded memory: several processes behind a balancer each allow the whole limit. The
library `limits` was considered: its memory goes by the wall clock, which may be set back, starts a thread for nearly every
request, and holds whatever names are made up.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from api.access.errors import TooMany

WINDOW_SECONDS = 60.0
_MOST_COUNTED = 50_000


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit."""

    limit: int
    remaining: int
    reset: int  # seconds until the first of those that count is forgotten

    @property
    def headers(self) -> dict[str, str]:
        """Tell it to whoever asks."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class Limit:
    """At most so many within any minute, for each name."""

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, name: str) -> Allowance:
        """Count one more.

        Raises:
            TooMany: It would be one too many; it is not counted.
        """
        self.check(name)
        seen = self._seen.setdefault(name, deque())
        self._seen.move_to_end(name)
        now = self._clock()
        seen.append(now)
        # Whoever was not seen for longest is forgotten: were all names made up, it is one of those.
        while len(self._seen) > _MOST_COUNTED:
            self._seen.popitem(last=False)
        return Allowance(self._most, self._most - len(seen), math.ceil(seen[0] + WINDOW_SECONDS - now))

    def check(self, name: str) -> None:
        """See whether one more would be too many.

        Raises:
            TooMany: It would.
        """
        seen, now = self._seen.get(name), self._clock()
        if seen is None:
            return
        while seen and now - seen[0] >= WINDOW_SECONDS:
            seen.popleft()
        if not seen:
            del self._seen[name]
        elif len(seen) >= self._most:
            wait = max(1, math.ceil(seen[0] + WINDOW_SECONDS - now))
            raise TooMany(
                f"more than {self._most} within a minute; the next one is taken in {wait} s",
                retry_after=wait,
                limit=self._most,
            )
