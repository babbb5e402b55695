"""The page on the lifecycle says what the table says."""

from __future__ import annotations

from pathlib import Path

from complaints import lifecycle

PAGE = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text(encoding="utf-8")


def test_the_page_draws_the_table() -> None:
    assert f"```mermaid\n{lifecycle.diagram()}\n```" in PAGE


def test_the_page_lists_every_act_at_every_stage() -> None:
    assert lifecycle.acts_by_stage() in PAGE
