"""`redress show`: one complaint, from its workflow and from its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exits import Exit, Stopped
from cli.options import Json, Number
from cli.printing import say, say_json
from cli.rights import demand, demand_view, looker, may_see, unseen

if TYPE_CHECKING:
    from complaints.events import Event
    from complaints.permissions import Caller
    from complaints.policy import Policy
    from complaints.view import View
    from db.history import Earlier


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Work on complaints")(show)


def show(
    number: Number,
    json: Json = False,
    no_customer: Annotated[
        bool, typer.Option("--no-customer", help="Leave out the customer and every free text.")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--all", help="Also what goes on behind: clocks set and settled, notices.")
    ] = False,
) -> None:
    """Show a complaint: what happened, its clocks, what waits for somebody, what may be done next."""
    from cli.case_page import Page
    from complaints.permissions import Right
    from complaints.privacy import without_people
    from complaints.wire import plain

    who = looker()
    demand(who, Right.READ)
    live, away = asyncio.run(_live(number))
    records = _records(number, live, who)
    live = records.live
    view = live or records.view(number)
    if view is None:
        if records.away or away:
            raise Stopped(Exit.AWAY, "; ".join(filter(None, (away, records.away))), "redress health")
        raise unseen(number)
    demand_view(who, view)
    hidden = no_customer or _is_hidden(view, records.policy, who)
    if json:
        data = {
            "view": plain(view),
            "timeline": [plain(event) for event in records.ledger],
            "earlier": [plain(each) for each in records.earlier],
            "sources": {"workflow": live is not None, "ledger": bool(records.ledger)},
        }
        say_json(without_people(data) if hidden else data)
        return
    page = Page(
        view,
        records.ledger,
        records.policy,
        datetime.now(UTC),
        private=hidden,
        whole=whole,
        earlier=records.earlier,
    )
    say(*page.lines())
    if live is None:
        say(f"\nAs the ledger has it; the workflow was not asked: {away or 'it is no longer kept'}.")
    if not records.ledger:
        say(f"\nAs the workflow has it; without its ledger: {records.away or 'nothing is recorded yet'}.")


def _is_hidden(view: View, policy: Policy | None, who: Caller | None) -> bool:
    """Whether the customer stays out, by who looks; without the policy nobody knows whom it names."""
    from complaints.view import shows_reporter

    if policy is None:
        return view.registration is not None and view.registration.confidential
    return not shows_reporter(view, policy, who.actor.role if who else None)


@dataclass(frozen=True)
class _Records:
    """What PostgreSQL says; `away` says why it says nothing.

    Attributes:
        live: What the workflow said, opened as far as the keys are at hand.
        earlier: What the customer complained of before; nothing, where the reporter is confidential.
    """

    live: View | None = None
    ledger: tuple[Event, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    earlier: tuple[Earlier, ...] = ()
    away: str | None = None

    def view(self, number: str) -> View | None:
        """See the complaint as its events leave it."""
        from complaints.evolve import rebuilt
        from complaints.view import view

        return view(rebuilt(number, self.ledger, self.policies)) if self.ledger else None

    @property
    def policy(self) -> Policy | None:
        """The one that it goes by now."""
        return list(self.policies.values())[-1] if self.policies else None


def _records(number: str, live: View | None, who: Caller | None) -> _Records:
    from sqlalchemy.exc import OperationalError

    from cli.surroundings import records
    from complaints.sealed import CLOSED, opened
    from complaints.view import View
    from complaints.wire import parse, plain
    from db import queries
    from db.history import earlier_of
    from db.visibility import cases

    try:
        with records() as (session, keys):
            events = queries.ledger(session, number)
            policies = queries.policies(session, events)
            before = earlier_of(session, keys, number)
            known = cases(session, [each.number for each in before]) if who else {}
            clear = keys.opened_events(events, number)
            shown = parse(View, keys.opened(plain(live), number)) if live else None
    except OperationalError:
        closed = parse(View, opened(plain(live), lambda *_: CLOSED)) if live else None
        return _Records(closed, away="PostgreSQL does not answer")
    seen = tuple(each for each in before if may_see(who, known.get(each.number)))
    return _Records(shown, tuple(clear), policies, seen)


async def _live(number: str) -> tuple[View | None, str | None]:
    """Ask the workflow; the second answer says why it gave none, and is empty if there is no such workflow."""
    from cli.surroundings import temporal
    from workflows.client import Unavailable, UnknownComplaint, look

    try:
        return await look(await temporal(), number), None
    except UnknownComplaint:
        return None, None
    except Unavailable as away:
        return None, str(away)
