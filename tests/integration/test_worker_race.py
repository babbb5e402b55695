"""A hundred and fifty commands at once on one complaint: each acts once or is refused, and all agree on which."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import Refusal
from complaints.records import ClockName
from complaints.vocabulary import Role
from tests.integration.desk import Desk, workers
from tests.lives import example


async def test_150_commands_at_once_act_once_each_or_not_at_all(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open()
        await desk.do(number, c.Escalate)
        notes = [desk.envelope(example(c.AddNote, text=f"note {i}"), command_id=f"n{i}") for i in range(90)]
        rivals = [
            desk.envelope(example(c.ChangeSeverity, reason=f"reason {i}"), command_id=f"s{i}")
            for i in range(20)
        ]
        claims = [
            desk.envelope(example(c.AcknowledgeEscalation), role=Role.CUSTOMER_SERVICE, command_id=f"k{i}")
            for i in range(20)
        ]
        crowd: list[Envelope] = [*notes, *notes[:20], *rivals, *claims]
        assert len(crowd) == 150
        outcomes = await asyncio.gather(
            *(desk.send(number, envelope, within=60) for envelope in crowd), return_exceptions=True
        )
        faults = [o for o in outcomes if isinstance(o, BaseException) and not isinstance(o, Refusal)]
        assert faults == []
        accepted = {
            envelope.id
            for envelope, outcome in zip(crowd, outcomes, strict=True)
            if not isinstance(outcome, Refusal)
        }
        view = await desk.agrees(number)
    assert Counter(desk.recorded_commands(number)) == Counter([*accepted, "registration", "c1"])
    assert {note.id for note in notes} <= accepted
    assert len([name for name in accepted if name.startswith("s")]) == 1
    assert len([name for name in accepted if name.startswith("k")]) == 1
    assert [e.acknowledged_by for e in view.escalations.values()] == ["liu.min"]


async def test_the_same_command_from_fifty_senders_acts_once(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open()
        envelope = desk.envelope(example(c.MakePromise, due_at=(await desk.first_contact(number)).due_at))
        later = [replace(envelope, received_at=envelope.received_at) for _ in range(50)]
        answers = await asyncio.gather(*(desk.send(number, each) for each in later))
        assert {answer.created for answer in answers} == {"P1"}
        view = await desk.agrees(number)
    assert [k.subject for k in view.clocks.values() if k.name == ClockName.PROMISE] == ["P1"]
