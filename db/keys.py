"""A key for each complaint, which seals its people; destroying it is how they are forgotten.

Keys live in PostgreSQL, wrapped by a master key, and in nobody's history. A process remembers those it has used for a
minute, so a destroyed key may open things for so long elsewhere, and commands go on while PostgreSQL is away for a moment.
"""

from __future__ import annotations

import base64
import copy
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Connection, Engine, NullPool, Row, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from complaints import personal
from complaints.errors import CustomerForgotten
from complaints.events import Event
from complaints.sealed import CLOSED, ERASED, LETTER, keys_in, opened, token
from complaints.wire import parse_event, plain
from db.blind import Blind
from db.engine import for_reading, make_engine
from db.key_tables import ContactRow, ErasureRow, KeyRow, SaidRow
from db.masters import Masters
from db.sealed import WrongKey
from db.tables import ComplaintRow

C = TypeVar("C")

REMEMBERED_FOR = 60.0  # seconds
_REMEMBERED = 20_000  # keys
_NONCE = 12  # bytes; the size that GCM is specified for
_OURS = "~"


class Keys:
    """The keys of one installation. Safe to share between threads; asks PostgreSQL only for what it does not remember."""

    def __init__(self, engine: Engine, masters: Masters) -> None:
        self._engine = engine
        self._masters = masters
        self._known: OrderedDict[str, tuple[float, bytes | None, str | None]] = OrderedDict()
        self._lock = threading.Lock()
        self._session: Session | None = None

    def within(self, session: Session) -> Keys:
        """Return the same keys, which are looked up in a session that is open already.

        Whoever holds a connection must not wait for another one of the same pool.
        """
        bound = copy.copy(self)
        bound._session = session
        return bound

    # --- sealing and opening

    def sealed(self, number: str, command: C) -> C:
        """Copy a command with every personal value sealed for its complaint.

        Raises:
            CustomerForgotten: The complaint's people were forgotten.
        """
        if not personal.is_clear(command):
            return command
        cipher = AESGCM(self.data_key(number))
        return personal.sealed(command, lambda text: _seal(cipher, number, text))

    def sealed_letter(self, command: C) -> C:
        """Copy a command with every personal value sealed, whichever complaint it goes to; recording it will say."""
        if not personal.is_clear(command):
            return command
        id_, key = self._letter_key()
        cipher = AESGCM(key)
        return personal.sealed(command, lambda text: _seal(cipher, id_, text))

    def opened(self, data: Any, number: str, *, unclaimed: bool = False) -> Any:
        """Copy JSON-ready data of a complaint with all that is sealed in clear, as far as its keys are there.

        What another complaint's key sealed stays closed, however it came in here.

        Args:
            unclaimed: Open too what was sealed before it was known for which complaint; for whoever takes it in.
        """
        ids = keys_in(data)
        if not ids:
            return data
        known = self._all(ids)
        ciphers = {id_: AESGCM(key) for id_, (key, _) in known.items() if key is not None}

        def opens(id_: str, text: str) -> str:
            key, of = known.get(id_, (None, None))
            if id_ in known and key is None:
                return ERASED
            if key is None or not (number in (of, id_) or (unclaimed and of is None)):
                return CLOSED
            return _open(ciphers[id_], id_, text)

        return opened(data, opens)

    def closed(self, data: Any, number: str) -> set[str]:
        """Name the keys that open nothing of a complaint's data: destroyed ones, another complaint's, and none of ours."""
        known = self._all(ids := keys_in(data))
        return ids - {id_ for id_, (key, of) in known.items() if key is not None and number in (of, id_)}

    def remember(self, data: Any) -> None:
        """Look up at once all keys that data of many complaints need."""
        self._all(keys_in(data))

    def opened_events(self, events: Sequence[Event], number: str) -> list[Event]:
        """Open a complaint's events, to be read: what was opened has no longer the hash that it says."""
        return [parse_event(each) for each in self.opened([plain(event) for event in events], number)]

    def data_key(self, number: str) -> bytes:
        """Return a complaint's key; make it if there is none.

        Raises:
            CustomerForgotten: It was destroyed.
        """
        # Mostly it is a new complaint's, so outside of a session that is open anyway nothing is asked before.
        known = self._recalled({number}) if self._session is None else self._all([number])
        key, _ = known.get(number) or self._made(number, number)
        if key is None:
            raise CustomerForgotten(
                f"whoever made complaint {number} was forgotten, and with them all that was said"
            )
        return key

    def has(self, number: str) -> bool:
        """Say whether a complaint has a key, destroyed or not."""
        return number in self._all([number])

    def _letter_key(self) -> tuple[str, bytes]:
        id_ = f"{LETTER}{base64.b32encode(os.urandom(10)).decode().lower()}"
        key, _ = self._made(id_, None)
        assert key is not None
        return id_, key

    def secret(self, purpose: str) -> bytes:
        """Return a key of ours by what it is for, such as `index`; it survives every rotation of the masters."""
        return self.data_key(_OURS + purpose)

    @cached_property
    def columns(self) -> tuple[bytes, ...]:
        """What seals single columns (`db.sealed`): our own key first, then the masters, which did it before."""
        return (self.secret("columns"), *self._masters.all)

    @cached_property
    def blind(self) -> Blind:
        """The indexes by which what is sealed is found again."""
        return Blind(self.secret("index"))

    # --- keeping

    def rotate(self, *, batch: int = 1000) -> int:
        """Wrap every key anew that an older master wraps, and return how many; safe to stop and to repeat."""
        count = 0
        while True:
            with Session(self._engine) as session:
                stale = (KeyRow.master != self._masters.newest, KeyRow.wrapped.is_not(None))
                rows = session.scalars(
                    select(KeyRow).where(*stale).limit(batch).with_for_update(skip_locked=True)
                ).all()
                for row in rows:
                    assert row.wrapped is not None
                    key = self._masters.unwrap(row.wrapped, row.master, row.id)
                    row.wrapped, row.master = self._masters.wrap(key, row.id), self._masters.newest
                session.commit()
            count += len(rows)
            if not rows:
                return count

    def forget(self, ids: Iterable[str]) -> None:
        """Remember these keys no longer."""
        with self._lock:
            for id_ in ids:
                self._known.pop(id_, None)

    def _all(self, ids: Iterable[str]) -> dict[str, tuple[bytes | None, str | None]]:
        """Return the keys of these ids, each with its complaint's number; empty ones were destroyed."""
        wanted = set(ids)
        known = self._recalled(wanted)
        missing = wanted - known.keys()
        if missing:
            query = select(*KeyRow.__table__.columns).where(KeyRow.id.in_(missing))
            with (
                nullcontext(self._session) if self._session else for_reading(self._engine).connect() as open_
            ):
                for row in open_.execute(query):
                    known[row.id] = self._read(row)
        return known

    def _recalled(self, ids: set[str]) -> dict[str, tuple[bytes | None, str | None]]:
        """Return those of these that are remembered."""
        known, horizon = {}, time.monotonic() - REMEMBERED_FOR
        with self._lock:
            for id_ in ids:
                since, key, number = self._known.get(id_, (0.0, None, None))
                if since > horizon:
                    known[id_] = key, number
        return known

    def _made(self, id_: str, number: str | None) -> tuple[bytes | None, str | None]:
        """Make a key; of two who make the same one at once both get the one that is stored."""
        row = {
            "id": id_,
            "number": None if id_.startswith(_OURS) else number,
            "wrapped": self._masters.wrap(AESGCM.generate_key(bit_length=256), id_),
            "master": self._masters.newest,
            "made_at": datetime.now(UTC),
        }
        columns = KeyRow.__table__.columns
        made = insert(KeyRow).values(row).on_conflict_do_nothing().returning(*columns)
        with self._transaction() as connection:
            # Whoever loses has waited for the other one's commit, and sees it with the next statement.
            stored = (
                connection.execute(made).one_or_none()
                or connection.execute(select(*columns).where(KeyRow.id == id_)).one()
            )
        return self._read(stored)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A new key is kept whatever becomes of the session in which it was asked for."""
        if self._session is None:
            with self._engine.begin() as connection:
                yield connection
            return
        engine = make_engine(self._engine.url.render_as_string(hide_password=False), pool=NullPool)
        with engine.begin() as connection:
            yield connection

    def _read(self, row: Row[Any]) -> tuple[bytes | None, str | None]:
        try:
            key = self._masters.unwrap(row.wrapped, row.master, row.id) if row.wrapped else None
        except WrongKey:
            raise WrongKey(f"key {row.id} was wrapped by a master key that is not configured here") from None
        if row.number is None and row.id.startswith(LETTER):  # soon it belongs to somebody
            return key, None
        with self._lock:
            self._known[row.id] = (time.monotonic(), key, row.number)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return key, row.number


def link(session: Session, number: str, ids: Iterable[str]) -> list[str]:
    """Say whose keys these are, where nobody knew yet, and return those that were sealed as letters. The caller commits.

    A letter that reaches somebody who was forgotten is closed: it was on its way when they were.
    """
    letters = [id_ for id_ in ids if id_.startswith(LETTER)]
    if letters:
        unknown = (KeyRow.id.in_(letters), KeyRow.number.is_(None))
        session.execute(update(KeyRow).where(*unknown).values(number=number))
        forgotten_at = when_forgotten(session, number)
        if forgotten_at is not None:
            _destroy(session, and_(KeyRow.id.in_(letters), KeyRow.number == number), forgotten_at)
    return letters


def when_forgotten(session: Session, number: str) -> datetime | None:
    """Say when a complaint's people were forgotten; until the session ends they are not forgotten meanwhile."""
    session.execute(select(ComplaintRow.seq).where(ComplaintRow.number == number).with_for_update())
    return session.scalar(select(ErasureRow.at).where(ErasureRow.number == number))


def unclaimed(session: Session, before: datetime) -> list[str]:
    """Name the letters from before an instant that no recorded complaint has got: refused, or never sent."""
    recorded = select(ComplaintRow.number).where(ComplaintRow.number == KeyRow.number).exists()
    query = select(KeyRow.id).where(
        KeyRow.id.startswith(LETTER), KeyRow.wrapped.is_not(None), KeyRow.made_at < before, ~recorded
    )
    return list(session.scalars(query))


def counted(session: Session) -> tuple[dict[str, int], int]:
    """Count the keys by the id of the master that wraps them, and those that were destroyed."""
    query = select(KeyRow.master, KeyRow.wrapped.is_(None), func.count()).group_by(
        KeyRow.master, KeyRow.wrapped.is_(None)
    )
    rows = session.execute(query).all()
    return {m: n for m, gone, n in rows if not gone}, sum(n for _, gone, n in rows if gone)


def destroy(session: Session, numbers: Sequence[str], at: datetime) -> list[str]:
    """Destroy all keys of these complaints and what finds their people, and return the keys' ids. The caller commits.

    Of one that has no key a destroyed one is left, so that nobody makes it one later.
    """
    ids = _destroy(session, KeyRow.number.in_(numbers), at)
    gone = {"wrapped": None, "master": "", "made_at": at, "destroyed_at": at}
    rows = [{"id": number, "number": number, **gone} for number in numbers]
    session.execute(insert(KeyRow).on_conflict_do_nothing(), rows)
    for index in (SaidRow, ContactRow):
        session.execute(delete(index).where(index.number.in_(numbers)))
    return ids


def destroy_letters(session: Session, ids: Sequence[str], at: datetime) -> None:
    """Destroy letters that nobody has got. The caller commits."""
    _destroy(session, KeyRow.id.in_(ids), at)


def _destroy(session: Session, these: ColumnElement[bool], at: datetime) -> list[str]:
    query = update(KeyRow).where(these, KeyRow.wrapped.is_not(None)).values(wrapped=None, destroyed_at=at)
    return list(session.scalars(query.returning(KeyRow.id)))


def _seal(cipher: AESGCM, id_: str, text: str) -> str:
    nonce = os.urandom(_NONCE)
    data = nonce + cipher.encrypt(nonce, text.encode(), id_.encode())
    return token(id_, base64.urlsafe_b64encode(data).decode().rstrip("="))


def _open(cipher: AESGCM, id_: str, text: str) -> str:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return cipher.decrypt(data[:_NONCE], data[_NONCE:], id_.encode()).decode()
    except (InvalidTag, ValueError):
        return CLOSED
