"""`redress policy`: check the rules of an organisation, put them into force, show and compare them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import policy_due, policy_migration, reading
from cli.exits import Exit, Stopped
from cli.options import As, Json
from cli.printing import heading, moment, say, say_json, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from complaints.policy import Policy
    from complaints.vocabulary import Actor
    from db.policies import Activation

_AT_LENGTH = re.compile(r"calendars\.[^.]+\.(zone|special)\.|playbook\.")
"""What nobody reads line by line unless they ask for it."""

_WHOLE = "Also every holiday, change of the clocks and piece of advice."
_COMPARED = "A file, NAME[@VERSION], or the start of a fingerprint."


def add_to(app: typer.Typer) -> None:
    """Add the family."""
    family = typer.Typer(
        help="Check, activate, show and compare policies, and migrate complaints to another one.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    for command in (check, activate, show, diff, policy_due.due):
        family.command()(command)
    family.command("list")(list_)
    policy_migration.add_to(family)
    app.add_typer(family, name="policy", rich_help_panel="Set the rules")


def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Policy files; - for stdin.", show_default=False)
    ],
    json: Json = False,
) -> None:
    """Say whether policy files are fine, or all that is wrong with them, by line; asks no server."""
    from complaints.policy import fingerprint
    from complaints.wire import Malformed, Problem

    fine: list[tuple[str, str, str, int]] = []
    problems: list[Problem] = []
    for file in files:
        try:
            policy, _ = _load(file)
        except Malformed as error:
            problems += error.problems
        else:
            clocks = len(policy.clocks) + len(policy.statutory)
            fine.append((file, f"{policy.name}@{policy.version}", fingerprint(policy), clocks))
    if json:
        names = ("file", "policy", "sha256", "clocks")
        say_json([dict(zip(names, line, strict=True)) for line in fine])
    else:
        say(*(f"{file}  {name}  {sha256[:12]}  {clocks} clocks  fine" for file, name, sha256, clocks in fine))
    if problems:
        raise Malformed(*problems)


def activate(
    file: Annotated[str, typer.Argument(help="A policy file; - for stdin.", show_default=False)],
    organisation: Annotated[
        str | None, typer.Option(help="Only for one organisation.", show_default="all")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only for this category; may be repeated.", show_default="all")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            help="For complaints received from that day on, or from an instant with UTC offset.",
            show_default="now",
        ),
    ] = None,
    actor: As = None,
    json: Json = False,
) -> None:
    """Put a policy into force for complaints to come; those under way keep theirs.

    Doing so again changes nothing. A version stands for one text: changed rules need a new version.
    """
    from complaints.vocabulary import Identifier
    from complaints.wire import parse, plain
    from db import policies

    who = _entitled(reading.actor(actor))
    policy, text = _load(file)
    _check_categories(policy, category or [])
    at = datetime.now(UTC)
    with _records() as session:
        try:
            made = policies.activate(
                session,
                policy,
                organisation=parse(Identifier, organisation) if organisation else None,
                categories=category or (),
                received_from=_since(since, policy),
                by=who.id,
                at=at,
                source_text=text,
            )
        except policies.VersionTaken as taken:
            raise Stopped(Exit.REFUSED, f"{taken}\n  {_told(taken.taken, policy)}") from None
        session.commit()
    if json:
        say_json(plain(made))
        return
    already = "" if made.activated_at == at else "already "
    scope = f"{_organisation(made)}, {_categories(made)}"
    since_when = moment(made.received_from, policy.zone)
    say(f"{_label(made)}  {already}in force for {scope}, received from {since_when} on")


def list_(json: Json = False) -> None:
    """List what was put into force, the latest first; when several apply the most specific one counts."""
    from complaints.wire import plain
    from db import policies

    with _records() as session:
        found = policies.versions(session)
    if json:
        say_json([plain(activation) for activation in found])
        return
    columns = ("policy", "sha256", "organisation*", "categories*", "received from", "activated (UTC)*")
    rows = [
        (
            _label(line),
            line.sha256[:12],
            _organisation(line),
            _categories(line),
            moment(line.received_from, None),
            f"{moment(line.activated_at, None)} {line.activated_by}",
        )
        for line in found
    ]
    say(table(columns, rows) if rows else "no policy was activated: complaints start under REDRESS_POLICY")


def show(
    policy: Annotated[
        str,
        typer.Argument(metavar="NAME[@VERSION]", help="Or the start of a fingerprint.", show_default=False),
    ],
    json: Annotated[bool, typer.Option("--json", help="The resolved policy, as it is pinned.")] = False,
    source: Annotated[bool, typer.Option("--source", help="The file, as it was activated.")] = False,
    whole: Annotated[bool, typer.Option("--all", help=_WHOLE)] = False,
) -> None:
    """Show what a policy says."""
    import json as json_format

    from cli.policy_words import lines
    from complaints.policy import fingerprint, text_of
    from db import policies

    if source:
        with _records() as session:
            text = policies.source_of(session, _on_record(session, policy))
        if text is None:
            raise Stopped(Exit.NOT_FOUND, f"{policy} was never activated, so its file is not kept")
        typer.echo(text, nl=not text.endswith("\n"))
        return
    found = find(policy)
    if json:
        say_json(json_format.loads(text_of(found)))
        return
    shown = {path: words for path, words in lines(found).items() if whole or not _AT_LENGTH.match(path)}
    left_out = len(lines(found)) - len(shown)
    say(heading(f"{found.name}@{found.version}  {fingerprint(found)}"))
    say(table(("what", "is"), list(shown.items())))
    _say_left_out(left_out)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help=_COMPARED, show_default=False)],
    after: Annotated[str, typer.Argument(metavar="B", help=_COMPARED, show_default=False)],
    json: Json = False,
    whole: Annotated[bool, typer.Option("--all", help=_WHOLE)] = False,
) -> None:
    """Say in which rules B differs from A."""
    from cli.policy_words import differences
    from complaints.wire import plain

    found = differences(find(before), find(after))
    if json:
        say_json([plain(difference) for difference in found])
        return
    shown = [d for d in found if whole or not _AT_LENGTH.match(d.path)]
    if shown:
        rows = [(d.path, f"{d.before or '(nothing)'} -> {d.after or '(nothing)'}") for d in shown]
        say(table(("what*", "how it changes"), rows))
    _say_left_out(len(found) - len(shown))
    if not found:
        say("both say the same")


def _say_left_out(lines: int) -> None:
    if lines:
        say(f"and {lines} lines more (holidays, changes of the clocks, advice): --all")


def find(wanted: str) -> Policy:
    """Find a policy among files, among those on record, and among those that ship, in this order."""
    from complaints.policy_file import FOLDER, builtin

    if is_file(wanted):
        return _load(wanted)[0]
    with _records() as session:
        try:
            return _on_record(session, wanted)
        except Stopped:
            if not re.fullmatch(r"[\w.-]+", wanted) or not (FOLDER / f"{wanted}.yaml").is_file():
                raise
    return builtin(wanted)


def is_file(wanted: str) -> bool:
    """Say whether a file is meant, and not a name; whether there is one shows when it is read."""
    return wanted == "-" or "/" in wanted or wanted.endswith((".yaml", ".yml"))


def _on_record(session: Session, wanted: str) -> Policy:
    from db import policies

    try:
        return policies.find(session, wanted)
    except policies.UnknownPolicy as unknown:
        raise Stopped(Exit.NOT_FOUND, str(unknown), "redress policy list") from None


def _load(file: str) -> tuple[Policy, str]:
    """Read a policy, and the text of its file."""
    from complaints.policy_file import load, read

    text = reading.text_of(file)
    return (read(text, name="standard input") if file == "-" else load(Path(file))), text


@contextmanager
def _records() -> Iterator[Session]:
    from cli.surroundings import database

    with database() as session:
        yield session


# --- activating


def _entitled(actor: Actor) -> Actor:
    """Rules are set by who answers for the procedure, or by a system that they let do it."""
    from complaints.errors import NotYourRole
    from complaints.vocabulary import Role

    entitled = (Role.CUSTOMER_SERVICE, Role.EXECUTIVE, Role.SYSTEM)
    if actor.role not in entitled:
        raise NotYourRole(f"activating a policy is for {', '.join(entitled)}; you act as {actor.role}")
    return actor


def _check_categories(policy: Policy, wanted: list[str]) -> None:
    from complaints.wire import Malformed, Problem

    unknown = [name for name in wanted if name not in policy.categories]
    if unknown:
        known = ", ".join(policy.categories)
        rule = f"{', '.join(unknown)} is none of the policy's categories: {known}"
        raise Malformed(Problem(field="category", rule=rule))


def _since(given: str | None, policy: Policy) -> datetime | None:
    """Read a day, which begins at midnight on the organisation's clocks, or an instant."""
    from complaints.wire import Malformed, Problem
    from complaints.working_time import instant_of

    if given is None:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        try:
            return reading.instant(given)
        except Malformed:
            rule = "must be a day, such as 2026-03-01, or an instant with its UTC offset"
            raise Malformed(Problem(field="--from", rule=rule)) from None
    return instant_of(policy.zone, datetime.combine(day, time()))


def _told(before: Policy, after: Policy, most: int = 5) -> str:
    from cli.policy_words import differences

    found = differences(before, after)
    told = [f"{d.path}: {d.before or '(nothing)'} -> {d.after or '(nothing)'}" for d in found[:most]]
    return "\n  ".join(told + ([f"and {len(found) - most} more"] if len(found) > most else []))


def _label(activation: Any) -> str:
    return f"{activation.name}@{activation.version}"


def _organisation(activation: Activation) -> str:
    return activation.organisation or "every organisation"


def _categories(activation: Activation) -> str:
    return ", ".join(activation.categories) or "every category"
