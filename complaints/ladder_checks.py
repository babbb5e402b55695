"""What makes a ladder one that reaches somebody: in order, without a rung that is never called, up to the last resort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from complaints.policy import DEFAULT_LADDER, ClockRule, Rung, StatutoryRule
from complaints.policy_mistakes import SUPERIORS, Mistakes, only
from complaints.records import ClockName
from complaints.vocabulary import Role
from complaints.written import Path

CHANNELS = ("mail", "dingtalk", "wecom", "feishu", "webhook", "apprise")
"""Where a rung can be called."""


def check_ladders(ladders: Mapping[str, tuple[Rung, ...]]) -> Mistakes:
    if DEFAULT_LADDER not in ladders:
        yield ("ladders", DEFAULT_LADDER), "is missing: it serves every clock that names no other"
    for name, rungs in ladders.items():
        yield from _rungs(("ladders", name), rungs)


def _rungs(path: Path, rungs: tuple[Rung, ...]) -> Mistakes:
    last_resorts = (Role.CUSTOMER_SERVICE, Role.EXECUTIVE)
    if Role.CUSTOMER_SERVICE not in (rung.audience for rung in rungs):
        yield path, "must name customer_service on a rung: what nobody takes up ends there"
    elif all(rung.percent is not None or rung.audience not in last_resorts for rung in rungs):
        yield (
            path,
            "must name customer_service or executive on a rung without percent: what is missed ends there",
        )
    for index, rung in enumerate(rungs):
        yield from only((*path, index, "audience"), rung.audience, SUPERIORS)
        if rung.channel is not None:
            yield from only((*path, index, "channel"), rung.channel, CHANNELS)
        if rung.percent is not None and rung.after_due is not None:
            yield (*path, index, "after_due"), "can't stand beside percent: a rung has one time of its own"
    late = [index for index, rung in enumerate(rungs) if rung.percent is None]
    if not late:
        yield path, "must have a rung without percent: who is called when the deadline is missed"
        return
    for index, rung in enumerate(rungs):
        if rung.percent is not None and index > late[0]:
            yield (*path, index, "percent"), "must stand before the rungs that are called after the deadline"
        elif rung.percent is not None and index and (rungs[index - 1].percent or 0) >= rung.percent:
            yield (*path, index, "percent"), "must ascend from rung to rung"
    if rungs[late[0]].after_due is not None:
        yield (*path, late[0], "after_due"), "has no effect here: the first rung is called at the deadline"
    yield from _climbs(path, [(index, rungs[index]) for index in late])


def _climbs(path: Path, rungs: Sequence[tuple[int, Rung]]) -> Mistakes:
    for (index, rung), (_, following) in pairwise(rungs):
        if rung.acknowledge_within is None and following.after_due is None:
            yield (
                (*path, index, "acknowledge_within"),
                "is missing: without it, or after_due on the next rung, the next is never called",
            )
    timed = [(index, rung.after_due) for index, rung in rungs if rung.after_due is not None]
    for (_, earlier), (index, later) in pairwise(timed):
        if earlier.unit == later.unit and later.amount <= earlier.amount:
            yield (*path, index, "after_due", "amount"), "must ascend from rung to rung"


def check_ladders_in_use(
    clocks: Mapping[ClockName, ClockRule],
    statutory: Mapping[str, StatutoryRule],
    ladders: Mapping[str, tuple[Rung, ...]],
) -> Mistakes:
    for section, rules in (("clocks", clocks), ("statutory", statutory)):
        for name, rule in rules.items():
            if rule.ladder is not None:
                yield from only((section, name, "ladder"), rule.ladder, ladders)
