"""Batches come twice, at once, late and with gaps; the records end up as the one life that was lived."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.changes import head
from complaints.policy import PauseRule, fingerprint, text_of
from complaints.policy_file import builtin
from complaints.records import ClockName, Move
from complaints.vocabulary import Customer, PauseOwner, Role
from db import queries
from db.records import LedgerConflict, LedgerGap, record
from db.rows import SECTIONS
from db.tables import ComplaintRow, LedgerRow
from tests.integration.recorded import Batch, RecordedLife, eventful, everything, registered, write
from tests.lives import DAY, HOUR, days, renewed, with_clock


@pytest.mark.parametrize("section", SECTIONS)
def test_an_eventful_life_fills_every_table(section: str):
    assert getattr(eventful().state, section)


def test_every_record_comes_back_as_it_was(engine: Engine):
    life = eventful()
    write(engine, *life.batches)
    with Session(engine) as session:
        rows = queries.rows(session, life.state.number)
        ledger = queries.ledger(session, life.state.number)
        policy = queries.policy(session, fingerprint(builtin()))
        again = queries.state(session, life.state.number)
    assert rows is not None
    assert rows.head == head(life.state)
    for field in fields(rows):
        if field.name in SECTIONS:
            assert getattr(rows, field.name) == getattr(life.state, field.name)
    assert ledger == life.events
    assert policy is not None
    assert fingerprint(policy) == fingerprint(builtin())
    assert again is not None
    assert replace(again, policy=life.state.policy) == life.state


def test_a_life_in_one_batch_leaves_the_same_rows(engine: Engine):
    life = eventful()
    assert write(engine, life.whole()) == len(life.events)
    once = everything(engine)
    write(engine, *life.batches)
    assert everything(engine) == once


def test_chinese_text_survives(engine: Engine):
    life = registered(description="电表读数和账单对不上\n“三倍”——龘𠮷🙏", customer=Customer(name="王秀英"))
    write(engine, *life.batches)
    with engine.connect() as connection:
        query = "SELECT c.description, c.customer_name, l.fact ->> 'description' FROM complaints c JOIN ledger l USING (number) WHERE l.seq = 1"
        written = "电表读数和账单对不上\n“三倍”——龘𠮷🙏"
        assert connection.execute(text(query)).one() == (written, "王秀英", written)


def test_the_same_batch_twice_leaves_the_same_rows(engine: Engine):
    life = eventful()
    write(engine, *life.batches)
    once = everything(engine)
    assert write(engine, life.batches[-1]) == 0
    assert everything(engine) == once


def test_an_older_batch_again_overwrites_nothing_newer(engine: Engine):
    life = eventful()
    write(engine, *life.batches)
    once = everything(engine)
    assert write(engine, *reversed(life.batches)) == 0
    assert everything(engine) == once


def test_a_batch_waits_for_the_one_before_it(engine: Engine):
    first, second, third = registered().send(c.RecordFirstContact, c.Classify).batches
    write(engine, first)
    once = everything(engine)
    with pytest.raises(LedgerGap, match="hotline-2031"):
        write(engine, third)
    assert everything(engine) == once
    write(engine, second, third)
    assert len(everything(engine)["ledger"]) == third[0].head.seq


def test_a_batch_of_an_unknown_complaint_waits_for_the_first(engine: Engine):
    _, second = registered().send(c.RecordFirstContact).batches
    with pytest.raises(LedgerGap):
        write(engine, second)
    assert not everything(engine)["ledger"]


def test_a_batch_that_begins_with_what_is_recorded_adds_the_rest(engine: Engine):
    life = registered().send(c.RecordFirstContact, c.Classify)
    write(engine, *life.batches[:2])
    recorded = life.batches[1][0].head.seq
    assert write(engine, life.whole()) == len(life.events) - recorded
    with Session(engine) as session:
        assert queries.ledger(session, life.state.number) == life.events


def test_writers_that_race_with_the_same_batches_leave_one_life(engine: Engine):
    life, writers = (
        registered().send(c.RecordFirstContact, c.Escalate, c.Classify, c.Assign, c.GiveFeedback),
        4,
    )
    start = Barrier(writers)

    def race(_: int) -> int:
        written = 0
        for batch in life.batches:
            start.wait(timeout=30)
            written += write(engine, batch)
        return written

    with ThreadPoolExecutor(writers) as pool:
        written = list(pool.map(race, range(writers)))
    assert sum(written) == len(life.events)
    raced = everything(engine)
    with Session(engine) as session:
        assert queries.ledger(session, life.state.number) == life.events
    assert [len(raced[name]) for name in SECTIONS] == [len(getattr(life.state, name)) for name in SECTIONS]


def test_complaints_that_race_to_be_the_first_of_a_policy_share_it(engine: Engine):
    lives = [registered(str(reference)) for reference in range(8)]
    start = Barrier(len(lives))

    def race(batch: Batch) -> int:
        start.wait(timeout=30)
        return write(engine, batch)

    with ThreadPoolExecutor(len(lives)) as pool:
        assert all(pool.map(race, [life.batches[0] for life in lives]))
    assert len(everything(engine)["policies"]) == 1
    assert len(everything(engine)["complaints"]) == len(lives)


def test_a_second_history_of_one_number_is_a_conflict_and_changes_nothing(engine: Engine):
    write(engine, *registered().batches)
    once = everything(engine)
    other = registered(description="Another story").send(c.RecordFirstContact)
    with pytest.raises(LedgerConflict) as conflict:
        write(engine, other.whole())
    assert (conflict.value.number, conflict.value.seq) == ("hotline-2031", 1)
    assert everything(engine) == once


def test_a_batch_that_does_not_follow_the_recorded_one_is_a_conflict(engine: Engine):
    life = registered()
    write(engine, *life.batches)
    once = everything(engine)
    other = registered(description="Another story").send(c.RecordFirstContact)
    with pytest.raises(LedgerConflict) as conflict:
        write(engine, other.batches[1])
    assert conflict.value.seq == life.state.seq
    assert everything(engine) == once


def test_a_complaint_needs_the_policy_it_is_pinned_to(engine: Engine):
    first, _ = registered().batches[0]
    with pytest.raises(IntegrityError, match="policy_sha256"):
        write(engine, (first, None))
    with pytest.raises(IntegrityError, match="policy_sha256"):
        write(engine, (first, text_of(replace(builtin(), rejections_before_mediation=7))))


def test_a_later_complaint_finds_the_policy_of_an_earlier_one(engine: Engine):
    write(engine, *registered("1").batches)
    first, _ = registered("2").batches[0]
    write(engine, (first, None))
    with Session(engine) as session:
        assert session.scalars(select(ComplaintRow.policy_sha256)).all() == [fingerprint(builtin())] * 2


def test_one_reference_of_a_source_is_one_complaint(engine: Engine):
    write(engine, *registered().batches)
    twin = registered()
    batch = replace(twin.batches[0][0], head=replace(twin.batches[0][0].head, number="hotline-other"))
    with pytest.raises(IntegrityError, match="complaints_source_reference_key"):
        write(engine, (batch, text_of(builtin())))


def test_what_is_not_committed_is_not_recorded(engine: Engine):
    life = registered()
    with Session(engine) as session:
        record(session, *life.batches[0])
    with Session(engine) as session:
        assert session.scalars(select(LedgerRow)).all() == []


def test_a_clock_that_starts_while_others_stand_still_is_recorded_after_a_late_reply(engine: Engine):
    """The promise breaks during the wait, and then a reply turns up that was received before that."""
    rule = PauseRule(stops=(ClockName.ACKNOWLEDGEMENT,), at_most=days(10))
    policy = replace(builtin(), pauses={PauseOwner.CUSTOMER: rule})
    life = RecordedLife(policy=policy, number="hotline-2031")
    life.send(c.Register, c.RecordFirstContact, c.Classify, c.Assign, c.MakePromise, c.AwaitCustomer)
    asked_at = life.now
    life.pass_time(DAY).send(c.CustomerReplied, received_at=asked_at + HOUR)
    clock = life.clock(ClockName.ACKNOWLEDGEMENT)
    assert clock.due_at == clock.started_at + 4 * HOUR
    assert write(engine, *life.batches) == len(life.events)


def test_a_complaint_that_was_migrated_is_rebuilt_with_both_policies(engine: Engine):
    other = renewed(with_clock(ClockName.OVERALL, budget=days(40)))
    life = registered().send(c.RecordFirstContact, c.Classify, c.Assign)
    life.do(
        c.MigratePolicy(policy=text_of(other), approver="li.na", reason="New rules"),
        role=Role.CUSTOMER_SERVICE,
    )
    life.cut()
    life.send(c.RecordFindings)
    write(engine, *life.batches)
    with Session(engine) as session:
        again = queries.state(session, life.state.number)
        recorded = session.scalars(select(ComplaintRow.policy_sha256)).all()
    assert again is not None
    assert fingerprint(again.policy) == fingerprint(other)
    assert replace(again, policy=life.state.policy) == life.state
    assert recorded == [fingerprint(other)]
    assert len(everything(engine)["policies"]) == 2


def test_every_move_of_a_deadline_is_recorded(engine: Engine):
    life = eventful()
    write(engine, *life.batches)
    with Session(engine) as session:
        rows = queries.rows(session, life.state.number)
    assert rows is not None
    moved = {key: clock.adjustments for key, clock in rows.clocks.items() if clock.adjustments}
    assert {move.why for moves in moved.values() for move in moves} == {Move.RESUMED, Move.EXTENDED}
