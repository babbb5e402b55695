"""What a resolved policy answers: authority, approvers, budgets, ladders, and its fingerprint."""

from dataclasses import replace

import pytest

from complaints.policy import ClockRule, fingerprint, rung_of
from complaints.policy_file import FOLDER, builtin, load
from complaints.records import ClockName
from complaints.vocabulary import Money, Role, Severity
from complaints.working_time import Budget, Unit
from tests.lives import cny

DAYS = Budget(amount=5, unit=Unit.BUSINESS_DAYS)
HOURS = Budget(amount=5, unit=Unit.BUSINESS_HOURS)


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


# --- clocks


def test_a_severity_without_a_budget_of_its_own_has_the_common_one() -> None:
    rule = ClockRule(budget=DAYS, by_severity={Severity.CRITICAL: HOURS})
    assert rule.budget_for(Severity.CRITICAL) == HOURS
    assert rule.budget_for(Severity.LOW) == DAYS


def test_a_clock_that_the_policy_does_not_name_has_no_budget() -> None:
    nameless = replace(builtin(), clocks={})
    assert nameless.rule(ClockName.INTAKE).budget is None


def test_a_statutory_clock_has_the_rule_its_subject_names() -> None:
    policy = builtin("power-utility")
    for name, rule in policy.statutory.items():
        assert policy.rule(ClockName.STATUTORY, name) is rule


@pytest.mark.parametrize("name", [None, "atlantis"])
def test_where_no_known_calendar_is_named_the_policys_own_counts(name: str | None) -> None:
    assert builtin().working_time(name) is builtin().calendars[builtin().calendar]


# --- ladders


def test_the_builtin_policy_climbs_from_lead_to_customer_service_to_executive() -> None:
    audiences = [rung.audience for rung in builtin().ladder(None)]
    assert audiences == [Role.LEAD, Role.CUSTOMER_SERVICE, Role.EXECUTIVE]


@pytest.mark.parametrize("name", [None, "stepladder"])
def test_where_no_known_ladder_is_named_the_default_one_serves(name: str | None) -> None:
    assert builtin().ladder(name) is builtin().ladders["default"]


def test_a_ladder_that_does_not_name_an_audience_tells_its_last_rung() -> None:
    assert rung_of(builtin().ladder(None)[:2], Role.EXECUTIVE) == 1


# --- the built-in policy


def test_every_category_has_a_name_in_both_languages() -> None:
    assert all(names.en and names.zh for names in builtin().categories.values())


def test_clocks_whose_deadline_is_set_elsewhere_need_no_budget() -> None:
    for name in (ClockName.ACTION, ClockName.PROMISE, ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT):
        assert builtin().rule(name).budget is None


# --- fingerprints


def test_equal_policies_have_equal_fingerprints_and_the_least_change_shows() -> None:
    again = load(FOLDER / "default.yaml")
    assert again is not builtin()
    assert fingerprint(again) == fingerprint(builtin())
    assert fingerprint(replace(again, options_prepared=again.options_prepared + 1)) != fingerprint(again)
