"""One batch for the records: what changed since the last one, and nothing else."""

from complaints import commands as c
from complaints.changes import changes, head
from complaints.lifecycle import Stage
from complaints.policy import fingerprint
from complaints.policy_file import builtin
from complaints.vocabulary import Outcome, PauseOwner
from tests.lives import DAY, at_stage, example


def test_the_first_batch_is_everything() -> None:
    life = at_stage(Stage.INTAKE)
    batch = changes(life.born, life.state, life.events)
    assert batch.events == tuple(life.events)
    assert {clock.key for clock in batch.clocks} == set(life.state.clocks)


def test_a_batch_has_only_the_rows_that_changed() -> None:
    life = at_stage(Stage.SOLUTION)
    before = life.state
    brought = life.do(example(c.MakePromise, life))
    batch = changes(before, life.state, brought)
    assert [promise.id for promise in batch.promises] == ["P1"]
    assert [clock.key for clock in batch.clocks] == ["promise/1"]
    assert not batch.options
    assert not batch.notices


def test_a_pause_changes_the_clocks_that_it_stops_and_no_others() -> None:
    life = at_stage(Stage.SOLUTION)
    before = life.state
    brought = life.do(example(c.AwaitCustomer))
    batch = changes(before, life.state, brought)
    assert {clock.key for clock in batch.clocks} == {"solution/1", "overall/1", "feedback/1", "waiting/1"}


def test_nothing_changed_is_no_rows() -> None:
    life = at_stage(Stage.SOLUTION)
    batch = changes(life.state, life.state, ())
    assert (batch.clocks, batch.options, batch.events) == ((), (), ())


def test_the_head_sums_the_complaint_up() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.AwaitCustomer, owner=PauseOwner.VENDOR))
    top = head(life.state)
    assert (top.source, top.reference, top.asked_remedy) == ("hotline", "2031", "重新抄表,退还多收的电费")
    assert (top.pause_owner, top.paused_since) == (PauseOwner.VENDOR, life.now)
    assert (top.policy_name, top.policy_version) == ("default", "2")
    assert top.policy_sha256 == fingerprint(builtin())
    assert (top.seq, top.hash) == (life.state.seq, life.events[-1].hash)
    assert top.satisfied is None


def test_the_head_has_the_latest_word_of_the_customer() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.RecordFollowUp, satisfied=False, score=1))
    assert (head(life.state).satisfied, head(life.state).score) == (False, 1)
    life.to(Stage.CLOSED).wait(DAY)
    top = head(life.state)
    assert (top.satisfied, top.score, top.round, top.outcome) == (True, 5, 2, Outcome.RESOLVED)
