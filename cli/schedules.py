"""`redress schedules`: what happens by the calendar."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import reading
from cli.options import Json
from cli.printing import moment, say, say_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflows.schedules import Standing

SAMPLE = Path(__file__).parent / "samples" / "schedules.yaml"


def add_to(app: typer.Typer) -> None:
    """Add the family."""
    family = typer.Typer(
        help="What happens by the calendar: reviews of closed conflicts, liability sessions, hot spots.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    family.command("apply")(apply_)
    family.command("list")(list_)
    family.command("run")(run)
    app.add_typer(family, name="schedules", rich_help_panel="Set the rules")


def apply_(
    file: Annotated[
        str | None, typer.Argument(help="A file of schedules, or -.", show_default="the usual ones")
    ] = None,
    json: Json = False,
) -> None:
    """Bring schedules to the server as a file describes them; applying it again changes nothing."""
    from complaints.wire import parse
    from workflows.schedules import Recurrences, check

    recurrences = parse(Recurrences, reading.document(file or str(SAMPLE)))
    check(recurrences)
    wanted = recurrences.schedules

    async def applied() -> list[bool]:
        from cli.surroundings import temporal
        from workflows import schedules

        client = await temporal()
        return [await schedules.apply(client, each) for each in wanted]

    results = list(zip([each.name for each in wanted], asyncio.run(applied()), strict=True))
    if json:
        say_json([{"name": name, "new": new} for name, new in results])
        return
    say(table(("schedule", "result"), [(name, "created" if new else "updated") for name, new in results]))


def list_(json: Json = False) -> None:
    """List the schedules on the server, and when each happens next."""
    from complaints.wire import plain

    async def listed() -> Sequence[Standing]:
        from cli.surroundings import temporal
        from workflows import schedules

        return await schedules.standing(await temporal())

    found = asyncio.run(listed())
    if json:
        say_json([plain(each) for each in found])
        return
    rows = [
        (
            each.name,
            each.workflow,
            moment(each.next_at, None) if each.next_at else "",
            "paused" if each.paused else "",
        )
        for each in found
    ]
    say(
        table(("schedule", "starts", "next (UTC)", ""), rows)
        if rows
        else "no schedule: redress schedules apply"
    )


def run(name: Annotated[str, typer.Argument(help="The schedule's name.", show_default=False)]) -> None:
    """Let something happen now, beside its calendar."""

    async def triggered() -> None:
        from cli.surroundings import temporal
        from workflows import schedules

        await schedules.trigger(await temporal(), name)

    asyncio.run(triggered())
    say(f"{name}  started")
