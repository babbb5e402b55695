"""`redress incident`: one event that many complain of, answered together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.matters import Fields, Id, InJson, Matter, Received
from cli.options import As
from cli.printing import say, say_json, table
from cli.rights import caller_of, demand, demand_complaints

if TYPE_CHECKING:
    from complaints.commands import Envelope
    from complaints.matters.together import Item
    from complaints.permissions import Caller

Numbers = Annotated[list[str], typer.Argument(help="The complaints' numbers.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the family."""
    family = typer.Typer(
        help="Mass incidents: one event that many complain of, answered together.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    family.command("open")(open_)
    family.command()(join)
    family.command("answer")(answer_)
    app.add_typer(family, name="incident", rich_help_panel="Work on complaints")


def open_(fields: Fields = "{}", actor: As = None, id_: Id = None, answer_json: InJson = False) -> None:
    """Open an incident, and let its cases join it. The fields are those of a matter, without its kind."""
    from uuid import uuid4

    from complaints.matters.commands import Envelope, Open
    from complaints.wire import parse

    request = id_ or str(uuid4())
    command = parse(Open, {"kind": "incident", **reading.fields_of(fields)})
    envelope = parse(
        Envelope,
        {
            "id": request,
            "actor": reading.actor(actor),
            "received_at": reading.instant(None),
            "command": command,
        },
    )

    async def opened() -> tuple[str, bool]:
        from cli.surroundings import temporal
        from workflows import matters_client

        return await matters_client.open_(await temporal(), envelope)

    incident, new = asyncio.run(opened())
    joined = _join(incident, command.cases, actor, request) if command.cases else ()
    if not answer_json:
        say(f"{incident}  {'opened' if new else 'was there already'}")
    _report(joined, answer_json=answer_json, incident=incident)


def join(
    incident: Matter, numbers: Numbers, actor: As = None, id_: Id = None, answer_json: InJson = False
) -> None:
    """Let complaints join an incident."""
    from uuid import uuid4

    joined = _join(incident, tuple(numbers), actor, id_ or str(uuid4()))
    _report(joined, answer_json=answer_json, incident=incident)


def answer_(
    incident: Matter,
    command: Annotated[str, typer.Option(help="Which command each of them gets.")] = "give-feedback",
    fields: Fields = "{}",
    actor: As = None,
    id_: Id = None,
    received_at: Received = None,
    answer_json: InJson = False,
) -> None:
    """Answer all open complaints of an incident together; sent again with the same --id, nothing acts twice."""
    from uuid import uuid4

    _check_reach(incident, caller_of(reading.actor(actor)))
    name = reading.command_of(command)
    envelope = _envelope(name, reading.fields_of(fields), actor, id_ or str(uuid4()), received_at)
    _report(_together(incident, envelope, ()), answer_json=answer_json, incident=incident)


def _check_reach(incident: str, who: Caller) -> None:
    """Go on only if whoever answers an incident may act on each of its complaints."""
    from cli.surroundings import database
    from complaints.permissions import Reach, Right, reach
    from db.visibility import count_hidden

    demand(who, Right.ACT)
    if reach(who, Right.ACT) == Reach.ALL:
        return
    with database() as session:
        hidden = count_hidden(session, incident, who, Right.ACT)
    if hidden:
        raise Stopped(
            Exit.REFUSED,
            f"{hidden} complaints of {incident} are for others",
            "let the customer service department answer it",
            "redress do NUMBER give-feedback",
        )


def _join(incident: str, numbers: tuple[str, ...], actor: str | None, request: str) -> tuple[Item, ...]:
    from complaints.permissions import Right

    demand_complaints(caller_of(reading.actor(actor)), Right.ACT, *numbers)
    envelope = _envelope("JoinIncident", {"incident": incident}, actor, f"{request[:90]}-join", None)
    return _together(incident, envelope, numbers)


def _envelope(
    name: str, fields: dict[str, Any], actor: str | None, id_: str, received_at: str | None
) -> Envelope:
    from complaints.commands import Envelope
    from complaints.wire import parse, parse_command

    return parse(
        Envelope,
        {
            "id": id_,
            "actor": reading.actor(actor),
            "received_at": reading.instant(received_at),
            "command": parse_command(name, fields),
        },
    )


def _together(incident: str, envelope: Envelope, numbers: tuple[str, ...]) -> tuple[Item, ...]:
    from complaints.matters.together import Together

    async def told() -> tuple[Item, ...]:
        from cli.surroundings import temporal
        from workflows import matters_client

        client = await temporal()
        work = Together(incident=incident, envelope=envelope, numbers=numbers)
        return await matters_client.tell_together(client, work)

    return asyncio.run(told())


def _report(items: tuple[Item, ...], *, answer_json: bool, incident: str) -> None:
    from complaints.wire import plain

    if answer_json:
        say_json({"incident": incident, "complaints": [plain(item) for item in items]})
        return
    rows = [(item.number, f"refused ({item.rule}): {item.why}" if item.rule else "done") for item in items]
    say(table(("complaint", "result"), rows) if rows else f"no open complaint belongs to {incident}")
