"""The tables of what keeps people private: keys, blind indexes, and who was forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from complaints.vocabulary import Role
from db.tables import Table, rule


class KeyRow(Table):
    """A key, wrapped by a master key. A destroyed one leaves its row, so that nobody makes it anew.

    Attributes:
        id: What sealed texts name it by: a complaint's number, or for a key of ours its purpose after a `~`.
        number: The complaint whose people it seals; empty for keys of ours, and until its complaint is recorded.
        master: The id of the master key that wraps it.
    """

    __tablename__ = "keys"
    __table_args__ = (
        rule("destroyed_is_gone", "(wrapped IS NULL) = (destroyed_at IS NOT NULL)"),
        Index(None, "number", postgresql_where="number IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str | None]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    master: Mapped[str]
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class SaidRow(Table):
    """The words of one line of the ledger, each as a keyed hash: who has no key can find nothing by them."""

    __tablename__ = "said"
    __table_args__ = (Index(None, "words", postgresql_using="gin"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[list[str]] = mapped_column(ARRAY(Text))


class ContactRow(Table):
    """A telephone number, an address or an account of a complaint's customer, as a keyed hash."""

    __tablename__ = "contacts"
    __table_args__ = (Index(None, "digest"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)


class ErasureRow(Table):
    """A complaint whose people were forgotten: when, by whom and why. Written once."""

    __tablename__ = "erasures"

    number: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[str]
    actor_role: Mapped[Role]
    reason: Mapped[str]
