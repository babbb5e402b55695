"""Pauses belong to the complaint: they survive whatever changes around them, and give back what was left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.errors import ExtensionsExhausted, ExtensionTooLong, NotYourRole, PauseNotAllowed
from complaints.lifecycle import Stage
from complaints.policy import PauseRule, Policy, text_of
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName, Move, NoticeKind, Verdict
from complaints.vocabulary import PauseOwner, Role, Severity
from complaints.working_time import elapsed
from tests.lives import (
    DAY,
    HOUR,
    INSTANT,
    NOBODY_KNOWN,
    Life,
    at_stage,
    business_days,
    business_hours,
    days,
    example,
    hours,
    renewed,
    with_clock,
)

TIERED = with_clock(
    ClockName.SOLUTION,
    budget=days(5),
    by_severity={Severity.CRITICAL: days(2), Severity.LOW: days(9)},
    warn_percent=(50,),
)


def solution(life: Life) -> Clock:
    return life.clock(ClockName.SOLUTION)


def paused(policy: Policy | None = None, *, owner: PauseOwner = PauseOwner.CUSTOMER) -> Life:
    """Waiting for somebody since the second day of the solution."""
    life = at_stage(Stage.SOLUTION, policy)
    life.do(example(c.AwaitCustomer, life, owner=owner), after=DAY)
    return life


def go_on(life: Life) -> Life:
    life.do(example(c.CustomerReplied, life))
    return life


# --- what stands still


def test_what_stands_still_is_what_the_policy_names_for_this_owner() -> None:
    rule = PauseRule(stops=(ClockName.OVERALL,), at_most=days(2))
    life = paused(
        replace(builtin(), pauses={**builtin().pauses, PauseOwner.VENDOR: rule}), owner=PauseOwner.VENDOR
    )
    assert {k.name for k in life.state.clocks.values() if k.paused_at} == {ClockName.OVERALL}


def test_waiting_for_ourselves_stops_nothing() -> None:
    life = paused(owner=PauseOwner.US)
    assert not [k for k in life.state.clocks.values() if k.paused_at]


def test_an_owner_the_policy_does_not_name_is_not_waited_for() -> None:
    without = {PauseOwner.CUSTOMER: builtin().pauses[PauseOwner.CUSTOMER]}
    life = at_stage(Stage.SOLUTION, replace(builtin(), pauses=without))
    with pytest.raises(PauseNotAllowed) as refused:
        life.do(example(c.AwaitCustomer, life, owner=PauseOwner.VENDOR))
    assert refused.value.possible == (PauseOwner.CUSTOMER,)


@pytest.mark.parametrize("owner", PauseOwner)
def test_a_wait_may_last_as_long_as_the_policy_says_and_then_escalates(owner: PauseOwner) -> None:
    life = paused(owner=owner)
    waiting = life.clock(ClockName.WAITING)
    assert waiting.budget == builtin().pauses[owner].at_most
    life.wait_until(waiting.due_at)
    assert life.state.clocks[waiting.key].breached_at is not None


def test_clocks_stand_still_until_somebody_answers_however_long_it_takes() -> None:
    life = paused().wait(30 * DAY)
    assert solution(life).paused_at is not None
    assert solution(life).breached_at is None


# --- what a pause survives


def test_a_pause_survives_a_change_of_severity_made_before_it() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL))
    life.do(example(c.AwaitCustomer, life), after=DAY)
    go_on(life.wait(4 * DAY))
    assert solution(life).due_at == life.now + DAY


def test_a_pause_survives_a_change_of_severity_made_during_it() -> None:
    life = paused(TIERED)
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL), after=2 * DAY)
    assert solution(life).paused_at is not None
    go_on(life.wait(2 * DAY))
    assert solution(life).due_at == life.now + DAY


def test_a_pause_survives_a_change_of_severity_made_after_it() -> None:
    life = paused(TIERED)
    go_on(life.wait(4 * DAY))
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL))
    assert solution(life).due_at == life.now + DAY


def test_a_pause_survives_a_change_of_department() -> None:
    life = paused()
    life.do(example(c.Reassign, life), after=2 * DAY)
    go_on(life.wait(2 * DAY))
    assert solution(life).due_at == life.now + 4 * DAY


@pytest.mark.parametrize("during", [True, False])
def test_a_pause_survives_a_change_of_policy(during: bool) -> None:
    other = text_of(renewed(with_clock(ClockName.SOLUTION, budget=days(3))))
    life = paused()
    life.wait(2 * DAY)
    if during:
        life.do(example(c.MigratePolicy, life, policy=other))
    go_on(life.wait(2 * DAY))
    if not during:
        life.do(example(c.MigratePolicy, life, policy=other))
    assert solution(life).due_at == life.now + 2 * DAY


def test_two_pauses_survive_a_change_of_severity() -> None:
    life = paused(TIERED)
    go_on(life.wait(4 * DAY))
    life.do(example(c.AwaitCustomer, life), after=DAY)
    go_on(life.wait(7 * DAY))
    life.do(example(c.ChangeSeverity, life, severity=Severity.LOW))
    assert solution(life).due_at == life.now + 7 * DAY


def test_an_extension_survives_a_change_of_severity() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    granted = life.now + 8 * DAY
    life.do(example(c.GrantExtension, life, clock="solution/1", until=granted))
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL))
    assert solution(life).due_at == granted


# --- what resuming shows


def test_resuming_shows_what_is_left() -> None:
    life = paused()
    go_on(life.wait(3 * DAY))
    left = {fact.clock: fact.left_seconds for fact in life.facts(consequences.ClockMoved)}
    assert left == {"solution/1": 4 * 86_400, "overall/1": 19 * 86_400}


def test_what_is_left_is_working_time_where_the_budget_counts_that() -> None:
    life = paused(with_clock(ClockName.SOLUTION, budget=business_hours(20)))
    go_on(life.wait(5 * DAY))  # from Tuesday over the weekend to Sunday
    (moved,) = [fact for fact in life.facts(consequences.ClockMoved) if fact.clock == "solution/1"]
    assert moved.left_seconds == 12 * 3600 + 1800  # Monday from nine used up seven hours, Tuesday half of one


def test_resuming_says_who_was_waited_for_and_from_when_to_when() -> None:
    life = paused(owner=PauseOwner.VENDOR)
    since = life.now
    go_on(life.wait(3 * DAY))
    (moved,) = life.facts(consequences.ClockMoved)
    assert (moved.why, moved.owner, moved.since, moved.at) == (
        Move.RESUMED,
        PauseOwner.VENDOR,
        since,
        life.now,
    )
    assert moved.due_at - moved.was_due_at == 3 * DAY


def test_a_pause_at_the_weekend_costs_a_clock_of_working_days_nothing() -> None:
    life = at_stage(Stage.SOLUTION, with_clock(ClockName.SOLUTION, budget=business_days(10)))
    due_at = solution(life).due_at
    life.do(example(c.AwaitCustomer, life), after=4 * DAY + 10 * HOUR)  # Friday evening
    life.do(example(c.CustomerReplied, life), after=2 * DAY)  # Sunday evening
    assert solution(life).due_at == due_at


# --- severity


def test_a_higher_severity_leaves_less_time() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    started_at = life.now
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL), after=DAY)
    assert solution(life).due_at == started_at + 2 * DAY
    (moved,) = life.facts(consequences.ClockMoved)
    assert (moved.why, moved.was_due_at) == (Move.SEVERITY, started_at + 5 * DAY)


def test_a_higher_severity_never_puts_a_deadline_into_the_past() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL), after=4 * DAY)
    assert solution(life).due_at == life.now


def test_a_higher_severity_leaves_a_clock_that_stands_still_nothing_but_when_it_goes_on() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    life.do(example(c.AwaitCustomer, life), after=4 * DAY)
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL), after=DAY)
    assert solution(life).breached_at is None
    go_on(life.wait(DAY))
    assert solution(life).due_at == life.now


def test_a_lower_severity_gives_more_time() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    started_at = life.now
    life.do(example(c.ChangeSeverity, life, severity=Severity.LOW), after=DAY)
    assert solution(life).due_at == started_at + 9 * DAY


def test_a_warning_that_was_given_is_not_given_again_after_a_change_of_severity() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    life.wait(3 * DAY)
    life.do(example(c.ChangeSeverity, life, severity=Severity.LOW))
    life.wait(2 * DAY)
    assert [f.percent for f in life.facts(consequences.ClockWarned) if f.clock == "solution/1"] == [50]


def test_what_was_missed_stays_missed_at_a_lower_severity() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    due_at = solution(life).due_at
    life.wait(6 * DAY)
    life.do(example(c.ChangeSeverity, life, severity=Severity.LOW))
    assert solution(life).due_at == due_at
    life.do(example(c.AdmitUnsolvable, life))
    assert solution(life).verdict == Verdict.BREACHED


def test_a_clock_that_severity_does_not_name_stays_where_it_is() -> None:
    life = at_stage(Stage.SOLUTION, TIERED)
    due_at = life.clock(ClockName.OVERALL).due_at
    life.do(example(c.ChangeSeverity, life, severity=Severity.CRITICAL))
    assert life.clock(ClockName.OVERALL).due_at == due_at


# --- more time


def extension(life: Life, **fields: object) -> c.GrantExtension:
    command: c.GrantExtension = example(
        c.GrantExtension, life, **{"clock": "solution/1", "until": life.now + 9 * DAY, **fields}
    )
    return command


def granting(**fields: object) -> Policy:
    return replace(builtin(), extensions=replace(builtin().extensions, **fields))  # type: ignore[arg-type]  # a builder


def test_more_time_is_granted_by_the_roles_the_policy_names() -> None:
    life = at_stage(Stage.SOLUTION, granting(roles=(Role.EXECUTIVE,)))
    with pytest.raises(NotYourRole):
        life.do(extension(life), role=Role.LEAD)
    assert life.do(extension(life), role=Role.EXECUTIVE)


def test_more_time_is_granted_up_to_what_the_policy_allows_at_once() -> None:
    life = at_stage(Stage.SOLUTION, granting(at_most=days(3)))
    latest = solution(life).due_at + 3 * DAY
    with pytest.raises(ExtensionTooLong):
        life.do(extension(life, until=latest + INSTANT))
    assert life.do(extension(life, until=latest))


def test_the_most_time_at_once_may_be_working_days() -> None:
    life = at_stage(Stage.SOLUTION, granting(at_most=business_days(1)))
    due_at = solution(life).due_at  # Saturday
    with pytest.raises(ExtensionTooLong):
        life.do(extension(life, until=due_at + 3 * DAY))
    assert life.do(extension(life, until=due_at + 2 * DAY))


def test_how_often_is_counted_for_each_clock_apart() -> None:
    life = at_stage(Stage.SOLUTION, granting(per_clock=1))
    life.do(extension(life))
    with pytest.raises(ExtensionsExhausted):
        life.do(extension(life, until=life.now + 10 * DAY))
    assert life.do(extension(life, clock="overall/1", until=life.now + 25 * DAY))


def test_the_customer_is_told_why_it_takes_longer() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(extension(life))
    (notice,) = [n for n in life.state.notices.values() if n.kind == NoticeKind.CUSTOMER]
    assert (notice.recipient, notice.clock) == ("customer", "solution/1")
    assert notice.why is not None
    assert notice.why.en == extension(life).reason


def test_each_extension_is_told_to_the_customer() -> None:
    life = at_stage(Stage.SOLUTION)
    for more in (9, 12):
        life.do(extension(life, until=life.now + more * DAY))
    assert len([n for n in life.state.notices.values() if n.kind == NoticeKind.CUSTOMER]) == 2


def test_a_customer_who_cannot_be_told_is_sent_nothing() -> None:
    life = Life()
    for kind, fields in ((c.Register, {"customer": NOBODY_KNOWN}), (c.Classify, {}), (c.Assign, {})):
        life.do(example(kind, life, **fields))
    life.do(extension(life, clock="investigation/1", customer_told=False))
    assert not [n for n in life.state.notices.values() if n.kind == NoticeKind.CUSTOMER]


def test_a_wait_may_be_extended() -> None:
    life = paused()
    until = life.clock(ClockName.WAITING).due_at + DAY
    assert life.do(extension(life, clock="waiting/1", until=until))
    assert life.clock(ClockName.WAITING).due_at == until


def test_an_hour_more_of_what_stands_still_is_an_hour_more_when_it_goes_on() -> None:
    life = paused(with_clock(ClockName.SOLUTION, budget=hours(48)))
    life.do(extension(life, until=solution(life).due_at + HOUR))
    go_on(life.wait(4 * DAY))
    assert solution(life).due_at == life.now + 25 * HOUR


def test_a_warning_of_an_extended_deadline_falls_into_working_time() -> None:
    """Friday evening plus a weekend is no time at all: the warning comes as many working hours before the deadline."""
    policy = renewed(with_clock(ClockName.INVESTIGATION, budget=business_hours(10), warn_percent=(50,)))
    life = at_stage(Stage.INVESTIGATION, policy)
    clock = life.clock(ClockName.INVESTIGATION)
    life.do(example(c.GrantExtension, life, clock=clock.key, until=clock.due_at + 3 * DAY), role=Role.LEAD)
    calendar = policy.working_time(None)
    (warned,) = life.clock(ClockName.INVESTIGATION).warn_at
    due_at = life.clock(ClockName.INVESTIGATION).due_at
    assert elapsed(warned, due_at, calendar) == elapsed(clock.warn_at[0], clock.due_at, calendar)
    assert elapsed(warned - INSTANT, warned, calendar) == INSTANT
