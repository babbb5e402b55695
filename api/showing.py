"""How complaints are shown to a caller: with time left and what they may do, without what is not for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.shapes import Freshness
from complaints.commands import COMMANDS, acts_of
from complaints.concern import case_of
from complaints.decide import OPEN_TO_THE_RECUSED
from complaints.events import Event
from complaints.lifecycle import WHO_MAY, Act
from complaints.permissions import Caller, Right, may
from complaints.policy import Policy
from complaints.privacy import without_people
from complaints.records import Clock
from complaints.view import View, shows_reporter
from complaints.wire import plain


def complaint(
    caller: Caller, view: View, policy: Policy | None, as_of: Freshness, now: datetime
) -> dict[str, Any]:
    """Show a complaint as it stands."""
    hidden = is_hidden(caller, view, policy)
    data = plain(view)
    if hidden:
        data = without_people(data)
    for key, clock in view.clocks.items():
        data["clocks"][key]["seconds_left"] = seconds_left(clock, now)
    within_reach = may(caller, Right.ACT, case_of(view))
    data["may"] = [
        {
            "act": each.act,
            "roles": each.roles,
            "commands": commands_of(each.act),
            "you": within_reach and _may(caller, each.act, view),
        }
        for each in view.may
    ]
    return {**data, "as_of": plain(as_of), "hidden": hidden}


def _may(caller: Caller, act: Act, view: View) -> bool:
    is_kept_out = caller.actor.id in view.recused and act not in OPEN_TO_THE_RECUSED
    return caller.actor.role in WHO_MAY[act] and not is_kept_out


def event(shown: Event, *, hidden: bool) -> dict[str, Any]:
    """Show one event of the ledger."""
    data = plain(shown)
    shown_data: dict[str, Any] = without_people(data) if hidden else data
    return shown_data


def is_hidden(caller: Caller, view: View, policy: Policy | None) -> bool:
    """Say whether the reporter and all free text stay out; without the policy nobody knows whom it names."""
    return policy is None or not shows_reporter(view, policy, caller.actor.role)


def seconds_left(clock: Clock, now: datetime) -> int | None:
    """Say how long until a deadline; nothing while it stands still, and once it is settled."""
    if clock.settled_at is not None or clock.paused_at is not None:
        return None
    return int((clock.due_at - now).total_seconds())


def commands_of(act: Act) -> tuple[str, ...]:
    """Name the types of command by which an act is done."""
    return tuple(name for name, kind in COMMANDS.items() if act in acts_of(kind))
