"""What has to be known to take a complaint over: under which policy it goes, and whether it is there already."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from complaints.commands import Envelope
    from complaints.policy import Policy


class Judge(Protocol):
    """Says what has to be known."""

    def policy(self, registration: Envelope) -> Policy:
        """Return the policy under which a complaint is taken over."""

    def there(self, numbers: Sequence[str]) -> set[str]:
        """Return those of the numbers that were imported before."""


class ByRecords:
    """Asks the records. One that was received before any policy was put into force goes by the one of the take-over."""

    def __init__(self, session: Session, otherwise: Policy) -> None:
        from db.imports import turns

        self._session = session
        self._otherwise = otherwise
        self._turns = turns(session)
        self._chosen: dict[tuple[str, str | None, int], Policy] = {}

    def policy(self, registration: Envelope) -> Policy:
        form: Any = registration.command
        index = bisect_right(self._turns, registration.received_at)
        key = (form.category, form.organisation, index)
        if key not in self._chosen:
            received, taken = registration.received_at, form.imported.at
            self._chosen[key] = self._choose(form, received) or self._choose(form, taken) or self._otherwise
        return self._chosen[key]

    def _choose(self, form: Any, received_at: datetime) -> Policy | None:
        from db.policies import choose

        return choose(
            self._session, category=form.category, organisation=form.organisation, received_at=received_at
        )

    def there(self, numbers: Sequence[str]) -> set[str]:
        from db.imports import recorded

        found = recorded(self._session, numbers)
        self._session.rollback()  # what others have written by the next question is seen then
        return found


class ByOnePolicy:
    """Where nothing runs that could be asked, for a trial."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def policy(self, registration: Envelope) -> Policy:  # noqa: ARG002 - the same for all
        return self._policy

    def there(self, numbers: Sequence[str]) -> set[str]:  # noqa: ARG002 - nothing is known
        return set()
