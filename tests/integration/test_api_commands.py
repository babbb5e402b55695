"""Commands over HTTP: the answer is the state after them, and rules that say no say what is possible."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from complaints.records import ClockName
from complaints.vocabulary import Actor, Role
from db.tables import LedgerRow
from tests.integration.api import (
    AUDITOR,
    CUSTOMER_SERVICE,
    DESK,
    EXECUTIVE,
    HANDLER,
    LEAD,
    SYSTEM,
    Api,
    fields,
    problem,
)


async def assigned(api: Api) -> str:
    """A complaint that billing investigates."""
    number = await api.start()
    await api.do(number, "RecordFirstContact", role=DESK)
    await api.do(number, "Classify", role=DESK)
    await api.do(number, "Assign", role=DESK)
    return number


async def test_the_answer_is_the_state_after_the_command(api: Api) -> None:
    number = await assigned(api)
    answer = await api.do(number, "RecordFindings", role=HANDLER)
    assert answer["stage"] == "solution"
    assert "FindingsRecorded" in answer["facts"]


async def test_the_answer_names_what_was_created(api: Api) -> None:
    number = await assigned(api)
    answer = await api.do(number, "SummonDepartments")
    assert answer["created"] == ["S1", "S2"]


async def test_the_same_key_acts_once_and_is_answered_alike(api: Api) -> None:
    number = await api.start()
    headers = {"Idempotency-Key": "note-1"}
    first = await api.send(number, "AddNote", headers=headers)
    second = await api.send(number, "AddNote", headers=headers)
    assert first.json() == second.json()
    await api.recorded(number, first.json()["seq"])
    acted = [each for each in api.desk.recorded_commands(number) if str(each).startswith("note-1")]
    assert len(acted) == 1


@pytest.mark.parametrize("other", [{"text": "another note"}, {"role": LEAD}])
async def test_another_request_under_the_same_key_is_409_and_does_not_act(
    api: Api, other: dict[str, Any]
) -> None:
    number = await api.start()
    headers = {"Idempotency-Key": "note-1"}
    first = await api.send(number, "AddNote", headers=headers)
    found = problem(await api.send(number, "AddNote", headers=headers, **other), 409)
    assert found["rule"] == "KeyReused"
    assert (await api.recorded(number, first.json()["seq"]))["seq"] == first.json()["seq"]


async def test_a_key_whose_command_was_refused_is_free_again(api: Api) -> None:
    number = await api.start()
    headers = {"Idempotency-Key": "k"}
    problem(await api.send(number, "RecordFindings", role=HANDLER, headers=headers), 409)
    assert (await api.send(number, "AddNote", role=HANDLER, headers=headers)).status_code == 200


async def test_a_broken_rule_is_409_with_what_is_possible(api: Api) -> None:
    number = await api.start()
    found = problem(await api.send(number, "RecordFindings", role=HANDLER), 409)
    assert found["rule"] == "FirstContactMissing"
    assert found["type"] == "/problems/first-contact-missing"
    assert found["possible"] == ["record_first_contact"]


async def test_a_command_received_earlier_is_judged_by_then(api: Api) -> None:
    number = await api.start(received_at=(datetime.now(UTC) - timedelta(hours=1)).isoformat())
    earlier = (datetime.now(UTC) - timedelta(minutes=30)).replace(microsecond=0)
    await api.do(number, "RecordFirstContact", role=DESK, headers={"Received-At": earlier.isoformat()})
    found = await api.recorded(number, 7)
    clock = next(c for c in found["clocks"].values() if c["name"] == ClockName.FIRST_CONTACT)
    assert datetime.fromisoformat(clock["settled_at"]) == earlier


async def test_an_instant_without_offset_is_refused(api: Api) -> None:
    answer = await api.send("crm-1", "AddNote", headers={"Received-At": "2026-03-01T09:00:00"})
    assert fields(problem(answer, 422)) == {"Received-At"}


async def test_who_acts_on_an_old_sequence_is_412(api: Api) -> None:
    number = await api.start()
    seen = (await api.recorded(number))["seq"]
    await api.do(number, "AddNote")
    answer = await api.send(number, "AddNote", headers={"If-Match": f'"{seen}"'})
    assert problem(answer, 412)["rule"] == "MovedOn"


async def test_of_two_who_act_on_the_same_sequence_one_does(api: Api) -> None:
    number = await api.start()
    read = await api.get(f"/v1/complaints/{number}")
    headers = {"If-Match": read.headers["etag"]}
    answers = await asyncio.gather(
        *(api.send(number, "AddNote", headers=headers, text=f"by {n}") for n in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_fifty_times_the_same_at_once_acts_once(api: Api) -> None:
    number = await api.start()
    headers = {"Idempotency-Key": "burst"}
    answers = await asyncio.gather(*(api.send(number, "AddNote", headers=headers) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    await api.recorded(number, answers[0].json()["seq"])
    with api.desk.engine.connect() as connection:
        added = select(func.count()).where(LedgerRow.number == number, LedgerRow.type == "NoteAdded")
        assert connection.scalar(added) == 1


async def test_the_tag_of_an_answer_is_good_for_the_next_command(api: Api) -> None:
    number = await api.start()
    answer = await api.send(number, "AddNote")
    again = await api.send(number, "AddNote", headers={"If-Match": answer.headers["etag"]})
    assert again.status_code == 200


async def test_an_unknown_complaint_is_404(api: Api) -> None:
    problem(await api.send("crm-unknown", "AddNote"), 404)


async def test_a_complaint_out_of_reach_is_404(api: Api) -> None:
    number = await assigned(api)
    await api.recorded(number, 10)
    stranger = Actor(id="wu.gang", role=Role.HANDLER, department="metering")
    problem(await api.send(number, "AddNote", actor=stranger), 404)


async def test_a_department_that_was_asked_may_answer(api: Api) -> None:
    number = await assigned(api)
    asked = await api.do(number, "RequestVerification", role=HANDLER)
    await api.recorded(number, asked["seq"])
    asked_one = Actor(id="sun.hao", role=Role.HANDLER, department="metering")
    answer = await api.send(number, "AnswerVerification", actor=asked_one, verification=asked["created"][0])
    assert answer.status_code == 200, answer.text


async def test_another_system_does_not_see_it(api: Api) -> None:
    number = await api.start()
    problem(await api.send(number, "AddNote", actor=Actor(id="hotline", role=Role.SYSTEM)), 404)


async def test_an_act_of_another_role_is_403(api: Api) -> None:
    number = await api.start()
    found = problem(await api.send(number, "Classify", role=SYSTEM), 403)
    assert found["rule"] == "NotYourRole"
    assert "add_note" in found["possible"]


async def test_an_auditor_sends_no_command(api: Api) -> None:
    number = await api.start()
    problem(await api.send(number, "AddNote", role=AUDITOR), 403)


async def test_registering_twice_by_command_is_refused(api: Api) -> None:
    number = await api.start()
    found = problem(await api.send(number, "Register", role=CUSTOMER_SERVICE), 409)
    assert found["rule"] == "AlreadyRegistered"


# --- conveniences


async def test_feedback_is_given_by_its_own_address(api: Api) -> None:
    number = await assigned(api)
    body = {"message": "还没有进展", "channel": "phone"}
    answer = await api.post(f"/v1/complaints/{number}/feedback", body, role=HANDLER)
    assert "FeedbackGiven" in answer.json()["facts"]


async def test_satisfaction_before_its_time_is_refused_by_the_rules(api: Api) -> None:
    number = await api.start()
    answer = await api.post(f"/v1/complaints/{number}/satisfaction", {"satisfied": True}, role=HANDLER)
    assert problem(answer, 409)["rule"] == "FirstContactMissing"


async def test_what_the_address_says_is_no_field_of_the_body(api: Api) -> None:
    body = {"type": "GiveFeedback", "message": "x", "channel": "phone"}
    answer = await api.post("/v1/complaints/crm-1/feedback", body)
    assert fields(problem(answer, 422)) == {"type"}


# --- escalations


async def test_an_escalation_waits_for_whom_it_is_meant(api: Api) -> None:
    number = await assigned(api)
    raised = await api.do(number, "Escalate", role=HANDLER)
    await api.recorded(number, raised["seq"])
    mine = (await api.get("/v1/escalations", role=CUSTOMER_SERVICE)).json()["escalations"]
    assert [(each["number"], each["escalation"]["id"]) for each in mine] == [(number, "E1")]
    assert (await api.get("/v1/escalations", role=EXECUTIVE)).json()["escalations"] == []
    all_of_them = (await api.get("/v1/escalations?mine=false", role=EXECUTIVE)).json()["escalations"]
    assert len(all_of_them) == 1


async def test_an_escalation_is_acknowledged_and_resolved(api: Api) -> None:
    number = await assigned(api)
    await api.do(number, "Escalate", role=HANDLER)
    path = f"/v1/complaints/{number}/escalations/E1"
    acknowledged = await api.post(f"{path}/acknowledge", {})
    assert "EscalationAcknowledged" in acknowledged.json()["facts"]
    resolved = await api.post(f"{path}/resolve", {"resolution": "Talked to both."})
    assert "EscalationResolved" in resolved.json()["facts"]


async def test_an_unknown_escalation_is_refused_by_the_rules(api: Api) -> None:
    number = await assigned(api)
    answer = await api.post(f"/v1/complaints/{number}/escalations/E9/decline", {"reason": "not ours"})
    assert problem(answer, 409)["rule"] == "UnknownItem"


async def test_an_escalation_is_handed_on(api: Api) -> None:
    number = await assigned(api)
    await api.do(number, "Escalate", role=HANDLER)
    body = {"department": "metering", "reason": "It is their meter."}
    answer = await api.post(f"/v1/complaints/{number}/escalations/E1/reassign", body)
    assert answer.status_code in (200, 409), answer.text


# --- many at once


async def test_each_of_many_commands_is_answered_by_itself(api: Api) -> None:
    number = await api.start()
    note = {"type": "AddNote", "text": "x"}
    body = {
        "commands": [
            {"number": number, "command": note},
            {"number": "crm-unknown", "command": note},
            {"number": number, "command": {"type": "AddNote", "text": 7}},
            {"number": number, "command": {"type": "Reopen", "reason": "x"}},
            {"number": number, "command": note},
        ]
    }
    results = (await api.post("/v1/commands", body)).json()["results"]
    assert [each["status"] for each in results] == [200, 404, 422, 409, 200]
    assert results[4]["answer"]["seq"] > results[0]["answer"]["seq"]
    assert fields(results[2]["problem"]) == {"command.text"}


async def test_many_commands_sent_again_act_once(api: Api) -> None:
    number = await api.start()
    body = {"commands": [{"number": number, "command": {"type": "AddNote", "text": "x"}}] * 3}
    headers = {"Idempotency-Key": "batch"}
    first = await api.post("/v1/commands", body, headers=headers)
    second = await api.post("/v1/commands", body, headers=headers)
    assert first.json() == second.json()
    await api.recorded(number, first.json()["results"][2]["answer"]["seq"])
    acted = [str(each).partition(".r-")[0] for each in api.desk.recorded_commands(number)[1:]]
    assert acted == ["batch.0", "batch.1", "batch.2"]
