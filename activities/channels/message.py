"""What is sent, what came of it, and what a sender is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, Union

# Union, because "|" cannot join a quoted name at run time.
JSON: TypeAlias = Union[bool, int, float, str, Sequence["JSON"], Mapping[str, "JSON"], None]  # noqa: UP007


@dataclass(frozen=True)
class Message:
    """A short notice from us to a colleague or a team; it names no customer.

    Attributes:
        id: Stable across retries. It becomes the e-mail's Message-ID and the webhook's Idempotency-Key,
            so that a receiver can tell a repetition from a second notice. Chat robots know no such key:
            a retry after a lost answer can show the notice twice there, never lose it.
        subject: One line; line breaks are turned into spaces.
        body: Plain text, several lines allowed. Chat services limit its length: what is too long is cut
            with an ellipsis rather than refused.
        data: Machine-readable fields, sent by the generic webhook only.
    """

    id: str
    subject: str
    body: str
    data: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """The service itself said that it has taken the message.

    Attributes:
        receipt: What the service answered, shortened and without secrets.
    """

    channel: str
    receipt: str


class Sender(Protocol):
    """Delivers messages to one target. Holds no connection, so it may be shared by threads and kept."""

    @property
    def channel(self) -> str:
        """The kind of service, for people: "e-mail", "dingtalk", ..."""

    def send(self, message: Message) -> Sent:
        """Deliver the message, or raise; never returns for a message the service did not accept.

        Blocks for at most the target's timeout, plus the resolver's own for looking up a name.

        Raises:
            SendFailed: See `activities.channels.failures`.
        """


def single_line(text: str) -> str:
    """The text with every run of white space, line breaks included, as one space."""
    return " ".join(text.split())


def fitted(text: str, max_bytes: int) -> str:
    """The text, cut with an ellipsis where its UTF-8 form would exceed `max_bytes` (at least 3)."""
    encoded = text.encode()
    if len(encoded) <= max_bytes:
        return text
    return encoded[: max_bytes - len("…".encode())].decode(errors="ignore") + "…"
