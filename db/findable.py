"""Makes what is recorded findable, though it is sealed: opened for a moment, hashed, and never written in clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from complaints.changes import Changes
from complaints.sealed import ERASED, keys_in
from complaints.wire import plain
from db.blind import SAID, SEARCHED
from db.key_tables import ContactRow, ErasureRow, SaidRow
from db.keys import Keys, destroy, link, when_forgotten
from db.tables import LedgerRow


@dataclass(frozen=True)
class Findable:
    """What is to be written so that a batch is found again."""

    number: str
    keys: frozenset[str]
    said: Sequence[dict[str, Any]]
    contacts: Sequence[dict[str, Any]]

    def write(self, session: Session) -> None:
        """Write it; a repeated one changes nothing. The caller commits.

        Of a complaint whose people were forgotten nothing is made findable, and what else was sealed for it is closed
        too: it may have been on its way when they were.
        """
        letters = link(session, self.number, self.keys)
        if not (self.said or self.contacts or letters):
            return
        forgotten_at = when_forgotten(session, self.number)
        if forgotten_at is not None:
            destroy(session, [self.number], forgotten_at)
            return
        for table, rows in ((SaidRow, self.said), (ContactRow, self.contacts)):
            if rows:
                session.execute(insert(table).on_conflict_do_nothing(), rows)


def findable(keys: Keys, changes: Changes) -> Findable:
    """Say by which words and contacts a batch is found. May ask the database, so no connection should be held."""
    facts = [(e.seq, plain(e.fact)) for e in changes.events if e.command_id is not None]
    return _findable(keys, changes.head.number, facts)


def index_anew(session: Session, keys: Keys, *, after: str = "", limit: int = 500) -> list[str]:
    """Index complaints that are not in the index, in the order of their numbers, and return these. The caller commits.

    Args:
        after: The last number of the call before.
    """
    unindexed = (
        select(LedgerRow.number)
        .where(LedgerRow.seq == 1, LedgerRow.number > after)
        .where(~select(SaidRow.seq).where(SaidRow.number == LedgerRow.number).exists())
        .where(~select(ErasureRow.at).where(ErasureRow.number == LedgerRow.number).exists())
        .order_by(LedgerRow.number)
        .limit(limit)
    )
    numbers = list(session.scalars(unindexed))
    for number in numbers:
        lines = select(LedgerRow.seq, LedgerRow.fact).where(
            LedgerRow.number == number, LedgerRow.type.in_(SEARCHED)
        )
        _findable(keys, number, [(seq, fact) for seq, fact in session.execute(lines)]).write(session)
    return numbers


def _findable(keys: Keys, number: str, facts: Sequence[tuple[int, dict[str, Any]]]) -> Findable:
    sealed_by = keys_in([fact for _, fact in facts])
    searched = [(seq, fact) for seq, fact in facts if fact["type"] in SEARCHED]
    said: list[dict[str, Any]] = []
    contacts: set[str] = set()
    opened = keys.opened([fact for _, fact in searched], number, unclaimed=True)
    for (seq, _), fact in zip(searched, opened, strict=True):
        text = " ".join(fact.get(name) or "" for name in SAID).replace(ERASED, "")
        said.append({"number": number, "seq": seq, "words": keys.blind.words(text)})
        contacts |= set(_contacts(fact.get("customer") or {}))
    rows = [{"number": number, "digest": keys.blind.contact(each)} for each in contacts]
    return Findable(number, frozenset(sealed_by), said, rows)


def _contacts(customer: dict[str, Any]) -> Iterator[str]:
    for name in ("contact", "account"):
        contact = customer.get(name)
        if contact and contact != ERASED and not customer.get("anonymous"):
            yield contact
