"""`redress list`, `redress escalations`, `redress outbox`: many complaints at a glance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli.exits import Exit, Stopped
from cli.options import Department, Json
from cli.printing import moment, say, say_json, span, table, words
from cli.rights import looker, only


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list", rich_help_panel="Work on complaints")(list_)
    app.command(rich_help_panel="Work on complaints")(escalations)
    app.command(rich_help_panel="Work on complaints")(outbox)


def list_(
    stage: Annotated[str | None, typer.Option(help="Only those at a stage.", show_default=False)] = None,
    department: Department = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that miss a deadline now.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """List complaints, the oldest first."""
    from cli.surroundings import database
    from complaints.permissions import Right
    from complaints.wire import plain
    from db import queries

    now = datetime.now(UTC)
    wanted = stage_of(stage)
    with database() as session:
        found = queries.list_complaints(
            session,
            stage=wanted,
            department=department,
            overdue_at=now if overdue else None,
            limit=limit + 1,
            only=only(looker(), Right.SEARCH),
        )
    more, found = len(found) > limit, found[:limit]
    if json:
        say_json([plain(line) for line in found])
        return
    columns = ("number", "stage*", "category", "severity", "handler", "next due", "alarms")
    rows = [
        (
            c.number,
            words(c.stage) + (f" ({words(c.outcome)})" if c.outcome else ""),
            c.category,
            c.severity.value,
            c.handler or "",
            _due(c, now),
            _alarms(c),
        )
        for c in found
    ]
    say(table(columns, rows) if rows else "no complaints")
    if more:
        say(f"and more; --limit {limit * 10} shows more of them")


def escalations(department: Department = None, json: Json = False) -> None:
    """List the escalations that wait for somebody, the longest waiting first."""
    from cli.surroundings import records
    from complaints.permissions import Right
    from complaints.wire import plain
    from db import queries

    with records() as (session, keys):
        found = queries.open_escalations(session, department, only=only(looker(), Right.SEARCH))
        data = [keys.opened(plain(line), line.number) for line in found] if json else []
    if json:
        say_json(data)
        return
    now = datetime.now(UTC)
    rows = [
        (
            line.number,
            line.escalation.id,
            words(line.escalation.cause) + (f": {line.escalation.clock}" if line.escalation.clock else ""),
            words(line.escalation.audience)
            + (f" of {line.escalation.department}" if line.escalation.department else ""),
            span(now - line.escalation.called_at),
            f"acknowledged by {line.escalation.acknowledged_by}"
            if line.escalation.acknowledged_by
            else "open",
        )
        for line in found
    ]
    columns = ("number", "", "why*", "waits for*", "for", "how it stands")
    say(table(columns, rows) if rows else "no escalation is open")


def outbox(
    number: Annotated[str | None, typer.Argument(help="Only of one complaint.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """List the notices that no service has delivered, the oldest first."""
    from cli.surroundings import database
    from complaints.permissions import Right
    from complaints.wire import plain
    from db import queries

    with database() as session:
        found = queries.outbox(session, number, only=only(looker(), Right.SEARCH))
    if json:
        say_json([plain(line) for line in found])
        return
    rows = [
        (
            line.number,
            line.notice.recipient,
            f"{line.notice.kind} {line.notice.escalation or ''} {line.notice.clock or ''}",
            moment(line.notice.queued_at, None),
            line.notice.status + (f": {line.notice.detail}" if line.notice.status == "failed" else ""),
        )
        for line in found
    ]
    columns = ("number", "to*", "about*", "since (UTC)", "how it stands")
    say(table(columns, rows) if rows else "every notice was delivered")


def stage_of(given: str | None) -> Any:
    """Read a stage as it is typed."""
    from complaints.lifecycle import Stage

    if given is None:
        return None
    try:
        return Stage(given.replace("-", "_"))
    except ValueError:
        raise Stopped(Exit.MALFORMED, f"there is no stage {given!r}", *Stage) from None


def _due(complaint: Any, now: datetime) -> str:
    if complaint.paused_since:
        return "paused"
    if complaint.next_due_at is None:
        return ""
    left = complaint.next_due_at - now
    return span(left) if left.total_seconds() > 0 else f"{span(-left)} ago"


def _alarms(complaint: Any) -> str:
    counts = ((complaint.breaches, "missed"), (complaint.open_escalations, "escalated"))
    return ", ".join(f"{count} {what}" for count, what in counts if count)
