"""Complaints are started over HTTP once, however often and by however many they are sent."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from complaints.forms import Assignment, Imported
from db.start_tables import StartRow
from db.tables import LedgerRow
from tests.eventually import eventually
from tests.integration.api import (
    AUDITOR,
    CUSTOMER_SERVICE,
    DESK,
    HANDLER,
    SYSTEM,
    Api,
    complaint,
    fields,
    problem,
)

PATH = "/v1/complaints"


async def test_a_new_complaint_is_201_and_says_where_it_is(api: Api) -> None:
    body = complaint()
    answer = await api.post(PATH, body, role=DESK)
    assert answer.status_code == 201
    number = f"crm-{body['reference']}"
    assert answer.json()["number"] == number
    assert answer.headers["location"] == f"{PATH}/{number}"


async def test_the_same_complaint_again_is_200_with_the_same_body(api: Api) -> None:
    body = complaint()
    first = await api.post(PATH, body, role=DESK)
    second = await api.post(PATH, body, role=DESK)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


async def test_fifty_at_once_start_one_complaint(api: Api) -> None:
    body, headers = complaint(), {"Idempotency-Key": "burst"}
    answers = await asyncio.gather(*(api.post(PATH, body, role=DESK, headers=headers) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert len({answer.text for answer in answers}) == 1

    def check() -> None:
        with api.desk.engine.connect() as connection:
            registered = select(func.count()).where(LedgerRow.type == "Registered")
            assert connection.scalar(registered) == 1

    await eventually(check)


async def test_fifty_at_once_without_a_key_start_one_workflow(api: Api) -> None:
    body = complaint()
    answers = await asyncio.gather(*(api.post(PATH, body, role=DESK) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert len({answer.text for answer in answers}) == 1
    named = f"WorkflowId = 'crm-{body['reference']}'"

    async def check() -> None:
        assert (await api.desk.client.count_workflows(named)).count == 1

    await eventually(check)


async def test_fifty_different_ones_at_once_under_one_reference_start_one(api: Api) -> None:
    """Whoever was first counts; the others are told what differs, whichever of them that is."""
    body = complaint()
    bodies = [{**body, "place": f"floor {floor}"} for floor in range(50)]
    answers = await asyncio.gather(*(api.post(PATH, each, role=DESK) for each in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    assert all(fields(problem(each, 409)) == {"place"} for each in answers if each.status_code == 409)


async def test_another_body_under_the_same_reference_is_told_what_differs(api: Api) -> None:
    body = complaint()
    await api.post(PATH, body, role=DESK)
    other = {**body, "description": "The lights flicker.", "customer": {**body["customer"], "name": "李四"}}
    found = problem(await api.post(PATH, other, role=DESK), 409)
    assert fields(found) == {"description", "customer.name"}
    assert found["type"] == "/problems/another-body"


async def test_another_body_under_the_same_key_is_told_what_differs(api: Api) -> None:
    headers = {"Idempotency-Key": "the-same"}
    await api.post(PATH, complaint(), role=DESK, headers=headers)
    found = problem(await api.post(PATH, complaint(), role=DESK, headers=headers), 409)
    assert "reference" in fields(found)


async def test_whoever_may_not_see_a_complaint_cannot_try_names_at_it(api: Api) -> None:
    """References can be counted through; one that says which fields differ would say whose telephone number it is."""
    assigned = Assignment(department="water", handler="li.hua")
    now = datetime.now(UTC)
    past = Imported(at=now, origin="old.csv:2", assigned=assigned)
    number = await api.desk.open(
        source="crm", reference="hidden", imported=past, received_at=now - timedelta(hours=1)
    )
    await api.recorded(number)
    guess = complaint(reference="hidden", customer={"name": "李四", "contact": "138"})
    for headers in ({}, {"Idempotency-Key": "probe"}):
        answer = await api.post(PATH, guess, role=DESK, headers=headers)
        found = problem(answer, 409)
        assert (found["rule"], fields(found)) == ("AnotherBody", {"reference"})
        assert "customer" not in answer.text
    by_key = await api.post(PATH, complaint(), role=DESK, headers={"Idempotency-Key": "probe"})
    assert "customer" not in by_key.text
    told = problem(await api.post(PATH, guess, role=CUSTOMER_SERVICE), 409)
    assert "customer.name" in fields(told)


async def test_a_key_belongs_to_whoever_used_it(api: Api) -> None:
    headers = {"Idempotency-Key": "one"}
    first = await api.post(PATH, complaint(), role=DESK, headers=headers)
    second = await api.post(PATH, complaint(), role=HANDLER, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)


async def test_a_refused_complaint_leaves_its_key_free(api: Api) -> None:
    headers = {"Idempotency-Key": "free"}
    found = problem(await api.post(PATH, complaint(category="moonshine"), role=DESK, headers=headers), 409)
    assert found["rule"] == "UnknownCategory"
    assert found["possible"]
    answer = await api.post(PATH, complaint(), role=DESK, headers=headers)
    assert answer.status_code == 201


async def test_a_complaint_of_another_door_is_known_again(api: Api) -> None:
    number = await api.desk.open(source="crm", reference="by-cli")
    view = await api.desk.read(number)
    assert view.registration is not None
    body = complaint(
        reference="by-cli",
        description=view.registration.description,
        customer={"name": view.registration.customer.name, "contact": view.registration.customer.contact},
    )
    answer = await api.post(PATH, body, role=DESK)
    assert answer.status_code == 200, answer.text
    found = problem(await api.post(PATH, {**body, "place": "elsewhere"}, role=DESK), 409)
    assert fields(found) == {"place"}


async def test_clocks_start_when_it_was_received(api: Api) -> None:
    received_at = (datetime.now(UTC) - timedelta(hours=3)).replace(microsecond=0)
    number = await api.start(received_at=received_at.isoformat())
    found = await api.recorded(number)
    assert datetime.fromisoformat(found["received_at"]) == received_at


async def test_what_was_sent_is_not_kept_beside_the_complaint(api: Api) -> None:
    number = await api.start()
    with api.desk.engine.connect() as connection:
        row = connection.execute(select(StartRow.digests).where(StartRow.number == number)).scalar_one()
        kept = connection.execute(text("SELECT starts::text FROM starts")).scalars().all()
    assert "description" in row
    assert not any("电费" in each or "王秀英" in each or "+86" in each for each in kept)


async def test_a_system_starts_complaints_of_its_own_source_only(api: Api) -> None:
    found = problem(await api.post(PATH, complaint(source="hotline"), role=SYSTEM), 403)
    assert found["rule"] == "NotYourSource"


async def test_an_auditor_starts_nothing(api: Api) -> None:
    problem(await api.post(PATH, complaint(), role=AUDITOR), 403)


async def test_nobody_starts_anything_unnamed(api: Api) -> None:
    answer = await api.client.post(PATH, json=complaint())
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"source": "CRM"}, {"source"}),
        ({"reference": "a b"}, {"reference"}),
        ({"channel": "pigeon"}, {"channel"}),
        ({"description": "\u0000"}, {"description"}),
        ({"description": "x" * 4001}, {"description"}),
        ({"earlier_complaints": True}, {"earlier_complaints"}),
        ({"claim": {"amount_minor": 1e400, "currency": "CNY"}}, {"claim.amount_minor"}),
        ({"colour": "red", "customer": {"name": 7}}, {"colour", "customer.name"}),
        ({"received_at": "2026-03-01T09:00:00"}, {"received_at"}),
    ],
)
async def test_every_wrong_field_is_named(api: Api, change: dict[str, object], wrong: set[str]) -> None:
    content = json.dumps(complaint(**change)).encode()
    answer = await api.ask(
        "POST", PATH, role=DESK, content=content, headers={"Content-Type": "application/json"}
    )
    assert fields(problem(answer, 422)) >= wrong
