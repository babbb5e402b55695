"""`redress erase`: forgets a customer and keeps the proof."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Json
from cli.printing import say, say_json, table, words

if TYPE_CHECKING:
    from db.erasing import Concerned


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Keep secrets")(erase)


def erase(
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="NUMBER", help="Only these complaints.", show_default=False)
    ] = None,
    customer: Annotated[
        str | None,
        typer.Option(
            help="All complaints under this telephone number, address or account.", show_default=False
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; goes on record.")] = "asked to be forgotten",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whom it would forget.")] = False,
    actor: As = None,
    json: Json = False,
) -> None:
    """Forget a customer: destroy the keys of their complaints, for ever.

    Names, contacts and every text can then be read by nobody, wherever a copy lies. Histories still replay, ledgers still
    verify. A complaint that is open is not forgotten.
    """
    from cli.surroundings import files_at, records
    from complaints.permissions import Right
    from db import erasing
    from files.forgetting import forget_files

    if bool(numbers) == (customer is not None):
        raise Stopped(Exit.MALFORMED, "say whom to forget", "--customer CONTACT", "NUMBER ...")
    who = reading.allowed(actor, Right.ERASE)
    left = False
    with records() as (session, keys):
        found = (
            erasing.of_customer(session, keys, customer)
            if customer is not None
            else erasing.of_numbers(session, numbers or [])
        )
        if not found:
            raise Stopped(Exit.NOT_FOUND, "no complaint is recorded of this customer", "redress search")
        if not dry_run:
            erasing.erase(session, found, who, reason, datetime.now(UTC))
            session.commit()
            left = forget_files(files_at(), keys.data_key, [each.number for each in found]) is None
            erasing.sweep(session.get_bind())  # type: ignore[arg-type]  # an engine: the session was made of one
    _tell(found, dry_run=dry_run, json=json)
    if left:
        sys.stderr.write(
            "the storage of files does not answer; their bytes are left, and nobody can open them. "
        )
        sys.stderr.write("Erase again to delete them.\n")


def _tell(found: list[Concerned], *, dry_run: bool, json: bool) -> None:
    from complaints.wire import plain

    if json:
        say_json({"dry_run": dry_run, "complaints": [plain(each) for each in found]})
        return
    said = {True: "would be forgotten", False: "forgotten"}[dry_run]
    rows = [
        (
            each.number,
            words(each.stage),
            "IN CLEAR in ledger and history: no key can take it back" if each.clear else said,
        )
        for each in found
    ]
    say(table(("number", "stage*", "what became of it"), rows))
    if any(each.clear for each in found):
        say(
            "\nComplaints that were recorded before 0.4 are not sealed. Their words end with the ledger's own retention."
        )
