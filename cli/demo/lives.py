"""The lives that the demonstration plays, as data: who complains, what happens when, and how it has to end.

    samples.yaml      complaints of our own making, each with the life written for it
    town_lives.yaml   more of them, under the rules of an invented town's power company
    trades/           one file for each policy that ships: complaints of its trade
    city_lives.yaml   lives without a complaint of their own; real ones are cast in them

A step is a line such as `day 2 10:30, handler: OfferOption`, followed by the command's fields. Days are counted from
the one on which the complaint arrives, and times are the organisation's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from complaints.commands import Command, Register
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import Policy, text_of
from complaints.records import Cause, ClockName
from complaints.vocabulary import Actor, Outcome, Role
from complaints.wire import parse, parse_command
from complaints.working_time import Zone, instant_of
from workflows.names import number_of

FOLDER = Path(__file__).parent

_STEP = re.compile(r"day (?P<day>\d+) (?P<time>\d\d:\d\d), (?P<role>[a-z_]+)(?:@(?P<department>[a-z_-]+))?")
_MOMENT = re.compile(r"day (?P<day>\d+) (?P<time>\d\d:\d\d)")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A local time on a day of the life; the complaint arrives on day 1."""

    day: int
    time: time

    def on(self, zone: Zone, monday: date) -> datetime:
        """Return the instant, when day 1 is `monday`."""
        return instant_of(zone, datetime.combine(monday + timedelta(days=self.day - 1), self.time))


@dataclass(frozen=True, kw_only=True)
class Step:
    """Somebody does something at a moment. Instants among the `fields` are still moments, and a policy a name."""

    at: Moment
    actor: Actor
    command: str
    fields: Mapping[str, Any]

    def issued(self, zone: Zone, monday: date, policies: Mapping[str, Policy]) -> Command:
        """Return the command as it is sent when day 1 is `monday`."""
        known = {name: _dated(value, zone, monday) for name, value in self.fields.items()}
        if "policy" in known:
            known["policy"] = text_of(policies[str(known["policy"])])
        return parse_command(self.command, known)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a life has to end.

    Attributes:
        breached: Every clock that was missed, by name and in the order in which they were started.
        escalations: Cause of each escalation and the highest rung it reached, in the order in which they opened.
        satisfied: What the customer said last, None if nobody asked.
    """

    outcome: Outcome
    stage: Stage = Stage.ENDED
    breached: tuple[ClockName, ...] = ()
    escalations: tuple[tuple[Cause, Role], ...] = ()
    satisfied: bool | None = None
    cycle: int = 1
    round: int = 1


@dataclass(frozen=True, kw_only=True)
class Life:
    """One complaint from its first word to the end.

    Attributes:
        title: What is special about this life.
        trade: Whose customer complains.
        policy: The name of the policy under which it is registered.
        is_real: Whether the complaint is a real one.
    """

    title: str
    trade: Names
    arrives: Moment
    registered_by: Actor
    complaint: Register
    steps: tuple[Step, ...]
    ending: Ending
    policy: str = "default"
    is_real: bool = False

    @property
    def number(self) -> str:
        """The number that the complaint will have."""
        return number_of(self.complaint.source, self.complaint.reference)


def samples() -> list[Life]:
    """Read the lives that ship with the product."""
    files = (FOLDER / "samples.yaml", FOLDER / "town_lives.yaml", *sorted((FOLDER / "trades").glob("*.yaml")))
    return [
        life(entry) for file in files for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["lives"]
    ]


def life(entry: Mapping[str, Any], *, is_real: bool = False) -> Life:
    """Read one life."""
    people = {Role.SYSTEM.value: entry["complaint"]["source"], **entry.get("people", {})}
    department = entry["department"]
    steps = tuple(_step(step, people, department) for step in entry["steps"])
    return Life(
        title=entry["life"],
        trade=parse(Names, entry["trade"]),
        arrives=_moment(entry["arrives"]),
        registered_by=_actor(entry.get("registered_by", "system"), people, department),
        complaint=parse(Register, entry["complaint"]),
        steps=tuple(sorted(steps, key=lambda step: (step.at.day, step.at.time))),
        ending=parse(Ending, entry["ending"]),
        policy=entry.get("policy", "default"),
        is_real=is_real,
    )


def once_more(life: Life) -> Life:
    """Return the same life under another number."""
    again = replace(life.complaint, reference=f"{life.complaint.reference}.2")
    return replace(life, complaint=again)


def with_other_ending(life: Life) -> Life:
    """Falsify what a life expects, to see that the demonstration notices."""
    return replace(life, ending=replace(life.ending, round=life.ending.round + 1))


def _step(step: Mapping[str, Any], people: Mapping[str, str], department: str) -> Step:
    header, match = next((key, match) for key in step if (match := _STEP.fullmatch(key)))
    return Step(
        at=_moment(header.partition(",")[0]),
        actor=_actor(match["role"], people, match["department"] or department),
        command=step[header],
        fields={name: _field(value) for name, value in step.items() if name != header},
    )


def _field(value: object) -> object:
    """Read a field; moments are read wherever they stand in it."""
    match value:
        case str() if _MOMENT.fullmatch(value):
            return _moment(value)
        case list():
            return [_field(item) for item in value]
        case dict():
            return {name: _field(item) for name, item in value.items()}
    return value


def _dated(value: object, zone: Zone, monday: date) -> object:
    """Put instants in the place of moments, when day 1 is `monday`."""
    match value:
        case Moment():
            return value.on(zone, monday)
        case list():
            return [_dated(item, zone, monday) for item in value]
        case dict():
            return {name: _dated(item, zone, monday) for name, item in value.items()}
    return value


def _moment(text: str) -> Moment:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no moment; write `day 2 10:30`")
    return Moment(day=int(match["day"]), time=time.fromisoformat(match["time"]))


def _actor(role: str, people: Mapping[str, str], department: str) -> Actor:
    """Name who acts; `lead@metering` among the people goes before whoever is `lead` elsewhere."""
    person = people.get(f"{role}@{department}") or people.get(role, role)
    return Actor(id=person, role=Role(role), department=department)
