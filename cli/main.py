"""The `redress` command: its families, and the only way it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from cli import (
    acting,
    encryption,
    erasing,
    explain,
    exporting,
    files,
    finding,
    importing,
    incident,
    intake,
    keys,
    lists,
    matters,
    operations,
    org,
    policy,
    proof,
    schedules,
    scores,
    showing,
    up,
    webhooks,
)
from cli.exits import MEANINGS, report


class _Families(TyperGroup):
    """Lists the commands by family, as plain text: laying help out with rich takes longer than most commands."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one section for each family."""
        families: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            families.setdefault(command.rich_help_panel, []).append((name, command.get_short_help_str(200)))
        for family, rows in families.items():
            with formatter.section(family):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as the class above has it
        """Write the exit codes, a line each."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), meaning) for code, meaning in MEANINGS.items()])


app = typer.Typer(
    name="redress",
    cls=_Families,
    help="Customer complaints as durable workflows: none lost, none forgotten, none late.",
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # errors are reported in one place, below
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
    rich_help_panel="See it",
)
def demo(context: typer.Context) -> None:
    """Watch complaints live their whole lives in seconds, on real servers."""
    import importlib

    # Loaded by name, and only now: the demo brings everything with it, the command line must start at once.
    stage = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    stage.command()(importlib.import_module("cli.demo").demo)
    stage(context.args, prog_name="redress demo")


for family in (
    up,
    intake,
    acting,
    showing,
    explain,
    lists,
    finding,
    files,
    matters,
    incident,
    scores,
    org,
    policy,
    schedules,
    webhooks,
    proof,
    erasing,
    encryption,
    exporting,
    importing,
    keys,
    operations,
):
    family.add_to(app)


def main() -> NoReturn:
    """Run the command and end the process.

    The SDK's threads may abort a process that ends in the ordinary way (sdk-python issue 300), so this one does not.
    """
    code = run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:  # whoever read our output has read enough
            continue
    os._exit(code)


_command = cache(partial(typer.main.get_command, app))
"""The parser of all commands, made once in a process: the application would make it anew at every call."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, or those of the process, and return its exit code."""
    try:
        _command()(arguments, prog_name="redress")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last door: nobody is ever shown a traceback
        return report(error)
    return 0


if __name__ == "__main__":
    main()
