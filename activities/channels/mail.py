"""E-mail over SMTP. Target: `smtp://user:password@host:port/?from=...&to=...`, or `smtps://`.

`smtps` speaks TLS from the first byte (port 465 unless given); `smtp` does not (port 25) unless the
option `starttls=yes` demands it, and then a server that offers none is refused. `to` takes several
addresses, separated by commas. Without TLS a password travels in the clear: for hosts one trusts only.

Delivered means that the server said 250 for every recipient and for the message. When it refuses only
some, the others are served all the same, since nobody should miss an escalation for a colleague's full
mailbox. That is reported as a final failure, because trying again would mail those once more. Give
each person a target of their own where one shall not depend on the other.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, unquote

from activities.channels.deadline import Deadline
from activities.channels.failures import (
    RefusedForNow,
    Rejected,
    SendFailed,
    Unreachable,
    in_plain_words,
    quoted,
)
from activities.channels.message import Message, Sent, single_line
from activities.channels.target import Target

_ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9.\[\]:_-]+")
_CHANNEL = "e-mail"


@dataclass(frozen=True, repr=False)
class Mail:
    """Sends to the mailboxes of one target."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str
    password: str
    sender: str
    recipients: tuple[str, ...]
    timeout_seconds: float

    @property
    def channel(self) -> str:
        return _CHANNEL

    @classmethod
    def at(cls, target: Target) -> Mail:
        """Raises ValueError when the target is not a mailbox's."""
        target.allow("from", "to", "starttls", "timeout")
        url, tls = target.url, target.scheme == "smtps"
        if not url.hostname or url.path.strip("/"):
            raise ValueError(
                f"{target.scheme}: expected {target.scheme}://user:password@host:port/?from=...&to=..."
            )
        if tls and target.flag("starttls"):
            raise ValueError("smtps: option 'starttls' is for smtp, smtps speaks TLS already")
        sender = _addresses(target, "from")
        if len(sender) > 1:
            raise ValueError(f"{target.scheme}: option 'from' takes one address")
        return cls(
            url.hostname,
            url.port or (465 if tls else 25),
            tls,
            target.flag("starttls"),
            unquote(url.username or ""),
            unquote(url.password or ""),
            sender[0],
            _addresses(target, "to"),
            target.timeout_seconds,
        )

    def send(self, message: Message) -> Sent:
        """Deliver; see `Sender.send`."""
        content = self._letter(message).as_bytes(policy=SMTP_POLICY)
        with Deadline(self.timeout_seconds) as deadline:
            try:
                with self._connected(deadline) as server:
                    return self._delivered(server, content)
            except (SendFailed, smtplib.SMTPResponseException) as error:
                failure = (
                    error if isinstance(error, SendFailed) else _refusal(error.smtp_code, error.smtp_error)
                )
                if deadline.passed and failure.retryable:  # what was read may be half a reply
                    failure = Unreachable(_CHANNEL, _late(deadline))
                raise failure from None
            except smtplib.SMTPNotSupportedError:
                missing = "STARTTLS" if self.starttls else "a login"
                raise Rejected(_CHANNEL, f"the server does not offer {missing}") from None
            except (smtplib.SMTPException, OSError, ValueError) as error:
                late = deadline.passed or isinstance(error, TimeoutError)
                raise Unreachable(_CHANNEL, _late(deadline) if late else in_plain_words(error)) from None

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=SMTP_POLICY)
        letter["Message-ID"] = message_id(message.id, self.sender)
        letter["Date"] = format_datetime(datetime.now(UTC))
        letter["From"] = self.sender
        letter["To"] = ", ".join(self.recipients)
        letter["Subject"] = single_line(message.subject)
        # RFC 3834: out-of-office replies to us would be answered by nobody.
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body, charset="utf-8", cte="base64")
        return letter

    @contextlib.contextmanager
    def _connected(self, deadline: Deadline) -> Any:
        # The host's plain name: smtplib would ask DNS for the full one, which can take its time.
        settings = {"local_hostname": socket.gethostname(), "timeout": self.timeout_seconds}
        server: smtplib.SMTP = (
            _WatchedTls(deadline, self.host, self.port, context=ssl.create_default_context(), **settings)
            if self.tls
            else _WatchedPlain(deadline, self.host, self.port, **settings)
        )
        try:
            if self.starttls:
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if self.user:
                server.login(self.user, self.password)
            yield server
            # The message is the server's by now: a failed farewell changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _delivered(self, server: smtplib.SMTP, content: bytes) -> Sent:
        _expect(server.mail(self.sender), 250)
        refused = [reply for reply in map(server.rcpt, self.recipients) if reply[0] not in (250, 251)]
        if len(refused) == len(self.recipients):
            raise _nobody_accepted(refused)
        code, text = _expect(server.data(content), 250)
        if refused:
            share = f"{len(refused)} of {len(self.recipients)} recipients refused ({_codes(refused)})"
            raise Rejected(_CHANNEL, f"{share}; the others have the message")
        secrets = (self.user, self.password, self.sender, *self.recipients)
        return Sent(_CHANNEL, quoted(f"{code} {text.decode(errors='replace')}", secrets))


class _Watched:
    """Puts a connection under a deadline before it is opened: the greeting may be what never comes."""

    sock: socket.socket | None

    def __init__(self, deadline: Deadline, *args: Any, **kwargs: Any) -> None:
        deadline.watch(lambda: self.sock)
        super().__init__(*args, **kwargs)


class _WatchedPlain(_Watched, smtplib.SMTP):
    sock = None


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    sock = None


def _late(deadline: Deadline) -> str:
    return f"no answer within {deadline.seconds:g} s"


def message_id(id_: str, sender: str) -> str:
    """The Message-ID of a notice: the same notice has the same one, whatever characters its id has."""
    return f"<{quote(id_, safe='').replace('.', '%2E')}@{sender.rpartition('@')[2]}>"


def _addresses(target: Target, option: str) -> tuple[str, ...]:
    found = tuple(a.strip() for a in target.options.get(option, "").split(",") if a.strip())
    if not found:
        raise ValueError(f"{target.scheme}: option {option!r} is missing")
    # Brackets, commas and the like would be read as something else in a header or a command.
    if not all(_ADDRESS.fullmatch(a) and not set(a) & set('<>()",;\\') for a in found):
        raise ValueError(f"{target.scheme}: option {option!r} is not an e-mail address in ASCII")
    return found


def _expect(reply: tuple[int, bytes], code: int) -> tuple[int, bytes]:
    if reply[0] != code:
        raise _refusal(*reply)
    return reply


def _refusal(code: int, text: bytes | str) -> SendFailed:
    """The failure for a reply code. Only codes are repeated: the words often name the recipient."""
    words = text if isinstance(text, str) else text.decode(errors="replace")
    detail = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", words)
    reason = f"the server answered {code}{' ' + detail[0] if detail else ''}"
    return Rejected(_CHANNEL, reason) if 500 <= code < 600 else RefusedForNow(_CHANNEL, reason)


def _nobody_accepted(refused: Sequence[tuple[int, bytes]]) -> SendFailed:
    reason = f"{len(refused)} of {len(refused)} recipients refused ({_codes(refused)})"
    final = all(500 <= code < 600 for code, _ in refused)
    return Rejected(_CHANNEL, reason) if final else RefusedForNow(_CHANNEL, reason)


def _codes(replies: Sequence[tuple[int, bytes]]) -> str:
    return ", ".join(map(str, sorted({code for code, _ in replies})))
