"""What is well-formed in a policy and yet makes no sense, such as a ladder that never reaches the last resort.

A check names the sections it looks at as its parameters; where one of them could not be read it is not made. It yields
each mistake with the path of the field at fault.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import time
from itertools import pairwise
from string import Formatter
from typing import Any

from complaints import practice_checks
from complaints.forms import Names
from complaints.ladder_checks import check_ladders, check_ladders_in_use
from complaints.lifecycle import Stage
from complaints.policy import (
    ClockRule,
    DifficultRule,
    ExtensionRule,
    FeedbackRule,
    Guidance,
    MetBy,
    PauseRule,
    QuietHours,
    Scoring,
    StatutoryRule,
)
from complaints.policy_mistakes import SUPERIORS, Mistakes, only, without
from complaints.practices import Acknowledgement
from complaints.records import ClockName
from complaints.vocabulary import PauseOwner, Role, Severity
from complaints.working_time import Budget, Ends, Unit
from complaints.written import Path

LIMITED = (Role.SYSTEM, Role.DESK, Role.HANDLER, Role.LEAD)
"""Whose authority has a limit. Above them the last word needs none."""

SET_ELSEWHERE = {
    ClockName.ACTION: "its deadline is named with the action",
    ClockName.PROMISE: "its deadline is named with the promise",
    ClockName.FEEDBACK: "its deadline is feedback.due_at",
    ClockName.ACKNOWLEDGEMENT: "its deadline is acknowledge_within of the ladder's rung",
    ClockName.WAITING: "its deadline is at_most of the pause",
    ClockName.SECOND_CALL: "its deadline is follow_up.second_call",
    ClockName.EMERGENCY: "its deadline is on_site_within of the hazard",
    ClockName.AFTER_CLOSING: "its deadline is after of the contact after closing",
}
"""Clocks that need no budget, since their deadline is set elsewhere."""

ONLY_IF_SET = (ClockName.ADMISSION, ClockName.NEXT_OFFER, ClockName.ATTENDANCE)
"""Clocks that are not started where the policy gives them no budget: not every organisation has such a duty."""

NEVER_STOPPED = (
    ClockName.WAITING,
    ClockName.FEEDBACK,
    ClockName.ACKNOWLEDGEMENT,
    ClockName.APPEAL,
    ClockName.EMERGENCY,  # a danger waits for nobody
)
NEVER_EXTENDED = (ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT, ClockName.APPEAL, ClockName.EMERGENCY)

WORKED = tuple(stage for stage in Stage if stage not in (Stage.NEW, Stage.ENDED))
"""Stages at which somebody works, and can be helped."""

MESSAGE_BLANKS = ("number", "stage")
"""What is filled into the message of a day without progress."""

RECEIPT_BLANKS = ("number", "received", "deadlines")
"""What is filled into the acknowledgement."""


def mistakes(sections: Mapping[str, Any]) -> Mistakes:
    """Make every check whose sections could be read."""
    for check in (*_CHECKS, *practice_checks.CHECKS):
        wanted = inspect.signature(check).parameters
        if all(name in sections for name in wanted):
            yield from check(**{name: sections[name] for name in wanted})
    for name, section in sections.items():
        yield from _budgets((name,), section)


# --- time


def _clocks(clocks: Mapping[ClockName, ClockRule]) -> Mistakes:
    for name in ClockName:
        if name == ClockName.STATUTORY:
            if name in clocks:
                yield ("clocks", name), "must stand under statutory, with its title and its source"
        elif name in ONLY_IF_SET and name not in clocks:
            continue
        elif name not in SET_ELSEWHERE:
            yield from _has_budget(("clocks", name), clocks.get(name, ClockRule()))
        elif name in clocks and (clocks[name].budget or clocks[name].by_severity):
            field = "budget" if clocks[name].budget else "by_severity"
            yield ("clocks", name, field), f"has no effect here: {SET_ELSEWHERE[name]}"
    for name, rule in clocks.items():
        yield from _warns_in_order(("clocks", name), rule)


def _statutory(statutory: Mapping[str, StatutoryRule]) -> Mistakes:
    for name, rule in statutory.items():
        yield from _has_budget(("statutory", name), rule)
        yield from _warns_in_order(("statutory", name), rule)


def _has_budget(path: Path, rule: ClockRule) -> Mistakes:
    without = [severity.value for severity in Severity if rule.budget_for(severity) is None]
    if len(without) == len(Severity):
        yield (*path, "budget"), "is missing: a duty without a deadline is never missed and never met"
    elif without:
        yield (*path, "budget"), f"is missing: by_severity says nothing of {', '.join(without)}"


def _warns_in_order(path: Path, rule: ClockRule) -> Mistakes:
    if any(later <= earlier for earlier, later in pairwise(rule.warn_percent)):
        yield (*path, "warn_percent"), "must ascend, each share once"


def _budgets(path: Path, value: Any) -> Mistakes:
    """Find every budget there is, wherever it stands."""
    if isinstance(value, Budget):
        if value.ends != Ends.SAME_TIME and value.unit not in (Unit.BUSINESS_DAYS, Unit.CALENDAR_DAYS):
            yield (*path, "ends"), "is for days only: business_days or calendar_days"
        elif value.counts_first_day and value.ends == Ends.SAME_TIME:
            yield (*path, "counts_first_day"), "is only for budgets whose ends is close or midnight"
    elif is_dataclass(value):
        for field in fields(value):
            yield from _budgets((*path, field.name), getattr(value, field.name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _budgets((*path, name), item)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _budgets((*path, index), item)


def _retention(retention: Budget) -> Mistakes:
    if retention.unit != Unit.CALENDAR_DAYS:
        yield ("retention", "unit"), "must be calendar_days"


def _pauses(pauses: Mapping[PauseOwner, PauseRule]) -> Mistakes:
    for owner, rule in pauses.items():
        yield from without(("pauses", owner, "stops"), rule.stops, NEVER_STOPPED, "can't be stopped")


def _extensions(extensions: ExtensionRule) -> Mistakes:
    yield from only(("extensions", "roles"), extensions.roles, SUPERIORS)
    yield from without(("extensions", "clocks"), extensions.clocks, NEVER_EXTENDED, "can't be extended")


# --- customers


def _quiet(quiet: QuietHours | None) -> Mistakes:
    yield from _quiet_hours(("quiet",), quiet)


def _quiet_hours(path: Path, quiet: QuietHours | None) -> Mistakes:
    if quiet is not None and quiet.start == quiet.end:
        yield (*path, "end"), "must differ from start"


def _feedback(feedback: FeedbackRule) -> Mistakes:
    if feedback.remind_at >= feedback.due_at:
        yield ("feedback", "remind_at"), f"must be earlier than due_at ({feedback.due_at:%H:%M})"
    if feedback.spread_minutes > feedback.remind_at.hour * 60 + feedback.remind_at.minute:
        yield ("feedback", "spread_minutes"), "reaches back before midnight: the reminders are of one day"
    yield from _quiet_hours(("feedback", "quiet"), feedback.quiet)
    for name in ("remind_at", "due_at"):
        if feedback.quiet is not None and _is_within(feedback.quiet, getattr(feedback, name)):
            quiet = f"{feedback.quiet.start:%H:%M}-{feedback.quiet.end:%H:%M}"
            yield ("feedback", name), f"must not lie in the quiet hours ({quiet})"
    if feedback.message is not None:
        for language in ("en", "zh"):
            yield from _blanks(
                ("feedback", "message", language), getattr(feedback.message, language), MESSAGE_BLANKS
            )


def _is_within(quiet: QuietHours, at: time) -> bool:
    if quiet.start < quiet.end:
        return quiet.start <= at < quiet.end
    return at >= quiet.start or at < quiet.end


def _acknowledgement(
    acknowledgement: Acknowledgement | None, statutory: Mapping[str, StatutoryRule]
) -> Mistakes:
    if acknowledgement is None:
        return
    due = any(rule.met_by == MetBy.ACKNOWLEDGED for rule in statutory.values())
    for language in ("en", "zh"):
        path, message = ("acknowledgement", "message", language), getattr(acknowledgement.message, language)
        yield from _blanks(path, message, RECEIPT_BLANKS)
        if due and "{deadlines}" not in message:
            yield path, "must have {deadlines}: a statutory duty asks for an acknowledgement that states them"


def _blanks(path: Path, message: str, known: tuple[str, ...]) -> Mistakes:
    allowed = " and ".join(f"{{{name}}}" for name in known)
    try:
        found = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(message)]
    except ValueError:
        yield path, f"has a brace that is not closed; only {allowed} are filled in"
        return
    for name, spec, conversion in found:
        if name is not None and (name not in known or spec or conversion):
            yield path, f"has {{{name}}}; only {allowed} are filled in"


def _names(
    categories: Mapping[str, Names],
    customer_types: Mapping[str, Names],
    kinds: Mapping[str, Names],
    motives: Mapping[str, Names],
) -> Mistakes:
    terms_of = {
        "categories": categories,
        "customer_types": customer_types,
        "kinds": kinds,
        "motives": motives,
    }
    for section, terms in terms_of.items():
        for language in ("en", "zh"):
            seen: dict[str, str] = {}
            for key, names in terms.items():
                word = getattr(names, language).strip().casefold()
                if word in seen:
                    yield (section, key, language), f"is the name of {seen[word]} already"
                seen.setdefault(word, key)


# --- what is at stake


def _thresholds(severity: Scoring) -> Mistakes:
    given = [level for level in Severity if level in severity.thresholds]
    for lower, higher in pairwise(given):
        if severity.thresholds[higher] <= severity.thresholds[lower]:
            yield ("severity", "thresholds", higher), f"must be more than that of {lower.value}"


def _scored_terms(
    severity: Scoring, categories: Mapping[str, Names], customer_types: Mapping[str, Names]
) -> Mistakes:
    for name in severity.categories:
        yield from only(("severity", "categories", name), name, categories)
    for name in severity.customer_types:
        yield from only(("severity", "customer_types", name), name, customer_types)


def _difficult(difficult: DifficultRule, severity: Scoring, customer_types: Mapping[str, Names]) -> Mistakes:
    yield from only(("difficult", "words"), difficult.words, severity.words)
    yield from only(("difficult", "customer_types"), difficult.customer_types, customer_types)


def _playbook(playbook: tuple[Guidance, ...], customer_types: Mapping[str, Names]) -> Mistakes:
    for index, guidance in enumerate(playbook):
        yield from only(("playbook", index, "stages"), guidance.stages, WORKED)
        yield from only(("playbook", index, "customer_types"), guidance.customer_types, customer_types)


def _authority(authority: Mapping[str, Mapping[Role, int]]) -> Mistakes:
    for currency, limits in authority.items():
        for role in limits:
            yield from only(("authority", currency, role), role, LIMITED)
        ranked = [role for role in LIMITED[1:] if role in limits]
        for lower, higher in pairwise(ranked):
            if limits[higher] < limits[lower]:
                yield ("authority", currency, higher), f"must not be less than that of {lower.value}"


def _confidentiality(reporter_seen_by: tuple[Role, ...]) -> Mistakes:
    if not reporter_seen_by:
        yield ("reporter_seen_by",), "must name a role: somebody has to know whom to answer"


_CHECKS: tuple[Callable[..., Mistakes], ...] = (
    _clocks,
    _statutory,
    _retention,
    _pauses,
    _extensions,
    check_ladders,
    check_ladders_in_use,
    _quiet,
    _feedback,
    _acknowledgement,
    _names,
    _thresholds,
    _scored_terms,
    _difficult,
    _playbook,
    _authority,
    _confidentiality,
)
