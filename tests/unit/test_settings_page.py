"""The page on settings lists every setting as it is."""

from __future__ import annotations

from pathlib import Path

from api.access.settings import table as door_table
from workflows.settings import table

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_page_lists_every_setting_with_default_and_meaning() -> None:
    listed = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert listed == [
        f"| `{name}` | {default} | {meaning} |" for name, default, meaning in [*table(), *door_table()]
    ]
