"""Lives on record: batches of a life in memory, written the way the workflow has them written."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.changes import Changes, changes
from complaints.delivery import OUTBOX, Delivery, record_delivery
from complaints.lifecycle import Stage
from complaints.policy import text_of
from complaints.records import NoticeStatus
from complaints.vocabulary import Role
from db.findable import findable
from db.records import record
from db.tables import Table
from tests.keys import keys_of
from tests.lives import DAY, HOUR, Life, example, option

Batch = tuple[Changes, str | None]
"""What changed, and the text of the policy it is the first to go by."""


class RecordedLife(Life):
    """A life that is cut into batches, one after each `cut`."""

    def __init__(self, **of_life: Any) -> None:
        super().__init__(**of_life)
        self.batches: list[Batch] = []
        self._cut_at = self.born

    def cut(self) -> Batch | None:
        """Batch what has happened since the last cut; None if nothing has."""
        fresh = [event for event in self.events if event.seq > self._cut_at.seq]
        if not fresh:
            return None
        is_new = self._cut_at.seq == 0 or self._cut_at.policy is not self.state.policy
        policy = text_of(self.state.policy) if is_new else None
        batch = changes(self._cut_at, self.state, fresh), policy
        self._cut_at = self.state
        self.batches.append(batch)
        return batch

    def whole(self) -> Batch:
        """Batch all of it as one."""
        return changes(self.born, self.state, self.events), text_of(self.state.policy)

    def send(self, *kinds: type[Any], **of_each: Any) -> RecordedLife:
        """Do the example of each kind, and cut after it."""
        for kind in kinds:
            self.do(example(kind, self), **of_each)
            self.cut()
        return self

    def pass_time(self, span: Any) -> RecordedLife:
        self.wait(span)
        self.cut()
        return self

    def tell(self, notice: str, channel: str, *, failed: bool = False) -> None:
        delivery = Delivery(notice=notice, channel=channel, receipt="250 OK", failed=failed)
        self.take(record_delivery(self.state, delivery, self.now))
        self.cut()


def registered(reference: str = "2031", **fields: Any) -> RecordedLife:
    """A complaint that has just come in."""
    life = RecordedLife(number=f"hotline-{reference}")
    life.do(example(c.Register, reference=reference, **fields))
    life.cut()
    return life


@cache
def eventful(reference: str = "2031") -> RecordedLife:
    """A life in which everything that can be recorded occurs; made once, so nobody lives it on."""
    life = registered(reference)
    life.pass_time(26 * HOUR)  # nobody calls her: the first contact is missed
    life.send(c.RecordFirstContact, c.Classify, c.Assign, c.RequestVerification)
    life.send(c.Escalate, c.AcknowledgeEscalation)
    life.pass_time(25 * HOUR)  # the other department does not answer either, and nobody says a word
    life.send(c.AnswerVerification, c.GiveFeedback, c.RecordFindings)
    dear = option(life, 3000)
    life.do(example(c.RequestApproval, life, option=dear))
    life.do(example(c.RefuseApproval, life, option=dear), role=Role.LEAD)
    life.do(example(c.RequestApproval, life, option=dear))
    life.do(example(c.Approve, life, option=dear), role=Role.LEAD)
    life.cut()
    life.send(c.OfferOption, c.RejectOption, c.PrepareOption, c.OfferOption, c.CounterOffer)
    life.send(c.AwaitCustomer).pass_time(2 * DAY).send(c.CustomerReplied, c.GrantExtension)
    life.send(c.PrepareOption, c.PrepareOption, c.OfferOption, c.AcceptOption, c.MakePromise)
    life.pass_time(2 * DAY)  # the promise is broken, and the lead does not answer
    life.send(c.KeepPromise, c.PlanAction, c.AttachFile, c.RemoveFile, c.AttachFile, c.CompleteAction)
    life.do(example(c.RecordFollowUp, life, satisfied=False, score=1))
    life.cut()
    life.send(c.AwaitCustomer)
    queued = [n.id for n in life.state.notices.values() if n.status == NoticeStatus.QUEUED]
    life.tell(queued[0], "mail")
    life.tell(queued[1], OUTBOX)
    life.tell(queued[2], "dingtalk", failed=True)
    assert life.state.stage == Stage.INVESTIGATION
    assert life.state.round == 2
    return life


def write(engine: Engine, *batches: Batch) -> int:
    """Record batches, each in a transaction of its own; returns the number of new lines in the ledger."""
    written = 0
    for batch, policy in batches:
        found = findable(keys_of(engine), batch)
        with Session(engine) as session:
            written += record(session, batch, policy)
            found.write(session)
            session.commit()
    return written


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    tables = Table.metadata.sorted_tables
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }
