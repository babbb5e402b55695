"""Who may take a complaint over from another system, and by which dates.

What the other system did after registering it, `complaints.taking_over` lets stand at its own instants.
"""

from __future__ import annotations

import itertools

from complaints import commands
from complaints.copies import replace
from complaints.draft import Draft
from complaints.errors import NotYourRole, TimeOutOfBounds
from complaints.forms import Imported
from complaints.permissions import TABLE, Caller, Case, Right, may


def check_import(draft: Draft, command: commands.Register) -> Imported | None:
    """Return what is known of it from elsewhere, taken over no later than now; None where it begins here.

    Raises:
        NotYourRole: Only some roles may import; a system only what it brings in itself.
        TimeOutOfBounds: Its dates are in no order in which it can have lived.
    """
    if command.imported is None:
        return None
    if not may(Caller(actor=draft.actor), Right.IMPORT, Case(source=command.source)):
        allowed = ", ".join(sorted(role for role, rights in TABLE.items() if Right.IMPORT in rights))
        raise NotYourRole(
            f"{draft.actor.role}:{draft.actor.id} may not import from {command.source}; {allowed} may",
            "a system imports what has its own name as source",
        )
    imported = replace(command.imported, at=min(command.imported.at, draft.at))
    _check_order(draft, imported)
    return imported


def _check_order(draft: Draft, imported: Imported) -> None:
    instants = (
        ("received_at", draft.occurred_at),
        ("imported.first_contact_at", imported.first_contact_at),
        ("imported.closed.at", imported.closed.at if imported.closed else None),
        ("imported.at", imported.at),
    )
    known = [(name, instant) for name, instant in instants if instant is not None]
    for (before, earlier), (name, instant) in itertools.pairwise(known):
        if instant < earlier:
            raise TimeOutOfBounds(
                f"{name} {instant.isoformat()} lies before {before} {earlier.isoformat()}",
                "leave out what is not known for certain",
            )
