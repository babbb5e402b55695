"""What a subscriber gets, from receivers that fail, hang, refuse and come back. Time is the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from activities.webhooks.addresses import Addresses
from complaints.patience import GIVE_UP_AFTER, LONGEST_WAIT, SPARED_AFTER
from complaints.webhooks import AttemptOutcome, Progress, WebhookDraft, WebhookStatus
from db import webhook_queue as queue
from db.engine import make_engine
from db.webhook_queue import ATTEMPTS_KEPT
from tests.eventually import eventually_sync
from tests.integration.recorded import RecordedLife, eventful, registered, write
from tests.integration.webhook_world import SERVICE, Got, Receiver, Reply, World, receiving
from tests.lives import WANG_XIUYING

SOON = timedelta(milliseconds=300)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def world(engine: Engine, receiver: Receiver) -> World:
    return World(engine, receiver)


def recorded(world: World, *references: str) -> list[RecordedLife]:
    """Complaints that have just come in, written down."""
    lives = [registered(reference) for reference in references or ("2031",)]
    write(world.engine, *(batch for life in lives for batch in life.batches))
    return lives


def seqs(life: RecordedLife) -> list[int]:
    return [event.seq for event in life.events]


# --- what is sent


def test_all_events_arrive_in_order(world: World):
    world.subscribe()
    life = eventful()
    write(world.engine, *life.batches)
    world.pump().step()
    assert world.receiver.seqs(life.state.number) == seqs(life)


def test_a_signature_is_verified_by_the_library_that_receivers_use(engine: Engine, receiver: Receiver):
    world = World(engine, receiver)
    _, secret = world.desk.create(SERVICE, WebhookDraft(url=f"{receiver.address}/hook"))
    recorded(world)
    world.pump(now=lambda: datetime.now(UTC)).step()
    for got in receiver.accepted:
        assert Webhook(secret).verify(got.body, dict(got.headers))["id"] == got.headers["webhook-id"]


def test_after_a_rotation_both_secrets_verify_for_a_day(engine: Engine, receiver: Receiver):
    world = World(engine, receiver)
    world.clock.now = datetime.now(UTC)
    subscription, old = world.desk.create(SERVICE, WebhookDraft(url=f"{receiver.address}/hook"))
    new = world.desk.rotate(SERVICE, subscription.id)[1]
    recorded(world)
    world.pump().step()
    got = receiver.accepted[0]
    for secret in (old, new):
        Webhook(secret).verify(got.body, dict(got.headers))


def test_a_day_after_a_rotation_only_the_new_secret_signs(world: World):
    subscription = world.subscribe()
    world.desk.rotate(SERVICE, subscription.id)
    world.clock.advance(timedelta(hours=25))
    recorded(world)
    world.pump().step()
    assert " " not in world.receiver.accepted[0].headers["webhook-signature"]


def test_what_is_sent_is_a_cloud_event_in_structured_mode(world: World):
    world.subscribe()
    recorded(world)
    world.pump().step()
    got = world.receiver.accepted[0]
    assert got.headers["content-type"].startswith("application/cloudevents+json")
    assert got.json["specversion"] == "1.0"
    assert got.json["id"] == "hotline-2031/1"
    assert got.json["source"] == "/redress/complaints/hotline-2031"
    assert got.json["type"] == "org.redress.complaint.Registered.v1"
    assert got.json["subject"] == "hotline-2031"
    assert got.json["time"] == "2026-03-02T01:00:00Z"


def test_nothing_that_is_sent_or_logged_says_who_complains_or_where_it_goes(world: World):
    world.subscribe(url=f"{world.receiver.address}/hook?token=S3CRET")
    life = eventful()
    write(world.engine, *life.batches)
    with capture_logs() as logs:
        world.pump().step()
    said = b"".join(got.body for got in world.receiver.got).decode()
    for word in (str(WANG_XIUYING.name), str(WANG_XIUYING.contact), "电费比上月", "抄表员把", "Photograph"):
        assert word not in said
        assert word not in str(logs)
    assert "S3CRET" not in str(logs)
    assert logs


# --- receivers that do not accept


def test_what_failed_is_sent_again_in_order_until_it_is_accepted(world: World):
    world.subscribe()
    [life] = recorded(world)
    replies = iter([500, 502, 503])
    world.receiver.answer = lambda _: Reply(next(replies, 200))
    pump = world.pump()
    for _ in range(3):
        assert pump.step() == 1
        world.wait_for_retry()
    pump.step()
    assert world.receiver.seqs("hotline-2031") == seqs(life)
    assert [got.id for got in world.receiver.got[:4]] == ["hotline-2031/1"] * 4


def test_an_event_that_is_refused_holds_up_its_own_complaint_only(world: World):
    world.subscribe()
    _, other = recorded(world, "1", "2")
    world.receiver.answer = lambda got: Reply(400 if got.id == "hotline-1/2" else 200)
    world.pump().step()
    assert world.receiver.seqs("hotline-1") == [1]
    assert world.receiver.seqs("hotline-2") == seqs(other)


def test_waits_grow_up_to_an_hour(world: World):
    subscription = world.subscribe()
    recorded(world)
    world.receiver.answer = lambda _: Reply(500)
    pump = world.pump()
    at: list[datetime] = []
    while len(at) < 12:
        if pump.step():
            at.append(world.clock.now)
        world.clock.advance(timedelta(seconds=5))
    waits = [after - before for before, after in pairwise(at)]
    assert waits[0] == timedelta(seconds=5)
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    assert world.deliveries(subscription)[-1].attempts == 12


@pytest.mark.parametrize(
    ("reply", "outcome", "status"),
    [
        (Reply(302, {"Location": "/elsewhere"}), AttemptOutcome.REDIRECTED, 302),
        (Reply(404), AttemptOutcome.REJECTED, 404),
        (Reply(429), AttemptOutcome.SLOW_DOWN, 429),
        (Reply(503), AttemptOutcome.FAILED, 503),
        (Reply(hang=True), AttemptOutcome.TIMED_OUT, None),
        (Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n"), AttemptOutcome.GARBLED, None),
        (Reply(raw=b"HTTP/1.1 999999 \x00\r\n\r\n"), AttemptOutcome.GARBLED, None),
        (Reply(raw=b""), AttemptOutcome.GARBLED, None),
    ],
)
def test_what_came_of_an_attempt_is_in_the_log(
    world: World, reply: Reply, outcome: AttemptOutcome, status: int
):
    subscription = world.subscribe()
    recorded(world)
    world.receiver.answer = lambda _: reply
    world.pump(answer_within=SOON).step()
    [attempt] = world.deliveries(subscription)[-1].log
    assert (attempt.outcome, attempt.status) == (outcome, status)
    assert world.receiver.accepted == []
    assert all(got.path == "/hook" for got in world.receiver.got)


def test_an_answer_is_judged_by_its_status_however_long_it_goes_on(world: World):
    world.subscribe()
    [life] = recorded(world)
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + b"x" * 100_000
    world.receiver.answer = lambda _: Reply(raw=endless)
    world.pump(answer_within=SOON).step()
    assert [got.id for got in world.receiver.got] == [f"hotline-2031/{seq}" for seq in seqs(life)]


def test_a_receiver_that_is_not_there_is_tried_again(engine: Engine):
    with receiving() as receiver:
        world = World(engine, receiver)
        subscription = world.subscribe()
        recorded(world)
    world.pump().step()
    assert world.deliveries(subscription)[-1].log[0].outcome == AttemptOutcome.UNREACHABLE


def test_an_answer_of_gone_disables_the_subscription(world: World):
    subscription = world.subscribe()
    recorded(world, "1")
    world.receiver.answer = lambda _: Reply(410)
    world.pump().step()
    shown = world.desk.show(SERVICE, subscription.id)
    assert (shown.status, shown.why) == (WebhookStatus.DISABLED, "the receiver answered 410 Gone")
    recorded(world, "2")
    world.wait_for_retry()
    assert world.pump().step() == 0
    assert world.deliveries(subscription, number="hotline-2") == []


def test_what_waited_is_sent_when_a_disabled_subscription_goes_on(world: World):
    subscription = world.subscribe()
    [life] = recorded(world)
    world.receiver.answer = lambda _: Reply(410)
    world.pump().step()
    world.receiver.answer = lambda _: Reply(200)
    world.desk.resume(SERVICE, subscription.id)
    world.pump().step()
    assert world.receiver.seqs("hotline-2031") == seqs(life)


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_time_is_left_alone_as_a_whole(world: World, status: int):
    world.subscribe()
    recorded(world, "1")
    world.receiver.answer = lambda _: Reply(status, {"Retry-After": "600"})
    pump = world.pump()
    pump.step()
    recorded(world, "2")
    world.clock.advance(timedelta(seconds=599))
    assert pump.step() == 0
    world.receiver.answer = lambda _: Reply(200)
    world.clock.advance(timedelta(seconds=1))
    pump.step()
    assert len(set(world.receiver.ids)) == len(world.receiver.ids) > 2


def test_nobody_is_left_alone_for_longer_than_an_hour_at_a_time(world: World):
    world.subscribe()
    recorded(world)
    world.receiver.answer = lambda _: Reply(503, {"Retry-After": "86400"})
    pump = world.pump()
    pump.step()
    world.clock.advance(timedelta(hours=1))
    assert pump.step() == 1


def test_a_receiver_that_is_down_is_tried_with_one_event_at_a_time(world: World):
    world.subscribe()
    recorded(world, *(str(n) for n in range(30)))
    world.receiver.answer = lambda _: Reply(500)
    pump = world.pump()
    pump.step()
    tried = len(world.receiver.got)
    assert SPARED_AFTER <= tried < SPARED_AFTER + 8
    world.clock.advance(timedelta(minutes=5))
    assert pump.step() == 1


def test_a_receiver_that_is_back_gets_everything_at_once(world: World):
    world.subscribe()
    lives = recorded(world, *(str(n) for n in range(10)))
    world.receiver.answer = lambda _: Reply(500)
    pump = world.pump()
    for _ in range(12):
        pump.step()
        world.clock.advance(timedelta(minutes=5))
    world.receiver.answer = lambda _: Reply(200)
    world.clock.advance(timedelta(minutes=5))
    pump.step()
    assert len(world.receiver.ids) == sum(len(life.events) for life in lives)


# --- three days


def test_an_event_that_is_refused_for_three_days_is_parked_and_the_next_one_goes(world: World):
    subscription = world.subscribe()
    [life] = recorded(world)
    began = world.clock.now
    world.receiver.answer = lambda got: Reply(400 if got.id == "hotline-2031/1" else 200)
    pump = world.pump()
    while world.clock.now - began < GIVE_UP_AFTER:
        pump.step()
        assert world.receiver.accepted == []
        world.wait_for_retry()
    pump.step()
    assert world.receiver.seqs("hotline-2031") == seqs(life)[1:]
    [parked] = world.deliveries(subscription, progress=Progress.PARKED)
    assert (parked.number, parked.seq) == ("hotline-2031", 1)
    assert len(parked.log) == ATTEMPTS_KEPT < parked.attempts
    assert parked.log[-1].attempt == parked.attempts


def test_what_waited_for_a_receiver_that_was_away_for_three_days_is_parked(world: World):
    subscription = world.subscribe()
    lives = recorded(world, *(str(n) for n in range(8)))
    world.receiver.answer = lambda _: Reply(500)
    pump = world.pump()
    for _ in range(73):
        pump.step()
        world.wait_for_retry()
    shown = world.desk.show(SERVICE, subscription.id)
    assert (shown.waiting, shown.parked) == (0, sum(len(life.events) for life in lives))
    assert shown.failing_since is not None


def test_one_that_rejects_everything_for_three_days_is_still_asked_once_for_each_event(world: World):
    subscription = world.subscribe()
    [life] = recorded(world)
    world.receiver.answer = lambda _: Reply(404)
    pump = world.pump()
    for _ in range(74):
        pump.step()
        world.wait_for_retry()
    assert {got.id for got in world.receiver.got} == {f"hotline-2031/{seq}" for seq in seqs(life)}
    assert world.desk.show(SERVICE, subscription.id).parked == len(life.events)


def test_an_outage_of_ours_parks_nothing(world: World):
    """Nobody pumped for a week; the first attempt fails, and there are still three days to go."""
    subscription = world.subscribe()
    [life] = recorded(world)
    world.clock.advance(timedelta(days=7))
    world.receiver.answer = lambda _: Reply(500)
    world.pump().step()
    assert world.desk.show(SERVICE, subscription.id).parked == 0
    world.receiver.answer = lambda _: Reply(200)
    world.wait_for_retry()
    world.pump().step()
    assert world.receiver.seqs("hotline-2031") == seqs(life)


def test_a_pause_does_not_count_towards_the_three_days(world: World):
    subscription = world.subscribe()
    recorded(world)
    world.receiver.answer = lambda _: Reply(500)
    world.pump().step()
    world.desk.pause(SERVICE, subscription.id)
    world.clock.advance(timedelta(days=7))
    assert world.pump().step() == 0
    world.desk.resume(SERVICE, subscription.id)
    world.pump().step()
    assert world.desk.show(SERVICE, subscription.id).parked == 0


# --- several at once


def test_pumps_at_once_send_nothing_twice_and_in_order(world: World):
    world.subscribe()
    lives = recorded(world, *(str(n) for n in range(20)))
    pumps = [world.pump(threads=2) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for count in [pool.submit(pump.step) for pump in pumps]:
            count.result()
    assert len(world.receiver.got) == sum(len(life.events) for life in lives)
    for life in lives:
        assert world.receiver.seqs(life.state.number) == seqs(life)


def test_events_that_are_recorded_while_others_are_sent_are_not_forgotten(world: World):
    """Real time and real threads: two pumps run while eight complaints live."""
    subscription = world.subscribe()
    lives = [registered(str(number)) for number in range(8)]
    pumps = [world.pump(threads=3) for _ in range(2)]
    for pump in pumps:
        pump.start()

    def live(life: RecordedLife) -> None:
        whole = eventful(life.state.number.partition("-")[2])
        write(world.engine, *whole.batches)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(live, lives))
    expected = [event.seq for event in eventful("0").events]

    def all_arrived() -> None:
        assert all(len(world.receiver.seqs(f"hotline-{n}")) >= len(expected) for n in range(8))

    eventually_sync(all_arrived, 30)
    for pump in pumps:
        pump.stop()
    for number in range(8):
        assert world.receiver.seqs(f"hotline-{number}") == expected
    assert world.desk.show(SERVICE, subscription.id).waiting == 0


def test_a_pump_that_dies_over_an_event_leaves_it_to_others(world: World):
    """It had claimed the lane, and nobody ever hears of it again."""
    world.subscribe()
    [life] = recorded(world)
    with world.engine.begin() as connection:
        claimed = queue.claim(connection, now=world.clock(), limit=10, each=4, lease=timedelta(seconds=90))
    assert claimed
    assert world.pump().step() == 0
    world.clock.advance(timedelta(seconds=91))
    world.pump().step()
    assert world.receiver.seqs("hotline-2031") == seqs(life)


def test_a_receiver_that_hangs_holds_up_no_other(world: World, receiver: Receiver):
    with receiving() as hanging:
        hanging.answer = lambda _: Reply(hang=True)
        slow = world.subscribe(url=f"{hanging.address}/hook")
        world.subscribe()
        lives = recorded(world, *(str(n) for n in range(10)))
        pump = world.pump(threads=6)
        pump.start()

        def all_arrived() -> None:
            assert len(receiver.ids) == sum(len(life.events) for life in lives)

        eventually_sync(all_arrived, 8)
        assert len(hanging.got) <= 4
        hanging.closing.set()
        world.desk.pause(SERVICE, slow.id)
        pump.stop()


def test_a_pump_that_stops_lets_arrive_what_is_on_its_way(world: World):
    subscription = world.subscribe()
    recorded(world)
    arrived, go_on = threading.Event(), threading.Event()

    def answer(_: Got) -> Reply:
        arrived.set()
        go_on.wait(10)
        return Reply(200)

    world.receiver.answer = answer
    pump = world.pump()
    pump.start()
    assert arrived.wait(10)
    stopping = threading.Thread(target=pump.stop)
    stopping.start()
    go_on.set()
    stopping.join()
    accepted = [progress for *_, progress in world.queued(subscription)].count(Progress.ACCEPTED)
    assert accepted == len(world.receiver.got) >= 1


def test_a_pump_goes_on_after_an_outage_of_the_database(world: World, database_url: str):
    world.subscribe()
    pump = world.pump()
    pump.start()
    other = make_engine(database_url, pool_size=1)
    with other.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'tests' AND datname = current_database()"
            )
        )
    other.dispose()

    def record_it() -> RecordedLife:
        try:
            return recorded(world)[0]
        except OperationalError as error:  # our own connections are cut as well
            raise AssertionError from error

    life = eventually_sync(record_it)

    def all_arrived() -> None:
        assert world.receiver.seqs("hotline-2031") == seqs(life)

    eventually_sync(all_arrived, 20)
    pump.stop()


# --- where it goes


def test_nothing_is_sent_to_an_address_that_has_become_private(engine: Engine, receiver: Receiver):
    """The name led to the internet when it was checked; now it leads inside."""
    leads_to = ["93.184.216.34"]
    world = World(engine, receiver, addresses=Addresses((), lambda _host, _port: leads_to))
    port = receiver.address.rpartition(":")[2]
    subscription = world.subscribe(url=f"https://crm.example:{port}/hook")
    leads_to[:] = ["127.0.0.1"]
    recorded(world)
    world.pump().step()
    assert world.deliveries(subscription)[-1].log[0].outcome == AttemptOutcome.NOT_ALLOWED
    assert receiver.got == []


# --- sweeping


def test_what_was_accepted_is_kept_for_thirty_days(world: World):
    subscription = world.subscribe()
    recorded(world)
    world.pump().step()
    with world.engine.begin() as connection:
        queue.sweep(connection, world.clock.now + timedelta(days=29))
    assert world.queued(subscription)
    with world.engine.begin() as connection:
        queue.sweep(connection, world.clock.now + timedelta(days=31))
    assert world.queued(subscription) == []
