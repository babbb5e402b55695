"""Reading over HTTP: from the records, as fresh as asked for, and to everybody their own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from complaints.vocabulary import Actor, Role
from tests.integration.api import AUDITOR, DESK, HANDLER, LEAD, SYSTEM, Api, fields, problem, served
from tests.integration.staff import member, take_on
from tests.integration.test_api_commands import assigned


async def test_a_complaint_is_read_as_soon_as_it_is_started(api: Api) -> None:
    number = await api.start()
    answer = await api.get(f"/v1/complaints/{number}")
    assert answer.status_code == 200
    assert answer.json()["stage"] == "intake"


async def test_the_tag_is_the_sequence(api: Api) -> None:
    number = await api.start()
    answer = await api.get(f"/v1/complaints/{number}?min_seq=1")
    assert answer.headers["etag"] == f'"{answer.json()["as_of"]["seq"]}"'


async def test_clocks_say_how_much_time_is_left(api: Api) -> None:
    number = await api.start()
    found = (await api.get(f"/v1/complaints/{number}?min_seq=1")).json()
    clock = next(each for each in found["clocks"].values() if each["name"] == "first_contact")
    left = datetime.fromisoformat(clock["due_at"]) - datetime.now(UTC)
    assert timedelta(seconds=abs(clock["seconds_left"] - left.total_seconds())) < timedelta(seconds=5)


async def test_what_may_be_done_next_says_by_whom_and_whether_by_you(api: Api) -> None:
    number = await api.start()

    async def you(act: str, role: Role) -> bool:
        found = (await api.get(f"/v1/complaints/{number}", role=role)).json()
        return next(bool(each["you"]) for each in found["may"] if each["act"] == act)

    assert await you("classify", DESK)
    assert not await you("classify", SYSTEM)
    assert not await you("add_note", AUDITOR)


async def test_a_reader_who_asks_for_a_sequence_gets_at_least_that(api: Api) -> None:
    number = await api.start()
    seq = (await api.do(number, "AddNote"))["seq"]
    answer = await api.get(f"/v1/complaints/{number}?min_seq={seq}")
    assert answer.json()["as_of"]["seq"] >= seq
    assert answer.json()["as_of"]["source"] == "records"


async def test_an_event_that_has_not_happened_is_409(api: Api) -> None:
    number = await api.start()
    found = problem(await api.get(f"/v1/complaints/{number}?min_seq=1000"), 409)
    assert found["type"] == "/problems/no-such-event"


async def test_an_unknown_complaint_is_404_whatever_is_asked_of_it(api: Api) -> None:
    for path in ("", "?min_seq=3", "/timeline"):
        problem(await api.get(f"/v1/complaints/crm-unknown{path}"), 404)


async def test_a_complaint_of_another_department_is_404(api: Api) -> None:
    number = await assigned(api)
    await api.recorded(number, 10)
    stranger = Actor(id="wu.gang", role=Role.LEAD, department="metering")
    for path in ("", "/timeline"):
        problem(await api.get(f"/v1/complaints/{number}{path}", actor=stranger), 404)
    assert (await api.get(f"/v1/complaints/{number}", role=LEAD)).status_code == 200


# --- confidential reporters


@pytest_asyncio.fixture(loop_scope="session")
async def strict(api: Api) -> AsyncIterator[Api]:
    """The same, under a policy that shows confidential reporters to few."""
    async with served(api.desk, policy="power-utility") as strict:
        yield strict


async def test_a_confidential_reporter_is_shown_to_the_named_roles_only(strict: Api) -> None:
    number = await strict.start(confidential=True)
    await strict.recorded(number)
    path = f"/v1/complaints/{number}"
    hidden = [await strict.get(path, role=HANDLER), await strict.get(f"{path}/timeline", role=HANDLER)]
    for answer in hidden:
        assert answer.json()["hidden"]
        assert "王秀英" not in answer.text
        assert "138 0000" not in answer.text
    shown = (await strict.get(path)).json()
    assert not shown["hidden"]
    assert shown["registration"]["customer"]["name"] == "王秀英"


async def test_a_confidential_reporter_is_hidden_before_it_is_recorded_as_well(strict: Api) -> None:
    number = await strict.start(confidential=True)
    answer = await strict.get(f"/v1/complaints/{number}", role=HANDLER)
    assert "王秀英" not in answer.text


async def test_what_a_confidential_reporter_said_is_found_by_the_named_roles_only(strict: Api) -> None:
    number = await strict.start(confidential=True, description="The zebra bit me.")
    await strict.recorded(number)
    assert await numbers(strict, "?text=zebra") == [number]
    assert await numbers(strict, "?text=zebra", role=HANDLER) == []


# --- timeline


async def test_the_timeline_is_read_page_by_page(api: Api) -> None:
    number = await assigned(api)
    await api.recorded(number, 10)
    events: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = (await api.get(f"/v1/complaints/{number}/timeline?after={after}&limit=4")).json()
        events += page["events"]
        after = page["next_after"]
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert all(b["previous"] == a["hash"] for a, b in itertools.pairwise(events))


# --- lists


async def numbers(api: Api, query: str, *, role: Role = Role.CUSTOMER_SERVICE) -> list[str]:
    answer = await api.get(f"/v1/complaints{query}", role=role)
    assert answer.status_code == 200, answer.text
    return [each["number"] for each in answer.json()["complaints"]]


async def several(api: Api, count: int = 5) -> list[str]:
    """Complaints that came in an hour after each other, the first one first."""
    first = datetime.now(UTC) - timedelta(hours=20)
    started = [
        await api.start(received_at=(first + timedelta(hours=n)).isoformat(), place=f"branch {n}")
        for n in range(count)
    ]
    for number in started:
        await api.recorded(number)
    return started


@pytest.mark.parametrize("sort", ["received_at", "-received_at", "next_due_at", "-next_due_at", "severity"])
async def test_pages_together_are_the_whole_list_whatever_comes_in_meanwhile(api: Api, sort: str) -> None:
    started = await several(api)
    whole = await numbers(api, f"?sort={sort}")
    assert sorted(whole) == sorted(started)
    paged: list[str] = []
    cursor = ""
    while True:
        page = (await api.get(f"/v1/complaints?sort={sort}&limit=2{cursor}")).json()
        paged += [each["number"] for each in page["complaints"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        if len(paged) == 2:
            early = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
            await api.recorded(await api.start(received_at=early))
    assert [number for number in paged if number in whole] == whole


async def test_lists_are_narrowed_by_what_is_asked(api: Api) -> None:
    a, b, c = await several(api, 3)
    await api.recorded(b, (await api.do(b, "ChangeSeverity"))["seq"])
    assert await numbers(api, "?severity=critical") == [b]
    assert await numbers(api, "?stage=closed&stage=ended") == []
    assert await numbers(api, "?stage=intake&overdue=true") == await numbers(api, "?overdue=true")
    assert await numbers(api, "?category=outage") == []
    assert await numbers(api, "?text=电表") == [a, b, c]
    received = (await api.get(f"/v1/complaints/{b}")).json()["received_at"]
    assert await numbers(api, f"?received_from={received}") == [b, c]
    assert await numbers(api, f"?received_to={received}") == [a]


async def test_a_department_lists_its_own_and_what_is_nobodys(api: Api) -> None:
    own = await assigned(api)
    nobodys = await api.start()
    await api.recorded(own, 10)
    await api.recorded(nobodys)
    theirs = await api.get("/v1/complaints", actor=Actor(id="wu.gang", role=Role.LEAD, department="metering"))
    assert [each["number"] for each in theirs.json()["complaints"]] == [nobodys]
    assert sorted(await numbers(api, "", role=LEAD)) == sorted([own, nobodys])
    hotline = await api.get("/v1/complaints", actor=Actor(id="hotline", role=Role.SYSTEM))
    assert hotline.json()["complaints"] == []


async def test_what_is_listed_can_be_read_and_the_rest_cannot(api: Api) -> None:
    summoned = await assigned(api)
    asked = await assigned(api)
    apart = await assigned(api)
    ends = [
        await api.do(summoned, "SummonDepartments"),
        await api.do(asked, "RequestVerification", role=HANDLER),
        await api.do(apart, "AddNote"),
    ]
    for answer in ends:
        await api.recorded(answer["number"], answer["seq"])
    metering = Actor(id="sun.hao", role=Role.HANDLER, department="metering")
    listed = (await api.get("/v1/complaints", actor=metering)).json()["complaints"]
    assert {each["number"] for each in listed} == {summoned, asked}
    statuses = {
        number: (await api.get(f"/v1/complaints/{number}", actor=metering)).status_code
        for number in (summoned, asked, apart)
    }
    assert statuses == {summoned: 200, asked: 200, apart: 404}


@pytest.mark.parametrize("cursor", ["x", "AAAA", "", "%00", "eyJ9", "a" * 1000])
async def test_a_cursor_that_was_not_given_out_is_refused(api: Api, cursor: str) -> None:
    found = problem(await api.get(f"/v1/complaints?cursor={cursor}"), 404)
    assert found["rule"] == "UnknownCursor"


async def test_a_filter_that_is_spelt_wrong_is_refused(api: Api) -> None:
    assert fields(problem(await api.get("/v1/complaints?stagee=intake"), 422)) == {"stagee"}


# --- rules and people


async def test_a_policy_that_ships_is_read_by_its_name(api: Api) -> None:
    answer = await api.get("/v1/policies/power-utility")
    assert answer.json()["policy"]["name"] == "power-utility"
    assert (await api.get("/v1/policies")).json()["otherwise"] == "default"


async def test_a_policy_that_a_complaint_is_pinned_to_is_read_by_its_fingerprint(api: Api) -> None:
    found = await api.recorded(await api.start())
    answer = await api.get(f"/v1/policies/{found['policy_sha256'][:12]}")
    assert answer.json()["sha256"] == found["policy_sha256"]


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e%2fdefault", "a" * 120, "%00", "default@99", "é"])
async def test_a_policy_that_is_not_there_is_404(api: Api, name: str) -> None:
    problem(await api.get(f"/v1/policies/{name}"), 404)


async def test_the_organisation_never_says_how_people_are_reached(api: Api) -> None:
    take_on(api.desk.engine, member("li.na", Role.LEAD))
    answer = await api.get("/v1/org", role=HANDLER)
    (found,) = answer.json()["members"]
    assert found["id"] == "li.na"
    assert "targets" not in found


# --- health


async def test_a_process_that_can_serve_is_ready(api: Api) -> None:
    assert (await api.client.get("/livez")).json() == {"alive": True}
    answer = await api.client.get("/readyz")
    assert answer.json() == {"ready": True, "missing": {}}
