"""Complaints found again: by words, by likeness, by customer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.likeness import Gist, tokens
from complaints.policy import Policy
from complaints.policy_file import builtin
from complaints.records import Verdict
from complaints.vocabulary import Customer, Outcome
from db import history
from db import search as in_search
from db import similar as in_similar
from db.blind import words_in
from db.key_tables import SaidRow
from db.search import Found
from db.similar import gist_of
from tests.integration.recorded import RecordedLife, registered, write
from tests.keys import keys_for
from tests.lives import DAY, HOUR, NOBODY_KNOWN, WANG_XIUYING, example


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def search(session: Session, words: list[str], **how: Any) -> list[Found]:
    return in_search.search(session, keys_for(session), words, **how)


def similar(session: Session, gist: Gist, **how: Any) -> list[in_similar.Alike]:
    return in_similar.similar(session, keys_for(session), gist, **how)


def recorded_gist(session: Session, number: str) -> Gist | None:
    return in_similar.recorded_gist(session, keys_for(session), number)


def earlier(session: Session, contact: str, **how: Any) -> list[history.Earlier]:
    return history.earlier(session, keys_for(session), contact, **how)


def count_earlier(session: Session, contact: str, **how: Any) -> int:
    return history.count_earlier(session, keys_for(session), contact, **how)


def with_history(session: Session, form: c.Register, policy: Policy, **how: Any) -> c.Register:
    return history.with_history(session, keys_for(session), form, policy, **how)


def customer(contact: str | None) -> Customer:
    return Customer(name="王秀英", contact=contact)


def outage(
    reference: str, description: str = "昨晚小区停电六个小时，冰箱坏了", **fields: Any
) -> RecordedLife:
    return registered(reference, category="outage", description=description, asked_remedy=None, **fields)


def found_out(reference: str) -> RecordedLife:
    """A complaint that was investigated: the meter reader took a 4 for a 7."""
    life = registered(reference).send(c.RecordFirstContact, c.Classify, c.Assign, c.RecordFindings)
    return life.send(c.PrepareOption)


def numbers(found: list[Found]) -> list[str]:
    return [each.number for each in found]


# --- words


@pytest.mark.parametrize(
    "said",
    [
        "电表读数和账单对不上。",
        "The meters of our customers are wrong, GLASS broke",
        "Tür geöffnet 滨江Riverside小区３号楼",
        "漏",
        "メーターが壊れた",
        "……",
        "𠀀𠀁",
    ],
)
def test_the_index_has_all_words_that_the_rules_compare(said: str):
    assert tokens(said) <= words_in(said)


def test_a_complaint_is_found_by_what_the_customer_said_in_chinese_and_english(
    engine: Engine, session: Session
):
    write(engine, *outage("1").batches, *outage("2", "The power was off for six hours.").batches)
    assert numbers(search(session, ["停电"])) == ["hotline-1"]
    assert numbers(search(session, ["POWER", "hour"])) == ["hotline-2"]
    assert search(session, ["停水"]) == []


def test_it_is_found_by_what_was_found_out_and_offered(engine: Engine, session: Session):
    write(engine, *found_out("1").batches, *registered("2").batches)
    (by_cause,) = search(session, ["看成"])
    assert (by_cause.number, by_cause.field, by_cause.passage) == (
        "hotline-1",
        "root_cause",
        "抄表员把 4 看成了 7",
    )
    assert numbers(search(session, ["滞纳金"])) == ["hotline-1"]
    assert numbers(search(session, ["photograph"])) == ["hotline-1"]


def test_those_with_most_of_the_words_come_first_wherever_they_stand(engine: Engine, session: Session):
    write(engine, *registered("2").batches, *found_out("1").batches)
    assert numbers(search(session, ["电费", "抄表员"])) == ["hotline-1", "hotline-2"]
    assert [each.words for each in search(session, ["电费", "抄表员"])] == [2, 1]


def test_a_phrase_that_nobody_wrote_is_found_by_its_parts(engine: Engine, session: Session):
    write(engine, *registered("1").batches, *outage("2").batches)
    assert numbers(search(session, ["电费账单"])) == ["hotline-1"]


def test_a_single_character_is_found_in_any_word(engine: Engine, session: Session):
    write(engine, *outage("1", "变压器漏油").batches, *outage("2").batches)
    assert numbers(search(session, ["漏"])) == ["hotline-1"]


def test_what_holds_no_word_finds_nothing(engine: Engine, session: Session):
    write(engine, *outage("1").batches)
    assert search(session, ["……", "!"]) == []


def test_found_ones_are_cut_by_end_category_and_outcome(engine: Engine, session: Session):
    withdrawn = registered("1").send(c.Withdraw)
    write(engine, *withdrawn.batches, *registered("2").batches, *outage("3", "停电，电费照收").batches)
    assert numbers(search(session, ["电费"], over=True)) == ["hotline-1"]
    assert numbers(search(session, ["电费"], category="outage")) == ["hotline-3"]
    assert numbers(search(session, ["电费"], outcome=Outcome.WITHDRAWN)) == ["hotline-1"]
    assert search(session, ["电费"], outcome=Outcome.DECLINED) == []


def test_who_may_see_a_confidential_reporter_is_known(engine: Engine, session: Session):
    write(engine, *outage("1", confidential=True).batches, *outage("2").batches)
    hidden, shown = sorted(search(session, ["停电"]), key=lambda each: each.number)
    assert not hidden.reporter.shown_to(None)
    assert hidden.reporter.shown_to(builtin().reporter_seen_by[0])
    assert shown.reporter.shown_to(None)


def test_the_index_answers(engine: Engine, session: Session):
    write(engine, *outage("1").batches)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    query = select(SaidRow.number).where(keys_for(session).blind.has_words("停电"))
    sql = query.compile(engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(session.scalars(text(f"EXPLAIN {sql}")))
    assert "said_words_idx" in plan


# --- likeness


def test_a_likely_duplicate_is_found_with_its_reasons(engine: Engine, session: Session):
    write(
        engine,
        *registered("1").batches,
        *outage("2").batches,
        *registered("3", customer=customer("x@y.cn")).batches,
    )
    again = example(
        c.Register, description="三月电费多了三倍，读数和账单对不上", customer=customer("13800002031")
    )
    gist = gist_of(again, builtin(), registered("9").now + DAY)
    found = similar(session, gist, besides="hotline-9")
    assert [each.number for each in found] == ["hotline-1"]
    assert {"same customer", "1 day apart"} <= {reason.en for reason in found[0].likeness.reasons}


def test_a_complaint_is_no_duplicate_of_itself_nor_of_one_that_was_merged(engine: Engine, session: Session):
    merged = registered("2").send(c.LinkDuplicate)
    write(engine, *registered("1").batches, *merged.batches)
    gist = recorded_gist(session, "hotline-1")
    assert gist is not None
    assert similar(session, gist, besides="hotline-1") == []
    assert recorded_gist(session, "hotline-404") is None


def test_the_same_words_are_found_under_another_category(engine: Engine, session: Session):
    write(engine, *registered("1", category="service").batches)
    gist = replace(gist_of(example(c.Register), builtin(), registered("1").now), contact=None)
    assert [each.number for each in similar(session, gist, besides="hotline-2")] == ["hotline-1"]


def test_a_confidential_reporter_is_compared_by_words_alone(engine: Engine, session: Session):
    write(engine, *registered("1", confidential=True).batches)
    found = similar(session, gist_of(example(c.Register), builtin(), registered("1").now), besides="")
    assert [each.number for each in found] == ["hotline-1"]
    assert "same customer" not in {reason.en for reason in found[0].likeness.reasons}
    hidden = gist_of(example(c.Register, confidential=True), builtin(), registered("1").now)
    assert hidden.contact is None
    everyone = replace(builtin(), confidential=True)
    assert gist_of(example(c.Register), everyone, registered("1").now).contact is None


def test_all_clocks_of_a_merged_complaint_are_settled(engine: Engine, session: Session):
    merged = registered("1").pass_time(30 * HOUR).send(c.LinkDuplicate)
    write(engine, *merged.batches)
    clocks = merged.state.clocks.values()
    assert {clock.verdict for clock in clocks} == {Verdict.BREACHED, Verdict.VOID}, (
        "what was missed stays missed"
    )
    assert all(not clock.is_open for clock in clocks)
    assert merged.state.open_escalations() == []
    still_open = "SELECT count(*) FROM clocks WHERE settled_at IS NULL"
    assert session.scalar(text(still_open)) == 0


# --- history


def test_what_a_customer_complained_of_before_is_listed_with_its_cost(engine: Engine, session: Session):
    life = found_out("1")
    life.send(c.OfferOption, c.AcceptOption)
    write(engine, *life.batches, *outage("2", customer=customer("138-0000-2031")).batches)
    write(engine, *outage("3", customer=customer("other@x.cn")).batches)
    known = earlier(session, "+86 13800002031", than=life.now + 9 * DAY, besides="hotline-9")
    assert {each.number: dict(each.cost) for each in known} == {"hotline-1": {"CNY": 30000}, "hotline-2": {}}
    assert [
        each.number for each in earlier(session, "13800002031", than=life.now + DAY, besides="hotline-1")
    ] == ["hotline-2"]


def test_what_came_later_is_no_history(engine: Engine, session: Session):
    life = registered("1")
    write(engine, *life.batches)
    assert count_earlier(session, "13800002031", than=life.now, besides="") == 0
    assert count_earlier(session, "13800002031", than=life.now + HOUR, besides="") == 1


def test_a_merged_complaint_counts_once(engine: Engine, session: Session):
    write(engine, *registered("1").batches, *registered("2").send(c.LinkDuplicate).batches)
    assert count_earlier(session, "13800002031", than=registered("1").now + DAY, besides="") == 1


def filled_in(session: Session, life: RecordedLife, **fields: Any) -> int:
    form = example(c.Register, **{"customer": WANG_XIUYING, **fields})
    policy = fields.pop("policy", builtin())
    return with_history(session, form, policy, number="x", received_at=life.now + DAY).earlier_complaints


def test_the_door_counts_earlier_complaints_and_takes_the_larger_number(engine: Engine, session: Session):
    life = registered("1")
    write(engine, *life.batches, *outage("2").batches)
    assert filled_in(session, life) == 2
    assert filled_in(session, life, earlier_complaints=5) == 5
    assert filled_in(session, life, customer=customer("new@x.cn")) == 0


def test_confidential_and_anonymous_reporters_have_no_history_that_is_counted(
    engine: Engine, session: Session
):
    life = registered("1")
    write(engine, *life.batches, *outage("2", confidential=True).batches)
    write(engine, *outage("3", customer=NOBODY_KNOWN).batches)
    assert filled_in(session, life) == 1
    assert filled_in(session, life, confidential=True) == 0
    assert filled_in(session, life, customer=NOBODY_KNOWN) == 0
    everyone = replace(builtin(), confidential=True)
    form = example(c.Register)
    assert with_history(session, form, everyone, number="x", received_at=life.now + DAY) == form
