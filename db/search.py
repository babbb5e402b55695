"""Complaints found again by what they were about: what the customer said, what was found, what was offered and done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from complaints.forms import refill
from complaints.lifecycle import Stage
from complaints.likeness import tokens
from complaints.passages import passage
from complaints.vocabulary import Outcome
from db.blind import SAID, SEARCHED
from db.confidentiality import Reporter, is_confidential
from db.key_tables import SaidRow
from db.keys import Keys
from db.tables import ComplaintRow, LedgerRow, PolicyRow

_OVER = (Stage.CLOSED, Stage.ENDED)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A complaint in which words were found. Its passage is free text, and may name people.

    Attributes:
        words: How many of the words it has.
        field: Where the passage stands, such as `root_cause`.
    """

    number: str
    stage: Stage
    outcome: Outcome | None
    category: str
    received_at: datetime
    words: int
    field: str
    passage: str
    reporter: Reporter


def search(
    session: Session,
    keys: Keys,
    words: Sequence[str],
    *,
    over: bool = False,
    category: str | None = None,
    outcome: Outcome | None = None,
    limit: int = 20,
    only: ColumnElement[bool] | None = None,
) -> list[Found]:
    """Find complaints by words in Chinese and English; those with most of them first, then the latest received.

    A word of several Chinese characters is looked for as a phrase. Where none is found like that, complaints that have a
    part of it will do.

    Args:
        over: Only those that are closed or ended.
        only: A further condition, such as `visibility.is_visible`.
    """
    conditions: list[ColumnElement[bool]] = [true() if only is None else only]
    if over:
        conditions.append(ComplaintRow.stage.in_(_OVER))
    if category is not None:
        conditions.append(ComplaintRow.category == category)
    if outcome is not None:
        conditions.append(ComplaintRow.outcome == outcome)
    sought = tuple(word for word in words if tokens(word) or word.isalnum())
    found = _found(session, keys, sought, conditions, limit) if sought else []
    parts = tuple(sorted({part for word in sought for part in tokens(word)}))
    return found or (_found(session, keys, parts, conditions, limit) if len(parts) > len(sought) else [])


def _found(
    session: Session,
    keys: Keys,
    words: tuple[str, ...],
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
) -> list[Found]:
    best = _best(session, keys, words, conditions, limit)
    query = (
        select(ComplaintRow, is_confidential(), PolicyRow.resolved["reporter_seen_by"])
        .join(PolicyRow, PolicyRow.sha256 == ComplaintRow.policy_sha256)
        .where(ComplaintRow.number.in_(best))
    )
    passages = _passages(session, keys, list(best), words)
    found = {
        row.number: refill(
            Found,
            row,
            words=best[row.number],
            field=passages[row.number][0],
            passage=passages[row.number][1],
            reporter=Reporter(confidential=hidden, seen_by=tuple(seen_by or ())),
        )
        for row, hidden, seen_by in session.execute(query)
    }
    return [found[number] for number in best]


def _best(
    session: Session,
    keys: Keys,
    words: tuple[str, ...],
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
) -> dict[str, int]:
    """Choose complaints, the best first, each with how many of the words it has."""
    counted = _counted(keys, words).subquery()
    query = (
        select(ComplaintRow.number, counted.c.words)
        .join(counted, counted.c.number == ComplaintRow.number)
        .where(*conditions)
        .order_by(
            counted.c.words.desc(),
            counted.c.places.desc(),
            ComplaintRow.received_at.desc(),
            ComplaintRow.number,
        )
        .limit(limit)
    )
    return {number: count for number, count in session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def _counted(keys: Keys, words: tuple[str, ...]) -> Select[str, int, int]:
    """Count for each complaint how many of the words it has, and in how many places. The index alone answers."""
    hits = union_all(
        *(
            select(SaidRow.number, literal(place).label("word")).where(keys.blind.has_words(word))
            for place, word in enumerate(words)
        )
    ).subquery()
    return select(
        hits.c.number,
        func.count(hits.c.word.distinct()).label("words"),
        func.count().label("places"),
    ).group_by(hits.c.number)


def _passages(
    session: Session, keys: Keys, numbers: Sequence[str], words: tuple[str, ...]
) -> dict[str, tuple[str, str]]:
    """Choose for each complaint the field with most of the words, the earlier one of two."""
    query = (
        select(LedgerRow.number, LedgerRow.fact)
        .where(LedgerRow.type.in_(SEARCHED), LedgerRow.number.in_(numbers))
        .order_by(LedgerRow.number, LedgerRow.seq)
    )
    best: dict[str, tuple[int, str, str]] = {}
    lines = session.execute(query).all()
    keys.remember([fact for _, fact in lines])
    for number, fact in lines:
        for name, text in _texts(keys.opened(fact, number)):
            has = sum(_has(text, word) for word in words)
            if number not in best or has > best[number][0]:
                best[number] = has, name, text
    return {number: (name, passage(text, words)) for number, (_, name, text) in best.items()}


def _has(text: str, word: str) -> bool:
    parts = tokens(word)
    return word.lower() in text.lower() or (bool(parts) and parts <= tokens(text))


def _texts(fact: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name in SAID:
        text = fact.get(name)
        if isinstance(text, str):
            yield name, text
