"""`redress explain`: why a deadline lies where it lies, from the records alone, however long ago it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exits import Exit, Stopped
from cli.options import Json, Number
from cli.printing import say, say_json
from cli.rights import demand_view, looker

if TYPE_CHECKING:
    from complaints.explanation import Explanation
    from complaints.permissions import Caller
    from complaints.policy import Policy


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Work on complaints")(explain)


def explain(
    number: Number,
    clock: Annotated[
        str | None,
        typer.Argument(
            help="One clock, such as statutory/1, or all of a name, such as solution.", show_default=False
        ),
    ] = None,
    json: Json = False,
    language: Annotated[str, typer.Option(metavar="zh|en", help="In which language.")] = "en",
) -> None:
    """Explain deadlines: start, budget, every day counted or skipped, pauses, extensions, and the rule's place."""
    from cli.explain_page import Page, overview
    from cli.explain_words import Language, Words
    from complaints.wire import plain

    if language not in list(Language):
        raise Stopped(Exit.MALFORMED, f"there is no language {language!r} here", *Language)
    policy, everything = _explained(number, looker())
    chosen = everything if clock is None else _named(everything, clock)
    if json:
        say_json({"number": number, "clocks": [plain(explained) for explained in chosen]})
        return
    if clock is None:
        say(*overview(number, everything, Words(Language(language), policy.zone)))
        chosen = [explained for explained in everything if _matters(explained)]
    for explained in chosen:
        zone = policy.working_time(explained.calendar).zone
        say(*Page(explained, Words(Language(language), zone)).lines())


def _explained(number: str, who: Caller | None) -> tuple[Policy, Sequence[Explanation]]:
    """Explain every clock as the ledger has it; the policy is the one that the complaint goes by now."""
    from cli.surroundings import database, opened_events
    from complaints.evolve import pins, rebuilt
    from complaints.explain import of_complaint
    from complaints.view import view
    from db import queries

    with database() as session:
        ledger = opened_events(session, queries.ledger(session, number), number)
        policies = queries.policies(session, ledger)
    if not ledger:
        raise Stopped(Exit.NOT_FOUND, f"there is no complaint {number} on record", "redress list")
    if missing := [sha256 for sha256 in pins(ledger) if sha256 not in policies]:
        raise Stopped(Exit.PROOF_FAILED, f"policy {missing[0]} of complaint {number} is not on record")
    state = rebuilt(number, ledger, policies)
    demand_view(who, view(state))
    return state.policy, of_complaint(state, ledger, now=datetime.now(UTC), policies=policies)


def _named(everything: Sequence[Explanation], clock: str) -> list[Explanation]:
    """Choose one clock by its key, or all of one name; hyphens will do for underscores."""
    wanted = clock.replace("-", "_").lower()
    chosen = [explained for explained in everything if wanted in (explained.clock, explained.name)]
    if not chosen:
        raise Stopped(
            Exit.MALFORMED,
            f"this complaint has no clock {clock!r}",
            *(explained.clock for explained in everything),
        )
    return chosen


def _matters(explained: Explanation) -> bool:
    """Say whether people who name no clock will want to know: it is open, or was missed.

    The days of feedback and the rungs' limits are many, and one is like the other; they are explained when named.
    """
    missed = explained.detected_at is not None or explained.standing == "breached"
    return explained.name not in ("feedback", "acknowledgement") and (explained.settled_at is None or missed)
