"""The page about known failures, and the tests in this folder, tell of the same ones."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "known-failures.md").read_text(encoding="utf-8")
ORIGIN = r"test_((?:glpi|helpdesk|zammad|chatwoot|osticket|digit_ccrs)_\d+)_\w+"


def in_this_folder() -> dict[str, str]:
    """The tests by name, with where each comes from."""
    text = "\n".join(module.read_text(encoding="utf-8") for module in HERE.glob("test_*.py"))
    return {found[0]: found[1] for found in re.finditer(rf"(?<=def ){ORIGIN}", text)}


def test_every_test_that_the_page_names_is_here() -> None:
    named = [found[0] for found in re.finditer(ORIGIN, PAGE)]
    assert named
    assert set(named) <= set(in_this_folder())


def test_every_failure_that_is_tested_here_is_on_the_page() -> None:
    assert {found[1] for found in re.finditer(ORIGIN, PAGE)} == set(in_this_folder().values())


def test_every_failure_is_tested_more_than_once() -> None:
    origins = list(in_this_folder().values())
    assert min(origins.count(origin) for origin in set(origins)) > 1
