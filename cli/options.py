"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

Number: TypeAlias = Annotated[str, typer.Argument(help="The complaint's number.", show_default=False)]
As: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="ROLE:ID[@DEPARTMENT]", help="Who acts; else REDRESS_AS.", show_default=False
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Department: TypeAlias = Annotated[
    str | None, typer.Option(help="Only those of a department.", show_default=False)
]
