"""What was sealed for one complaint opens nowhere else, by whichever door it is brought there."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf import json_format
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.exceptions import ApplicationError

from activities.intake import Intake
from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import NotSealed, Refusal
from complaints.policy_file import builtin
from complaints.sealed import CLOSED
from complaints.vocabulary import Customer, Role
from db.keys import Keys, link
from db.search import search
from tests.integration.api import Api, complaint, problem
from tests.integration.desk import Desk, workers
from tests.integration.recorded import registered, write
from tests.keys import MASTERS, keys_of
from tests.lives import PEOPLE, example
from workflows import client as temporal
from workflows.converter import EncryptionCodec

SECRET = "the reporter is 欧阳倩倩"


def stolen(engine: Engine, number: str = "desk-victim") -> str:
    """A token of a complaint that the thief may not see."""
    return keys_of(engine).sealed(number, c.AddNote(text=SECRET)).text


def payload(data: Any) -> dict[str, Any]:
    encoded = base64.b64encode(json.dumps(data).encode()).decode()
    return {"metadata": {"encoding": base64.b64encode(b"json/plain").decode()}, "data": encoded}


async def decoded(api: Api, number: str, data: Any, role: Role) -> Any:
    """What the codec shows somebody of data that lies in a complaint's history."""
    lies = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(data).encode())
    encrypted = EncryptionCodec(MASTERS, number).encrypted(lies)
    body = json_format.MessageToDict(Payloads(payloads=[encrypted]))
    answer = await api.post("/v1/codec/decode", body, role=role)
    return json.loads(base64.b64decode(answer.json()["payloads"][0]["data"]))


async def test_the_codec_encodes_nothing_that_is_sealed_already(api: Api) -> None:
    token = stolen(api.desk.engine)
    for data in ({"number": "crm-1", "x": token}, [token], {token: 1}, {"a": {"b": ["c", f"so: {token}"]}}):
        answer = await api.post("/v1/codec/encode", {"payloads": [payload(data)]}, role=Role.LEAD)
        assert problem(answer, 422)["errors"][0]["field"].startswith("payloads.0")


async def test_the_codec_opens_only_what_is_the_complaints_own(api: Api) -> None:
    number = await api.start()
    await api.recorded(number)
    own = keys_of(api.desk.engine).sealed(number, c.AddNote(text="own words")).text
    found = await decoded(api, number, [stolen(api.desk.engine), own], Role.CUSTOMER_SERVICE)
    assert found == [CLOSED, "own words"]


async def test_whoever_may_not_see_the_reporter_is_decoded_no_token(api: Api) -> None:
    number = await api.start(confidential=True)
    await api.recorded(number)
    form = keys_of(api.desk.engine).sealed(number, c.AddNote(text=SECRET))
    found = await decoded(api, number, {"text": form.text, "stage": "intake"}, Role.SYSTEM)
    assert found == {"text": "…", "stage": "intake"}


@pytest.mark.parametrize("field", ["place", "description", "details"])
async def test_a_token_is_refused_in_whatever_field_it_comes(api: Api, field: str) -> None:
    token = stolen(api.desk.engine)
    value: Any = {"meter": token} if field == "details" else token
    answer = await api.post(
        "/v1/complaints", {**registration("http"), field: value}, role=Role.CUSTOMER_SERVICE
    )
    assert [error["field"].split(".")[0] for error in problem(answer, 422)["errors"]] == [field]


async def test_a_text_that_only_says_sealed_is_a_text(api: Api) -> None:
    number = await api.start(description="The meter was sealed: I saw it myself.")
    assert (await api.recorded(number))["registration"]["description"].startswith("The meter was sealed:")


def registration(reference: str) -> dict[str, Any]:
    return complaint(reference=f"{reference}-token")


async def test_what_was_sealed_for_another_complaint_is_no_command_here(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open()
        token = stolen(desk.engine)
        for text in (token, f"clear words and {token}", "clear words"):
            envelope = desk.envelope(c.AddNote(text=text))
            with pytest.raises(Refusal) as refused:
                await temporal.execute(desk.client, number, envelope)
            assert refused.value.rule == NotSealed.__name__


@pytest.mark.parametrize("key", ["number", "letter"])
def test_a_start_with_what_was_sealed_for_another_complaint_is_not_taken_in(engine: Engine, key: str) -> None:
    keys = Keys(engine, MASTERS)
    note = c.AddNote(text=SECRET)
    token = (keys.sealed("desk-victim", note) if key == "number" else keys.sealed_letter(note)).text
    if key == "letter":
        with Session(engine) as session:
            link(session, "desk-victim", [token.split(":")[1]])
            session.commit()
    form = example(c.Register, source="crm", reference="thief", customer=Customer(name="x", contact="y"))
    form = replace(keys.sealed_letter(form), description=token)
    envelope = Envelope(id="r", actor=PEOPLE[Role.SYSTEM], received_at=datetime.now(UTC), command=form)
    with pytest.raises(ApplicationError) as refused:
        Intake(engine, keys, builtin).take_in("crm-thief", envelope)
    assert refused.value.type == NotSealed.__name__
    with Session(engine) as session:
        assert search(session, keys.within(session), ["欧阳倩倩"]) == []


def test_what_another_complaints_key_sealed_is_not_found_under_this_one(engine: Engine) -> None:
    """A stolen token on the ledger of one's own complaint would be an oracle: one could ask for its words."""
    keys = keys_of(engine)
    life = registered("1", description=stolen(engine))
    write(engine, *life.batches)
    with Session(engine) as session:
        assert search(session, keys.within(session), ["欧阳倩倩"]) == []
