"""The page on security says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.access import issuer, key_ring, people, token
from api.access.limits import WINDOW_SECONDS
from api.access.settings import AccessSettings
from complaints.permissions import APART, Right, rights_by_role
from complaints.vocabulary import Role

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_page_has_the_table_of_rights() -> None:
    assert rights_by_role() in PAGE


def test_the_page_says_what_each_right_is() -> None:
    for right in Right:
        assert re.search(rf"^\| `{right}` \| \w", PAGE, re.MULTILINE), right


@pytest.mark.parametrize(
    "words",
    [
        f"{token.SKEW_SECONDS} seconds apart",
        f"longer than {token.LONGEST} characters",
        f"one fetch in {issuer.PAUSE_SECONDS:.0f} seconds",
        f"for {issuer.KEPT_SECONDS / 3600:.0f} hours",
        f"within {key_ring.FRESH_SECONDS:.0f} seconds",
        f"{key_ring.KEPT_SECONDS:.0f} seconds while PostgreSQL is away",
        f"{AccessSettings.model_fields['rate_per_minute'].default} requests",
        f"{AccessSettings.model_fields['failures_per_minute'].default} wrong credentials",
        f"any {WINDOW_SECONDS:.0f} seconds",
    ],
)
def test_the_numbers_on_the_page_are_those_of_the_code(words: str) -> None:
    assert words in re.sub(r"\s+", " ", PAGE)


def test_the_roles_that_stand_alone_are_named() -> None:
    assert {Role.AUDITOR} == APART
    assert "An auditor has no other role" in PAGE
    assert Role.SYSTEM not in people._OF_PEOPLE
