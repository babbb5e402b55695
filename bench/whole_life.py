"""What does a whole complaint cost, against the bare floor?

What this stresses: everything that is ours. A complaint is registered and gets the ten commands of a plain life,
one after the other: first contact, classification, assignment, findings, an option prepared, offered and accepted,
an action planned and completed, and the follow-up call. On top of what the floor does there are rules decided
twice (validator and handler), a hash chain, up to ten clocks, search attributes, a case file, and five times the
rows; and all that is personal is sealed at the door, which the driver is, and indexed by the worker. The worker is the product's own, notices and all. It stays open afterwards, as the floor does: the appeal
window runs for days.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select
from temporalio.client import Client

from activities.names import COMPLAINTS_QUEUE
from bench.measure import Life
from complaints.commands import (
    AcceptOption,
    Assign,
    Classify,
    Command,
    CompleteAction,
    Envelope,
    OfferOption,
    PlanAction,
    PrepareOption,
    RecordFindings,
    RecordFirstContact,
    RecordFollowUp,
    Register,
)
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.view import Answer
from complaints.vocabulary import Actor, Channel, Customer, Justified, Money, RemedyKind, Role, Severity
from db.masters import Masters
from db.tables import ComplaintRow, LedgerRow
from workflows.client import Unavailable
from workflows.door import Door

SOURCE = "bench"
ATTEMPTS = 4

_CRM = Actor(id="crm", role=Role.SYSTEM)
_HANDLER = Actor(id="zhang.wei", role=Role.HANDLER, department="billing")


class WholeLife:
    """Ours as one side of a comparison."""

    name = "a whole life"
    worker = "worker"
    queue = COMPLAINTS_QUEUE

    def __init__(self, client: Client, engine: Engine, masters: Masters) -> None:
        self._door = Door(client, engine, masters, builtin)
        self._engine = engine

    async def live(self, reference: str) -> Life:
        """Register one, and send it its ten commands."""
        begin = Envelope(id="c0", actor=_CRM, received_at=datetime.now(UTC), command=_registration(reference))
        sent = time.perf_counter()
        number = (await self._door.start(begin, compare=False)).number
        start = time.perf_counter() - sent
        trips: list[float] = []
        life = _life()
        command: Command | None = next(life)
        while command is not None:
            sent = time.perf_counter()
            answer = await self._send(number, f"c{len(trips) + 1}", command)
            trips.append(time.perf_counter() - sent)
            command = life.send(answer)
        assert answer.stage == Stage.CLOSED
        return Life(id=number, rows=answer.seq, start=start, trips=tuple(trips))

    async def _send(self, number: str, id_: str, command: Command) -> Answer:
        envelope = Envelope(id=id_, actor=_HANDLER, received_at=datetime.now(UTC), command=command)
        for _ in range(ATTEMPTS):
            try:
                return await self._door.execute(number, envelope)
            except Unavailable:  # on a machine that does much else; the time it takes is counted
                continue
        raise TimeoutError(f"{number} has not answered {ATTEMPTS} times")

    def count_rows(self) -> int:
        """Count the lines of the ledger."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(LedgerRow)).scalar_one()

    def faults(self, lives: Sequence[Life]) -> list[str]:
        """Every life has a ledger without gaps up to its last answer, and a row that is as new and says closed."""
        ledger = select(LedgerRow.number, func.count(), func.max(LedgerRow.seq)).group_by(LedgerRow.number)
        heads = select(ComplaintRow.number, ComplaintRow.seq, ComplaintRow.stage)
        with self._engine.connect() as connection:
            found = {number: (count, last) for number, count, last in connection.execute(ledger)}
            shown = {number: (seq, stage) for number, seq, stage in connection.execute(heads)}
        wrong = []
        for life in lives:
            if found.get(life.id) != (life.rows, life.rows):
                wrong.append(f"the ledger of {life.id} has {found.get(life.id)}, not {life.rows}")
            if shown.get(life.id) != (life.rows, Stage.CLOSED):
                wrong.append(f"the row of {life.id} shows {shown.get(life.id)}")
        return wrong


def _registration(reference: str) -> Register:
    return Register(
        source=SOURCE,
        reference=reference,
        channel=Channel.PHONE,
        customer=Customer(name="王秀英", contact="+86 138 0000 2031"),
        category="billing",
        description="三月电费比上月多了三倍,电表读数和账单对不上。",
        asked_remedy="重新抄表,退还多收的电费",
    )


def _life() -> Generator[Command | None, Answer, None]:
    """Go from intake to closed. Each command is made when the one before was answered; None is the end."""
    yield RecordFirstContact(
        listened=True,
        restated=True,
        customer_confirmed=True,
        apology_or_understanding=True,
        emotional_intensity=4,
        customer_type="grumbler",
    )
    yield Classify(category="billing", severity=Severity.HIGH, justified=Justified.YES)
    yield Assign(department="billing", handler=_HANDLER.id)
    yield RecordFindings(
        root_cause="抄表员把 4 看成了 7",
        justified=Justified.YES,
        responsible_department="metering",
        evidence="Photograph of the meter, 3 March",
    )
    prepared = yield PrepareOption(
        what="退还多收电费并免收滞纳金",
        standard="供电营业规则第八十一条",
        compensation=Money(amount_minor=30_000, currency="CNY"),
    )
    option, now = _created(prepared), datetime.now(UTC)
    yield OfferOption(option=option, customer_told=True, valid_until=now + timedelta(days=3))
    yield AcceptOption(option=option)
    planned = yield PlanAction(
        what="退款到账", kind=RemedyKind.REFUND, owner=_HANDLER.id, due_at=now + timedelta(days=2)
    )
    yield CompleteAction(action=_created(planned), evidence="Bank receipt 90-1187")
    yield RecordFollowUp(satisfied=True, score=5, words="满意,谢谢")
    yield None


def _created(answer: Answer) -> str:
    assert answer.created is not None
    return answer.created
