"""Levels that other products lose while nobody looks.

GLPI #5319: of several levels of escalation only the first was ever carried out, and those that passed while the job did
not do its work were not made up for. Here an outage delays what is seen, and nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Engine

from complaints import consequences
from complaints.events import Fact
from complaints.lifecycle import Stage
from complaints.policy import Policy, Rung
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName
from complaints.view import View
from complaints.vocabulary import Role
from complaints.working_time import Budget, Unit
from stack.temporal import TemporalServer
from tests.eventually import eventually
from tests.integration.desk import Desk, connect, passes, workers
from tests.lives import DAY, INSTANT, Life, at_stage, days, hours, with_clock, with_ladder

FOUR_LEVELS = with_ladder(
    Rung(audience=Role.LEAD, percent=50),
    Rung(audience=Role.LEAD, percent=80),
    Rung(audience=Role.CUSTOMER_SERVICE),
    Rung(audience=Role.EXECUTIVE, after_due=hours(24)),
    name="four",
    policy=with_clock(ClockName.FOLLOW_UP, budget=days(5), warn_percent=(60, 90), ladder="four"),
)

LEVELS = (
    consequences.ClockWarned,
    consequences.RungCalled,
    consequences.ClockBreached,
    consequences.EscalationClimbed,
)


def levels(life: Life) -> list[tuple[Fact, datetime]]:
    """What time brought for the follow-up, and when it was due; when it was seen is left out."""
    found: list[tuple[Fact, datetime]] = []
    for event in life.events:
        fact = event.fact
        if isinstance(fact, LEVELS) and getattr(fact, "clock", "follow_up/1") == "follow_up/1":
            if isinstance(fact, consequences.ClockBreached):
                fact = replace(fact, detected_at=fact.due_at)
            found.append((fact, event.occurred_at))
    return found


def watched() -> Life:
    return at_stage(Stage.FOLLOW_UP, FOUR_LEVELS)


def test_glpi_5319_every_level_that_passed_in_an_outage_is_made_up_for_in_order() -> None:
    life = watched()
    began = life.now
    life.outage(9 * DAY).look()
    assert [(type(fact).__name__, (at - began) / DAY) for fact, at in levels(life)] == [
        ("RungCalled", 2.5),
        ("ClockWarned", 3),
        ("RungCalled", 4),
        ("EscalationClimbed", 4),
        ("ClockWarned", 4.5),
        ("ClockBreached", 5),
        ("EscalationClimbed", 5),
        ("RungCalled", 6),
        ("EscalationClimbed", 6),
    ]


def test_glpi_5319_an_outage_changes_nothing_but_when_it_was_seen() -> None:
    seen_late, seen_in_time = watched(), watched()
    seen_late.outage(9 * DAY).look()
    seen_in_time.wait(9 * DAY)
    assert levels(seen_late) == levels(seen_in_time)


@pytest.mark.parametrize("back_at", [2.5, 3, 4, 4.5, 5, 6])
@pytest.mark.parametrize("off", [-INSTANT, timedelta(), INSTANT])
def test_glpi_5319_it_does_not_matter_when_the_outage_ends(back_at: float, off: timedelta) -> None:
    life, without = watched(), watched()
    life.outage(back_at * DAY + off).look()
    life.wait(9 * DAY - back_at * DAY - off)
    without.wait(9 * DAY)
    assert levels(life) == levels(without)


def test_glpi_5319_a_second_look_makes_up_for_nothing_twice() -> None:
    life = watched()
    life.outage(9 * DAY).look()
    assert life.look() == []


def test_glpi_5319_what_is_made_up_for_is_marked_as_seen_late() -> None:
    life = watched()
    life.outage(9 * DAY).look()
    (missed,) = [fact for fact in life.facts(consequences.ClockBreached) if fact.clock == "follow_up/1"]
    assert (missed.due_at, missed.detected_at) == (life.clock(ClockName.FOLLOW_UP).due_at, life.now)


def test_glpi_5319_everybody_on_the_ladder_is_told_though_all_was_missed() -> None:
    life = watched()
    life.outage(9 * DAY).look()
    told = [n.recipient for n in life.state.notices.values() if n.escalation == "E1"]
    assert told == ["lead:billing", "lead:billing", "customer_service", "executive"]


# --- on the server


def a_minute() -> Policy:
    """First contact within a minute, and a level at each of its last instants."""
    return with_ladder(
        *(Rung(audience=Role.CUSTOMER_SERVICE, percent=percent) for percent in (97, 98, 99)),
        Rung(audience=Role.EXECUTIVE),
        policy=replace(
            with_clock(
                ClockName.FIRST_CONTACT,
                budget=Budget(amount=1, unit=Unit.BUSINESS_MINUTES),
                warn_percent=(),
                calendar="always",
            ),
            calendars={
                **builtin().calendars,
                "always": builtin("power-utility").working_time("hotline"),
            },
        ),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def desk(temporal_server: TemporalServer, engine: Engine) -> AsyncIterator[Desk]:
    """A desk whose workers are the test's business, on a server whose clocks do not jump."""
    desk = Desk(await connect(temporal_server.address), engine)
    yield desk
    await desk.close()


async def test_glpi_5319_on_the_server_no_level_is_lost_while_no_worker_runs(desk: Desk) -> None:
    received_at = datetime.now(UTC) - timedelta(seconds=51)
    async with workers(desk):
        number = await desk.open(a_minute(), received_at=received_at)
        clock = await desk.first_contact(number)
        assert clock.breached_at is None
    await passes(clock.due_at)
    restarted_at = datetime.now(UTC)

    async def all_levels() -> tuple[View, Clock]:
        seen = await desk.first_contact(number)
        assert seen.breached_at is not None
        return await desk.agrees(number), seen

    async with workers(desk):
        view, seen = await eventually(all_levels, 30)
    assert (seen.called, seen.call_at, seen.due_at) == (3, clock.call_at, clock.due_at)
    assert seen.breached_at is not None
    assert seen.breached_at >= restarted_at
    (escalation,) = [e for e in view.escalations.values() if e.clock == clock.key]
    told = [n.recipient for n in view.notices.values() if n.escalation == escalation.id]
    assert told == ["customer_service", "customer_service", "customer_service", "executive"]
