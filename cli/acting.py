"""`redress do` and `redress commands`: let somebody act on a complaint."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli import reading
from cli.exits import command_name
from cli.options import As, Json, Number
from cli.printing import heading, moment, say, say_json, span, table, words
from cli.rights import caller_of, demand_complaints


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("do", rich_help_panel="Work on complaints")(act)
    app.command(rich_help_panel="Work on complaints")(commands)


def act(
    number: Number,
    command: Annotated[
        str, typer.Argument(help="What to do: record-findings, RecordFindings, record_findings.")
    ],
    fields: Annotated[
        str, typer.Option("--json", metavar="{...}|@FILE|-", help="The command's fields, as JSON or YAML.")
    ] = "{}",
    actor: As = None,
    id_: Annotated[
        str | None,
        typer.Option(
            "--id", help="Idempotency key: the same one never acts twice.", show_default="a new one"
        ),
    ] = None,
    received_at: Annotated[
        str | None,
        typer.Option(
            help="When it reached us, with UTC offset; duties are judged by it.", show_default="now"
        ),
    ] = None,
    answer_json: Annotated[bool, typer.Option(help="Answer in JSON, for programs.")] = False,
) -> None:
    """Do something about a complaint. The fields of every command: redress commands [COMMAND]."""
    from uuid import uuid4

    from cli.surroundings import door
    from complaints.commands import Envelope
    from complaints.permissions import Right
    from complaints.view import Answer
    from complaints.wire import parse, parse_command, plain

    name = reading.command_of(command)
    envelope = parse(
        Envelope,
        {
            "id": id_ or str(uuid4()),
            "actor": reading.actor(actor),
            "received_at": reading.instant(received_at),
            "command": parse_command(name, reading.fields_of(fields)),
        },
    )

    demand_complaints(caller_of(envelope.actor), Right.ACT, number)

    async def execute() -> Answer:
        async with door() as open_door:
            return await open_door.execute(number, envelope)

    answer = asyncio.run(execute())
    if answer_json:
        say_json(plain(answer))
        return
    if not answer.facts:
        say(f"{number}  had been done before; nothing was done again")
    made = f", made {answer.created}" if answer.created else ""
    say(f"{number}  {words(answer.stage)}{f' ({words(answer.outcome)})' if answer.outcome else ''}{made}")
    if answer.facts:
        say(f"  brought about: {', '.join(answer.facts)}")
    if answer.next_due_at:
        left = span(answer.next_due_at - datetime.now(UTC))
        say(f"  next deadline: {moment(answer.next_due_at, None)} UTC, in {left}")


def commands(
    command: Annotated[str | None, typer.Argument(help="One command.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """List what can be done to a complaint, or the fields of one command."""
    from complaints.commands import COMMANDS
    from complaints.wire import schema

    if command is None:
        if json:
            say_json({reading.dashed(name): schema(kind) for name, kind in COMMANDS.items()})
            return
        rows = [(dashed, purpose) for dashed, _, purpose in map(described, COMMANDS)]
        say(table(("command", "what it does"), rows), "Fields, and who may: redress commands COMMAND")
        return
    name = reading.command_of(command)
    if json:
        say_json(schema(COMMANDS[name]))
        return
    _, who, purpose = described(name)
    say(f"{reading.dashed(name)}: {purpose}", f"Who may: {who}", heading("Fields"))
    say(table(("field", "", "default", "type"), _fields(schema(COMMANDS[name]))))


def described(name: str) -> tuple[str, str, str]:
    """Return how a command is typed, who may, and what it does."""
    from complaints.commands import COMMANDS
    from complaints.lifecycle import WHO_MAY, Act
    from complaints.vocabulary import Role

    dashed = reading.dashed(name)
    roles = next(WHO_MAY[act] for act in Act if command_name(act) == dashed)
    who = ", ".join(role for role in Role if role in roles)
    return dashed, who, (COMMANDS[name].__doc__ or "").partition("\n\n")[0].replace("\n", " ").strip()


def _fields(
    schema: dict[str, Any], definitions: dict[str, Any] | None = None, prefix: str = ""
) -> list[list[str]]:
    """Lay out a JSON Schema; the fields of nested forms stand under their own."""
    definitions = definitions or schema.get("$defs", {})
    rows = []
    for name, field in schema.get("properties", {}).items():
        if name == "type":
            continue
        required = "required" if name in schema.get("required", ()) else ""
        default = "" if field.get("default") is None else str(field["default"])
        rows.append([prefix + name, required, default, _kind(field, definitions)])
        for choice in _choices(field, definitions):
            if "properties" in choice:
                rows += _fields(choice, definitions, f"{prefix}{name}.")
    return rows


def _choices(field: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        definitions[choice["$ref"].rpartition("/")[2]] if "$ref" in choice else choice
        for choice in field.get("anyOf", [field])
    ]


def _kind(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    return " or ".join(
        _kind_of(choice) for choice in _choices(field, definitions) if choice.get("type") != "null"
    )


def _kind_of(choice: dict[str, Any]) -> str:
    if "enum" in choice:
        return ", ".join(choice["enum"])
    if choice.get("format") == "date-time":
        return "instant with UTC offset"
    limits = ""
    if "maxLength" in choice:
        limits = f", up to {choice['maxLength']} characters"
    elif "minimum" in choice and "maximum" in choice:
        limits = f", {choice['minimum']} to {choice['maximum']}"
    names = {"string": "text", "boolean": "true or false", "integer": "number", "object": "fields below"}
    return names.get(str(choice.get("type")), str(choice.get("type"))) + limits
