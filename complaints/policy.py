"""The rules an organisation sets for itself, as data. A complaint keeps the policy it was registered under."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Annotated

from annotated_types import Ge, Le, MinLen

from complaints.canonical import canonical
from complaints.forms import Form
from complaints.records import ClockName
from complaints.vocabulary import AUTHORITY_ORDER, Currency, Identifier, Line, Money, Role
from complaints.working_time import Budget, Zone

Percent = Annotated[int, Ge(1), Le(99)]


@dataclass(frozen=True, kw_only=True)
class Names(Form):
    """One term in both languages."""

    en: Line
    zh: Line


@dataclass(frozen=True, kw_only=True)
class ClockRule(Form):
    """How long a duty may take.

    Attributes:
        budget: Empty for clocks whose deadline people name themselves (promises, actions).
        warn_percent: At which shares of the time a warning goes out, in ascending order.
        pausable: Whether it stands still while we wait for the customer.
    """

    budget: Budget | None = None
    warn_percent: tuple[Percent, ...] = ()
    pausable: bool = False


@dataclass(frozen=True, kw_only=True)
class Rung(Form):
    """One step of the ladder: who has to act, and how long they have to say that they do. The last has no limit."""

    audience: Role
    acknowledge_within: Budget | None = None


@dataclass(frozen=True, kw_only=True)
class FeedbackRule(Form):
    """When the customer must have heard from us at the latest, each day.

    Attributes:
        due_at: Local time of day. A day without feedback escalates at this minute, never later.
        remind_at: Local time of day at which the handler is reminded.
        spread_minutes: Reminders of different complaints are spread over this many minutes before `remind_at`.
    """

    due_at: time
    remind_at: time
    spread_minutes: Annotated[int, Ge(0), Le(600)] = 0


@dataclass(frozen=True, kw_only=True)
class Policy(Form):
    """Everything that decides how a complaint is handled.

    Attributes:
        authority: By currency, the most each role may grant alone, in minor units. A role or currency that is not
            named may grant nothing, except that the last word is always the customer service department's.
        backdating: How far in the past a command's `received_at` may lie.
    """

    name: Identifier
    version: Identifier
    title: Names
    zone: Zone
    categories: Annotated[Mapping[str, Names], MinLen(1)]
    clocks: Mapping[ClockName, ClockRule]
    ladder: Annotated[tuple[Rung, ...], MinLen(1)]
    feedback: FeedbackRule
    authority: Mapping[Currency, Mapping[Role, Annotated[int, Ge(0)]]]
    rejections_before_mediation: Annotated[int, Ge(1)]
    extensions_per_clock: Annotated[int, Ge(0)]
    backdating: Budget

    def clock(self, name: ClockName) -> ClockRule:
        """Return the rule for a clock; one that the policy does not name has no budget and no warning."""
        return self.clocks.get(name, ClockRule())

    def may_grant(self, role: Role, sum_: Money | None) -> bool:
        """Say whether a role may spend this much without asking anybody."""
        if sum_ is None or sum_.amount_minor == 0:
            return True
        limit = self.authority.get(sum_.currency, {}).get(role, 0)
        return role in (Role.CUSTOMER_SERVICE, Role.EXECUTIVE) or sum_.amount_minor <= limit

    def approver_of(self, sum_: Money | None) -> Role:
        """Name the lowest superior who may grant a sum alone; a handler offers what is theirs, and approves nothing."""
        superiors = AUTHORITY_ORDER[AUTHORITY_ORDER.index(Role.LEAD) :]
        return next(role for role in superiors if self.may_grant(role, sum_))

    def rung_of(self, audience: Role) -> int:
        """Find the rung at which a role is told; the last one where the ladder does not name it."""
        return next(
            (i for i, rung in enumerate(self.ladder) if rung.audience == audience), len(self.ladder) - 1
        )


def fingerprint(policy: Policy) -> str:
    """Return the SHA-256 of a resolved policy."""
    return hashlib.sha256(canonical(policy).encode()).hexdigest()
