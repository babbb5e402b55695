"""How often is too often, and whose address is whose."""

from __future__ import annotations

import pytest

from api.access import limits
from api.access.addresses import is_safe, network_of
from api.access.errors import TooMany, Unauthenticated
from api.access.limits import Limit


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_within_any_minute_there_are_as_many_as_allowed_and_no_more() -> None:
    clock = Clock()
    limit = Limit(3, clock=clock)
    taken = []
    for second in range(200):
        clock.at = 100.0 + second
        try:
            limit.take("crm")
        except TooMany:
            continue
        taken.append(clock.at)
    assert all(len([t for t in taken if start <= t < start + 60]) <= 3 for start in taken)
    assert len(taken) == 12


def test_whoever_is_told_to_wait_so_long_is_taken_then_and_not_before() -> None:
    clock = Clock()
    limit = Limit(1, clock=clock)
    limit.take("crm")
    clock.at += 12.5
    with pytest.raises(TooMany) as refused:
        limit.take("crm")
    clock.at += refused.value.retry_after
    assert limit.take("crm").remaining == 0


def test_being_refused_does_not_prolong_the_wait() -> None:
    clock = Clock()
    limit = Limit(1, clock=clock)
    limit.take("crm")
    for _ in range(59):
        clock.at += 1
        with pytest.raises(TooMany):
            limit.take("crm")
    clock.at += 1
    limit.take("crm")


def test_made_up_names_take_no_more_memory_than_there_is_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_COUNTED", 100)
    limit = Limit(5)
    for number in range(1000):
        limit.take(f"made-up-{number}")
    assert len(limit._seen) == 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_an_address_counts_for_whoever_has_all_of_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.example/realms/a", True),
        ("http://127.0.0.1:8080/a", True),
        ("http://[::1]/a", True),
        ("http://localhost/a", True),
        ("http://login.example", False),
        ("http://127.0.0.1.login.example", False),
        ("http://localhost@login.example", False),
        ("https://user:pass@login.example", False),
        ("file:///etc/passwd", False),
        ("ftp://127.0.0.1", False),
        ("https://", False),
        ("https://login.example:99999", False),
        ("", False),
    ],
)
def test_keys_are_fetched_only_where_nobody_listens_in(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


def test_a_challenge_holds_nothing_that_breaks_a_header() -> None:
    challenge = Unauthenticated('a "quoted" \r\n line\\ and 汉字').headers["WWW-Authenticate"]
    assert challenge.isascii()
    assert challenge.count('"') == 6
    assert "\n" not in challenge
