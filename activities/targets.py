"""Who is told where: one YAML file that maps recipients to targets.

    lead:billing: [dingtalk://TOKEN?secret=S, smtp://…]     one department's lead
    lead: [smtp://…]                                        leads without a line of their own
    customer_service: [wecom://KEY]
    customer: [webhook+https://…]                           messages to customers, by a gateway that knows them
    default: []                                             everybody else of ours

A recipient's targets are tried in order until one accepts. Without any, a notice stays in the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from activities.channels import Sender, sender_for

CUSTOMER = "customer"
"""The recipient of what is meant for customers."""

_E_MAIL = dict.fromkeys(("mail", "email", "smtp", "smtps"), "e-mail")


class TargetsError(ValueError):
    """The file is not usable; the message names the recipient and the rule, never a target."""


class Targets:
    """The senders of each recipient, checked when the file is read."""

    def __init__(self, lines: Mapping[str, Sequence[str]] | None = None) -> None:
        self._senders = {
            name: [_sender(name, target) for target in targets] for name, targets in (lines or {}).items()
        }

    @classmethod
    def read(cls, path: Path | None) -> Targets:
        """Read the file as a whole, or not at all.

        Raises:
            TargetsError: It names a recipient whose targets cannot be used.
        """
        if path is None:
            return cls()
        try:
            lines = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
            raise TargetsError(f"{path.name} cannot be read: {type(fault).__name__}") from None
        if not isinstance(lines, dict) or not all(_is_list_of_text(value) for value in lines.values()):
            raise TargetsError(f"{path.name} must map each recipient to a list of targets")
        return cls(lines)

    def of(self, recipient: str, channel: str | None = None) -> list[Sender]:
        """List a recipient's senders, the first to be tried first; those of the preferred channel come before all.

        What is meant for a customer never goes to a line that was written for staff.
        """
        role = recipient.partition(":")[0]
        names = (CUSTOMER,) if recipient == CUSTOMER else (recipient, role, "default")
        senders = next((self._senders[name] for name in names if name in self._senders), [])
        return preferring(senders, channel)


def preferring(senders: Sequence[Sender], channel: str | None) -> list[Sender]:
    """Put the senders of a channel first; the others stay in order, for when it does not answer."""
    wanted = _E_MAIL.get(channel or "", channel)
    return sorted(senders, key=lambda sender: sender.channel != wanted) if wanted else list(senders)


def _sender(name: str, target: str) -> Sender:
    try:
        return sender_for(target)
    except ValueError as error:
        raise TargetsError(f"{name}: {error}") from None


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
