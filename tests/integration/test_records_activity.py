"""The recording activity: what it writes, and what it says when it cannot."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from structlog.testing import capture_logs
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.records import Records
from activities.work import Batch
from complaints import commands as c
from db.engine import make_engine
from stack.ports import LOOPBACK
from tests.integration import recorded
from tests.integration.recorded import everything, registered, write
from tests.keys import keys_of
from tests.lives import WANG_XIUYING, example


def perform(engine: Engine, batch: recorded.Batch) -> None:
    changes, policy = batch
    ActivityEnvironment().run(Records(engine, keys_of(engine)).record, Batch(changes=changes, policy=policy))


def test_a_batch_is_recorded(engine: Engine):
    life = registered()
    perform(engine, life.batches[0])
    assert len(everything(engine)["ledger"]) == len(life.events)


def test_logs_name_the_complaint_and_nobody(engine: Engine):
    with capture_logs() as logs:
        perform(engine, registered().batches[0])
    assert [line["complaint"] for line in logs] == ["hotline-2031"]
    assert str(WANG_XIUYING.name) not in str(logs)
    assert example(c.Register).description not in str(logs)


def test_a_conflict_is_tried_again_after_minutes_and_never_given_up(engine: Engine):
    write(engine, *registered().batches)
    with capture_logs() as logs, pytest.raises(ApplicationError) as failure:
        perform(engine, registered(description="Another story").batches[0])
    assert failure.value.type == "LedgerConflict"
    assert not failure.value.non_retryable
    assert failure.value.next_retry_delay is not None
    assert failure.value.next_retry_delay >= timedelta(minutes=1)
    assert [line["log_level"] for line in logs] == ["error"]


def test_a_batch_that_comes_too_early_is_tried_again(engine: Engine):
    with pytest.raises(ApplicationError) as failure:
        perform(engine, registered().send(c.RecordFirstContact).batches[1])
    assert failure.value.type == "LedgerGap"
    assert not failure.value.non_retryable


def test_a_database_that_is_away_is_tried_again():
    engine = make_engine(f"postgresql://redress:wrong@{LOOPBACK}:1/redress")
    with pytest.raises(ApplicationError) as failure:
        perform(engine, registered().batches[0])
    assert failure.value.type == "RecordingFailed"
    assert not failure.value.non_retryable
    assert "wrong" not in str(failure.value)


def test_a_failure_names_the_rule_and_not_the_row(engine: Engine):
    with engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE complaints ADD CONSTRAINT no_wang CHECK (customer_name <> '王秀英')")
        )
    with capture_logs() as logs, pytest.raises(ApplicationError) as failure:
        perform(engine, registered().batches[0])
    told = "".join(traceback.format_exception(failure.value)) + str(logs)
    assert "no_wang" in told
    assert str(WANG_XIUYING.name) not in told


def test_many_threads_share_the_engine(engine: Engine):
    lives = [registered(str(number)) for number in range(16)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda life: perform(engine, life.batches[0]), lives))
    assert len(everything(engine)["complaints"]) == len(lives)
