"""Going on under another policy: what moves, what stays, who has to agree, and how the ledger tells."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from complaints import commands as c
from complaints import consequences, events, facts
from complaints.errors import NotAccepted, OwnApproval, PolicyUnreadable, SamePolicy, UnknownCategory
from complaints.evolve import pins, rebuilt, replayed
from complaints.forms import Names
from complaints.lifecycle import Act, Stage
from complaints.policy import MetBy, Policy, StatutoryRule, fingerprint, text_of
from complaints.policy_file import builtin
from complaints.practices import AfterClosing, Gate, Step
from complaints.records import ClockName, Move, Verdict
from complaints.vocabulary import Role
from tests.lives import (
    DAY,
    INSTANT,
    MONDAY,
    PEOPLE,
    Life,
    at_stage,
    business_days,
    days,
    example,
    renewed,
    with_clock,
)

LONGER = renewed(with_clock(ClockName.SOLUTION, budget=days(9)))
SHORTER = renewed(with_clock(ClockName.SOLUTION, budget=days(2)))


def migrate(life: Life, policy: Policy, **fields: object) -> list[events.Event]:
    return life.do(example(c.MigratePolicy, life, policy=text_of(policy), **fields))


def moved(life: Life) -> dict[str, consequences.ClockMoved]:
    return {fact.clock: fact for fact in life.facts(consequences.ClockMoved)}


# --- who agrees


def test_nobody_approves_their_own_migration() -> None:
    life = at_stage(Stage.SOLUTION)
    with pytest.raises(OwnApproval):
        migrate(life, LONGER, approver=PEOPLE[Role.CUSTOMER_SERVICE].id)


def test_who_approved_a_migration_and_why_is_on_record() -> None:
    life = at_stage(Stage.SOLUTION)
    migrate(life, LONGER, approver="zhao.zong", reason="新规三月起施行")
    (fact,) = life.facts(facts.PolicyMigrated)
    assert (fact.approver, fact.reason) == ("zhao.zong", "新规三月起施行")
    assert (fact.policy_name, fact.policy_version) == ("default", "3")


# --- what is refused


def test_a_complaint_is_not_moved_to_the_policy_it_goes_by() -> None:
    with pytest.raises(SamePolicy):
        migrate(at_stage(Stage.SOLUTION), builtin())


def test_a_complaint_is_not_moved_to_a_policy_without_its_category() -> None:
    with pytest.raises(UnknownCategory) as refused:
        migrate(at_stage(Stage.SOLUTION), renewed(categories={"moon": builtin().categories["other"]}))
    assert refused.value.possible == ("moon",)


@pytest.mark.parametrize(
    "text",
    ["nonsense", "{}", "[]", "null", '{"name": "default"}', '"default"', "[" * 100_000, "1" * 5_000, "NaN"],
    ids=["words", "nothing", "a list", "null", "a name alone", "text", "deep", "a long number", "no number"],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    life = at_stage(Stage.SOLUTION)
    before = life.state
    with pytest.raises(PolicyUnreadable):
        life.do(example(c.MigratePolicy, life, policy=text))
    assert life.state == before


def altered(**fields: object) -> str:
    """The text of a policy that reads well and cannot be gone by."""
    return json.dumps(json.loads(text_of(renewed())) | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"calendar": "moon"},
        {"calendars": {}},
        {"ladders": {"moon": [{"audience": "lead"}]}},
        {"ladders": {"default": []}},
        {"moon": 1},
    ],
    ids=["an unknown calendar", "no calendar", "no default ladder", "an empty ladder", "an unknown field"],
)
def test_a_policy_nobody_could_go_by_is_refused(fields: dict[str, object]) -> None:
    life = at_stage(Stage.SOLUTION)
    with pytest.raises(PolicyUnreadable):
        life.do(example(c.MigratePolicy, life, policy=altered(**fields)))


@pytest.mark.parametrize(
    "offsets",
    [
        [],
        [{"since": "2020-01-01T00:00:00", "minutes": 480}],
        [{"since": "2020-01-01T00:00:00Z", "minutes": 9999}],
    ],
    ids=["none", "from no instant", "of a week"],
)
def test_a_policy_whose_zone_tells_no_time_is_refused(offsets: list[object]) -> None:
    life = at_stage(Stage.SOLUTION)
    calendars = json.loads(text_of(renewed()))["calendars"]
    calendars["china"]["zone"]["offsets"] = offsets
    with pytest.raises(PolicyUnreadable):
        life.do(example(c.MigratePolicy, life, policy=altered(calendars=calendars)))


def test_a_refused_migration_leaves_the_policy_as_it_was() -> None:
    life = at_stage(Stage.SOLUTION)
    with pytest.raises(UnknownCategory):
        migrate(life, renewed(categories={"moon": builtin().categories["other"]}))
    assert life.state.policy is at_stage(Stage.SOLUTION).state.policy


# --- what moves


def test_a_deadline_that_moves_says_where_it_was_and_where_it_is() -> None:
    life = at_stage(Stage.SOLUTION).wait(DAY)
    migrate(life, LONGER)
    fact = moved(life)["solution/1"]
    assert (fact.why, fact.was_due_at, fact.due_at) == (
        Move.MIGRATED,
        MONDAY + 5 * DAY,
        MONDAY + 9 * DAY,
    )
    assert fact.left_seconds == 8 * 86_400


def test_a_deadline_that_stays_says_nothing() -> None:
    life = at_stage(Stage.SOLUTION)
    migrate(life, LONGER)
    assert set(moved(life)) == {"solution/1"}


def test_a_shorter_budget_ends_no_earlier_than_it_was_asked_for() -> None:
    life = at_stage(Stage.SOLUTION).wait(4 * DAY)
    migrate(life, SHORTER)
    assert life.clock(ClockName.SOLUTION).due_at == life.now
    assert life.clock(ClockName.SOLUTION).breached_at == life.now


def test_what_was_missed_stays_missed_under_a_longer_budget() -> None:
    life = at_stage(Stage.SOLUTION).wait(6 * DAY)
    migrate(life, LONGER)
    assert life.clock(ClockName.SOLUTION).due_at == MONDAY + 5 * DAY
    life.do(example(c.AdmitUnsolvable))
    assert life.clock(ClockName.SOLUTION).verdict == Verdict.BREACHED


def test_what_was_settled_stays_as_it_was() -> None:
    life = at_stage(Stage.SOLUTION)
    before = {key: clock for key, clock in life.state.clocks.items() if not clock.is_open}
    migrate(life, renewed(with_clock(ClockName.INVESTIGATION, budget=days(1))))
    assert {key: life.state.clocks[key] for key in before} == before


def test_a_deadline_that_people_named_stays() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.MakePromise, life))
    due_at = life.clock(ClockName.PROMISE).due_at
    migrate(life, LONGER)
    assert life.clock(ClockName.PROMISE).due_at == due_at


def test_a_target_that_the_other_policy_lacks_stays_what_it_was() -> None:
    life = at_stage(Stage.SOLUTION)
    migrate(life, renewed(with_clock(ClockName.SOLUTION, budget=None)))
    assert life.clock(ClockName.SOLUTION).due_at == MONDAY + 5 * DAY


def test_a_warning_that_was_given_is_not_given_again() -> None:
    life = at_stage(Stage.SOLUTION).wait(3 * DAY)
    migrate(life, LONGER)
    life.wait(2 * DAY)
    assert [f.percent for f in life.facts(consequences.ClockWarned) if f.clock == "solution/1"] == [50]


def test_an_extension_that_was_granted_is_kept() -> None:
    life = at_stage(Stage.SOLUTION)
    until = MONDAY + 8 * DAY
    life.do(example(c.GrantExtension, life, clock="solution/1", until=until))
    migrate(life, SHORTER)
    assert life.clock(ClockName.SOLUTION).due_at == until


def test_a_calendar_that_knows_more_makes_a_deadline_firm() -> None:
    china = builtin().working_time(None)
    short = replace(china, known_until=MONDAY.date())
    unsure = with_clock(
        ClockName.SOLUTION, replace(builtin(), calendars={"china": short}), budget=business_days(3)
    )
    life = at_stage(Stage.SOLUTION, unsure)
    assert life.clock(ClockName.SOLUTION).provisional
    migrate(life, renewed(unsure, calendars=builtin().calendars))
    assert not life.clock(ClockName.SOLUTION).provisional
    assert moved(life)["solution/1"].was_due_at == moved(life)["solution/1"].due_at


def test_what_comes_next_goes_by_the_other_policy() -> None:
    life = at_stage(Stage.INVESTIGATION)
    migrate(life, LONGER)
    life.do(example(c.RecordFindings))
    assert life.clock(ClockName.SOLUTION).due_at == life.now + 9 * DAY


def test_a_complaint_may_be_moved_twice() -> None:
    life = at_stage(Stage.SOLUTION)
    migrate(life, LONGER)
    migrate(life, replace(SHORTER, version="4"))
    assert life.clock(ClockName.SOLUTION).due_at == MONDAY + 2 * DAY
    assert [m.why for m in life.clock(ClockName.SOLUTION).adjustments] == [Move.MIGRATED] * 2


# --- the ledger


def test_the_first_event_names_the_policy_by_its_hash() -> None:
    (registered,) = at_stage(Stage.INTAKE).facts(facts.Registered)
    assert registered.policy_sha256 == fingerprint(builtin())


def test_a_migration_names_both_policies_by_their_hashes() -> None:
    life = at_stage(Stage.SOLUTION)
    migrate(life, LONGER)
    (fact,) = life.facts(facts.PolicyMigrated)
    assert (fact.was_sha256, fact.policy_sha256) == (fingerprint(builtin()), fingerprint(LONGER))


def moved_life() -> Life:
    life = at_stage(Stage.SOLUTION)
    migrate(life, LONGER)
    life.do(example(c.ChangeSeverity))
    return life.to(Stage.CLOSED)


def by_fingerprint(*policies: Policy) -> dict[str, Policy]:
    return {fingerprint(policy): policy for policy in policies}


def test_a_ledger_is_rebuilt_with_the_policies_it_names() -> None:
    life = moved_life()
    assert pins(life.events) == (fingerprint(builtin()), fingerprint(LONGER))
    again = rebuilt(life.state.number, life.events, by_fingerprint(builtin(), LONGER))
    assert replace(again, policy=life.state.policy) == life.state
    assert fingerprint(again.policy) == fingerprint(LONGER)


def test_a_ledger_is_not_rebuilt_without_one_of_its_policies() -> None:
    life = moved_life()
    with pytest.raises(KeyError):
        rebuilt(life.state.number, life.events, by_fingerprint(builtin()))


def test_replayed_from_anywhere_it_goes_on_by_the_policy_of_that_time() -> None:
    life = moved_life()
    half = replayed(life.born, life.events[:10])
    assert fingerprint(half.policy) == fingerprint(builtin())
    whole = replayed(half, life.events[10:], by_fingerprint(LONGER))
    assert fingerprint(whole.policy) == fingerprint(LONGER)
    assert whole.clocks == life.state.clocks


def test_a_migration_and_a_deadline_in_one_instant_are_in_time() -> None:
    life = at_stage(Stage.SOLUTION)
    life.wait_until(MONDAY + 5 * DAY - INSTANT)
    life.now += INSTANT
    migrate(life, LONGER)
    assert life.clock(ClockName.SOLUTION).breached_at is None


def test_a_duty_that_the_new_policy_does_not_know_falls_away() -> None:
    answer = StatutoryRule(
        budget=days(10),
        title=Names(en="Answer", zh="答复"),
        met_by=MetBy.ANSWER,
        source="a public promise",
    )
    life = at_stage(Stage.INVESTIGATION, renewed(statutory={"answer": answer}))
    migrate(life, LONGER)
    assert life.clock(ClockName.STATUTORY).verdict == Verdict.VOID


# --- rituals that the other policy does not have, or has

ADMITTING = with_clock(ClockName.ADMISSION, renewed(admission=True), budget=days(2))


def test_a_contact_after_closing_that_the_new_policy_does_not_know_is_no_longer_owed() -> None:
    contact = AfterClosing(title=Names(en="Win back", zh="挽回"), after=days(4))
    life = at_stage(Stage.CLOSED, renewed(after_closing={"win_back": contact}))
    migrate(life, builtin())
    assert life.clock(ClockName.AFTER_CLOSING).verdict == Verdict.VOID


def test_an_admission_that_the_new_policy_does_not_ask_for_is_no_longer_owed() -> None:
    life = at_stage(Stage.INTAKE, ADMITTING)
    migrate(life, builtin())
    assert life.clock(ClockName.ADMISSION).verdict == Verdict.VOID


def test_whoever_is_beyond_the_investigation_is_not_held_up_by_the_intake_of_another_policy() -> None:
    gate = Gate(before=Act.BEGIN_INVESTIGATION, needs=(Step.POINTS_AGREED,))
    life = at_stage(Stage.SOLUTION)
    migrate(life, replace(ADMITTING, gates=(gate,)))
    assert life.do(example(c.PrepareOption))


def test_whoever_is_in_the_investigation_can_make_up_for_the_admission() -> None:
    life = at_stage(Stage.INVESTIGATION)
    migrate(life, ADMITTING)
    with pytest.raises(NotAccepted):
        life.do(example(c.RecordFindings))
    life.do(example(c.Accept))
    assert life.do(example(c.RecordFindings))
