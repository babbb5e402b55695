"""What the answers of the chat services' robots have in common.

All three answer HTTP 200 to a message they refuse, with an error code in the body: whoever looks at
the status alone loses messages in silence. Delivered means code 0, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping

from activities.channels.failures import RefusedForNow, Rejected, quoted
from activities.channels.message import Sent
from activities.channels.posting import Answer


def error_code(fields: Mapping[str, object], name: str) -> int | None:
    """The whole number in that field; None when it is absent or something else (False is not 0 here)."""
    value = fields.get(name)
    return value if type(value) is int else None


def unreadable(channel: str, answer: Answer) -> RefusedForNow | Rejected:
    """The failure for an answer that has no error code: not from the service, or not its robot's."""
    reason = f"answered HTTP {answer.status} without an error code"
    # A 200 like this comes from a proxy's or a maintenance page, and those go away.
    return RefusedForNow(channel, reason) if answer.ok else Rejected(channel, reason)


def said(code: int, text: object, secrets: tuple[str, ...]) -> str:
    """The service's code and words as a reason."""
    words = quoted(text, secrets) if isinstance(text, str) else ""
    return f"answered error code {code}" + (f": {words}" if words else "")


def accepted(channel: str, answer: Answer, code_name: str) -> Sent:
    """The receipt for code 0; a service that says 0 under an HTTP error has not said yes.

    Raises:
        Rejected: The status is not a 2xx.
    """
    if not answer.ok:
        raise Rejected(channel, f"answered HTTP {answer.status}")
    return Sent(channel, f"{code_name} 0")
