"""Notices that other products swallow because somebody has been told already, or tell again because time has passed.

Zammad #4348: of each kind one notice a day was sent, even where what it was about had changed meanwhile: a reminder
that was set anew went off in silence, and the same one came again every night.
"""

from __future__ import annotations

from dataclasses import replace

from complaints import commands as c
from complaints import consequences
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName, Notice, NoticeKind
from complaints.vocabulary import Role
from tests.lives import DAY, HOUR, MINUTE, Life, at_stage, example, hours, with_clock
from tests.workflow.conftest import Opens

THRICE_A_DAY = with_clock(ClockName.INVESTIGATION, budget=hours(8), warn_percent=(25, 50, 80))


def warnings(life: Life, name: ClockName) -> list[Notice]:
    key = life.clock(name).key
    return [n for n in life.state.notices.values() if n.clock == key and n.kind == NoticeKind.WARNING]


def test_zammad_4348_every_share_is_told_though_all_fall_on_one_day() -> None:
    life = at_stage(Stage.INVESTIGATION, THRICE_A_DAY).wait(7 * HOUR)
    told = warnings(life, ClockName.INVESTIGATION)
    assert [n.recipient for n in told] == ["handler:zhang.wei"] * 3
    assert [n.queued_at for n in told] == list(life.clock(ClockName.INVESTIGATION).warn_at)


def test_zammad_4348_a_share_is_told_once_however_often_and_long_it_is_looked_at() -> None:
    life = at_stage(Stage.INVESTIGATION, THRICE_A_DAY).wait(2 * HOUR)
    for _ in range(100):
        life.outage(MINUTE).look()
    assert len(warnings(life, ClockName.INVESTIGATION)) == 1
    life.wait(10 * DAY)
    assert len(warnings(life, ClockName.INVESTIGATION)) == 3


def test_zammad_4348_a_deadline_that_is_open_for_days_is_told_once() -> None:
    life = at_stage(Stage.FOLLOW_UP).wait(5 * DAY)
    life.do(example(c.AcknowledgeEscalation, life), role=Role.LEAD)
    told = set(life.state.notices)
    life.wait(30 * DAY)
    assert set(life.state.notices) == told


def test_zammad_4348_each_promise_of_a_day_is_warned_of() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    for span in (2 * HOUR, 3 * HOUR, 4 * HOUR):
        life.do(c.MakePromise(what="回电", due_at=life.now + span), role=Role.HANDLER)
        life.wait_until(life.clock(ClockName.PROMISE).due_at - MINUTE)
        life.do(example(c.KeepPromise, life))
    warned = [fact.clock for fact in life.facts(consequences.ClockWarned)]
    assert warned == ["promise/1", "promise/2", "promise/3"]
    assert len({n.id for n in life.state.notices.values()}) == 3


def test_zammad_4348_a_deadline_that_was_moved_is_warned_of_again_on_the_same_day() -> None:
    life = at_stage(Stage.INVESTIGATION, THRICE_A_DAY).wait(7 * HOUR)
    clock = life.clock(ClockName.INVESTIGATION)
    longer = c.GrantExtension(
        clock=clock.key, until=clock.due_at + 4 * HOUR, reason="表计送检", customer_told=True
    )
    life.do(longer, role=Role.LEAD)
    told = len(warnings(life, ClockName.INVESTIGATION))
    life.wait_until(clock.due_at + 4 * HOUR - MINUTE)
    again = warnings(life, ClockName.INVESTIGATION)[told:]
    assert [n.queued_at for n in again] == [at + 4 * HOUR for at in clock.warn_at[1:]]
    assert {n.recipient for n in again} == {"handler:zhang.wei"}


def test_zammad_4348_an_extension_does_not_repeat_what_it_leaves_behind() -> None:
    life = at_stage(Stage.INVESTIGATION, THRICE_A_DAY).wait(7 * HOUR)
    clock = life.clock(ClockName.INVESTIGATION)
    longer = c.GrantExtension(
        clock=clock.key, until=clock.due_at + MINUTE, reason="表计送检", customer_told=True
    )
    life.do(longer, role=Role.LEAD)
    life.wait(HOUR)
    assert len(warnings(life, ClockName.INVESTIGATION)) == 3


async def test_zammad_4348_on_the_server_both_warnings_of_a_day_reach_the_same_people_once_each(
    open_case: Opens,
) -> None:
    case = await open_case(replace(builtin(), quiet=None))  # the shares may fall into the night
    clock = await case.clock(ClockName.FIRST_CONTACT)
    for at in clock.warn_at:
        for late in (0, 1, 2):
            await case.wait_until(at + late * MINUTE)
    await case.settle()
    told = [n for n in (await case.look()).notices.values() if n.clock == clock.key]
    assert [n.recipient for n in told] == ["customer_service"] * 2
    assert [n.id.split(":")[1] for n in told] == [f"{clock.key}@50", f"{clock.key}@80"]
