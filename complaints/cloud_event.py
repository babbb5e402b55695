"""An event of the ledger as a CloudEvent 1.0 in structured JSON: what a webhook's body is.

The same event makes the same bytes, however often and from whichever process it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from complaints.disclosure import disclosed
from complaints.vocabulary import Actor

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"
PREFIX = "org.redress"
VERSION = "v1"
"""Changes when a receiver that understood the one before it would not understand this one."""


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """What of a line of the ledger is told: not its hash, by which short texts could be guessed."""

    number: str
    seq: int
    at: datetime
    occurred_at: datetime
    actor: Actor
    command_id: str | None
    fact: Mapping[str, Any]


def type_of(fact: str) -> str:
    """Name the type of event for a type of fact, such as `org.redress.complaint.Registered.v1`."""
    return f"{PREFIX}.complaint.{fact}.{VERSION}"


def id_of(number: str, seq: int) -> str:
    """Name an event: unique among all complaints, and the same whenever it is sent."""
    return f"{number}/{seq}"


def body_of(line: LedgerLine) -> bytes:
    """Write an event."""
    actor = line.actor
    return _written(
        {
            "specversion": "1.0",
            "id": id_of(line.number, line.seq),
            "source": f"/redress/complaints/{line.number}",
            "type": type_of(line.fact["type"]),
            "subject": line.number,
            "time": _instant(line.occurred_at),
            # The extension asks for a text whose alphabetical order is the order of events.
            "sequence": f"{line.seq:010d}",
            "datacontenttype": "application/json",
            "data": {
                "number": line.number,
                "seq": line.seq,
                "at": _instant(line.at),
                "occurred_at": _instant(line.occurred_at),
                "actor": {"id": actor.id, "role": actor.role.value, "department": actor.department},
                "command_id": line.command_id,
                "fact": disclosed(line.fact),
            },
        }
    )


def ping_of(subscription: str, ping: str, at: datetime) -> bytes:
    """Write the event that tests a receiver."""
    return _written(
        {
            "specversion": "1.0",
            "id": ping,
            "source": f"/redress/webhooks/{subscription}",
            "type": f"{PREFIX}.ping.{VERSION}",
            "time": _instant(at),
            "datacontenttype": "application/json",
            "data": {"subscription": subscription},
        }
    )


def _written(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
