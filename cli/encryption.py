"""`redress encryption`: the master keys, and what they wrap."""

from __future__ import annotations

from typing import Any

import typer

from cli.options import Json
from cli.printing import say, say_json, table


def add_to(app: typer.Typer) -> None:
    """Add the family."""
    family = typer.Typer(
        help="Keys: which master keys wrap how many others, and wrapping all anew.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    family.command("status")(status)
    family.command("rotate")(rotate)
    family.command("index")(index)
    app.add_typer(family, name="encryption", rich_help_panel="Keep secrets")


def status(json: Json = False) -> None:
    """Say which master keys are configured, and how many keys each of them wraps."""
    from cli.surroundings import masters, records
    from db.keys import counted

    configured = masters()
    ids = configured.ids
    with records() as (session, _):
        wraps, destroyed = counted(session)
    if json:
        say_json({"newest": ids[0], "configured": list(ids), "wraps": wraps, "destroyed": destroyed})
        return
    names = dict.fromkeys([*ids, *wraps])
    rows = [(name, _stands(name, ids), str(wraps.get(name, 0))) for name in names]
    say(table(("master key", "", "wraps"), rows), f"destroyed: {destroyed}")


def rotate(json: Json = False) -> None:
    """Wrap every key anew with the newest master key; safe to stop and to repeat.

    Put the new key behind the old one in REDRESS_ENCRYPTION_KEY and restart every process, then before it and restart them
    again: what one of them wraps the others must be able to read. Then rotate. The old one is needed for as long as
    Temporal holds payloads from its time, and exported histories are to be read.
    """
    from cli.surroundings import masters, records
    from db.keys import Keys

    with records() as (session, _):
        engine: Any = session.get_bind()
        session.close()
        count = Keys(engine, masters()).rotate()
    if json:
        say_json({"wrapped": count})
    else:
        say(f"{count} key{'s' if count != 1 else ''} wrapped anew")


def index(json: Json = False) -> None:
    """Index complaints that cannot be found by their words yet: those from before 0.4, or after a restored backup."""
    from cli.surroundings import records
    from db.findable import index_anew

    count, last = 0, ""
    with records() as (session, keys):
        while True:
            done = index_anew(session, keys, after=last)
            session.commit()
            if not done:
                break
            count, last = count + len(done), done[-1]
    if json:
        say_json({"indexed": count})
    else:
        say(f"{count} complaint{'s' if count != 1 else ''} indexed")


def _stands(name: str, ids: tuple[str, ...]) -> str:
    if name not in ids:
        return "NOT CONFIGURED: what it wraps cannot be read"
    return "newest" if name == ids[0] else "older"
