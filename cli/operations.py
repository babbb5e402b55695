"""`redress migrate`, `redress health`, `redress settings`: for those who run it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import typer

from cli.exits import Exit, Stopped
from cli.options import Json
from cli.printing import say, say_json, table

_PATIENCE = timedelta(seconds=5)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="Run it")(migrate)
    app.command(rich_help_panel="Run it")(health)
    app.command(rich_help_panel="Run it")(settings)


def migrate() -> None:
    """Bring the database to the tables of this version; safe to repeat."""
    from cli.surroundings import database_url
    from db.migrate import upgrade

    upgrade(database_url())
    say("the database is up to date")


def health(json: Json = False) -> None:
    """Say whether Temporal answers and the database is up to date; ends with 0 only if both are so."""
    from cli.surroundings import settings as known

    surroundings = known()
    faults = {
        "temporal": asyncio.run(_temporal_fault(surroundings)),
        "database": _database_fault(surroundings.database_url.get_secret_value()),
    }
    if json:
        say_json({name: {"healthy": fault is None, "fault": fault} for name, fault in faults.items()})
    else:
        say(*(f"{name:<9} {fault or 'ok'}" for name, fault in faults.items()))
    if any(faults.values()):
        raise Stopped(Exit.AWAY, "not healthy: " + ", ".join(name for name, fault in faults.items() if fault))


def settings(json: Json = False) -> None:
    """List the environment variables that say how it runs."""
    from api.access.settings import table as of_the_door
    from workflows.settings import table as listed

    rows = [*listed(), *of_the_door(), *OWN_VARIABLES]
    if json:
        say_json([{"variable": v, "default": d, "meaning": m} for v, d, m in rows])
        return
    say(table(("variable", "default*", "meaning"), rows))


OWN_VARIABLES = [
    ("REDRESS_HOME", ".redress", "folder of the embedded servers, and where commands look for them"),
    ("REDRESS_AS", "", "who acts, as ROLE:ID[@DEPARTMENT], for commands without --as"),
    ("REDRESS_TEMPORAL_CLI", "", "the official `temporal` command to run the embedded server with"),
    ("REDRESS_DEBUG", "", "1 shows where an error came from"),
]
"""What only the command line reads."""


async def _temporal_fault(known: object) -> str | None:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
    from temporalio.service import RPCError

    from workflows.client import Unavailable, connect
    from workflows.settings import Settings

    assert isinstance(known, Settings)
    try:
        client = await connect(known)
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=_PATIENCE
        )
    except Unavailable as fault:
        return str(fault)
    except RPCError as fault:
        return f"namespace {known.temporal_namespace}: {fault.status.name.lower()}"
    return None


def _database_fault(url: str) -> str | None:
    from sqlalchemy.exc import SQLAlchemyError

    from db.migrate import is_current

    try:
        return None if is_current(url) else "its tables are not those of this version: redress migrate"
    except SQLAlchemyError:
        return "PostgreSQL does not answer"
