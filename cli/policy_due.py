"""`redress policy due`: when everything would be due under a policy that begins at a moment. Asks nobody's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json
from cli.printing import moment, say, say_json, table

if TYPE_CHECKING:
    from complaints.policy import ClockRule, Policy
    from complaints.vocabulary import Severity


def due(
    policy: Annotated[
        str, typer.Argument(help="A file, NAME[@VERSION], or the start of a fingerprint.", show_default=False)
    ],
    moments: Annotated[
        list[str],
        typer.Argument(
            metavar="MOMENT",
            help="When it begins: 2026-02-10T15:00, on the policy's clocks.",
            show_default=False,
        ),
    ],
    severity: Annotated[str, typer.Option(help="low, normal, high or critical.")] = "normal",
    json: Json = False,
) -> None:
    """Say when each duty would be due that begins at a moment, to be compared with a table counted by hand.

    What has no budget (promises, actions, the day's feedback) is left out, and so is all that depends on what people
    do later.
    """
    from cli.policy import find

    at_stake = _severity(severity)
    found = find(policy)
    begins = [_instant(text, found) for text in moments]
    rows = list(_rows(found, begins, at_stake))
    if json:
        names = ("clock", "takes", "calendar")
        say_json([dict(zip(names, row[:3], strict=True)) | {"due": row[3:]} for row in rows])
    else:
        columns = ("clock", "takes*", "calendar", *(moment(at, found.zone) for at in begins))
        say(table(columns, rows))


def _rows(policy: Policy, begins: list[datetime], severity: Severity) -> Iterator[tuple[str, ...]]:
    from cli.policy_words import budget as words
    from complaints.working_time import add

    for name, rule in _rules(policy):
        takes = rule.budget_for(severity)
        if takes is not None:
            calendar = policy.working_time(rule.calendar)
            dues = (moment(add(at, takes, calendar), policy.zone) for at in begins)
            yield (name, words(takes), rule.calendar or policy.calendar, *dues)


def _rules(policy: Policy) -> Iterator[tuple[str, ClockRule]]:
    from complaints.records import ClockName

    for subject, rule in sorted(policy.statutory.items()):
        yield f"statutory.{subject}", rule
    for name in ClockName:
        if name in policy.clocks:
            yield name.value, policy.clocks[name]


def _severity(text: str) -> Severity:
    from complaints.vocabulary import Severity
    from complaints.wire import Malformed, Problem

    if text not in Severity.__members__.values():
        rule = f"must be one of {', '.join(Severity)}, not {text!r}"
        raise Malformed(Problem(field="--severity", rule=rule))
    return Severity(text)


def _instant(text: str, policy: Policy) -> datetime:
    """Read a local time of the policy's zone, or an instant with its own UTC offset."""
    from complaints.wire import Malformed, Problem
    from complaints.working_time import instant_of

    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        rule = f"must be a day and a time, such as 2026-02-10T15:00, not {text!r}"
        raise Malformed(Problem(field="MOMENT", rule=rule)) from None
    return read if read.tzinfo else instant_of(policy.zone, read)
