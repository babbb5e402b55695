"""How values travel: encrypted whole, readable with our key alone, and never the reason a workflow stands still."""

import base64

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from complaints.commands import Envelope, Register
from complaints.policy import text_of
from complaints.policy_file import builtin
from complaints.vocabulary import Role
from db.masters import Masters
from db.masters import read as read_masters
from tests.lives import MONDAY, PEOPLE, example
from workflows.complaint import Start
from workflows.converter import EncryptionCodec, data_converter, generate_key

KEY = bytes(range(32))
REGISTRATION = Envelope(
    id="c1",
    actor=PEOPLE[Role.SYSTEM],
    received_at=MONDAY,
    command=example(Register),
)
START = Start(number="hotline-2031", policy=text_of(builtin()), registration=REGISTRATION)


async def test_what_comes_back_equals_what_was_sent() -> None:
    converter = data_converter(Masters([KEY]))
    payloads = await converter.encode([START])
    assert await converter.decode(payloads, [Start]) == [START]


async def test_nothing_of_a_value_can_be_read_on_the_way() -> None:
    (payload,) = await data_converter(Masters([KEY])).encode([START])
    written = payload.SerializeToString()
    for word in ("王秀英", "138 0000 2031", "电表", "hotline-2031", "json/plain"):
        assert word.encode() not in written


async def test_the_same_value_is_never_written_the_same_way_twice() -> None:
    converter = data_converter(Masters([KEY]))
    first, second = await converter.encode(["same", "same"])
    assert first.data != second.data


async def test_a_failure_keeps_its_type_and_hides_its_words() -> None:
    converter = data_converter(Masters([KEY]))
    failure = Failure()
    await converter.encode_failure(
        ApplicationError("王秀英 is not at home", type="FirstContactMissing"), failure
    )
    assert failure.application_failure_info.type == "FirstContactMissing"
    assert "王秀英".encode() not in failure.SerializeToString()
    decoded = await converter.decode_failure(failure)
    assert "王秀英 is not at home" in str(decoded)


async def test_what_is_not_encrypted_passes_through() -> None:
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"x"')
    assert await EncryptionCodec(Masters([KEY])).decode([plain]) == [plain]


async def test_what_another_key_wrote_stays_as_it_is() -> None:
    """Raising would fail the task instead of the one message, again and again, and hold up the complaint."""
    foreign = await EncryptionCodec(Masters([generate_key()])).encode([Payload(data=b"x")])
    assert await EncryptionCodec(Masters([KEY])).decode(foreign) == foreign
    cut_short = [Payload(metadata=foreign[0].metadata, data=b"123")]
    assert await EncryptionCodec(Masters([KEY])).decode(cut_short) == cut_short


async def test_what_another_key_wrote_is_not_taken_for_a_value() -> None:
    foreign = await data_converter(Masters([generate_key()])).encode([START])
    with pytest.raises(KeyError, match="binary/encrypted"):
        await data_converter(Masters([KEY])).decode(foreign, [Start])


async def test_an_altered_payload_is_not_taken_for_a_value() -> None:
    converter = data_converter(Masters([KEY]))
    (payload,) = await converter.encode(["refund 100"])
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    with pytest.raises(KeyError, match="binary/encrypted"):
        await converter.decode([payload], [str])


def test_a_new_key_can_be_written_down_and_read() -> None:
    key = generate_key()
    assert read_masters(base64.b64encode(key).decode()).all == (key,)


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", base64.b64encode(bytes(33)).decode(), "*" * 44])
def test_a_wrong_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_masters(text)
