"""`redress start`: takes complaints in."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.finding import hints
from cli.options import As, Json
from cli.printing import say, say_json, table
from cli.rights import caller_of, demand, only

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from complaints.commands import Envelope
    from complaints.policy import Policy
    from complaints.vocabulary import Actor
    from db.similar import Alike

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


@dataclass(frozen=True)
class _Prepared:
    """A complaint that may be started: with what our records know of the customer, and what it may be the same as."""

    registration: Envelope
    policy: Policy
    similar: tuple[Alike, ...]


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
    from cli.surroundings import settings
    from complaints.errors import Refusal
    from workflows import client

    known = settings()
    prepared = _prepared(registrations, known.policy)
    connection = await client.connect(known)
    results = []
    for each in prepared:
        number = _number(each.registration)
        try:
            _, new = await client.start(connection, each.registration, each.policy)
        except Refusal as refusal:
            if len(registrations) == 1:
                raise
            results.append(_Result(number, False, refusal.message, refusal.rule))
        else:
            said = "started" if new else "was there already"
            results.append(_Result(number, new, said, similar=each.similar if new else ()))
    return results


def _prepared(registrations: list[Envelope], otherwise: str) -> list[_Prepared]:
    """Look everything up that a start needs from the records.

    The policy is pinned for ever, so without the records none is guessed.
    """
    from sqlalchemy.exc import OperationalError

    from cli.surroundings import database

    try:
        with database() as session:
            return [_prepare(session, registration, otherwise) for registration in registrations]
    except OperationalError:
        raise Stopped(
            Exit.AWAY,
            "PostgreSQL does not answer, so nobody knows which policy is in force; nothing was started",
            "try again: what was started before is found again",
        ) from None


def _prepare(session: Session, registration: Envelope, otherwise: str) -> _Prepared:
    from complaints.permissions import Right
    from db.history import with_history
    from db.policies import choose
    from db.similar import gist_of, similar

    form: Any = registration.command
    number, received_at = _number(registration), registration.received_at
    in_force = choose(
        session, category=form.category, organisation=form.organisation, received_at=received_at
    )
    policy = in_force or _policy(otherwise)
    form = with_history(session, form, policy, number=number, received_at=received_at)
    seen = only(caller_of(registration.actor), Right.SEARCH)
    alike = similar(session, gist_of(form, policy, received_at), besides=number, limit=3, only=seen)
    return _Prepared(replace(registration, command=form), policy, tuple(alike))


def _number(registration: Envelope) -> str:
    from workflows.names import number_of

    form: Any = registration.command
    return number_of(form.source, form.reference)


def _policy(name: str) -> Policy:
    from complaints.policy_file import FOLDER, builtin, load

    if "/" not in name and (FOLDER / f"{name}.yaml").exists():
        return builtin(name)
    if not Path(name).is_file():
        raise Stopped(Exit.MALFORMED, f"REDRESS_POLICY: there is no policy {name!r}")
    return load(Path(name))
