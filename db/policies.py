"""Which policy is in force: versions, activations, and the choice that every door makes when a complaint comes in.

A version is one text for ever. An activation says for which organisation and categories it applies, and from which
date of receipt on; a later one overtakes an earlier one, and both stay on record.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from complaints.copies import replace
from complaints.policy import Policy, fingerprint, text_of
from complaints.wire import parse
from db.policy_tables import PolicyActivationRow, PolicyVersionRow
from db.tables import PolicyRow

_REMEMBERED = 64
"""How many policies a process keeps: reading one takes longer than all the rest of starting a complaint."""

_SHORTEST_DIGEST = 6


@dataclass(frozen=True, kw_only=True)
class Activation:
    """A decision that a version applies: to whom, from when on, and who took it.

    Attributes:
        organisation: Empty for every organisation; no `categories` means every category.
        received_from: It applies to complaints received from then on.
    """

    name: str
    version: str
    sha256: str
    organisation: str | None
    categories: tuple[str, ...]
    received_from: datetime
    activated_at: datetime
    activated_by: str


class VersionTaken(ValueError):
    """Another text was put into force under this name and version; a changed policy needs another version."""

    def __init__(self, taken: Policy) -> None:
        super().__init__(f"{taken.name}@{taken.version} is in force with other rules; raise its `version`")
        self.taken = taken


class UnknownPolicy(LookupError):
    """There is no such policy on record, or several; the message says which."""


# --- putting into force


def activate(
    session: Session,
    policy: Policy,
    *,
    organisation: str | None = None,
    categories: Collection[str] = (),
    received_from: datetime | None = None,
    by: str,
    at: datetime,
    source_text: str,
) -> Activation:
    """Put a policy into force; doing so again changes nothing. The caller commits.

    Args:
        categories: Of the policy; none means all.
        received_from: From which date of receipt on; else from `at`.

    Returns:
        The activation that now holds for this organisation and these categories from that date on. A rule's line
        may have moved since the version was first activated; what was stored then stays.

    Raises:
        VersionTaken: The version stands for other rules.
    """
    _store_version(session, policy, source_text)
    since = received_from or at
    scope = sorted(set(categories))
    held = session.execute(
        _activations()
        .where(
            PolicyActivationRow.organisation.is_not_distinct_from(organisation),
            PolicyActivationRow.categories == scope,
            PolicyActivationRow.received_from <= since,
        )
        .order_by(PolicyActivationRow.received_from.desc(), PolicyActivationRow.id.desc())
        .limit(1)
    ).one_or_none()
    if held is not None and (held[0].name, held[0].version) == (policy.name, policy.version):
        return _activation(*held)
    row = PolicyActivationRow(
        name=policy.name,
        version=policy.version,
        organisation=organisation,
        categories=scope,
        received_from=since,
        activated_at=at,
        activated_by=by,
    )
    session.add(row)
    session.flush()
    return _activation(row, _sha256_of(session, policy.name, policy.version))


def store(session: Session, policy: Policy) -> str:
    """Keep a policy in full, so that complaints can be pinned to it; returns its fingerprint."""
    sha256 = fingerprint(policy)
    if session.scalar(select(PolicyRow.sha256).where(PolicyRow.sha256 == sha256)) is None:
        values = {
            "sha256": sha256,
            "name": policy.name,
            "version": policy.version,
            "resolved": json.loads(text_of(policy)),
        }
        session.execute(insert(PolicyRow).values(values).on_conflict_do_nothing())
    return sha256


def _store_version(session: Session, policy: Policy, source_text: str) -> None:
    """Activations of one version take turns from here on."""
    if session.get(PolicyVersionRow, (policy.name, policy.version)) is None:
        values = {
            "name": policy.name,
            "version": policy.version,
            "sha256": store(session, policy),
            "source_text": source_text,
        }
        session.execute(insert(PolicyVersionRow).values(values).on_conflict_do_nothing())
    taken = read(session, _sha256_of(session, policy.name, policy.version, lock=True))
    if _rules(taken) != _rules(policy):
        raise VersionTaken(taken)


def _rules(policy: Policy) -> str:
    """Return what a policy says, wherever in its file it says so."""
    return fingerprint(replace(policy, places={}))


def _sha256_of(session: Session, name: str, version: str, *, lock: bool = False) -> str:
    query = select(PolicyVersionRow.sha256).where(
        PolicyVersionRow.name == name, PolicyVersionRow.version == version
    )
    return session.execute(query.with_for_update() if lock else query).scalar_one()


# --- choosing


def choose(
    session: Session, *, category: str, organisation: str | None, received_at: datetime
) -> Policy | None:
    """Return the policy under which a complaint starts; None where none was ever put into force for it.

    The most specific activation counts: one for its organisation before one for all, then one that names its
    category before one for all, then the latest date of receipt it has reached, then the latest decision.
    """
    row = PolicyActivationRow
    query = (
        select(PolicyVersionRow.sha256)
        .join(row, (row.name == PolicyVersionRow.name) & (row.version == PolicyVersionRow.version))
        .where(
            or_(row.organisation.is_(None), row.organisation == organisation),
            or_(func.cardinality(row.categories) == 0, row.categories.any_() == category),
            row.received_from <= received_at,
        )
        .order_by(
            case((row.organisation.is_(None), 1), else_=0),
            case((func.cardinality(row.categories) == 0, 1), else_=0),
            row.received_from.desc(),
            row.id.desc(),
        )
        .limit(1)
    )
    sha256 = session.scalar(query)
    return read(session, sha256) if sha256 else None


# --- reading


_read: dict[str, Policy] = {}


def read(session: Session, sha256: str) -> Policy:
    """Return a policy on record. Each process reads each one once: it never changes.

    Raises:
        UnknownPolicy: There is none of this fingerprint.
    """
    if sha256 not in _read:
        resolved = session.scalar(select(PolicyRow.resolved).where(PolicyRow.sha256 == sha256))
        if resolved is None:
            raise UnknownPolicy(f"there is no policy with the fingerprint {sha256}")
        if len(_read) >= _REMEMBERED:
            _read.clear()
        _read[sha256] = parse(Policy, resolved)
    return _read[sha256]


def find(session: Session, wanted: str) -> Policy:
    """Find a policy by name@version, by its name alone (what was activated last), or by the start of its fingerprint.

    Raises:
        UnknownPolicy: There is none, or there are several.
    """
    name, at, version = wanted.partition("@")
    if not at:
        latest = session.scalar(
            select(PolicyActivationRow.version)
            .where(PolicyActivationRow.name == name)
            .order_by(PolicyActivationRow.id.desc())
            .limit(1)
        )
        if latest is not None:
            return read(session, _sha256_of(session, name, latest))
    query = select(PolicyRow.sha256)
    if at:
        activated = session.get(PolicyVersionRow, (name, version))
        if activated is not None:
            return read(session, activated.sha256)
        found = session.scalars(query.where(PolicyRow.name == name, PolicyRow.version == version)).all()
    else:
        found = _by_digest(session, wanted.lower())
    if not found:
        raise UnknownPolicy(f"there is no policy {wanted!r} on record")
    if len(found) > 1:
        prefixes = ", ".join(sorted(sha256[:12] for sha256 in found))
        raise UnknownPolicy(f"{wanted!r} may be any of {prefixes}")
    return read(session, found[0])


def _by_digest(session: Session, prefix: str) -> Sequence[str]:
    if len(prefix) < _SHORTEST_DIGEST or not set(prefix) <= set("0123456789abcdef"):
        return ()
    return session.scalars(select(PolicyRow.sha256).where(PolicyRow.sha256.startswith(prefix))).all()


def source_of(session: Session, policy: Policy) -> str | None:
    """Return the file that a version was activated from; None where it never was."""
    row = session.get(PolicyVersionRow, (policy.name, policy.version))
    return row.source_text if row and row.sha256 == fingerprint(policy) else None


def versions(session: Session) -> list[Activation]:
    """List every activation, the latest first."""
    query = _activations().order_by(PolicyActivationRow.id.desc())
    return [_activation(*line) for line in session.execute(query)]


def _activations() -> Select[PolicyActivationRow, str]:
    row = PolicyActivationRow
    return select(row, PolicyVersionRow.sha256).join(
        PolicyVersionRow, (row.name == PolicyVersionRow.name) & (row.version == PolicyVersionRow.version)
    )


def _activation(row: PolicyActivationRow, sha256: str) -> Activation:
    return Activation(
        name=row.name,
        version=row.version,
        sha256=sha256,
        organisation=row.organisation,
        categories=tuple(row.categories),
        received_from=row.received_from,
        activated_at=row.activated_at,
        activated_by=row.activated_by,
    )
