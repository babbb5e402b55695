"""The tables of policies that were put into force: which version, for whom, and from when on. Written once.

What a version says in full stands in `policies`, beside what complaints are pinned to.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, ForeignKey, ForeignKeyConstraint, Identity, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Table


class PolicyVersionRow(Table):
    """What a name and a version stand for, for ever.

    Attributes:
        source_text: The file as it was read; where it extends another one, that is not in it.
    """

    __tablename__ = "policy_versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("policies.sha256"))
    source_text: Mapped[str]


class PolicyActivationRow(Table):
    """One decision that a version applies.

    Attributes:
        id: Counts up; of two decisions the later one holds.
        organisation: Empty for every organisation; no `categories` means every category.
        received_from: It applies to complaints received from then on.
    """

    __tablename__ = "policy_activations"
    __table_args__ = (
        ForeignKeyConstraint(["name", "version"], ["policy_versions.name", "policy_versions.version"]),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str]
    version: Mapped[str]
    organisation: Mapped[str | None]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    received_from: Mapped[datetime]
    activated_at: Mapped[datetime]
    activated_by: Mapped[str]
