"""Ten thousand malformed bodies, over every route that takes one: no fault of ours, and nothing is stored.

They are the same in every run. REDRESS_FUZZ_REQUESTS=100000 sends as many others.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select, union_all

from complaints.vocabulary import Role
from db.all_tables import Table
from tests.integration.malformed import Target, broken, targets
from tests.integration.real_api import RealApi
from tests.lives import PEOPLE

REQUESTS = int(os.environ.get("REDRESS_FUZZ_REQUESTS", "10000"))
AT_ONCE = 20
JSON = {"Content-Type": "application/json"}

fuzz = settings(
    max_examples=REQUESTS // AT_ONCE,
    derandomize="REDRESS_FUZZ_REQUESTS" not in os.environ,
    deadline=None,
    database=None,
    phases=(
        Phase.generate,
    ),  # what fails is shown as it was sent; to make it smaller takes longer than to read it
    suppress_health_check=list(HealthCheck),
)


@dataclass
class World:
    """The API with one complaint, and what was stored before anything malformed came."""

    api: RealApi
    number: str
    targets: list[Target]
    before: Counter[str]

    async def stored(self) -> Counter[str]:
        """Count the rows of every table, and the workflows."""
        tables = Table.metadata.sorted_tables
        query = union_all(*(select(literal(each.name), func.count()).select_from(each) for each in tables))
        with self.api.desk.engine.connect() as connection:
            found = Counter({str(row[0]): int(row[1]) for row in connection.execute(query)})
        found["workflows"] = (await self.api.desk.client.count_workflows()).count
        return found

    async def send(self, target: Target, body: bytes) -> httpx.Response:
        headers = {**self.api.headers(PEOPLE[Role.CUSTOMER_SERVICE]), **JSON}
        return await self.api.client.post(target.path, content=body, headers=headers)


@pytest_asyncio.fixture(loop_scope="session")
async def world(real_api: RealApi) -> AsyncIterator[World]:
    number = await real_api.start()
    await real_api.recorded(number, 2)
    document = (await real_api.client.get("/openapi.json")).json()
    values = {"number": number, "escalation": "E1", "attachment": "F1", "name": "wh-1"}
    world = World(real_api, number, targets(document, values), Counter())
    world.before = await world.stored()
    yield world


@fuzz
@given(data=st.data())
async def test_malformed_bodies_are_refused_and_store_nothing(world: World, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(broken(world.targets), min_size=AT_ONCE, max_size=AT_ONCE))
    answers = await asyncio.gather(*(world.send(target, body) for target, body in drawn))
    for (target, body), answer in zip(drawn, answers, strict=True):
        assert _is_refused(target, answer), f"{target.path} {body!r}: {answer.status_code} {answer.text}"
    assert await world.stored() == world.before


def _is_refused(target: Target, answer: httpx.Response) -> bool:
    """Each of several commands is answered by itself."""
    if target.is_bulk and answer.status_code == httpx.codes.OK:
        return {each["status"] for each in answer.json()["results"]} <= {422, 404}
    return answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and bool(answer.json()["errors"])
