"""`redress search`, `redress similar`: complaints found again by what they were about, and likely duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exits import Exit, Stopped
from cli.options import Json, Number
from cli.printing import moment, say, say_json, table, words
from cli.rights import looker, may_see, only

if TYPE_CHECKING:
    from complaints.vocabulary import Outcome, Role
    from db.search import Found
    from db.similar import Alike


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="What complaints have in common")(search)
    app.command(rich_help_panel="What complaints have in common")(similar)


def search(
    sought: Annotated[list[str], typer.Argument(metavar="WORDS", help="In Chinese or English.")],
    closed: Annotated[bool, typer.Option("--closed", help="Only those that are over.")] = False,
    category: Annotated[
        str | None, typer.Option(help="Only those of a category.", show_default=False)
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="Only those that ended so.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many.")] = 20,
    private: Annotated[bool, typer.Option("--private", help="Leave out every passage.")] = False,
    json: Json = False,
) -> None:
    """Find complaints by what they were about, what was found and what was done; the best first."""
    from cli.surroundings import records
    from complaints.permissions import Right
    from complaints.wire import plain
    from db.search import search as find

    ended = _outcome(outcome)
    each_word = [part for word in sought for part in word.split()]
    who = looker()
    with records() as (session, keys):
        found = find(
            session,
            keys,
            each_word,
            over=closed,
            category=category,
            outcome=ended,
            limit=limit,
            only=only(who, Right.SEARCH),
        )
    role = who.actor.role if who else None
    shown = [_passage(each, role, private=private) for each in found]
    if json:
        data = [plain(each) for each in found]
        for each, passage in zip(data, shown, strict=True):
            del each["reporter"]
            each["passage"] = passage
        say_json(data)
        return
    rows = [
        (
            each.number,
            words(each.stage) + (f" ({words(each.outcome)})" if each.outcome else ""),
            each.category,
            words(each.field),
            passage,
        )
        for each, passage in zip(found, shown, strict=True)
    ]
    say(
        table(("number", "stage*", "category", "in", "passage"), rows)
        if rows
        else "no complaint has these words"
    )


def similar(number: Number, json: Json = False) -> None:
    """List the complaints that are likely the same as this one, and why."""
    from cli.surroundings import records
    from complaints.permissions import Right
    from complaints.wire import plain
    from db.similar import recorded_gist
    from db.similar import similar as find
    from db.visibility import case

    who = looker()
    with records() as (session, keys):
        gist = recorded_gist(session, keys, number)
        if gist is None or not may_see(who, case(session, number)):
            raise Stopped(Exit.NOT_FOUND, f"no complaint {number} is recorded", "redress list")
        found = find(session, keys, gist, besides=number, only=only(who, Right.SEARCH))
    if json:
        say_json([plain(each) for each in found])
        return
    rows = [
        (each.number, percent(each), words(each.stage), moment(each.received_at, None), reasons(each))
        for each in found
    ]
    say(
        table(("number", "alike", "stage*", "received (UTC)", "why"), rows)
        if rows
        else "none is likely the same"
    )


def percent(found: Alike) -> str:
    """Say how alike two complaints are."""
    return f"{round(found.likeness.degree * 100)} %"


def reasons(found: Alike) -> str:
    """Say why, in both languages."""
    names = found.likeness.reasons
    return f"{', '.join(each.en for each in names)} · {'，'.join(each.zh for each in names)}"


def hints(number: str, found: Sequence[Alike]) -> list[str]:
    """Say of a complaint that has just come in what it may be the same as, and what to do then."""
    if not found:
        return []
    lines = [f"{number} may be {each.number} again ({percent(each)}): {reasons(each)}" for each in found]
    merge = f"""redress do {number} link-duplicate --json '{{"of": "{found[0].number}"}}'"""
    return [*lines, f"if it is the same: {merge}"]


def _passage(found: Found, role: Role | None, *, private: bool) -> str:
    from complaints.privacy import WITHHELD

    return WITHHELD if private or not found.reporter.shown_to(role) else found.passage


def _outcome(given: str | None) -> Outcome | None:
    from complaints.vocabulary import Outcome

    if given is None:
        return None
    try:
        return Outcome(given.replace("-", "_"))
    except ValueError:
        raise Stopped(Exit.MALFORMED, f"there is no outcome {given!r}", *Outcome) from None
