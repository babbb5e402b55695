"""`redress start`: takes complaints in."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.finding import hints
from cli.options import As, Json
from cli.printing import say, say_json, table
from cli.rights import caller_of, demand, only

if TYPE_CHECKING:
    from complaints.commands import Envelope
    from complaints.vocabulary import Actor
    from db.similar import Alike
    from workflows.door import Door

_OWN_FIELDS = ("id", "received_at")
"""What a file may say beside the fields of Register."""

_UNNAMED = "unnamed"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Work on complaints")(start)


def start(
    file: Annotated[
        str, typer.Argument(help="A complaint, or a list of them, as JSON or YAML; - for stdin.")
    ],
    actor: As = None,
    json: Json = False,
) -> None:
    """Start complaints; starting the same one again finds it.

    A complaint has the fields of Register (redress commands register), and may have received_at and id. Without a
    reference it is named after its content, so that the same file is the same complaint.
    """
    from complaints.permissions import Case, Right

    who = caller_of(reading.actor(actor))
    registrations = _registrations(reading.document(file), who.actor)
    for each in registrations:
        form: Any = each.command
        demand(who, Right.REGISTER, Case(source=form.source))
    results = asyncio.run(_start_all(registrations))
    if json:
        data = [result.data() for result in results]
        say_json(data if len(data) != 1 else data[0])
    elif len(results) == 1:
        say(f"{results[0].number}  {results[0].result}")
    else:
        say(table(("number", "result"), [(result.number, result.result) for result in results]))
    if not json:
        say(*(line for result in results for line in hints(result.number, result.similar)))
    refused = [result for result in results if result.rule]
    if refused:
        raise Stopped(
            Exit.REFUSED,
            "; ".join(f"{result.number} refused ({result.rule}): {result.result}" for result in refused),
        )


@dataclass(frozen=True)
class _Result:
    number: str
    new: bool
    result: str
    rule: str | None = None
    similar: tuple[Alike, ...] = ()

    def data(self) -> dict[str, Any]:
        """Say it to programs."""
        from complaints.wire import plain

        return {**vars(self), "similar": [plain(each) for each in self.similar]}


def _registrations(data: Any, actor: Actor) -> list[Envelope]:
    """Read all before anything is started: one that is malformed means that none is."""
    from complaints.wire import Malformed, Problem

    if not isinstance(data, list):
        return [_registration(data, actor)]
    read, problems = [], []
    for index, item in enumerate(data):
        try:
            read.append(_registration(item, actor))
        except Malformed as error:
            problems += [Problem(field=f"{index}.{p.field}", rule=p.rule) for p in error.problems]
    if problems:
        raise Malformed(*problems)
    return read


def _registration(item: object, actor: Actor) -> Envelope:
    from uuid import uuid4

    from complaints.canonical import canonical
    from complaints.commands import Envelope, Register
    from complaints.wire import parse, plain

    data = reading.mapping(item, "a complaint")
    own = {name: data.pop(name, None) for name in _OWN_FIELDS}
    register = parse(Register, {"reference": _UNNAMED, **data})
    received_at = reading.instant(own["received_at"])
    if "reference" not in data:
        content = canonical({**plain(register), "received_at": own["received_at"] and received_at})
        register = replace(register, reference=hashlib.sha256(content.encode()).hexdigest()[:16])
    return parse(
        Envelope,
        {"id": own["id"] or str(uuid4()), "actor": actor, "received_at": received_at, "command": register},
    )


async def _start_all(registrations: list[Envelope]) -> list[_Result]:
    """Start what was asked for. The policy is pinned for ever, so without the records none is guessed."""
    from sqlalchemy.exc import OperationalError

    from cli.surroundings import door

    results = []
    try:
        async with door() as open_door:
            for each in registrations:
                results.append(await _start(open_door, each, alone=len(registrations) == 1))  # noqa: PERF401 - counted on failure
    except OperationalError:
        raise Stopped(
            Exit.AWAY,
            "PostgreSQL does not answer, so nobody knows which policy is in force; "
            + (f"{len(results)} were started" if results else "nothing was started"),
            "try again: what was started before is found again",
        ) from None
    return results


async def _start(door: Door, registration: Envelope, *, alone: bool) -> _Result:
    from complaints.errors import Refusal
    from complaints.permissions import Right

    number = _number(registration)
    seen = only(caller_of(registration.actor), Right.SEARCH)
    try:
        started = await door.start(registration, only=seen)
    except Refusal as refusal:
        if alone:
            raise
        return _Result(number, False, refusal.message, refusal.rule)
    said = "started" if started.new else "was there already"
    return _Result(number, started.new, said, similar=started.similar)


def _number(registration: Envelope) -> str:
    from workflows.names import number_of

    form: Any = registration.command
    return number_of(form.source, form.reference)
