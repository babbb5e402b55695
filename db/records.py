"""Writes batches: the ledger's new lines, the rows of the read model that they changed, and who is to be told of them.

A batch may come twice, from two workers at once, or again after a newer one; the rows end up the same. It holds
only what changed since the one before, so it is refused until that one is there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    bindparam,
    column,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert, psycopg
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from complaints.changes import Changes
from complaints.facts import Registered
from db.rows import SECTIONS, Rows, rows_of
from db.tables import ComplaintRow, LedgerRow, PolicyRow, table_of
from db.webhook_fan_out import fan_out

NOT_A_CHAIN = "23000"
"""What the ledger's trigger says where an event would not follow the one before it."""


class LedgerConflict(Exception):
    """The ledger says something else in this place: it was edited, or two histories claim one number."""

    def __init__(self, number: str, seq: int) -> None:
        super().__init__(f"event {seq} of complaint {number} is recorded with another hash")
        self.number = number
        self.seq = seq


class LedgerGap(Exception):
    """The batch before this one is not recorded yet."""

    def __init__(self, number: str, seq: int) -> None:
        super().__init__(f"complaint {number} is not recorded up to event {seq}")
        self.number = number
        self.seq = seq


def record(session: Session, changes: Changes, policy: str | None, earlier: Sequence[str] = ()) -> int:
    """Write one batch, and return how many lines of the ledger were new. The caller commits.

    Writers of one complaint take turns: the first statement locks its row.

    Args:
        policy: The text of the one it is pinned to; comes with the batch that pins it.
        earlier: Those that it was pinned to for a while within this batch.

    Raises:
        LedgerConflict: One of the events is recorded already, with another hash.
        LedgerGap: The batch before this one is missing; try again when it is there.
    """
    connection = session.connection()
    batch = rows_of(changes)
    for text in (*earlier, policy):
        _write_policy(connection, text)
    is_newer = _write_head(connection, changes, batch)
    sections = tuple(name for name in SECTIONS if name in batch) if is_newer else ()
    try:
        written = int(_run(connection, _write(sections), batch) or 0)
    except IntegrityError as fault:
        if getattr(fault.orig, "sqlstate", None) != NOT_A_CHAIN:
            raise
        session.rollback()
        _compare(session.connection(), changes)
        raise
    if written < len(changes.events):
        _compare(connection, changes)
    return written


def _write_head(connection: Connection, changes: Changes, batch: Rows) -> bool:
    """Say whether the batch is newer than what is recorded; if so, the complaint's row now has its state."""
    number, first = changes.head.number, changes.events[0]
    head = {"head": batch.pop("head")}
    if isinstance(first.fact, Registered):
        return _run(connection, _OPEN, head) is not None
    if _run(connection, _ADVANCE, head, after=first.seq - 1) is not None:
        return True
    recorded = connection.scalar(select(ComplaintRow.seq).where(ComplaintRow.number == number))
    if recorded is None or recorded < first.seq - 1:
        raise LedgerGap(number, first.seq - 1)
    return False


def _write_policy(connection: Connection, text: str | None) -> None:
    """Thousands of complaints share a policy, and it is a long text: look first."""
    if text is None:
        return
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    if connection.scalar(select(PolicyRow.sha256).where(PolicyRow.sha256 == sha256)) is None:
        resolved = json.loads(text)
        values = {
            "sha256": sha256,
            "name": resolved["name"],
            "version": resolved["version"],
            "resolved": resolved,
        }
        connection.execute(insert(PolicyRow).values(values).on_conflict_do_nothing())


def _compare(connection: Connection, changes: Changes) -> None:
    """Check the hashes of what is recorded already, from the event before the batch on."""
    number, first = changes.head.number, changes.events[0]
    hashes = {event.seq: event.hash for event in changes.events} | {first.seq - 1: first.previous}
    recorded = connection.execute(
        select(LedgerRow.seq, LedgerRow.hash)
        .where(LedgerRow.number == number, LedgerRow.seq.in_(hashes))
        .order_by(LedgerRow.seq)
    )
    for seq, found in recorded:
        if hashes[seq] != found:
            raise LedgerConflict(number, seq)


# --- statements
#
# A batch travels as one JSON document, and its rows are written by one statement, the same for every batch: the
# server keeps its plan, and SQLAlchemy has nothing to compile. That is three times as fast as a statement a table.


def _run(connection: Connection, statement: str, batch: Rows, **parameters: int) -> Any:
    """Return the first value that comes back, if any."""
    document = json.dumps(batch, ensure_ascii=False)
    return connection.exec_driver_sql(statement, {"batch": document, **parameters}).scalar()


def _compiled(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=psycopg.dialect()))  # type: ignore[no-untyped-call]


def _incoming(section: str, table: SqlTable) -> FromClause:
    """Return a section of the batch as rows of its table."""
    record_type: ColumnElement[Any] = literal_column(f"NULL::{table.name}")
    rows = bindparam("batch", type_=JSONB).op("->")(literal_column(f"'{section}'"))
    columns = [column(each.name, each.type) for each in table.columns]
    return func.jsonb_populate_recordset(record_type, rows).table_valued(*columns, name="incoming")


def _insert(section: str, table: SqlTable) -> Insert:
    names = [each.name for each in table.columns if each.computed is None]
    incoming = _incoming(section, table)
    return insert(table).from_select(names, select(*(incoming.c[name] for name in names)))


def _upsert(section: str, table: SqlTable) -> Insert:
    statement = _insert(section, table)
    return statement.on_conflict_do_update(
        index_elements=table.primary_key.columns,
        set_={each.name: statement.excluded[each.name] for each in table.columns if not each.primary_key},
    )


def _open() -> ClauseElement:
    table = table_of(ComplaintRow)
    opening = _insert("head", table)
    return opening.on_conflict_do_update(
        index_elements=[table.c.number],
        set_={name: opening.excluded[name] for name in _head_columns()},
        where=table.c.seq < opening.excluded.seq,
    ).returning(table.c.seq)


def _advance() -> ClauseElement:
    table = table_of(ComplaintRow)
    head = _incoming("head", table)
    follows = table.c.seq >= bindparam("after", type_=Integer)
    return (
        update(table)
        .values({name: head.c[name] for name in _head_columns()})
        .where(table.c.number == head.c.number, table.c.seq < head.c.seq, follows)
        .returning(table.c.seq)
    )


def _head_columns() -> list[str]:
    """List what a later batch may change."""
    return [each.name for each in table_of(ComplaintRow).columns if each.name != "number"]


@cache
def _write(sections: tuple[str, ...]) -> str:
    ledger = _insert("events", table_of(LedgerRow)).on_conflict_do_nothing(index_elements=["number", "seq"])
    new = table_of(LedgerRow).c
    lines = ledger.returning(new.number, new.seq, new.type, new.fact, new.at, new.occurred_at).cte("lines")
    upserts = [_upsert(name, table_of(SECTIONS[name])).cte(name) for name in sections]
    return _compiled(select(func.count()).select_from(lines).add_cte(*upserts, *fan_out(lines)))


_OPEN = _compiled(_open())
_ADVANCE = _compiled(_advance())
