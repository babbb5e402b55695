"""Every call of the API as data: what is sent, and how its answer is read. `Redress` and `AsyncRedress` send them.

Whatever changes something has an idempotency key, made here once, so that however often a call is sent it acts once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel, TypeAdapter

from redress_client import models as m

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., "Call[Any]"])


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call.

    Attributes:
        key: Its idempotency key, if it changes something.
        file: What is uploaded: name, media type, and where its bytes are; a stream is read from its beginning each time.
        read: Reads a good answer.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    file: tuple[str, str | None, Path | bytes | BinaryIO] | None = None


ROUTES: dict[str, tuple[str, str]] = {}
"""Method and path of every call, by its name."""


def _route(method: str, path: str) -> Callable[[F], F]:
    def register(call: F) -> F:
        ROUTES[call.__name__] = (method, path)
        return call

    return register


def _call(
    name: str,
    read: Callable[[httpx.Response], T],
    /,
    *,
    changes: bool = False,
    key: str | None = None,
    **of: Any,
) -> Call[T]:
    method, path = ROUTES[name]
    for each in list(of):
        placeholder = f"{{{each}}}"
        if placeholder in path:
            path = path.replace(placeholder, quote(str(of.pop(each)), safe=""))
    if changes:
        key = key or str(uuid4())
        of["headers"] = {**of.get("headers", {}), "Idempotency-Key": key}
    params = {name: value for name, value in of.pop("params", {}).items() if value is not None}
    return Call(method, path, read, params=params, key=key, **of)


def _as(kind: type[T]) -> Callable[[httpx.Response], T]:
    """Read a model; fields that joined after this client was made are kept."""
    adapter: TypeAdapter[T] = TypeAdapter(kind)
    return lambda answer: adapter.validate_json(answer.content, extra="allow")


def _json(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found


def _nothing(_: httpx.Response) -> None:
    return None


def _sent(form: BaseModel | Mapping[str, Any], *without: str) -> dict[str, Any]:
    if isinstance(form, BaseModel):
        return form.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=set(without))
    return {name: value for name, value in form.items() if name not in without}


def _heads(received_at: datetime | None, expected_seq: int | None) -> dict[str, str]:
    heads = {}
    if received_at is not None:
        heads["Received-At"] = received_at.isoformat()
    if expected_seq is not None:
        heads["If-Match"] = f'"{expected_seq}"'
    return heads


# --- complaints


@_route("POST", "/v1/complaints")
def start_complaint(
    complaint: m.NewComplaint | Mapping[str, Any], *, key: str | None = None
) -> Call[m.StartedComplaint]:
    """Start a complaint; starting the same one again finds it."""
    return _call("start_complaint", _as(m.StartedComplaint), changes=True, key=key, body=_sent(complaint))


@_route("GET", "/v1/complaints")
def list_complaints(
    *,
    stage: Sequence[m.Stage] | None = None,
    severity: Sequence[m.Severity] | None = None,
    department: str | None = None,
    handler: str | None = None,
    category: str | None = None,
    source: str | None = None,
    overdue: bool | None = None,
    text: str | None = None,
    received_from: datetime | None = None,
    received_to: datetime | None = None,
    sort: m.Sort | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[m.ComplaintPage]:
    """List a page of the complaints that you may see; `sort` with a minus for the greatest first."""
    filters = {
        "stage": stage,
        "severity": severity,
        "department": department,
        "handler": handler,
        "category": category,
        "source": source,
        "overdue": overdue,
        "text": text,
        "received_from": received_from.isoformat() if received_from else None,
        "received_to": received_to.isoformat() if received_to else None,
        "sort": sort,
        "limit": limit,
        "cursor": cursor,
    }
    return _call("list_complaints", _as(m.ComplaintPage), params=filters)


@_route("GET", "/v1/complaints/{number}")
def read_complaint(number: str, *, min_seq: int | None = None) -> Call[m.ShownComplaint]:
    """Show a complaint as it stands, at least as of event `min_seq`."""
    return _call("read_complaint", _as(m.ShownComplaint), number=number, params={"min_seq": min_seq})


@_route("GET", "/v1/complaints/{number}/timeline")
def read_timeline(
    number: str, *, after: int | None = None, limit: int | None = None, min_seq: int | None = None
) -> Call[m.Timeline]:
    """Show a page of what happened to a complaint."""
    asked = {"after": after, "limit": limit, "min_seq": min_seq}
    return _call("read_timeline", _as(m.Timeline), number=number, params=asked)


# --- commands


@_route("POST", "/v1/complaints/{number}/commands")
def send_command(
    number: str,
    command: m.Command | Mapping[str, Any],
    *,
    key: str | None = None,
    received_at: datetime | None = None,
    expected_seq: int | None = None,
) -> Call[m.CommandAnswer]:
    """Let a command act; the answer is the state after it. `received_at` is when it reached you."""
    heads = _heads(received_at, expected_seq)
    return _call(
        "send_command",
        _as(m.CommandAnswer),
        changes=True,
        key=key,
        number=number,
        body=_sent(command),
        headers=heads,
    )


@_route("POST", "/v1/commands")
def send_commands(commands: Sequence[m.BulkItem], *, key: str | None = None) -> Call[m.BulkAnswer]:
    """Send up to 100 commands at once; each is answered by itself."""
    body = {"commands": [_sent(each) for each in commands]}
    return _call("send_commands", _as(m.BulkAnswer), changes=True, key=key, body=body)


@_route("POST", "/v1/complaints/{number}/feedback")
def give_feedback(
    number: str, feedback: m.GiveFeedback, *, key: str | None = None, received_at: datetime | None = None
) -> Call[m.CommandAnswer]:
    """Record what the customer was told."""
    body, heads = _sent(feedback, "type"), _heads(received_at, None)
    return _call(
        "give_feedback", _as(m.CommandAnswer), changes=True, key=key, number=number, body=body, headers=heads
    )


@_route("POST", "/v1/complaints/{number}/satisfaction")
def record_satisfaction(
    number: str, said: m.RecordFollowUp, *, key: str | None = None, received_at: datetime | None = None
) -> Call[m.CommandAnswer]:
    """Record what the customer said when asked whether it is settled."""
    # That nobody could be reached is said by an empty `satisfied`, so it is never left out.
    body, heads = {**_sent(said, "type"), "satisfied": said.satisfied}, _heads(received_at, None)
    return _call(
        "record_satisfaction",
        _as(m.CommandAnswer),
        changes=True,
        key=key,
        number=number,
        body=body,
        headers=heads,
    )


# --- escalations


@_route("GET", "/v1/escalations")
def list_escalations(
    *, mine: bool | None = None, limit: int | None = None, cursor: str | None = None
) -> Call[m.EscalationPage]:
    """List a page of the escalations that wait for you, or with `mine=False` of all that you may see."""
    return _call(
        "list_escalations", _as(m.EscalationPage), params={"mine": mine, "limit": limit, "cursor": cursor}
    )


@_route("POST", "/v1/complaints/{number}/escalations/{escalation}/acknowledge")
def acknowledge_escalation(number: str, escalation: str, *, key: str | None = None) -> Call[m.CommandAnswer]:
    """Say: I have it."""
    read = _as(m.CommandAnswer)
    return _call(
        "acknowledge_escalation", read, changes=True, key=key, number=number, escalation=escalation, body={}
    )


@_route("POST", "/v1/complaints/{number}/escalations/{escalation}/reassign")
def reassign_escalation(
    number: str,
    escalation: str,
    *,
    department: str,
    reason: str,
    person: str | None = None,
    key: str | None = None,
) -> Call[m.CommandAnswer]:
    """Let somebody else of the same rank take it up."""
    body = {"department": department, "reason": reason} | ({"person": person} if person else {})
    read = _as(m.CommandAnswer)
    return _call(
        "reassign_escalation", read, changes=True, key=key, number=number, escalation=escalation, body=body
    )


@_route("POST", "/v1/complaints/{number}/escalations/{escalation}/decline")
def decline_escalation(
    number: str, escalation: str, *, reason: str, key: str | None = None
) -> Call[m.CommandAnswer]:
    """Say that it is not yours; it climbs at once."""
    body, read = {"reason": reason}, _as(m.CommandAnswer)
    return _call(
        "decline_escalation", read, changes=True, key=key, number=number, escalation=escalation, body=body
    )


@_route("POST", "/v1/complaints/{number}/escalations/{escalation}/resolve")
def resolve_escalation(
    number: str, escalation: str, *, resolution: str, key: str | None = None
) -> Call[m.CommandAnswer]:
    """Say what was done about it."""
    body, read = {"resolution": resolution}, _as(m.CommandAnswer)
    return _call(
        "resolve_escalation", read, changes=True, key=key, number=number, escalation=escalation, body=body
    )


# --- files


@_route("POST", "/v1/complaints/{number}/attachments")
def attach_file(
    number: str,
    file: Path | bytes | BinaryIO,
    *,
    file_name: str | None = None,
    media_type: str | None = None,
    key: str | None = None,
) -> Call[m.AttachedFile]:
    """Put a file on a complaint. A path is opened when it is sent; a stream must be one that can be read again."""
    name = file_name or (file.name if isinstance(file, Path) else "file")
    return _call(
        "attach_file",
        _as(m.AttachedFile),
        changes=True,
        key=key,
        number=number,
        file=(name, media_type, file),
    )


@_route("GET", "/v1/complaints/{number}/attachments")
def list_attachments(number: str, *, min_seq: int | None = None) -> Call[m.FilePage]:
    """List a complaint's files, those that were removed included."""
    return _call("list_attachments", _as(m.FilePage), number=number, params={"min_seq": min_seq})


@_route("GET", "/v1/complaints/{number}/attachments/{attachment}/content")
def get_attachment(number: str, attachment: str) -> Call[bytes]:
    """Fetch the bytes of a file."""
    return _call("get_attachment", lambda answer: answer.content, number=number, attachment=attachment)


@_route("POST", "/v1/complaints/{number}/attachments/{attachment}/remove")
def remove_file(number: str, attachment: str, *, reason: str, key: str | None = None) -> Call[m.AttachedFile]:
    """Take a file away; its digest stays in the ledger."""
    body, read = {"reason": reason}, _as(m.AttachedFile)
    return _call("remove_file", read, changes=True, key=key, number=number, attachment=attachment, body=body)


# --- rules, people, health


@_route("GET", "/v1/policies")
def list_policies() -> Call[m.PolicyList]:
    """List every activation of a policy, the latest first."""
    return _call("list_policies", _as(m.PolicyList))


@_route("GET", "/v1/policies/{name}")
def read_policy(name: str) -> Call[m.ShownPolicy]:
    """Show a policy in full."""
    return _call("read_policy", _as(m.ShownPolicy), name=name)


@_route("GET", "/v1/org")
def read_org() -> Call[m.ShownOrg]:
    """Show departments and people."""
    return _call("read_org", _as(m.ShownOrg))


@_route("GET", "/livez")
def livez() -> Call[m.Alive]:
    """Ask whether the process answers."""
    return _call("livez", _as(m.Alive))


@_route("GET", "/readyz")
def readyz() -> Call[m.Readiness]:
    """Ask whether requests can be served."""
    return _call("readyz", _as(m.Readiness))


# --- Temporal's payloads


@_route("POST", "/v1/codec/encode")
def encode_payloads(
    payloads: Sequence[Mapping[str, Any]], *, workflow: str | None = None
) -> Call[dict[str, Any]]:
    """Seal and encrypt payloads before they go to Temporal; `workflow` is the complaint that they go to."""
    return _call("encode_payloads", _json, params={"workflow": workflow}, body={"payloads": list(payloads)})


@_route("POST", "/v1/codec/decode")
def decode_payloads(payloads: Sequence[Mapping[str, Any]]) -> Call[dict[str, Any]]:
    """Decrypt payloads of complaints that you may see."""
    return _call("decode_payloads", _json, body={"payloads": list(payloads)})


# --- webhooks


@_route("POST", "/v1/webhooks")
def create_webhook(subscription: Mapping[str, Any], *, key: str | None = None) -> Call[dict[str, Any]]:
    """Subscribe to events; the answer holds the secret, this once."""
    return _call("create_webhook", _json, changes=True, key=key, body=dict(subscription))


@_route("GET", "/v1/webhooks")
def list_webhooks() -> Call[dict[str, Any]]:
    """List your subscriptions."""
    return _call("list_webhooks", _json)


@_route("GET", "/v1/webhooks/{name}")
def read_webhook(name: str) -> Call[dict[str, Any]]:
    """Show a subscription."""
    return _call("read_webhook", _json, name=name)


@_route("DELETE", "/v1/webhooks/{name}")
def delete_webhook(name: str) -> Call[None]:
    """End a subscription."""
    return _call("delete_webhook", _nothing, name=name)


@_route("POST", "/v1/webhooks/{name}/pause")
def pause_webhook(name: str, *, key: str | None = None) -> Call[dict[str, Any]]:
    """Stop deliveries; what happens meanwhile waits."""
    return _call("pause_webhook", _json, changes=True, key=key, name=name)


@_route("POST", "/v1/webhooks/{name}/resume")
def resume_webhook(name: str, *, key: str | None = None) -> Call[dict[str, Any]]:
    """Let deliveries go on."""
    return _call("resume_webhook", _json, changes=True, key=key, name=name)


@_route("POST", "/v1/webhooks/{name}/secret")
def rotate_webhook_secret(name: str, *, key: str | None = None) -> Call[dict[str, Any]]:
    """Get a new secret, this once; the old one signs on for a while."""
    return _call("rotate_webhook_secret", _json, changes=True, key=key, name=name)


@_route("POST", "/v1/webhooks/{name}/ping")
def ping_webhook(name: str, *, key: str | None = None) -> Call[dict[str, Any]]:
    """Have a test event delivered now."""
    return _call("ping_webhook", _json, changes=True, key=key, name=name)


@_route("GET", "/v1/webhooks/{name}/deliveries")
def list_deliveries(
    name: str,
    *,
    progress: str | None = None,
    number: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[dict[str, Any]]:
    """List a page of what became of events, the newest first."""
    asked = {"progress": progress, "number": number, "cursor": cursor, "limit": limit}
    return _call("list_deliveries", _json, name=name, params=asked)


@_route("POST", "/v1/webhooks/{name}/replay")
def replay_webhook(name: str, what: Mapping[str, Any], *, key: str | None = None) -> Call[dict[str, Any]]:
    """Have events sent again, with the ids they had."""
    return _call("replay_webhook", _json, changes=True, key=key, name=name, body=dict(what))
