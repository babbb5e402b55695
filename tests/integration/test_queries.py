"""What lists and pages get to read."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.lifecycle import Stage
from complaints.records import NoticeStatus
from complaints.vocabulary import Outcome, Severity
from db import queries
from db.queries import UnreadableLedger
from tests.integration.recorded import RecordedLife, eventful, registered, write
from tests.lives import DAY, HOUR, example


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def accepted(reference: str) -> RecordedLife:
    """A complaint that somebody in billing works on."""
    return registered(reference).send(c.RecordFirstContact, c.Classify, c.Assign)


def numbers(found: list[queries.Summary]) -> list[str]:
    return [summary.number for summary in found]


def test_a_complaint_is_found_with_what_it_still_owes(engine: Engine, session: Session):
    life = eventful()
    write(engine, *life.batches)
    found = queries.find(session, "hotline-2031")
    assert found is not None
    assert (found.stage, found.round, found.severity) == (Stage.INVESTIGATION, 2, Severity.HIGH)
    assert (found.department, found.handler, found.seq) == ("billing", "zhang.wei", len(life.events))
    assert (found.satisfied, found.score) == (False, 1)
    assert found.open_escalations == len(life.state.open_escalations()) > 0
    assert found.escalations == len(life.state.escalations)
    assert found.breaches == sum(clock.breached_at is not None for clock in life.state.clocks.values()) > 0


def test_an_unknown_complaint_is_not_found(session: Session):
    assert queries.find(session, "hotline-404") is None
    assert queries.rows(session, "hotline-404") is None
    assert queries.ledger(session, "hotline-404") == []
    assert queries.policy(session, "0" * 64) is None


def test_the_next_deadline_is_listed(engine: Engine, session: Session):
    life = registered()
    write(engine, *life.batches)
    (listed,) = queries.list_complaints(session)
    assert listed.next_due_at == life.clock("first_contact").warn_at[0]  # type: ignore[arg-type]


def test_lists_are_cut_by_stage_and_department(engine: Engine, session: Session):
    fresh, in_work, closed = registered("1"), accepted("2"), accepted("3").send(c.Withdraw)
    elsewhere = accepted("4").send(c.Reassign)
    for life in (fresh, in_work, closed, elsewhere):
        write(engine, *life.batches)
    assert numbers(queries.list_complaints(session)) == [f"hotline-{n}" for n in (1, 2, 3, 4)]
    assert numbers(queries.list_complaints(session, stage=Stage.INTAKE)) == ["hotline-1"]
    assert numbers(queries.list_complaints(session, department="metering")) == ["hotline-4"]
    in_billing = queries.list_complaints(session, department="billing", stage=Stage.CLOSED)
    assert [(each.number, each.outcome) for each in in_billing] == [("hotline-3", Outcome.WITHDRAWN)]


def test_overdue_is_what_is_open_past_its_deadline(engine: Engine, session: Session):
    life = registered()
    due_at = life.clock("first_contact").due_at  # type: ignore[arg-type]
    write(engine, *life.batches)
    assert queries.list_complaints(session, overdue_at=due_at) == []
    instant_later = due_at + timedelta(microseconds=1)
    assert numbers(queries.list_complaints(session, overdue_at=instant_later)) == [life.state.number]


def test_a_missed_deadline_stays_overdue_until_the_duty_is_done(engine: Engine, session: Session):
    life = registered().pass_time(25 * HOUR)
    write(engine, *life.batches)
    session.commit()
    assert queries.list_complaints(session, overdue_at=life.now)
    done = life.send(c.RecordFirstContact)
    write(engine, done.batches[-1])
    session.commit()
    assert queries.list_complaints(session, overdue_at=life.now) == []


def test_a_clock_that_stands_still_and_an_appeal_window_owe_nothing(engine: Engine, session: Session):
    waiting, closed = accepted("1").send(c.AwaitCustomer), accepted("2").send(c.Withdraw)
    write(engine, *waiting.batches, *closed.batches)
    before_the_wait_is_over = waiting.now + 9 * DAY
    assert queries.list_complaints(session, overdue_at=before_the_wait_is_over) == []
    assert queries.list_complaints(session, stage=Stage.CLOSED, overdue_at=closed.now + 30 * DAY) == []


def test_pages_follow_one_another_without_loss(engine: Engine, session: Session):
    for reference in range(5):
        write(engine, *registered(str(reference)).batches)
    first = queries.list_complaints(session, limit=2)
    second = queries.list_complaints(session, limit=2, after=first[-1].number)
    third = queries.list_complaints(session, limit=2, after=second[-1].number)
    assert numbers(first + second + third) == [f"hotline-{n}" for n in range(5)]
    assert len(third) == 1


def test_open_escalations_are_listed_for_those_who_have_to_act(engine: Engine, session: Session):
    life = eventful()
    write(engine, *life.batches)
    listed = queries.open_escalations(session)
    assert [each.escalation for each in listed] == sorted(
        life.state.open_escalations(), key=lambda each: (each.called_at, each.id)
    )
    assert {(each.number, each.stage) for each in listed} == {("hotline-2031", Stage.INVESTIGATION)}
    assert queries.open_escalations(session, department="billing")
    assert queries.open_escalations(session, department="kitchen") == []


def test_the_outbox_holds_what_no_service_has_confirmed(engine: Engine, session: Session):
    life = eventful()
    write(engine, *life.batches, *registered("1").batches)
    held = queries.outbox(session)
    assert {each.notice.status for each in held} == {
        NoticeStatus.QUEUED,
        NoticeStatus.OUTBOX,
        NoticeStatus.FAILED,
    }
    settled = (NoticeStatus.DELIVERED, NoticeStatus.ROUTED, NoticeStatus.WITHDRAWN)
    assert len(held) == len([n for n in life.state.notices.values() if n.status not in settled])
    assert queries.outbox(session, "hotline-1") == []
    assert queries.outbox(session, "hotline-2031") == held


def test_ids_are_read_in_the_order_in_which_they_were_given(engine: Engine, session: Session):
    life = accepted("1")
    for _ in range(11):
        life.do(example(c.GiveFeedback))
    life.cut()
    write(engine, *life.batches)
    rows = queries.rows(session, "hotline-1")
    assert rows is not None
    assert list(rows.feedback) == [f"F{n}" for n in range(1, 12)]


def test_an_event_that_no_rule_could_have_written_is_named(engine: Engine, session: Session):
    write(engine, *registered().batches)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        connection.execute(text('UPDATE ledger SET fact = \'{"type": "Forgotten"}\' WHERE seq = 2'))
    with pytest.raises(UnreadableLedger) as unreadable:
        queries.ledger(session, "hotline-2031")
    assert (unreadable.value.number, unreadable.value.seq) == ("hotline-2031", 2)
