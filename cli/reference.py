"""Writes the parts of docs/cli.md that follow from the code: `python -m cli.reference`.

They stand between `<!-- name -->` and `<!-- /name -->`; a test compares them with what this module would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from api.access.settings import table as door_table
from cli.acting import described
from cli.exits import MEANINGS
from cli.main import app
from cli.operations import OWN_VARIABLES
from complaints.commands import COMMANDS
from workflows.settings import table as settings_table

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "cli.md"


def parts() -> dict[str, str]:
    """Write every generated part, by name."""
    return {
        "commands": _table(("command", "what it does"), _commands()),
        "acts": _table(("act", "who may", "what it does"), _acts()),
        "exit codes": _table(("code", "meaning"), [(str(c.value), m) for c, m in MEANINGS.items()]),
        "environment": _table(
            ("variable", "default", "meaning"),
            [(f"`{v}`", d, m) for v, d, m in [*settings_table(), *door_table(), *OWN_VARIABLES]],
        ),
    }


def filled(text: str) -> str:
    """Replace the generated parts of a document."""
    for name, part in parts().items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        assert pattern.search(text), f"docs/cli.md lost its part {name!r}"
        text = pattern.sub(lambda found, part=part: f"{found[1]}{part}\n{found[2]}", text)  # type: ignore[misc]  # bound at once
    return text


def _commands() -> Iterator[tuple[str, str]]:
    return _commands_of(typer.main.get_command(app), "redress")


def _commands_of(family: Any, words: str) -> Iterator[tuple[str, str]]:
    for name, command in family.commands.items():
        if hasattr(command, "commands"):
            yield from _commands_of(command, f"{words} {name}")
            continue
        arguments = [_argument(p) for p in command.params if p.param_type_name == "argument"]
        purpose = command.help.split("\n\n")[0].replace("\n", " ")
        yield f"`{' '.join([words, name, *arguments])}`", purpose


def _argument(parameter: Any) -> str:
    shown = str(parameter.metavar or parameter.name).upper() + ("..." if parameter.nargs == -1 else "")
    return shown if parameter.required else f"[{shown}]"


def _acts() -> Iterator[tuple[str, str, str]]:
    for dashed, who, purpose in map(described, COMMANDS):
        yield f"`{dashed}`", who, purpose


def _table(columns: Sequence[str], rows: Any) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
