"""`redress import`: takes the complaints of another system over, with their past."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Json
from cli.printing import say, say_json

if TYPE_CHECKING:
    from cli.imports.prepared import Bad, PassedOver, Ready
    from cli.imports.report import Report
    from cli.imports.rows import Rows
    from cli.imports.run import Limits, Run, Tally, There
    from complaints.commands import Envelope
    from complaints.policy import Policy
    from complaints.vocabulary import Actor

    Row: TypeAlias = Ready | PassedOver | tuple[Bad, ...]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import", rich_help_panel="Run it")(import_)


def import_(
    file: Annotated[str, typer.Argument(help="The other system's complaints, as CSV or JSONL.")],
    map_: Annotated[
        str, typer.Option("--map", metavar="MAP.yaml|NAME", help="What its columns mean; nyc311 ships.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read everything, tell every bad row, write nothing.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv|.json", help="Write every bad row down.", show_default=False),
    ] = None,
    rate: Annotated[float, typer.Option(min=0, help="How many a second at most; 0 for no limit.")] = 50,
    in_flight: Annotated[
        int, typer.Option(min=1, max=2000, help="How many may be started and not yet be on record.")
    ] = 200,
    actor: As = None,
    json: Json = False,
) -> None:
    """Import the complaints of another system, with their true dates.

    What fell due before is recorded, and nobody is told. The same command again goes on where it stopped: what is there
    is not started twice. How a map is written: docs/import.md.
    """
    from cli.imports import mapping
    from cli.imports.prepared import prepared
    from cli.imports.report import Report
    from cli.imports.rows import Rows
    from cli.imports.run import Limits

    by = reading.actor(actor)
    _check_may(by)
    meant = mapping.load(map_)
    path = Path(file)
    rows = Rows(path, meant)
    registrations = prepared(rows, meant, path=path, actor=by, at=datetime.now(UTC))
    limits = Limits(per_second=0, in_flight=0) if dry_run else Limits(per_second=rate, in_flight=in_flight)
    with Report(report, path.name) as found, _progress(rows) as moved:
        way = _tried if dry_run else _let_in
        run, note = asyncio.run(way(registrations, found, moved, limits))
    _say(run.tally, found, dry_run=dry_run, json=json, note=note)
    if run.fault is not None:
        sys.stderr.write("it went no further; run the same command again to go on\n")
        raise run.fault
    if run.is_broken_off:
        sys.stderr.write("broken off; what was begun is finished. Run the same command again to go on.\n")
        raise KeyboardInterrupt
    if run.tally.bad:
        said = f"{run.tally.bad} of {run.tally.read} rows are bad"
        raise Stopped(Exit.MALFORMED, said, "mend them, and run the same command again")


def _check_may(actor: Actor) -> None:
    from complaints.errors import NotYourRole
    from complaints.permissions import TABLE, Caller, Right, may

    if not may(Caller(actor=actor, via="cli"), Right.IMPORT):
        allowed = ", ".join(sorted(role for role, rights in TABLE.items() if Right.IMPORT in rights))
        raise NotYourRole(f"complaints are imported by {allowed}; you act as {actor.role}")


async def _let_in(
    registrations: Iterator[Row], found: Report, moved: Callable[[Tally], None], limits: Limits
) -> tuple[Run, str]:
    from cli.imports.door import recorded_in, through
    from cli.imports.run import Run
    from cli.surroundings import database, door

    async with door() as opened:
        with database() as session:
            start, there = through(opened), recorded_in(session)
            run = Run(there=there, start=start, told=found.add, moved=moved, limits=limits)
            await _until_broken_off(run, registrations)
    return run, ""


async def _tried(
    registrations: Iterator[Row], found: Report, moved: Callable[[Tally], None], limits: Limits
) -> tuple[Run, str]:
    """Ask the rules alone. Where nothing runs that could be asked for its policies, they go by the one of the settings."""
    from cli.imports.door import policies_in, recorded_in, trial
    from cli.imports.run import Run
    from cli.surroundings import database
    from complaints.policy_file import named

    otherwise = cache(lambda: named(os.environ.get("REDRESS_POLICY", "default")))
    with ExitStack() as stack:
        note = ""
        there: There = _nothing
        policy_of: Callable[[Envelope], Policy] = lambda _: otherwise()  # noqa: E731 - beside the other
        try:
            there = recorded_in(stack.enter_context(database()))
            policy_of = policies_in(stack.enter_context(database()), otherwise)
        except Stopped as nothing:
            if nothing.code != Exit.AWAY:
                raise
            note = f"nothing runs here, so they were judged by the policy {otherwise().name}"
        run = Run(there=there, start=trial(policy_of), told=found.add, moved=moved, limits=limits)
        await _until_broken_off(run, registrations)
    return run, note


def _nothing(_: Sequence[str]) -> set[str]:
    return set()


async def _until_broken_off(run: Run, registrations: Iterator[Row]) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, run.break_off)
    try:
        await run.all(registrations)
    finally:
        loop.remove_signal_handler(signal.SIGINT)


@contextmanager
def _progress(rows: Rows) -> Iterator[Callable[[Tally], None]]:
    """Show how far it is, how fast it goes and how long it will take, where somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    where = Console(stderr=True)
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[rows]} rows, {task.fields[pace]:.0f} a second"),
        TimeRemainingColumn(),
        console=where,
        disable=not where.is_terminal,
    )
    began = time.monotonic()
    task = shown.add_task(rows.name, total=None, rows=0, pace=0.0)

    def moved(tally: Tally) -> None:
        done = tally.bad + tally.there + tally.imported + tally.passed_over
        # Bytes are read ahead of what is done with them.
        share = rows.done * done / tally.read if tally.read else 0
        pace = done / max(time.monotonic() - began, 0.1)
        shown.update(task, total=rows.size or None, completed=share, rows=done, pace=pace)

    with shown:
        yield moved


def _say(tally: Tally, found: Report, *, dry_run: bool, json: bool, note: str) -> None:
    if json:
        bad = [vars(each) for each in found.first]
        say_json({"dry_run": dry_run, **vars(tally), "bad_rows": bad, "problems": found.count, "note": note})
        return
    say(*found.lines())
    good = "could be imported" if dry_run else "imported"
    parts = [
        f"{tally.read} rows",
        f"{tally.imported} {good}",
        *([f"{tally.there} were there already"] if tally.there else []),
        *([f"{tally.passed_over} passed over"] if tally.passed_over else []),
        f"{tally.bad} bad",
    ]
    say(", ".join(parts), *([note] if note else []))
