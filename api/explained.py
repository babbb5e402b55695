"""Every problem and every rule in words: what `type` leads to, and what docs/errors.md lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from api.problems import RULE_BROKEN, STATUS_OF, TABLE, sentence_of, slug_of
from complaints.errors import Refusal
from workflows.refusals import RULES


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One section."""

    slug: str
    status: int
    title: str
    meaning: str
    rule: str | None = None


@cache
def explained() -> tuple[Explained, ...]:
    """List the problems by status, then the rules by name."""
    kinds = [
        Explained(slug=each.slug, status=each.status, title=each.title, meaning=each.meaning)
        for each in TABLE
    ]
    rules = [
        Explained(
            slug=slug_of(name),
            status=STATUS_OF.get(rule, RULE_BROKEN).status,
            title=sentence_of(rule),
            meaning=STATUS_OF.get(rule, RULE_BROKEN).meaning,
            rule=name,
        )
        for name, rule in sorted(RULES.items())
        if rule is not Refusal and slug_of(name) not in {each.slug for each in kinds}
    ]
    return (*kinds, *rules)
