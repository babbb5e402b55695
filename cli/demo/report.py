"""What the demonstration shows: lives as they go on, all of them in the end, one of them from its first word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.demo.check import Checked
from cli.demo.lives import Life
from cli.words import PLUMBING, sentence
from complaints.events import Event
from complaints.lifecycle import Stage
from complaints.records import ClockName
from complaints.view import Answer, View
from complaints.vocabulary import ENGINE, Actor, Outcome
from complaints.working_time import Zone, local_time

_TRACK = (Stage.INTAKE, Stage.INVESTIGATION, Stage.SOLUTION, Stage.EXECUTION, Stage.FOLLOW_UP, Stage.CLOSED)
_STYLE = {"MISSED": "bold red", "ESCALATION": "bold yellow", "→": "bold cyan"}


class Show:
    """The live display: a line for each life of our own and a bar for the real ones.

    Where nobody watches (a pipe, a log) it prints a line for every life that has ended instead.
    """

    def __init__(self, console: Console, lives: Sequence[Life], zone: Zone) -> None:
        self._console = console
        self._zone = zone
        self._lives = lives
        self._now: dict[str, tuple[Stage, datetime, str]] = {}
        self._ended: set[str] = set()
        self._live = Live(
            get_renderable=self._picture,
            console=console,
            refresh_per_second=8,
            transient=True,
            auto_refresh=True,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def happened(self, life: Life, at: datetime, what: str, answer: Answer | None) -> None:
        """See something happen to a life."""
        before = self._now.get(life.number)
        stage = answer.stage if answer else before[0] if before else Stage.INTAKE
        self._now[life.number] = (stage, at, what)

    def ended(self, life: Life, wrong: str | None = None) -> None:
        """See a life end, or get stuck."""
        self._ended.add(life.number)
        if not self._console.is_terminal:
            count = f"{len(self._ended):>3}/{len(self._lives)}"
            self._console.print(f"{count}  {life.number:<22} {wrong or life.title}", soft_wrap=True)

    def _picture(self) -> RenderableType:
        ours = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for life in self._lives:
            if not life.is_real:
                ours.add_row(*self._line(life))
        real = [life for life in self._lives if life.is_real]
        done = sum(life.number in self._ended for life in real)
        bar = Text(f"\nreal complaints  {'█' * done}{'░' * (len(real) - done)}  {done} of {len(real)}")
        return Group(ours, bar if real else Text())

    def _line(self, life: Life) -> Iterator[RenderableType]:
        if life.number not in self._now:
            yield from (Text(life.number, style="dim"), Text("·" * len(_TRACK), style="dim"), Text(), Text())
            yield Text(life.title, style="dim", no_wrap=True, overflow="ellipsis")
            return
        stage, at, what = self._now[life.number]
        reached = (
            len(_TRACK)
            if life.number in self._ended
            else _TRACK.index(stage)
            if stage in _TRACK
            else len(_TRACK)
        )
        day = local_time(self._zone, at)
        yield Text(life.number, style="green" if life.number in self._ended else "")
        yield Text("●" * reached, style="green") + Text("○" * (len(_TRACK) - reached), style="dim")
        yield Text(f"{day:%a %d %b %H:%M}", style="dim")
        yield Text("ended" if life.number in self._ended else _spaced(what), no_wrap=True)
        yield Text(life.title, style="dim", no_wrap=True, overflow="ellipsis")


def welcome(console: Console, lives: Sequence[Life], zone: Zone, monday: date, seconds: float) -> None:
    """Say what is about to be seen."""
    real = sum(life.is_real for life in lives)
    console.rule("[bold]Redress: complaints that are never lost, forgotten or late[/]", style="cyan")
    console.print(
        f"\n{_count(len(lives), 'complaint')} {'begin their lives' if len(lives) > 1 else 'begins its life'}"
        + (f", {real} of them real ones from New York's 311 service" if real else "")
        + f". Day 1 is Monday, {monday:%d %B %Y}, on the clocks of {zone.name}. "
        "A real Temporal server runs each as a workflow of its own and lets its clock jump from deadline to deadline; "
        "a real PostgreSQL keeps the ledger. Nothing is mocked."
        f"\n[dim]Servers, database and workers were up in {seconds:.1f} s.[/]\n"
    )


def everything(console: Console, checked: Sequence[Checked]) -> None:
    """Show how all lives ended."""
    ours = [each for each in checked if not each.played.life.is_real]
    real = [each for each in checked if each.played.life.is_real]
    if ours:
        _table(console, "Complaints of our own making", ours, gap=1)
    if real:
        _table(console, "Real complaints, from New York City's 311 service", real, gap=0)


def _table(console: Console, title: str, checked: Sequence[Checked], *, gap: int) -> None:
    """Lay out lives for a hundred columns; a wider screen gives the room to what is special about them."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, gap, 0, 0),
        expand=True,
    )
    table.add_column("Number", width=24 if gap == 0 else 20)
    table.add_column("What was special", ratio=1)
    table.add_column("End", width=11)
    table.add_column("Days", justify="right", width=4)
    table.add_column("Missed", width=13)
    table.add_column("Raised to", width=9)
    table.add_column("Happy", width=5)
    for each in checked:
        table.add_row(*_row(each))
    console.print(table)


def _row(checked: Checked) -> Iterator[Text]:
    life, view = checked.played.life, checked.played.view
    again = [f"reopened {view.cycle - 1}x"] * (view.cycle > 1) + [f"round {view.round}"] * (view.round > 1)
    yield _name(checked)
    yield Text(life.title)
    yield Text("\n".join([_words(view.outcome or view.stage), *again]))
    yield Text(_days(view))
    yield Text("\n".join(dict.fromkeys(map(_words, _missed(view)))), style="red")
    yield Text(
        "\n".join(dict.fromkeys(_words(e.audience) for e in view.escalations.values())), style="yellow"
    )
    yield _happy(view)


def _name(checked: Checked) -> Text:
    """Number, trade, category and policy pack; the real ones, which are many, in one line."""
    life, category = checked.played.life, checked.played.view.category
    number = Text(life.number, style="bold red" if checked.wrong else "green")
    if life.is_real:
        return number + Text(f" {category}", style="dim")
    trade = life.trade.zh if life.complaint.customer.language.startswith("zh") else life.trade.en
    pack = "" if life.policy == "default" else f"\npack {life.policy}"
    return number + Text(f"\n{trade}, {category}{pack}", style="dim")


def _missed(view: View) -> Iterator[str]:
    """Name the duties that were missed; an escalation that nobody acknowledged shows in how far it rose."""
    for clock in view.clocks.values():
        if clock.breached_at and clock.name != ClockName.ACKNOWLEDGEMENT:
            yield clock.name


def _happy(view: View) -> Text:
    if not view.follow_ups:
        return Text("-", style="dim")
    last = view.follow_ups[-1].form
    return Text(
        f"{'yes' if last.satisfied else 'no'} {last.score or ''}", style="green" if last.satisfied else "red"
    )


def _days(view: View) -> str:
    if view.received_at is None or view.closed_at is None:
        return "-"
    days: float = (view.closed_at - view.received_at) / timedelta(days=1)
    return f"{days:.1f}"


def story(console: Console, checked: Sequence[Checked], zone: Zone) -> None:
    """Tell the most eventful life from its first word; one of ours, if there is one."""
    chosen = max(checked, key=lambda each: (not each.played.life.is_real, _climbs(each), len(each.ledger)))
    life = chosen.played.life
    told = [event for event in chosen.ledger if event.fact.type not in PLUMBING]
    names = max(_who(event.actor).cell_len for event in told)
    console.rule(f"[bold]The whole story of {life.number}[/]", style="cyan")
    console.print(f"\n[italic]{life.title}.[/] From the ledger, each line sealed by the next:\n")
    for day, events in groupby(told, key=lambda event: local_time(zone, event.occurred_at).date()):
        console.print(f"[bold]{day:%A, %d %B}[/]")
        lines = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        lines.add_column(no_wrap=True, style="dim")
        lines.add_column(no_wrap=True, width=names)
        lines.add_column(overflow="fold")
        for event in events:
            lines.add_row(
                f"{local_time(zone, event.occurred_at):%H:%M}", _who(event.actor), _sentence(event, zone)
            )
        console.print(Padding(lines, (0, 0, 1, 2)))


def _climbs(checked: Checked) -> int:
    return sum(event.fact.type == "EscalationClimbed" for event in checked.ledger)


def _sentence(event: Event, zone: Zone) -> Text:
    said = sentence(event, zone)
    return Text(said, style=next((style for start, style in _STYLE.items() if said.startswith(start)), ""))


def _who(actor: Actor) -> Text:
    if actor == ENGINE:
        return Text("the clock", style="dim")
    return Text(actor.id) + Text(f" {_words(actor.role)}", style="dim")


def verdict(console: Console, checked: Sequence[Checked], wrong: Sequence[str], seconds: float) -> None:
    """Say whether everything ended as written, and where it did not."""
    console.rule(style="cyan")
    if wrong:
        console.print(
            f"\n[bold red]{_count(len(wrong), 'difference')} between what was to happen and what did:[/]"
        )
        for difference in wrong:
            console.print(Text(f"  {difference}"), soft_wrap=True)
        console.print()
        return
    events = sum(len(each.ledger) for each in checked)
    lived = sum((_lived(each.ledger) for each in checked), timedelta())
    console.print(
        f"\n[bold green]{_count(len(checked), 'complaint')} ended as written[/], and of each of {events:,} events "
        "the ledger in PostgreSQL, the read model and the workflow tell the same.\n"
        f"That was {_count(lived.days, 'day')} of life in {seconds:.1f} seconds.\n"
    )


def _lived(ledger: Sequence[Event]) -> timedelta:
    return ledger[-1].at - ledger[0].at if ledger else timedelta()


def what_next(console: Console) -> None:
    """Say what to look at now."""
    steps = Table(
        title="What to look at next", title_justify="left", title_style="bold", box=None, show_header=False
    )
    steps.add_column(style="cyan", no_wrap=True)
    steps.add_column()
    steps.add_row(
        "make up", "the same servers on this machine, to stay, with Temporal's UI; it prints its address"
    )
    steps.add_row("redress start FILE", "hand in a complaint of your own (the command lives in .venv/bin)")
    steps.add_row(
        "redress show NUMBER",
        "its timeline, its clocks with the time left, and what may be done next and by whom",
    )
    steps.add_row("redress explain NUMBER", "why each deadline lies where it lies, day by day")
    steps.add_row("redress escalations", "what waits for somebody")
    steps.add_row("redress replay NUMBER", "the proof: its history, executed once more by today's code")
    console.print(steps)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + "s" * (number != 1)


def _spaced(command: str) -> str:
    """Write a command's name as words: `OfferOption` as `offer option`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", command).lower()


def _words(name: str) -> str:
    return "on the spot" if name == Outcome.RESOLVED_AT_FIRST_CONTACT else name.replace("_", " ")
