"""`redress matter`: improvements, reviews, hot spots and mass incidents."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Department, Json
from cli.printing import heading, moment, say, say_json, span, table, words
from cli.rights import demand, looker

if TYPE_CHECKING:
    from complaints.matters.commands import Envelope
    from complaints.matters.facts import Event
    from complaints.matters.state import State
    from complaints.matters.view import Head

T = TypeVar("T")

Matter = Annotated[str, typer.Argument(help="The matter's id.", show_default=False)]
Fields = Annotated[str, typer.Option("--json", metavar="{...}|@FILE|-", help="The fields, as JSON or YAML.")]
Id = Annotated[
    str | None,
    typer.Option("--id", help="Idempotency key: the same one never acts twice.", show_default="a new one"),
]
Received = Annotated[
    str | None, typer.Option(help="When it reached us, with UTC offset.", show_default="now")
]
InJson = Annotated[bool, typer.Option("--answer-json", help="Answer in JSON, for programs.")]


def add_to(app: typer.Typer) -> None:
    """Add the family."""
    family = typer.Typer(
        help="What outlives a complaint: improvements, reviews, hot spots, mass incidents.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    family.command("list")(list_)
    family.command()(show)
    family.command("open")(open_)
    family.command("do")(act)
    app.add_typer(family, name="matter", rich_help_panel="Work on complaints")


def list_(
    kind: Annotated[str | None, typer.Option(help="Only those of a kind.", show_default=False)] = None,
    department: Department = None,
    case: Annotated[
        str | None, typer.Option(help="Only those that a complaint belongs to.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that have ended as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    json: Json = False,
) -> None:
    """List the matters that are open, those first that are due first."""
    from cli.surroundings import database
    from complaints.matters.forms import Kind, Status
    from complaints.permissions import Right
    from complaints.wire import plain
    from db.matters import list_matters
    from db.visibility import is_visible_matter

    who = looker()
    demand(who, Right.SEARCH)
    with database() as session:
        found = list_matters(
            session,
            kind=one_of(Kind, kind, "kind") if kind else None,
            status=None if everything else Status.OPEN,
            department=department,
            case=case,
            limit=limit,
            only=is_visible_matter(who, Right.SEARCH) if who else None,
        )
    if json:
        say_json([plain(each) for each in found])
        return
    now = datetime.now(UTC)
    columns = ("matter", "title*", "owner", "due", "how it stands")
    rows = [(m.id, m.title, m.owner or m.department or "", _due(m, now), _standing(m)) for m in found]
    say(table(columns, rows) if rows else "no matter is open")


def show(
    matter: Matter,
    private: Annotated[bool, typer.Option("--private", help="Leave out free text.")] = False,
    json: Json = False,
) -> None:
    """Show one matter, and what happened to it."""
    from cli.surroundings import database
    from complaints.matters.state import State, replayed
    from complaints.matters.view import view
    from complaints.permissions import Case, Right, may
    from complaints.privacy import without_people
    from complaints.wire import plain
    from db.matters import ledger_of

    with database() as session:
        past = ledger_of(session, matter)
    state = replayed(State(id=matter), past)
    who = looker()
    concerned = Case(source="", department=state.department, handler=state.owner)
    if not past or (who is not None and not may(who, Right.READ, concerned)):
        raise Stopped(Exit.NOT_FOUND, f"there is no matter {matter} on record", "redress matter list --all")
    if json:
        data = {"matter": plain(view(state)), "ledger": [plain(event) for event in past]}
        say_json(without_people(data) if private else data)
        return
    _say_matter(state, past, private=private)


def open_(fields: Fields = "{}", actor: As = None, id_: Id = None, answer_json: InJson = False) -> None:
    """Open a matter; the same kind and reference is the same matter, opened once."""
    from cli.surroundings import temporal

    envelope = envelope_of("Open", fields, actor, id_, None)

    async def opened() -> tuple[str, bool]:
        from workflows import matters_client

        return await matters_client.open_(await temporal(), envelope)

    matter, new = asyncio.run(opened())
    if answer_json:
        say_json({"matter": matter, "new": new})
    else:
        say(f"{matter}  {'opened' if new else 'was there already'}")


def act(
    matter: Matter,
    command: Annotated[str, typer.Argument(help="What to do: add-note, conclude, hand-over, ...")],
    fields: Fields = "{}",
    actor: As = None,
    id_: Id = None,
    received_at: Received = None,
    answer_json: InJson = False,
) -> None:
    """Do something about a matter: add-cases, add-note, hand-over, postpone, conclude, cancel."""
    from cli.surroundings import temporal
    from complaints.matters.view import Answer
    from complaints.wire import plain

    envelope = envelope_of(_command(command), fields, actor, id_, received_at)

    async def execute() -> Answer:
        from workflows import matters_client

        return await matters_client.execute(await temporal(), matter, envelope)

    answer = asyncio.run(execute())
    if answer_json:
        say_json(plain(answer))
        return
    if not answer.facts:
        say(f"{matter}  had been done before; nothing was done again")
    raised = f", raised {', '.join(answer.created)}" if answer.created else ""
    say(f"{matter}  {words(answer.status)}{raised}")
    if answer.facts:
        say(f"  brought about: {', '.join(answer.facts)}")


def envelope_of(
    name: str, fields: str, actor: str | None, id_: str | None, received_at: str | None
) -> Envelope:
    """Read a command to a matter as it was typed."""
    from uuid import uuid4

    from complaints.matters.commands import COMMANDS, Envelope
    from complaints.wire import parse

    return parse(
        Envelope,
        {
            "id": id_ or str(uuid4()),
            "actor": reading.actor(actor),
            "received_at": reading.instant(received_at),
            "command": parse(COMMANDS[name], reading.fields_of(fields)),
        },
    )


def one_of(kind: type[T], given: str, what: str) -> T:
    """Read a word of an enum as it is typed."""
    try:
        return kind(given.replace("-", "_"))  # type: ignore[call-arg]  # an enum is called with its value
    except ValueError:
        raise Stopped(Exit.MALFORMED, f"there is no {what} {given!r}", *kind) from None  # type: ignore[misc]  # and iterable


def _command(given: str) -> str:
    from complaints.matters.commands import COMMANDS

    bare = given.replace("-", "").replace("_", "").lower()
    for name in COMMANDS:
        if name.lower() == bare and name != "Open":
            return name
    known = [reading.dashed(name) for name in COMMANDS if name != "Open"]
    raise Stopped(Exit.MALFORMED, f"there is no command {given!r} for a matter", *known)


def _due(matter: Head, now: datetime) -> str:
    if matter.due_at is None or matter.ended_at is not None:
        return ""
    left = matter.due_at - now
    return span(left) if left.total_seconds() > 0 else f"{span(-left)} ago"


def _standing(matter: Head) -> str:
    late = " late" if matter.late else ", overdue" if matter.missed_at and not matter.ended_at else ""
    return f"{words(matter.status)}{late}"


def _say_matter(state: State, past: list[Event], *, private: bool) -> None:
    from complaints.privacy import WITHHELD

    assert state.opening is not None
    opening = state.opening

    def free(text: str) -> str:
        return WITHHELD if private else text

    say(f"{state.id}  {words(opening.kind)}, {words(state.status)}{' late' if state.late else ''}")
    say(f"  {free(opening.title)}")
    if opening.about and opening.about != opening.title:
        say(f"  {free(opening.about)}")
    say(
        f"  department: {state.department or 'the customer service department'}; owner: {state.owner or 'its lead'}"
    )
    if state.due_at:
        say(f"  due: {moment(state.due_at, None)} UTC")
    for name, items in (("from", opening.sources), ("complaints", state.cases)):
        if items:
            say(f"  {name}: {', '.join(items)}")
    sections: list[tuple[str, list[str]]] = [
        ("Evidence", [free(line) for line in opening.evidence]),
        ("Notes", [f"{moment(note.at, None)} {note.by}: {free(note.text)}" for note in state.notes]),
        ("Decisions", [free(line) for line in state.decisions]),
        (
            "Improvements",
            [
                f"{each.id} {free(each.plan.what)} ({each.matter or 'being opened'})"
                for each in state.improvements.values()
            ],
        ),
    ]
    for title, lines in sections:
        if lines:
            say(heading(title), *lines)
    say(heading("What happened (UTC)"))
    rows = [(moment(event.occurred_at, None), event.actor.id, event.fact.type) for event in past]
    say(table(("when", "who", "what"), rows))
