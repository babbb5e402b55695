"""`redress verify`, `redress replay`: proof instead of trust."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import Json, Number
from cli.printing import say, say_json, table
from cli.rights import demand_complaints, looker

_PATIENCE_SECONDS = 10.0
"""How long the ledger may lag behind a workflow that is being worked on."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="Prove it")(verify)
    app.command(rich_help_panel="Prove it")(replay)


def verify(
    number: Number,
    without_workflow: Annotated[
        bool,
        typer.Option(
            "--without-workflow",
            help="Compare ledger and read model alone, once Temporal has let go of the history.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Compare ledger, read model and workflow with each other, and find any edit."""
    from complaints.permissions import Right
    from complaints.wire import plain

    demand_complaints(looker(), Right.READ, number)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        events, differences, behind = asyncio.run(_compare(number, with_workflow=not without_workflow))
        if not differences or not behind or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    compared = ["ledger", "read model"] + ([] if without_workflow else ["workflow"])
    if json:
        found = [plain(difference) for difference in differences]
        say_json({"number": number, "events": events, "compared": compared, "differences": found})
    elif differences:
        columns = ("where", "what*", "expected*", "found")
        say(table(columns, [(d.place, d.what, str(d.expected), str(d.found)) for d in differences]))
    else:
        say(f"{number}  {events} events: {', '.join(compared[:-1])} and {compared[-1]} agree")
    if differences:
        raise Stopped(
            Exit.PROOF_FAILED, f"{number}: {len(differences)} differences between {', '.join(compared)}"
        )


_SHOWN = 10
"""How many differences people are shown: one changed decision changes every hash after it."""


def replay(
    what: Annotated[str, typer.Argument(metavar="NUMBER|FILE", help="A complaint, or an exported history.")],
    json: Json = False,
) -> None:
    """Run a history against today's code, strictly: commands, arguments, timers, results."""
    from complaints.permissions import Right
    from complaints.wire import plain

    if not Path(what).is_file():
        demand_complaints(looker(), Right.READ, what)
    reports = asyncio.run(_replay(what))
    differences = [difference for report in reports for difference in report.differences]
    events = sum(report.events for report in reports)
    if json:
        found = [plain(difference) for difference in differences]
        say_json({"what": what, "runs": len(reports), "events": events, "differences": found})
    elif differences:
        columns = ("event", "where*", "recorded*", "now")
        shown = differences[:_SHOWN]
        say(table(columns, [(str(d.event_id), d.place, d.recorded, d.now) for d in shown]))
        if len(differences) > _SHOWN:
            say(
                f"and {len(differences) - _SHOWN} more, most of them the consequence of these; --json has all"
            )
    else:
        say(f"{what}  {events} events replay identically")
    if differences:
        raise Stopped(Exit.PROOF_FAILED, f"{what}: {len(differences)} differences from today's code")


async def _compare(number: str, *, with_workflow: bool) -> tuple[int, list[Any], bool]:
    """Compare once; the last answer says whether the records lag behind the workflow."""
    from audit.agreement import check
    from cli.surroundings import database, temporal
    from db import queries
    from workflows.client import UnknownComplaint, look

    shown = None
    if with_workflow:
        # What it means that Temporal does not know it depends on what is recorded.
        with contextlib.suppress(UnknownComplaint):
            shown = await look(await temporal(), number)
    with database() as session:
        known = queries.find(session, number)
        session.rollback()
        found = check(session, number, shown) if known else []
    if known is None:
        if shown is None:
            raise Stopped(Exit.NOT_FOUND, f"there is no complaint {number}", "redress list")
        raise Stopped(Exit.PROOF_FAILED, f"{number} has a workflow, but nothing of it is recorded")
    if with_workflow and shown is None:
        raise Stopped(
            Exit.AWAY,
            f"Temporal does not keep the history of {number} any more",
            "--without-workflow compares ledger and read model alone",
            "an exported history still replays: redress replay FILE",
        )
    return known.seq, found, shown is not None and known.seq != shown.seq


async def _replay(what: str) -> list[Any]:
    from audit.export import fetch, load
    from audit.replay import replay_chain
    from cli.surroundings import masters, temporal

    text = _text_of(what)
    if text is not None:
        runs = load(text)
    elif "/" in what or what.endswith(".json"):
        raise Stopped(Exit.MALFORMED, f"there is no file {what}")
    else:
        runs = await fetch(await temporal(), what)
    return await replay_chain(runs, masters=masters())


def _text_of(what: str) -> str | None:
    return reading.text_of(what) if Path(what).is_file() else None
