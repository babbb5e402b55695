"""What is personal in a command, how it is sealed, and what stays readable."""

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints.personal import is_clear, refuse_tokens, sealed
from complaints.scoring import Facts, heard_in, score
from complaints.sealed import has_sealed, is_sealed, keys_in, opened, token
from complaints.vocabulary import Customer
from complaints.wire import Malformed, parse, plain
from tests.lives import Life, example

TOKEN = token("crm-1", "A" * 40)


def seal(text: str) -> str:
    """Stand in for a key: turns letters around, so that a test can turn them back."""
    return token("crm-1", text.encode().hex().rjust(40, "0"))


def unseal(_key: str, data: str) -> str:
    return bytes.fromhex(
        data.lstrip("0").rjust(len(data.lstrip("0")) + len(data.lstrip("0")) % 2, "0")
    ).decode()


@pytest.mark.parametrize("kind", c.COMMANDS.values(), ids=c.COMMANDS)
def test_whatever_people_write_is_sealed_and_opens_again(kind: type) -> None:
    command = example(kind)
    closed = sealed(command, seal)
    assert not is_clear(closed)
    assert opened(plain(closed), unseal) == plain(command)


@pytest.mark.parametrize("kind", c.COMMANDS.values(), ids=c.COMMANDS)
def test_a_sealed_command_is_as_well_formed_as_a_clear_one(kind: type) -> None:
    closed = sealed(example(kind), seal)
    assert parse(kind, plain(closed)) == closed


def test_a_customer_is_sealed_wherever_they_are_named() -> None:
    form = replace(
        example(c.Register),
        customer=Customer(name="王秀英", contact="138", account="6222 0000", language="zh-CN"),
        details={"meter": "A-17"},
    )
    closed = sealed(form, seal)
    assert has_sealed(str(closed.customer.name))
    assert has_sealed(str(closed.customer.account))
    assert has_sealed(closed.details["meter"])
    assert (closed.customer.language, closed.category, closed.reference) == ("zh-CN", "billing", "2031")


def test_what_is_sealed_is_not_sealed_again() -> None:
    once = sealed(example(c.AddNote), seal)
    assert sealed(once, seal) == once


def test_an_improvement_outlives_the_customer_and_stays_readable() -> None:
    command = example(c.RaiseImprovement)
    assert sealed(command, seal) == command


def test_a_token_from_outside_is_refused_with_its_field() -> None:
    form = replace(example(c.Register), customer=Customer(name=TOKEN, contact="138"))
    with pytest.raises(Malformed) as refused:
        refuse_tokens(form)
    assert [problem.field for problem in refused.value.problems] == ["customer.name"]


def test_a_clear_text_is_measured_in_letters_and_a_token_by_itself() -> None:
    with pytest.raises(Malformed, match="at most 4000 characters"):
        parse(c.AddNote, {"text": "字" * 4001})
    long = token("crm-1", "A" * 20_000)
    assert parse(c.AddNote, {"text": long}).text == long


def test_a_token_is_found_inside_a_sentence() -> None:
    sentence = f"approved because {TOKEN}, by the lead"
    assert not is_sealed(sentence)
    assert keys_in({"why": [sentence]}) == {"crm-1"}
    assert opened(sentence, lambda *_: "she paid") == "approved because she paid, by the lead"


def test_what_a_door_heard_counts_as_if_the_words_could_be_read() -> None:
    policy = Life().state.policy
    clear = replace(example(c.Register), description="我要打12315，找记者曝光")
    heard = heard_in(policy, clear.description)
    assert heard
    read = Facts(category="billing", text=clear.description)
    assert score(policy, read) == score(policy, replace(read, text="", heard=heard))


def test_a_sealed_complaint_is_as_severe_as_a_clear_one() -> None:
    life = Life()
    said = replace(example(c.Register), description="我要打12315，找记者曝光")
    closed = sealed(replace(said, heard=heard_in(life.state.policy, said.description)), seal)
    clear, dark = Life(), Life()
    clear.do(said)
    dark.do(closed)
    assert clear.state.severity == dark.state.severity
    assert [type(e.fact) for e in clear.events] == [type(e.fact) for e in dark.events]


def test_chance_words_inside_a_token_are_not_heard() -> None:
    groups = Life().state.policy.severity.words.values()
    word = next(word for group in groups for word in group.words if word.isascii() and word.isalpha())
    plain_life, chance = Life(), Life()
    plain_life.do(replace(example(c.Register), description="x"))
    chance.do(replace(example(c.Register), description=token("crm-1", f"{'A' * 40}-{word}-")))
    assert chance.state.severity == plain_life.state.severity
