"""The built-in policy, what it allows, and files that are refused as a whole."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from complaints.policy import fingerprint
from complaints.policy_file import FOLDER, builtin, load
from complaints.records import ClockName
from complaints.vocabulary import Money, Role
from complaints.wire import Malformed
from complaints.working_time import Unit
from tests.lives import cny


def written(folder: Path, **changes: Any) -> Path:
    """Write the built-in policy down with some of its fields changed; None leaves a field out."""
    data = yaml.safe_load((FOLDER / "default.yaml").read_text(encoding="utf-8")) | changes
    path = folder / "policy.yaml"
    text = yaml.safe_dump({key: value for key, value in data.items() if value is not None})
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(Malformed) as refused:
        load(path)
    return [problem.field for problem in refused.value.problems]


def test_the_builtin_policy_climbs_from_lead_to_customer_service_to_executive() -> None:
    assert [rung.audience for rung in builtin().ladder] == [
        Role.LEAD,
        Role.CUSTOMER_SERVICE,
        Role.EXECUTIVE,
    ]


def test_the_builtin_policy_warns_in_ascending_order_and_only_in_known_units() -> None:
    for rule in builtin().clocks.values():
        assert list(rule.warn_percent) == sorted(rule.warn_percent)
        assert rule.budget is None or rule.budget.unit in Unit


def test_every_category_has_a_name_in_both_languages() -> None:
    assert all(names.en and names.zh for names in builtin().categories.values())


@pytest.mark.parametrize(
    ("role", "yuan", "allowed"),
    [
        (Role.DESK, 200, True),
        (Role.DESK, 201, False),
        (Role.LEAD, 5_000, True),
        (Role.LEAD, 5_001, False),
        (Role.CUSTOMER_SERVICE, 10**9, True),
        (Role.SYSTEM, 0, True),
        (Role.SYSTEM, 1, False),
        (Role.AUDITOR, 1, False),
    ],
)
def test_authority_ends_at_its_limit(role: Role, yuan: int, allowed: bool) -> None:
    assert builtin().may_grant(role, cny(yuan)) is allowed


def test_no_money_needs_no_authority() -> None:
    assert builtin().may_grant(Role.SYSTEM, None)


@pytest.mark.parametrize(
    ("sum_", "approver"),
    [
        (cny(1), Role.LEAD),
        (cny(5_000), Role.LEAD),
        (cny(5_001), Role.CUSTOMER_SERVICE),
        (Money(amount_minor=1, currency="JPY"), Role.CUSTOMER_SERVICE),
    ],
)
def test_the_approver_is_the_lowest_superior_with_enough_authority(sum_: Money, approver: Role) -> None:
    assert builtin().approver_of(sum_) == approver


def test_a_ladder_that_does_not_name_an_audience_tells_its_last_rung() -> None:
    short = replace(builtin(), ladder=builtin().ladder[:2])
    assert short.rung_of(Role.EXECUTIVE) == 1


def test_equal_policies_have_equal_fingerprints_and_the_least_change_shows() -> None:
    again = load(FOLDER / "default.yaml")
    assert again is not builtin()
    assert fingerprint(again) == fingerprint(builtin())
    assert fingerprint(replace(again, extensions_per_clock=3)) != fingerprint(builtin())


def test_the_order_in_a_file_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    assert fingerprint(load(written(tmp_path))) == fingerprint(builtin())  # safe_dump sorts the keys


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"zone": "Moon/Tranquility"}, "zone"),
        ({"zone": None}, "zone"),
        ({"ladder": None}, "ladder"),
        ({"ladder": []}, "ladder"),
        ({"moon": 1}, "moon"),
        ({"categories": {}}, "categories"),
        ({"backdating": {"amount": 0, "unit": "calendar_days"}}, "backdating.amount"),
        ({"backdating": {"amount": 1, "unit": "fortnights"}}, "backdating.unit"),
        ({"rejections_before_mediation": 0}, "rejections_before_mediation"),
        ({"feedback": {"due_at": "25:00", "remind_at": "15:00"}}, "feedback.due_at"),
        ({"authority": {"yuan": {"lead": 1}}}, "authority.yuan.[key]"),
    ],
)
def test_a_file_with_an_error_is_refused_and_the_field_named(
    tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    assert field in problems(written(tmp_path, **changes))


def test_a_clock_without_the_budget_it_needs_is_named(tmp_path: Path) -> None:
    clocks = yaml.safe_load((FOLDER / "default.yaml").read_text(encoding="utf-8"))["clocks"]
    del clocks["intake"]
    del clocks["solution"]["budget"]
    assert problems(written(tmp_path, clocks=clocks)) == ["clocks.intake.budget", "clocks.solution.budget"]


def test_every_error_is_named_at_once(tmp_path: Path) -> None:
    assert set(problems(written(tmp_path, name="a b", version=None))) == {"name", "version"}


@pytest.mark.parametrize("text", ["[", "just words", "", "- a\n- b"])
def test_what_is_no_mapping_is_no_policy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    assert problems(path) == ["broken.yaml"]


def test_clocks_that_people_or_the_ladder_set_need_no_budget() -> None:
    for name in (ClockName.ACTION, ClockName.PROMISE, ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT):
        assert builtin().clock(name).budget is None
