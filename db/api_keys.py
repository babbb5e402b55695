"""API keys on record: added, listed, given a new secret, revoked, and when each was last used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from complaints.permissions import Right
from complaints.vocabulary import Actor, Role
from db.access_tables import ApiKeyRow

NOTED_EVERY = timedelta(minutes=1)
"""Last use is written at most so often."""


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key as it stands on record; what recognises its secrets is no part of it.

    Attributes:
        scopes: What it may do at most; None for all that its role may.
        former_until: How long the secret before the last rotation goes on counting.
    """

    id: str
    name: str
    actor: Actor
    scopes: frozenset[Right] | None
    created_at: datetime
    created_by: str
    expires_at: datetime
    former_until: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    last_used_at: datetime | None = None

    def stands(self, now: datetime) -> str:
        """Say in a word whether it can be used."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.expires_at else "valid"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A key, and the digests of the secrets that count for it."""

    key: ApiKey
    digest: bytes
    former_digest: bytes | None

    def digests(self, now: datetime) -> tuple[bytes, ...]:
        """The digests that count at an instant: after a rotation two, for a while."""
        until = self.key.former_until
        if self.former_digest is None or until is None or now >= until:
            return (self.digest,)
        return self.digest, self.former_digest


def add(session: Session, key: ApiKey, digest: bytes) -> None:
    """Put a new key on record."""
    session.add(
        ApiKeyRow(
            id=key.id,
            name=key.name,
            digest=digest,
            actor_id=key.actor.id,
            actor_role=key.actor.role,
            actor_department=key.actor.department,
            scopes=None if key.scopes is None else sorted(key.scopes),
            created_at=key.created_at,
            created_by=key.created_by,
            expires_at=key.expires_at,
        )
    )
    session.flush()


def find(session: Session, id_: str) -> Kept | None:
    """Return one with its digests."""
    row = session.get(ApiKeyRow, id_)
    return None if row is None else Kept(key=_key(row), digest=row.digest, former_digest=row.former_digest)


def all_keys(session: Session) -> list[ApiKey]:
    """List all that ever were, the oldest first."""
    return [
        _key(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.id))
    ]


def roles_of(session: Session, actor: str, now: datetime) -> frozenset[Role]:
    """Return the roles that somebody has by keys that can be used."""
    query = select(ApiKeyRow.actor_role).where(
        ApiKeyRow.actor_id == actor, ApiKeyRow.revoked_at.is_(None), ApiKeyRow.expires_at > now
    )
    return frozenset(session.scalars(query))


def rotate(
    session: Session, id_: str, digest: bytes, *, former_until: datetime, expires_at: datetime
) -> bool:
    """Give a key a new secret, while the one before goes on counting for a while; False if it is revoked or unknown."""
    changed = session.execute(
        update(ApiKeyRow)
        .where(ApiKeyRow.id == id_, ApiKeyRow.revoked_at.is_(None))
        .values(
            former_digest=ApiKeyRow.digest, former_until=former_until, digest=digest, expires_at=expires_at
        )
        .returning(ApiKeyRow.id)
    )
    return changed.first() is not None


def revoke(session: Session, id_: str, *, at: datetime, by: str) -> bool:
    """Take a key away for good; False if it is unknown. Whoever revoked it first stays on record."""
    session.execute(
        update(ApiKeyRow)
        .where(ApiKeyRow.id == id_, ApiKeyRow.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by)
    )
    return session.get(ApiKeyRow, id_) is not None


def note_use(session: Session, ids: Sequence[str], at: datetime) -> None:
    """Write down that keys were used, unless that was written just before."""
    session.execute(
        update(ApiKeyRow)
        .where(
            ApiKeyRow.id.in_(ids),
            or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= at - NOTED_EVERY),
        )
        .values(last_used_at=at)
    )


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        actor=Actor(id=row.actor_id, role=row.actor_role, department=row.actor_department),
        scopes=None if row.scopes is None else frozenset(Right(s) for s in row.scopes if s in set(Right)),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        former_until=row.former_until,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        last_used_at=row.last_used_at,
    )
