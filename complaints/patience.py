"""How long a receiver that does not accept is tried again: each event for itself, and the receiver as a whole.

An event that one receiver refuses waits longer each time, and is given up after three days. A receiver that
accepts nothing at all is spared between single attempts, so that a long queue neither holds up other receivers nor falls
upon it when it is back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

GIVE_UP_AFTER = timedelta(days=3)
"""Long enough for a weekend on which nobody looks."""

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)

SPARED_AFTER = 5
"""So many attempts in a row without one that was accepted."""
FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=5)


def wait_after(tries: int, chance: float, wish: timedelta | None = None) -> timedelta:
    """Say how long an event waits after so many tries, which were all in vain.

    Args:
        tries: From 1.
        chance: From 0 to 1; spreads what failed together.
        wish: How long the receiver asks for at least.
    """
    longest = _doubled(FIRST_WAIT, tries - 1, LONGEST_WAIT)
    return max(longest * (0.5 + chance / 2), wish or timedelta(0))


def rest_after(failures: int, chance: float, wish: timedelta | None = None) -> timedelta | None:
    """Say how long a receiver is left alone after so many failures in a row, if at all."""
    if failures < SPARED_AFTER:
        return wish
    longest = _doubled(FIRST_REST, failures - SPARED_AFTER, LONGEST_REST)
    return max(longest * (0.5 + chance / 2), wish or timedelta(0))


def is_given_up(since: datetime, now: datetime) -> bool:
    """Say whether what is tried since then is tried no more."""
    return now - since >= GIVE_UP_AFTER


def _doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    return min(first * (1 << min(times, 20)), longest)
