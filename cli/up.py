"""`redress up`: everything on this machine, in the foreground."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

_USUAL_CODEC_PORT = 8081
_USUAL_API_PORT = 8080

_NEXT = """
Try, in another terminal:
  export REDRESS_AS=handler:zhang.wei@billing
  redress start {sample}
  redress list
  redress show NUMBER
Ctrl-C stops everything; what was begun goes on with the next start."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="See it")(up)


def up(
    usual_ports: Annotated[
        bool, typer.Option("--usual-ports/--any-ports", help="Prefer the ports people know, or take any.")
    ] = True,
) -> None:
    """Run everything until Ctrl-C: PostgreSQL, Temporal with its UI, the worker, the HTTP API.

    With REDRESS_DATABASE_URL or REDRESS_TEMPORAL_ADDRESS set it uses those servers instead of its own.
    """
    from cli import surroundings
    from db.migrate import upgrade
    from stack.ports import LOOPBACK, choose_port
    from stack.program import Program
    from stack.up import Stack
    from workflows.names import SEARCH_ATTRIBUTES

    home = surroundings.home()
    codec = f"{LOOPBACK}:{choose_port(_USUAL_CODEC_PORT if usual_ports else None)}"
    api = os.environ.get("REDRESS_API_ADDRESS")
    api = api or f"{LOOPBACK}:{choose_port(_USUAL_API_PORT if usual_ports else None)}"
    namespace = os.environ.get("REDRESS_TEMPORAL_NAMESPACE") or "default"
    stack = Stack(
        home,
        search_attributes=SEARCH_ATTRIBUTES,
        namespace=namespace,
        codec_endpoint=f"http://{codec}",
        usual_ports=usual_ports,
        tell=_tell,
    )
    _tell(f"Starting in {home} ...")
    with stack:
        key = os.environ.get(surroundings.KEY) or _own_key(surroundings.key_file())
        surroundings.leave_word()
        upgrade(stack.database_url)
        shared = {surroundings.KEY: key, **_dev_login(stack.owns_database)}
        programs = [Program("worker", [sys.executable, "-m", "worker"], shared)]
        programs.append(Program("api", [sys.executable, "-m", "api"], {**shared, "REDRESS_API_ADDRESS": api}))
        if stack.ui_url:
            told = {"REDRESS_CODEC_ADDRESS": codec, "REDRESS_CODEC_ORIGINS": stack.ui_url}
            programs.append(Program("codec", [sys.executable, "-m", "api.codec"], {**shared, **told}))
        for line in stack.describe():
            _tell(line)
        _tell(f"API          http://{api}/v1, its pages: http://{api}/docs")
        _tell(_NEXT.format(sample=_sample()))
        stack.supervise(programs)


def _tell(line: str) -> None:
    print(line, flush=True)


def _own_key(file: Path) -> str:
    """Return the stack's own key, made once: without it nothing in its Temporal can be read again."""
    from workflows.converter import generate_key

    if not file.exists():
        made = file.with_suffix(".new")
        made.touch(mode=0o600)
        made.write_text(base64.b64encode(generate_key()).decode() + "\n")
        made.rename(file)
    return file.read_text().strip()


def _dev_login(owns_database: bool) -> dict[str, str]:
    """Switch the development login on beside our own database, and off, whatever is set, beside any other."""
    from api.access.dev_login import make_key
    from cli import surroundings

    file = surroundings.dev_login_file()
    if owns_database:
        make_key(file)
    return {"REDRESS_DEV_LOGIN": str(file) if owns_database else ""}


def _sample() -> str:
    """Name the sample as one would type it from here."""
    file = Path(__file__).with_name("samples") / "complaints.yaml"
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)
