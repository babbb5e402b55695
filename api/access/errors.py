"""What the door says no to before anybody has come in.

    Unauthenticated   nobody knows who asks
    Forbidden         known, and not entitled
    TooMany           known or not, and too often

That something *we* need does not answer (the issuer, the database) is `workflows.client.Unavailable`, as everywhere. What
somebody may not see is `workflows.client.UnknownComplaint`, in the words that a number gets which nobody has used.
"""

from __future__ import annotations

REALM = 'Bearer realm="redress"'


class Unauthenticated(Exception):
    """The credentials are missing or no good; the message says why, and repeats nothing of them."""

    def __init__(self, why: str, *, given: bool = True) -> None:
        """Say why.

        Args:
            given: Whether there were credentials at all.
        """
        super().__init__(why)
        self.why = why
        self.given = given

    @property
    def headers(self) -> dict[str, str]:
        """What goes with it: how to say who one is (RFC 6750)."""
        if not self.given:
            return {"WWW-Authenticate": REALM}
        return {
            "WWW-Authenticate": f'{REALM}, error="invalid_token", error_description="{_quotable(self.why)}"'
        }


class Forbidden(Exception):
    """Whoever asks is known, and may not do this.

    Attributes:
        why: A sentence.
        possible: What can be done instead; may be empty.
    """

    def __init__(self, why: str, *possible: str) -> None:
        super().__init__(why)
        self.why = why
        self.possible = possible


class TooMany(Exception):
    """More requests than the limit allows.

    Attributes:
        retry_after: In how many seconds the next one will be taken.
    """

    def __init__(self, why: str, *, retry_after: int, limit: int) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after
        self.limit = limit

    @property
    def headers(self) -> dict[str, str]:
        """When to come back."""
        return {
            "Retry-After": str(self.retry_after),
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": str(self.retry_after),
        }


def _quotable(text: str) -> str:
    return "".join(letter for letter in text if 32 <= ord(letter) < 127 and letter not in '"\\')
