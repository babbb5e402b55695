"""Takes in a complaint that a system started straight in Temporal, by the rules of every other door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.names import TAKE_IN
from activities.records import reason_of
from complaints import personal
from complaints.commands import Envelope, Register
from complaints.errors import NotSealed, Refusal
from complaints.policy import Policy, text_of
from complaints.sealed import keys_in
from complaints.wire import Malformed, parse, plain
from db.intake import prepare
from db.keys import Keys, link

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What a complaint begins with: the policy's text, and the registration sealed with the complaint's own key."""

    policy: str
    registration: Envelope


class Intake:
    """The activity that takes complaints in."""

    def __init__(self, engine: Engine, keys: Keys, policy: Callable[[], Policy]) -> None:
        """Make it.

        Args:
            policy: Reads the one that is pinned where none is in force.
        """
        self._engine = engine
        self._keys = keys
        self._policy = policy

    @activity.defn(name=TAKE_IN)
    def take_in(self, number: str, registration: Envelope) -> TakenIn:
        """Choose the policy, look the customer up, hear, and seal with the complaint's own key.

        Raises:
            ApplicationError: It is against a rule, which is final; or the records do not answer, and it is retried.
        """
        try:
            return self._taken_in(number, registration)
        except Refusal as refusal:
            raise _final(refusal.rule, refusal.message, list(refusal.possible)) from None
        except Malformed as malformed:
            raise _final("Malformed", str(malformed)) from None
        except SQLAlchemyError as fault:
            raise ApplicationError(reason_of(fault), type="RecordsAway") from None

    def _taken_in(self, number: str, registration: Envelope) -> TakenIn:
        if personal.is_clear(registration.command):
            raise NotSealed("names, contacts and texts came in clear", "encode them by the codec server")
        letter = plain(registration.command)
        with Session(
            self._engine
        ) as session:  # before anything is judged: what is refused was said all the same
            link(session, number, keys_in(letter))
            session.commit()
        if self._keys.closed(letter, number):
            raise NotSealed("it was sealed for another complaint, or its key is gone", "encode it anew")
        form = parse(Register, self._keys.opened(letter, number))
        prepared = prepare(
            self._engine, self._keys, replace(registration, command=form), self._policy, compare=False
        )
        log.info("taken in", complaint=number)
        return TakenIn(policy=text_of(prepared.policy), registration=prepared.registration)


def _final(rule: str, message: str, *details: object) -> ApplicationError:
    """Say no for good; it is expected, so the worker's log says nothing of it."""
    return ApplicationError(
        message, *details, type=rule, non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )
