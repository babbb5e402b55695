"""`redress export`: cases as a table, or one complaint's history."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Department
from cli.printing import say
from cli.rights import demand_complaints, looker

if TYPE_CHECKING:
    from complaints.permissions import Caller
    from db.cases import Wanted
    from db.keys import Keys

_OPENED_AT_ONCE = 500


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Prove it")(export)


def export(
    number: Annotated[
        str | None, typer.Argument(help="One complaint, for its history.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write it there; cases as .csv, .jsonl or .parquet.",
            show_default="standard output, for a history",
        ),
    ] = None,
    stage: Annotated[str | None, typer.Option(help="Only those at a stage.", show_default=False)] = None,
    department: Department = None,
    category: Annotated[
        str | None, typer.Option(help="Only those of a category.", show_default=False)
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Only those received from then on.", show_default=False)
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only those received before.", show_default=False)] = None,
    closed: Annotated[
        bool | None, typer.Option("--closed/--open", help="Only those that are over; that are not.")
    ] = None,
    with_people: Annotated[
        bool, typer.Option("--with-people", help="With customers and what they said, where you may see them.")
    ] = False,
    actor: As = None,
) -> None:
    """Write cases into a file, a row each; with a number, that complaint's history as JSON.

    Cases come in a fixed order, without people unless asked for; the columns stand in docs/import.md. A history stays
    encrypted, and replays wherever the key is.
    """
    from complaints.permissions import Right

    filters = (stage, department, category, from_, until, closed)
    if number is not None:
        if with_people or any(each is not None for each in filters):
            raise Stopped(Exit.MALFORMED, "a history is one complaint's whole; nothing is chosen from it")
        demand_complaints(looker(actor), Right.READ, number)
        _history(number, output)
        return
    if output is None:
        raise Stopped(
            Exit.MALFORMED,
            "say where the cases go, or whose history it is",
            "redress export -o cases.parquet",
            "redress export NUMBER",
        )
    from cli.lists import stage_of
    from complaints.permissions import Caller
    from db.cases import Wanted

    wanted = Wanted(
        stage=stage_of(stage),
        department=department,
        category=category,
        received_from=reading.beginning(from_, "--from"),
        received_until=reading.beginning(until, "--until"),
        is_closed=closed,
    )
    caller = Caller(actor=reading.actor(actor), via="cli")
    say(f"{_cases(output, wanted, caller, with_people=with_people)} cases written to {output}")


def _cases(output: Path, wanted: Wanted, caller: Caller, *, with_people: bool) -> int:
    from cli.exports.columns import columns
    from cli.exports.writers import write
    from cli.surroundings import database, records
    from complaints.errors import NotYourRole
    from complaints.permissions import TABLE, Right, may
    from db.cases import cases

    if not may(caller, Right.EXPORT):
        allowed = ", ".join(sorted(role for role, rights in TABLE.items() if Right.EXPORT in rights))
        raise NotYourRole(f"cases are exported by {allowed}; you act as {caller.actor.role}")
    chosen = columns(with_people=with_people)
    names = tuple(column.name for column in chosen)
    if not with_people:
        with database() as session:
            return write(output, chosen, cases(session, wanted, caller, names))
    with records() as (session, keys):
        return write(output, chosen, _opened(cases(session, wanted, caller, names), keys))


def _opened(cases: Iterable[Mapping[str, Any]], keys: Keys) -> Iterator[Mapping[str, Any]]:
    """Open what is sealed of each case, by its own key alone."""
    coming = iter(cases)
    while few := list(islice(coming, _OPENED_AT_ONCE)):
        keys.remember(few)
        for case in few:
            yield keys.opened(case, case["number"])


def _history(number: str, output: Path | None) -> None:
    from audit.export import export as exported
    from cli.surroundings import temporal

    async def fetch() -> str:
        return await exported(await temporal(), number)

    text = asyncio.run(fetch())
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Stopped(Exit.MALFORMED, f"{output} cannot be written: {error.strerror}") from None
    say(f"{number}  written to {output}")
