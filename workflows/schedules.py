"""What happens by the calendar: Temporal Schedules, described as data and brought to the server as often as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Annotated

from annotated_types import Ge, Le, MinLen
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.names import COMPLAINTS_QUEUE
from complaints.forms import Form
from complaints.hotspots import Watch
from complaints.matters.reviews import ReviewPlan
from complaints.vocabulary import Identifier, Line
from complaints.wire import Malformed, Problem
from workflows.hot_spots import WatchHotSpots
from workflows.retention import KeepRetention
from workflows.together import CollectReview

PREFIX = "redress-"
"""How the ids of our schedules begin, so that those of others are left alone."""

CATCH_UP = timedelta(days=7)
"""How long after an outage what was missed in it still happens."""


def check(recurrences: Recurrences) -> None:
    """Refuse what is two things at once, or nothing.

    Raises:
        Malformed: Names every such schedule.
    """
    wrong = [
        Problem(field=f"schedules.{index}", rule="must have exactly one of review, hot_spots and retention")
        for index, each in enumerate(recurrences.schedules)
        if [each.review is None, each.hot_spots is None, not each.retention].count(False) != 1
    ]
    if wrong:
        raise Malformed(*wrong)


class UnknownSchedule(LookupError):
    """There is no schedule of that name."""


@dataclass(frozen=True, kw_only=True)
class Calendar(Form):
    """When something happens: at a time of day, on these days of the week or of the month.

    Attributes:
        weekdays: 1 is Monday, 7 is Sunday; empty means any.
        days: Of the month; empty means any.
        months: Empty means any.
        zone: The name of a time zone.
    """

    at: time
    zone: Line = "Asia/Shanghai"
    weekdays: tuple[Annotated[int, Ge(1), Le(7)], ...] = ()
    days: tuple[Annotated[int, Ge(1), Le(31)], ...] = ()
    months: tuple[Annotated[int, Ge(1), Le(12)], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recurring(Form):
    """Something that happens by the calendar. What it is stands in the one section that is filled in.

    Attributes:
        review: A review is collected and opened.
        hot_spots: Hot spots are looked for.
        retention: Whoever no policy allows to be remembered is forgotten.
    """

    name: Identifier
    when: Calendar
    review: ReviewPlan | None = None
    hot_spots: Watch | None = None
    retention: bool = False


@dataclass(frozen=True, kw_only=True)
class Recurrences(Form):
    """All of them, as a file says them."""

    schedules: Annotated[tuple[Recurring, ...], MinLen(1)]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A schedule as the server has it."""

    name: str
    workflow: str
    paused: bool
    next_at: datetime | None = None
    note: str = field(default="")


async def apply(client: Client, recurring: Recurring, *, task_queue: str = COMPLAINTS_QUEUE) -> bool:
    """Bring one schedule to the server as it is described; whether it is paused stays as it is.

    Returns:
        Whether it is new.

    Raises:
        Malformed: It does not say what happens, or says two things.
    """
    check(Recurrences(schedules=(recurring,)))
    wanted = _schedule(recurring, task_queue)
    id_ = PREFIX + recurring.name
    try:
        await client.create_schedule(id_, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(id_).update(
            lambda present: ScheduleUpdate(
                Schedule(
                    action=wanted.action,
                    spec=wanted.spec,
                    policy=wanted.policy,
                    state=present.description.schedule.state,
                )
            )
        )
        return False
    return True


async def standing(client: Client) -> Sequence[Standing]:
    """List our schedules, by name."""
    found = []
    async for each in await client.list_schedules():
        if not each.id.startswith(PREFIX) or each.schedule is None:
            continue
        next_times = each.info.next_action_times if each.info else []
        found.append(
            Standing(
                name=each.id.removeprefix(PREFIX),
                workflow=getattr(each.schedule.action, "workflow", ""),
                paused=each.schedule.state.paused,
                next_at=next_times[0] if next_times else None,
                note=each.schedule.state.note or "",
            )
        )
    return sorted(found, key=lambda each: each.name)


async def trigger(client: Client, name: str) -> None:
    """Let it happen now, beside its calendar.

    Raises:
        UnknownSchedule: There is none of that name.
    """
    try:
        await client.get_schedule_handle(PREFIX + name).trigger()
    except RPCError as fault:
        if fault.status != RPCStatusCode.NOT_FOUND:
            raise
        raise UnknownSchedule(f"there is no schedule {name}") from None


def _schedule(recurring: Recurring, task_queue: str) -> Schedule:
    when = recurring.when
    calendar = ScheduleCalendarSpec(
        hour=[ScheduleRange(when.at.hour)],
        minute=[ScheduleRange(when.at.minute)],
        day_of_month=[ScheduleRange(day) for day in when.days] or [ScheduleRange(1, 31)],
        month=[ScheduleRange(month) for month in when.months] or [ScheduleRange(1, 12)],
        day_of_week=[ScheduleRange(day % 7) for day in when.weekdays] or [ScheduleRange(0, 6)],
    )
    return Schedule(
        action=_action(recurring, f"scheduled.{recurring.name}", task_queue),
        spec=ScheduleSpec(calendars=[calendar], time_zone_name=when.zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=CATCH_UP),
    )


def _action(recurring: Recurring, id_: str, queue: str) -> ScheduleActionStartWorkflow:
    if recurring.hot_spots is not None:
        return ScheduleActionStartWorkflow(WatchHotSpots.run, recurring.hot_spots, id=id_, task_queue=queue)
    if recurring.retention:
        return ScheduleActionStartWorkflow(KeepRetention.run, id=id_, task_queue=queue)
    assert recurring.review is not None  # `check` has seen to it
    return ScheduleActionStartWorkflow(CollectReview.run, recurring.review, id=id_, task_queue=queue)
