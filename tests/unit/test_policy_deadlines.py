"""What is said of each deadline when something moved it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cli.policy_deadlines import deadlines
from complaints.records import Clock, ClockName, Verdict
from complaints.working_time import Budget, Unit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOCK = Clock(
    key="intake/1",
    name=ClockName.INTAKE,
    subject="",
    cycle=1,
    round=1,
    started_at=NOON - 24 * HOUR,
    budget=Budget(amount=24, unit=Unit.CALENDAR_HOURS),
    calendar="china",
    ladder="default",
    due_at=NOON,
    warn_percent=(),
    warn_at=(),
)
SETTLED = replace(CLOCK, settled_at=NOON - HOUR, verdict=Verdict.VOID)


def remark(before: Clock | None, after: Clock) -> str:
    (said,) = deadlines({CLOCK.key: before} if before else {}, {CLOCK.key: after})
    return said.remark


def test_a_deadline_says_how_far_it_moved():
    assert remark(CLOCK, replace(CLOCK, due_at=NOON + 3 * HOUR)) == "3 h later"
    assert remark(CLOCK, replace(CLOCK, due_at=NOON - 30 * HOUR)) == "1 d 6 h earlier"


def test_a_deadline_that_stays_says_so():
    assert remark(CLOCK, CLOCK) == "stays"


def test_a_duty_that_comes_or_goes_has_one_deadline():
    assert remark(None, CLOCK) == "new"
    (gone,) = deadlines({CLOCK.key: CLOCK}, {CLOCK.key: SETTLED})
    assert (gone.before, gone.after, gone.remark) == (NOON, None, "no longer watched")


def test_what_was_missed_and_what_stands_still_is_said():
    assert remark(CLOCK, replace(CLOCK, breached_at=NOON)) == "stays, missed"
    assert (
        remark(CLOCK, replace(CLOCK, paused_at=NOON, provisional=True)) == "stays, stands still, provisional"
    )


def test_what_was_settled_before_is_not_mentioned():
    assert deadlines({CLOCK.key: SETTLED}, {CLOCK.key: SETTLED}) == ()


def test_the_next_deadline_stands_first():
    later = replace(CLOCK, key="overall/1", due_at=NOON + HOUR)
    both = {later.key: later, CLOCK.key: CLOCK}
    assert [said.clock for said in deadlines(both, both)] == ["intake/1", "overall/1"]
