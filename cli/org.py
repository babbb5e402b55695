"""`redress org`: import the people of an organisation, show them, and say who is told of what at an instant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Json
from cli.printing import heading, moment, say, say_json, table
from cli.rights import caller_of, demand

if TYPE_CHECKING:
    from complaints.org import Org
    from complaints.routing import Routing


def add_to(app: typer.Typer) -> None:
    """Add the family."""
    family = typer.Typer(
        help="Import the people of an organisation, show them, and say who is on duty.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    family.command("import")(import_)
    family.command()(show)
    family.command()(duty)
    app.add_typer(family, name="org", rich_help_panel="Set the rules")


def import_(
    file: Annotated[Path, typer.Argument(help="A YAML file, or a sheet (.csv).", show_default=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    actor: As = None,
    json: Json = False,
) -> None:
    """Bring the stored organisation to what a file says; importing the same again changes nothing.

    Whoever is left out is deactivated, never deleted. A file with a mistake is refused as a whole.
    """
    from activities.channels import sender_for
    from cli.surroundings import records
    from complaints.org import gaps
    from complaints.org_file import load
    from complaints.permissions import Right
    from db import org as stored

    by = None if dry_run else reading.actor(actor)
    if by is not None:
        demand(caller_of(by), Right.WRITE_ORG)
    # Once without the database, so that a mistake is told wherever the file is written.
    load(file, check_target=sender_for)
    with records() as (session, keys):
        key = keys.columns
        org = load(file, present=stored.read(session), check_target=sender_for)
        if by is None:
            changes = stored.foresee(session, org, key)[1]
        else:
            changes = stored.replace(session, org, by=by.id, at=datetime.now(UTC), key=key)
            session.commit()
        version = stored.version(session)
    if json:
        told = [{"sign": c.sign, "what": c.what, "details": list(c.details)} for c in changes]
        say_json({"version": version, "dry_run": dry_run, "changes": told, "gaps": gaps(org)})
        return
    say(*(str(change) for change in changes))
    say(*(f"! {gap}" for gap in gaps(org)))
    counted = f"{len(changes)} change{'s' if len(changes) != 1 else ''}"
    if dry_run:
        say(f"{counted}; nothing was written")
    else:
        say(f"{counted}; version {version}" if changes else f"nothing changed; version {version}")


def show(json: Json = False) -> None:
    """Show departments, members and rosters. How somebody is reached is told by kind only."""
    from cli.surroundings import database
    from complaints.wire import plain
    from db import org as stored

    now = datetime.now(UTC)
    with database() as session:
        org, channels, version = stored.read(session), stored.channels(session), stored.version(session)
    if json:
        data = {**plain(org), "zone": org.zone.name, "version": version}
        for member in data["members"]:
            member["channels"] = list(channels[member["id"]])
            del member["targets"]
        say_json(data)
        return
    if not org.members:
        say("no organisation was imported; notices go to the targets of each role")
        return
    say(heading(f"Departments (version {version}, {org.zone.name})"))
    say(table(("id", "name*", "中文", "belongs to", "calendar", ""), _department_rows(org)))
    say(heading("Members"))
    columns = ("id", "name", "department", "roles*", "reached by*", "deputy", "")
    say(table(columns, _member_rows(org, channels, now)))
    if org.rosters:
        say(heading("Rosters"))
        say(table(("for", "shifts", "weekly", "members"), _roster_rows(org)))


def duty(
    department: Annotated[str | None, typer.Option(help="Only one department.", show_default=False)] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When; a time without offset is local.", show_default="now"),
    ] = None,
    json: Json = False,
) -> None:
    """Say who would be told of an escalation, and why they."""
    from cli.surroundings import database
    from db import org as stored

    with database() as session:
        org = stored.read(session)
    if not org.members:
        raise Stopped(Exit.NOT_FOUND, "no organisation was imported", "redress org import FILE")
    instant = _instant(org, at)
    found = _everybody_on_duty(org, department, instant)
    if json:
        say_json(
            [
                {
                    "asked": asked,
                    "people": list(routing.people),
                    "audience": routing.audience.value,
                    "why": routing.why,
                    "why_zh": routing.reason.zh if routing.reason else "",
                }
                for asked, routing in found
            ]
        )
        return
    say(f"at {moment(instant, org.zone)} ({org.zone.name})")
    rows = [(asked, ", ".join(routing.people) or "nobody", routing.why) for asked, routing in found]
    say(table(("for*", "told*", "why"), rows))


def _everybody_on_duty(org: Org, department: str | None, at: datetime) -> list[tuple[str, Routing]]:
    from complaints.routing import route
    from complaints.vocabulary import Role

    departments = [department] if department else [d.id for d in org.departments if d.active]
    found = [
        (f"lead of {each}", route(org, audience=Role.LEAD, department=each, at=at)) for each in departments
    ]
    if department is None:
        found += [
            (role.value.replace("_", " "), route(org, audience=role, department=None, at=at))
            for role in (Role.CUSTOMER_SERVICE, Role.EXECUTIVE, Role.MEDIATOR)
        ]
    return found


def _instant(org: Org, text: str | None) -> datetime:
    from complaints.org_words import beginning

    if text is None:
        return datetime.now(UTC)
    try:
        return beginning(org.zone, text)
    except ValueError as error:
        raise Stopped(Exit.MALFORMED, f"--at {error}") from None


def _department_rows(org: Org) -> list[tuple[str, ...]]:
    return [
        (d.id, d.name.en, d.name.zh, d.parent or "", d.calendar or "", "" if d.active else "not active")
        for d in org.departments
    ]


def _member_rows(org: Org, channels: dict[str, Any], now: datetime) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for member in org.members:
        state = "" if member.active else "not active"
        if leave := member.leave_at(now):
            state = f"on leave until {moment(leave.ends_at, org.zone)}"
        reached = ", ".join(channels[member.id]) or ("-" if member.active else "")
        roles = ", ".join(role.value.replace("_", " ") for role in member.roles)
        rows.append((member.id, member.name, member.department, roles, reached, member.deputy or "", state))
    return rows


def _roster_rows(org: Org) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for roster in org.rosters:
        named = [shift.member for shift in roster.weekly] + [shift.member for shift in roster.shifts]
        whom = roster.role.value.replace("_", " ") + (f" of {roster.department}" if roster.department else "")
        rows.append((whom, str(len(roster.shifts)), str(len(roster.weekly)), ", ".join(dict.fromkeys(named))))
    return rows
