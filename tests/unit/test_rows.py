"""Every row of the source material has a story named after it."""

from tests.rows.rows import ROWS, row_of, stories


def test_every_row_has_a_story_and_every_story_a_row() -> None:
    found = stories()
    assert [row for row in ROWS if not found[row]] == []
    assert set(found) == set(ROWS)


def test_a_story_is_named_after_its_row() -> None:
    assert row_of("test_M1_badly_handled") == "M1"
    assert row_of("test_made_up") is None
