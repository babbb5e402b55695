"""The Python client against the real API: a complaint from its start to a file that is removed again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.examples import COMPLAINT
from redress_client import AsyncRedress, Redress, errors, models
from tests.eventually import eventually
from tests.integration.desk import Desk, workers
from tests.integration.served_files import Guest, served

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
AS = {"X-As": "customer_service:liu.min@service"}


@pytest_asyncio.fixture(loop_scope="session")
async def guest(desk: Desk, tmp_path: Path) -> AsyncIterator[Guest]:
    async with workers(desk), served(desk, tmp_path / "files") as guest:
        yield guest


@pytest_asyncio.fixture(loop_scope="session")
async def redress(guest: Guest) -> AsyncIterator[AsyncRedress]:
    async with AsyncRedress(str(guest.http.base_url), headers=AS) as redress:
        yield redress


def complaint(reference: str, **fields: Any) -> models.NewComplaint:
    return models.NewComplaint.model_validate({**COMPLAINT, "reference": reference, **fields})


async def test_a_complaint_is_started_acted_on_and_read(guest: Guest, redress: AsyncRedress) -> None:
    started = await redress.start_complaint(complaint("life"))
    guest.desk.opened.append(started.number)
    again = await redress.start_complaint(complaint("life"))
    assert again == started
    answer = await redress.send_command(
        started.number, models.AddNote(text="客户耳背"), received_at=datetime.now(UTC)
    )
    assert answer.facts == ["NoteAdded"]
    found = await redress.read_complaint(started.number, min_seq=answer.seq)
    assert (found.stage, found.seq) == ("intake", answer.seq)
    assert found.registration
    assert found.registration.description == COMPLAINT["description"]
    assert [event.seq async for event in redress.timeline(started.number)] == list(range(1, answer.seq + 1))


async def test_a_refusal_is_an_exception_with_the_rule(guest: Guest, redress: AsyncRedress) -> None:
    started = await redress.start_complaint(complaint("refused"))
    guest.desk.opened.append(started.number)
    with pytest.raises(errors.RuleBroken) as refused:
        await redress.send_command(started.number, models.Reopen(reason="too early"))
    assert refused.value.rule == "FirstContactMissing"
    assert refused.value.possible == ["record_first_contact"]
    with pytest.raises(errors.MovedOn):
        await redress.send_command(started.number, models.AddNote(text="late"), expected_seq=1)
    with pytest.raises(errors.AnotherBody):
        await redress.start_complaint(complaint("refused", description="something else"))
    with pytest.raises(errors.NotFound):
        await redress.read_complaint("crm-none")


async def test_several_commands_are_answered_each_by_itself(guest: Guest, redress: AsyncRedress) -> None:
    started = await redress.start_complaint(complaint("bulk"))
    guest.desk.opened.append(started.number)
    note, reopen = models.AddNote(text="a"), models.Reopen(reason="b")
    items = [models.BulkItem(number=started.number, command=each) for each in (note, reopen)]
    found = (await redress.send_commands(items)).results
    assert [each.status for each in found] == [200, 409]
    assert found[1].problem
    assert found[1].problem.rule == "FirstContactMissing"


async def test_a_file_goes_up_comes_down_and_goes_away(
    guest: Guest, redress: AsyncRedress, tmp_path: Path
) -> None:
    number = await guest.desk.open()
    path = tmp_path / "读数.png"
    path.write_bytes(PNG)
    file = await redress.attach_file(number, path)
    assert (file.file_name, file.media_type) == ("读数.png", "image/png")
    assert await redress.get_attachment(number, file.id) == PNG
    with pytest.raises(errors.WrongKind) as refused:
        await redress.attach_file(number, PNG, file_name="a.pdf", media_type="application/pdf")
    assert "image/png" in refused.value.possible
    assert (await redress.remove_file(number, file.id, reason="附错了")).removed_by == "liu.min"

    async def listed() -> None:
        assert [each.reason for each in (await redress.list_attachments(number)).attachments] == ["附错了"]

    await eventually(listed)
    with pytest.raises(errors.NotFound):
        await redress.get_attachment(number, file.id)


async def test_escalations_are_found_and_answered(guest: Guest, redress: AsyncRedress) -> None:
    started = await redress.start_complaint(complaint("escalated"))
    guest.desk.opened.append(started.number)
    answer = await redress.send_command(started.number, models.Escalate(reason="媒体要来"))
    assert answer.created
    await redress.read_complaint(started.number, min_seq=answer.seq)
    waiting = [each async for each in redress.escalations() if each.number == started.number]
    assert [each.escalation.id for each in waiting] == answer.created
    await redress.acknowledge_escalation(started.number, answer.created[0])
    done = await redress.resolve_escalation(started.number, answer.created[0], resolution="已回电")
    assert "EscalationResolved" in done.facts


async def test_rules_people_and_health_are_read(redress: AsyncRedress) -> None:
    assert (await redress.list_policies()).otherwise == "default"
    assert (await redress.read_org()).members == []
    assert (await redress.livez()).alive
    assert (await redress.readyz()).ready


async def test_the_blocking_client_does_the_same(guest: Guest) -> None:
    def work() -> tuple[str, list[str]]:
        with Redress(str(guest.http.base_url), headers=AS) as redress:
            started = redress.start_complaint(complaint("blocking"))
            answer = redress.send_command(started.number, models.AddNote(text="a"))
            redress.read_complaint(started.number, min_seq=answer.seq)
            redress.attach_file(started.number, PNG, file_name="a.png")
            return started.number, [line.number for line in redress.complaints(source="crm")]

    number, listed = await asyncio.to_thread(work)
    guest.desk.opened.append(number)
    assert number in listed
