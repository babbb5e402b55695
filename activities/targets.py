"""Who is told where: one YAML file that maps recipients to targets.

    lead:billing: [dingtalk://TOKEN?secret=S, smtp://…]     one department's lead
    lead: [smtp://…]                                        leads without a line of their own
    customer_service: [wecom://KEY]
    default: []                                             everybody else

A recipient's targets are tried in order until one accepts. Without any, a notice stays in the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from activities.channels import Sender, sender_for


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

    def of(self, recipient: str) -> list[Sender]:
        """List a recipient's senders, the first to be tried first."""
        role = recipient.partition(":")[0]
        for name in (recipient, role, "default"):
            if name in self._senders:
                return self._senders[name]
        return []


def _sender(name: str, target: str) -> Sender:
    try:
        return sender_for(target)
    except ValueError as error:
        raise TargetsError(f"{name}: {error}") from None


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
