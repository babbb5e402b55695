"""`redress demo`: complaints live their whole lives in seconds, on real servers, and every end is checked."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import surroundings
from cli.demo import deadline, report
from cli.demo.check import Checked, check
from cli.demo.lives import Life, once_more, samples, with_other_ending
from cli.demo.nyc import NotUsable, real_lives
from cli.demo.play import Overshot, Stuck, play
from cli.demo.stage import Stage, set_up
from stack.errors import StackError

_CITY_FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "nyc311.csv"
_AT_ONCE = 24
"""Lives under way at the same time: more would only wait for each other."""


def demo(
    home: Annotated[
        Path | None,
        typer.Option(help="Folder of the demonstration's database and log.", show_default=".redress/demo"),
    ] = None,
    real: Annotated[int, typer.Option(min=0, max=500, help="How many real complaints to add.")] = 25,
    csv: Annotated[
        Path | None,
        typer.Option(
            envvar="REDRESS_DEMO_CSV",
            help="Complaints to New York's 311 service, as the city publishes them.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the real ones; the same seed draws the same.")] = 311,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="Play this complaint alone.")
    ] = None,
    falsify: Annotated[str | None, typer.Option(hidden=True, help="Expect another end of this one.")] = None,
) -> None:
    """Watch complaints live their whole lives in seconds, on real servers."""
    began = time.monotonic()
    console = Console(
        highlight=False, width=None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "100"))
    )
    try:
        lives = _lives(csv or _CITY_FILE, real if csv or _CITY_FILE.exists() else 0, seed)
        if only:
            lives = [life for life in lives if life.number in only]
        if not lives:
            raise typer.BadParameter(f"no complaint here has the number {' or '.join(only or ())}")
        lives = [with_other_ending(life) if life.number == falsify else life for life in lives]
        wrong = asyncio.run(_run(console, lives, home or surroundings.home() / "demo", began))
    except NotUsable as fault:
        raise typer.BadParameter(str(fault)) from fault
    except StackError as fault:
        sys.stderr.write(f"redress demo: {fault}\n")
        raise typer.Exit(4) from fault
    except asyncio.CancelledError:
        raise typer.Exit(143) from None
    raise typer.Exit(1 if wrong else 0)


def _lives(csv: Path, real: int, seed: int) -> list[Life]:
    return [*samples(), *(real_lives(csv, real, seed) if real else ())]


async def _run(console: Console, lives: Sequence[Life], home: Path, began: float) -> list[str]:
    """Play and check all lives, and return what is wrong."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with set_up(home) as stage:
        report.welcome(console, lives, stage.zone, stage.monday, stage.seconds)
        with report.Show(console, lives, stage.zone) as show:
            checked, stuck = await _live(stage, lives, show)
        wrong = [*stuck, *(difference for each in checked for difference in each.wrong)]
        report.everything(console, checked)
        if checked:
            report.story(console, checked, stage.zone)
            deadline.explain(console, checked, stage.policies)
        report.verdict(console, checked, wrong, time.monotonic() - began)
    report.what_next(console)
    return wrong


async def _live(stage: Stage, lives: Sequence[Life], show: report.Show) -> tuple[list[Checked], list[str]]:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(life: Life) -> Checked | Stuck:
        task = asyncio.current_task()
        assert task is not None
        async with places:
            try:
                try:
                    played = await play(stage, life, show)
                except Overshot:  # the clocks that jump are an experiment of the server's
                    life = once_more(life)
                    played = await play(stage, life, show)
            except Stuck as stuck:
                if task.cancelling():  # a call that is cut short looks like one that nobody answers
                    raise asyncio.CancelledError from stuck
                show.ended(life, str(stuck))
                return stuck
            checked = await asyncio.to_thread(check, stage.engine, played)
        show.ended(life, checked.wrong[0] if checked.wrong else None)
        return checked

    ends = await asyncio.gather(*map(one, lives))
    return [e for e in ends if isinstance(e, Checked)], [str(e) for e in ends if isinstance(e, Stuck)]
