"""How much is at stake, reckoned from what is known: points, the severity they amount to, and what makes it difficult.

The same facts under the same policy always score the same. Whoever calls it decides when, and what a change of severity
means; here nothing is remembered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from complaints.forms import Names
from complaints.policy import Policy
from complaints.vocabulary import SEVERITY_ORDER, Money, Severity

MOST_EARLIER_COMPLAINTS = 5
"""Beyond so many, one more earlier complaint says nothing new."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a complaint so far.

    Attributes:
        text: All the customer said, in any language, as far as it is not sealed.
        heard: What a door heard in it before it was; see `heard_in`.
        claim: What the customer asks for, where it is a sum.
    """

    category: str
    text: str
    intensity: int | None = None
    customer_type: str | None = None
    claim: Money | None = None
    earlier_complaints: int = 0
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One rule that applied. `what` is its dotted path in the policy, such as `severity.words.media`."""

    what: str
    points: int


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What the facts amount to.

    Attributes:
        reasons: The rules that gave points, in the order of the schema; they add up to `points`.
        difficult: The dotted paths of the rules that make it difficult, such as `difficult.intensity`; empty if none.
    """

    points: int
    severity: Severity
    reasons: tuple[Reason, ...]
    difficult: tuple[str, ...]


def score(policy: Policy, facts: Facts) -> Scored:
    """Reckon the severity of a complaint, and whether it is difficult."""
    found = frozenset(
        name
        for name, group in policy.severity.words.items()
        if f"words.{name}" in facts.heard or mentions(facts.text, group.words)
    )
    reasons = tuple(reason for reason in _reasons(policy, facts, found) if reason.points)
    points = sum(reason.points for reason in reasons)
    severity = _severity(policy, points)
    return Scored(
        points=points,
        severity=severity,
        reasons=reasons,
        difficult=tuple(_difficulties(policy, facts, found, severity)),
    )


def heard_in(policy: Policy, text: str) -> tuple[str, ...]:
    """Name the policy's groups of words and hazards that a text mentions, for when nobody can read it any more."""
    groups = {f"words.{name}": group.words for name, group in policy.severity.words.items()}
    hazards = {f"hazards.{name}": hazard.words for name, hazard in policy.hazards.items()}
    return tuple(
        name for name, words in sorted((groups | hazards).items()) if words and mentions(text, words)
    )


def mentions(text: str, words: tuple[str, ...]) -> bool:
    """Say whether any of the words occurs in a text.

    Case and the width of letters do not matter. Where a word begins or ends with a letter that stands in words with
    spaces between them, it is found as a whole word only; Chinese, Japanese and Korean are found anywhere.

    >>> mentions("I shall tell the PRESS!", ("press",)), mentions("I am depressed", ("press",))
    (True, False)
    >>> mentions("我要打１２３１５投诉", ("12315",)), mentions("记者已经来了", ("记者",))
    (True, True)
    """
    return _pattern(words).search(_folded(text)) is not None


def named(policy: Policy, path: str) -> Names:
    """Say in both languages what a path in `Scored` stands for; an unknown one speaks for itself."""
    section, _, rule = path.partition(".")
    kind, _, key = rule.partition(".")
    if kind == "words" and key in policy.severity.words:
        return policy.severity.words[key].name
    if kind == "categories" and key in policy.categories:
        return policy.categories[key]
    if kind == "customer_types" and key in policy.customer_types:
        return policy.customer_types[key]
    if kind == "intensity" and key:
        return Names(en=f"Emotional intensity {key}", zh=f"情绪强度 {key} 级")
    return _NAMES.get(f"{section}.{kind}", Names(en=path, zh=path))


_NAMES = {
    "severity.sums": Names(en="Sum claimed", zh="索赔金额"),
    "severity.per_earlier_complaint": Names(en="Earlier complaints", zh="历史投诉"),
    "difficult.severity": Names(en="Severity", zh="严重程度"),
    "difficult.intensity": Names(en="Emotional intensity", zh="情绪强度"),
    "difficult.earlier_complaints": Names(en="Repeated complaints", zh="多次投诉"),
    "difficult.claims": Names(en="Sum claimed", zh="索赔金额"),
    "conversion.breach": Names(en="A deadline was missed", zh="超过时限"),
    "conversion.dissatisfied": Names(en="The customer was not satisfied", zh="客户不满意"),
    "conversion.reopened": Names(en="It was reopened", zh="重新打开"),
    "conversion.difficult": Names(en="It became difficult", zh="成为疑难投诉"),
}


def _reasons(policy: Policy, facts: Facts, found: frozenset[str]) -> Iterator[Reason]:
    rules = policy.severity
    if facts.intensity is not None:
        yield Reason(
            what=f"severity.intensity.{facts.intensity}", points=rules.intensity.get(facts.intensity, 0)
        )
    if facts.customer_type is not None:
        yield Reason(
            what=f"severity.customer_types.{facts.customer_type}",
            points=rules.customer_types.get(facts.customer_type, 0),
        )
    yield Reason(what=f"severity.categories.{facts.category}", points=rules.categories.get(facts.category, 0))
    # Only the largest sum that is reached counts: steps of a stair, not a heap.
    reached = [i for i, step in enumerate(rules.sums) if _is_worth(facts.claim, step.at_least)]
    if reached:
        top = max(reached, key=lambda i: rules.sums[i].at_least.amount_minor)
        yield Reason(what=f"severity.sums.{top}", points=rules.sums[top].points)
    counted = min(facts.earlier_complaints, MOST_EARLIER_COMPLAINTS)
    yield Reason(what="severity.per_earlier_complaint", points=counted * rules.per_earlier_complaint)
    # A pinned policy comes back from JSON with its keys in another order; the reasons must not.
    for name in sorted(found):
        yield Reason(what=f"severity.words.{name}", points=rules.words[name].points)


def _severity(policy: Policy, points: int) -> Severity:
    reached = [s for s in SEVERITY_ORDER if points >= policy.severity.thresholds.get(s, points + 1)]
    return reached[-1] if reached else Severity.LOW


def _difficulties(policy: Policy, facts: Facts, found: frozenset[str], severity: Severity) -> Iterator[str]:
    rule = policy.difficult
    if rule.severity is not None and SEVERITY_ORDER.index(severity) >= SEVERITY_ORDER.index(rule.severity):
        yield "difficult.severity"
    if rule.intensity is not None and (facts.intensity or 0) >= rule.intensity:
        yield "difficult.intensity"
    if rule.earlier_complaints is not None and facts.earlier_complaints >= rule.earlier_complaints:
        yield "difficult.earlier_complaints"
    if any(_is_worth(facts.claim, claim) for claim in rule.claims):
        yield "difficult.claims"
    yield from (f"difficult.words.{name}" for name in rule.words if name in found)
    if facts.customer_type in rule.customer_types:
        yield f"difficult.customer_types.{facts.customer_type}"


def _is_worth(claim: Money | None, at_least: Money) -> bool:
    return (
        claim is not None
        and claim.currency == at_least.currency
        and claim.amount_minor >= at_least.amount_minor
    )


# --- words in a text

UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
"""Kana, Han and Hangul: there a word has no edge that could be looked for."""

_SPACED = rf"[^\W_{UNSPACED}]"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=1024)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_whole(_folded(word)) for word in words))


def _whole(word: str) -> str:
    before = rf"(?<!{_SPACED})" if re.match(_SPACED, word) else ""
    after = rf"(?!{_SPACED})" if re.match(_SPACED, word[-1:]) else ""
    return f"{before}{re.escape(word)}{after}"
