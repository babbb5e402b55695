"""The name of a time zone becomes data, once, at the door."""

from itertools import pairwise

import pytest

from complaints.zones import resolve


def test_a_zone_without_changes_is_one_offset() -> None:
    assert [offset.minutes for offset in resolve("Asia/Shanghai").offsets] == [480]


def test_a_zone_with_changes_lists_each_to_the_minute() -> None:
    new_york = resolve("America/New_York").offsets
    assert [(o.since.isoformat(), o.minutes) for o in new_york[:3]] == [
        ("2020-01-01T00:00:00+00:00", -300),
        ("2020-03-08T07:00:00+00:00", -240),
        ("2020-11-01T06:00:00+00:00", -300),
    ]
    assert len(new_york) == 1 + 2 * 18


def test_offsets_are_sorted_and_differ_from_one_to_the_next() -> None:
    for name in ("Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut", "Pacific/Apia"):
        offsets = resolve(name).offsets
        assert [o.since for o in offsets] == sorted({o.since for o in offsets})
        assert all(a.minutes != b.minutes for a, b in pairwise(offsets))


def test_years_before_the_pinned_ones_can_be_resolved_too() -> None:
    offsets = resolve("Pacific/Apia", 2011, 2011).offsets
    assert [(o.since.isoformat(), o.minutes) for o in offsets][-1] == ("2011-12-30T10:00:00+00:00", 840)


@pytest.mark.parametrize("name", ["Moon/Tranquility", "", "../etc/passwd", "/etc/passwd", "Asia", "a\x00b"])
def test_what_is_no_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        resolve(name)
