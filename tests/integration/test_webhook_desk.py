"""What subscribers do with their subscriptions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from complaints import commands as c
from complaints.errors import NotYourRole
from complaints.permissions import Caller, Right
from complaints.vocabulary import Role
from complaints.webhooks import (
    MOST_SUBSCRIPTIONS,
    AttemptOutcome,
    Progress,
    Replay,
    TooManySubscriptions,
    UnknownSubscription,
    WebhookStatus,
)
from complaints.wire import Malformed, parse
from db import webhook_queue as queue
from db.webhook_log import Mark
from db.webhook_tables import AttemptRow, LaneRow, SubscriptionRow, WebhookDeliveryRow
from tests.integration.recorded import RecordedLife, registered, write
from tests.integration.webhook_world import HOTLINE, SERVICE, SHOP, Reply, World, receiving
from tests.lives import PEOPLE


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with receiving() as receiver:
        yield World(engine, receiver)


def recorded(world: World, *references: str) -> list[RecordedLife]:
    lives = [registered(reference) for reference in references or ("2031",)]
    write(world.engine, *(batch for life in lives for batch in life.batches))
    return lives


# --- subscribing


def test_a_subscription_is_shown_as_it_was_asked_for(world: World):
    subscription = world.subscribe(types=("Registered",), department="billing")
    assert world.desk.show(SERVICE, subscription.id) == subscription
    assert subscription.status == WebhookStatus.ACTIVE
    assert (subscription.types, subscription.department) == (("Registered",), "billing")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        ({"types": ("Registered", "Whispered")}, "types.1"),
        ({"types": ("Registered", "Registered")}, "types.1"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "http://metadata.internal/"}, "url"),
    ],
)
def test_what_is_wrong_with_a_subscription_is_named(world: World, draft: dict[str, object], field: str):
    with pytest.raises(Malformed) as refusal:
        world.subscribe(**draft)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert world.desk.find(SERVICE) == []


def test_nobody_has_more_subscriptions_than_the_limit(world: World):
    for _ in range(MOST_SUBSCRIPTIONS):
        world.subscribe(HOTLINE)
    with pytest.raises(TooManySubscriptions):
        world.subscribe(HOTLINE)
    world.subscribe(SHOP)


@pytest.mark.parametrize("role", [Role.DESK, Role.HANDLER, Role.LEAD, Role.EXECUTIVE, Role.AUDITOR])
def test_roles_that_have_no_right_to_subscribe_are_refused(world: World, role: Role):
    with pytest.raises(NotYourRole):
        world.subscribe(Caller(actor=PEOPLE[role]))


def test_a_key_without_the_scope_is_refused(world: World):
    with pytest.raises(NotYourRole):
        world.subscribe(Caller(actor=HOTLINE.actor, scopes=frozenset({Right.READ})))


def test_a_system_sees_its_own_subscriptions_and_customer_service_all(world: World):
    own = world.subscribe(HOTLINE)
    world.clock.advance(timedelta(seconds=1))
    other = world.subscribe(SHOP)
    assert world.desk.find(HOTLINE) == [own]
    assert world.desk.find(SERVICE) == [own, other]


@pytest.mark.parametrize("name", ["", "wh_0", "a\x00b", "'; DROP TABLE ledger; --", "王"])
def test_what_is_no_subscription_is_unknown(world: World, name: str):
    for act in (world.desk.show, world.desk.pause, world.desk.resume, world.desk.remove, world.desk.ping):
        with pytest.raises(UnknownSubscription):
            act(SERVICE, name)


def test_anothers_subscription_is_as_unknown_as_one_that_is_not_there(world: World):
    subscription = world.subscribe(HOTLINE)
    desk = world.desk
    for act in (desk.show, desk.pause, desk.resume, desk.rotate, desk.remove, desk.ping, desk.deliveries):
        with pytest.raises(UnknownSubscription):
            act(SHOP, subscription.id)
    with pytest.raises(UnknownSubscription):
        desk.replay(SHOP, subscription.id, Replay(parked=True))


def test_what_is_deleted_is_told_nothing_more(world: World):
    subscription = world.subscribe()
    recorded(world, "1")
    world.desk.remove(SERVICE, subscription.id)
    recorded(world, "2")
    assert world.pump().step() == 0
    assert {number for number, *_ in world.queued(subscription)} == {"hotline-1"}
    assert world.desk.find(SERVICE) == []
    with pytest.raises(UnknownSubscription):
        world.desk.resume(SERVICE, subscription.id)


def test_nothing_is_left_of_what_is_deleted(world: World):
    subscription = world.subscribe()
    recorded(world)
    world.receiver.answer = lambda _: Reply(500)
    world.pump().step()
    world.desk.remove(SERVICE, subscription.id)
    with world.engine.begin() as connection:
        while queue.sweep(connection, world.clock.now, at_most=2):
            pass
        for table in (SubscriptionRow, LaneRow, WebhookDeliveryRow, AttemptRow):
            assert connection.execute(select(table)).all() == []


def test_a_paused_subscription_gets_everything_when_it_goes_on(world: World):
    subscription = world.subscribe()
    world.desk.pause(SERVICE, subscription.id)
    [life] = recorded(world)
    assert world.pump().step() == 0
    assert world.desk.resume(SERVICE, subscription.id).status == WebhookStatus.ACTIVE
    world.pump().step()
    assert world.receiver.seqs("hotline-2031") == [event.seq for event in life.events]


# --- the test


def test_a_ping_says_what_came_of_it(world: World):
    subscription = world.subscribe()
    assert world.desk.ping(SERVICE, subscription.id).outcome == AttemptOutcome.ACCEPTED
    assert world.receiver.got[0].json["type"] == "org.redress.ping.v1"
    world.receiver.answer = lambda _: Reply(503)
    result = world.desk.ping(SERVICE, subscription.id)
    assert (result.outcome, result.status) == (AttemptOutcome.FAILED, 503)


def test_a_ping_leaves_no_trace(world: World):
    subscription = world.subscribe()
    world.receiver.answer = lambda _: Reply(410)
    world.desk.ping(SERVICE, subscription.id)
    assert world.desk.show(SERVICE, subscription.id) == subscription


# --- again


def test_a_complaint_is_sent_again_from_a_sequence_on(world: World):
    subscription = world.subscribe()
    [life] = recorded(world)
    world.pump().step()
    last = life.events[-1].seq
    assert world.desk.replay(SERVICE, subscription.id, Replay(number="hotline-2031", from_seq=3)) == last - 2
    world.pump().step()
    assert world.receiver.seqs("hotline-2031")[last:] == list(range(3, last + 1))
    ids = world.receiver.ids
    assert ids[last:] == ids[2:last]


def test_what_was_recorded_before_the_subscription_comes_by_a_replay(world: World):
    [life] = recorded(world)
    subscription = world.subscribe()
    world.desk.replay(SERVICE, subscription.id, Replay(number="hotline-2031"))
    world.pump().step()
    assert world.receiver.seqs("hotline-2031") == [event.seq for event in life.events]


def test_everything_since_an_instant_is_sent_again(world: World):
    lives = [registered(str(number)) for number in range(3)]
    for life in lives:
        life.send(c.RecordFirstContact).pass_time(timedelta(days=2))
        write(world.engine, *life.batches)
    subscription = world.subscribe()
    since = lives[0].now - timedelta(days=1)
    expected = {f"{life.state.number}/{e.seq}" for life in lives for e in life.events if e.at >= since}
    assert world.desk.replay(SERVICE, subscription.id, Replay(since=since)) == len(expected) > 0
    world.pump().step()
    assert set(world.receiver.ids) == expected


def test_a_replay_brings_nothing_that_the_owner_may_not_see_or_did_not_ask_for(world: World):
    recorded(world)
    for caller, draft in (
        (SHOP, {}),
        (SERVICE, {"department": "kitchen"}),
        (SERVICE, {"types": ("Reopened",)}),
    ):
        subscription = world.subscribe(caller, **draft)
        assert world.desk.replay(caller, subscription.id, Replay(number="hotline-2031")) == 0


def test_what_is_parked_is_listed_and_sent_again(world: World):
    subscription = world.subscribe()
    recorded(world)
    world.receiver.answer = lambda got: Reply(400 if got.id.endswith("/1") else 200)
    for _ in range(74):
        world.pump().step()
        world.wait_for_retry()
    [parked] = world.desk.deliveries(SERVICE, subscription.id, progress=Progress.PARKED)
    assert parked.log[-1].status == 400
    world.receiver.answer = lambda _: Reply(200)
    assert world.desk.replay(SERVICE, subscription.id, Replay(parked=True)) == 1
    world.pump().step()
    assert world.receiver.ids[-1] == "hotline-2031/1"
    assert world.desk.show(SERVICE, subscription.id).parked == 0


def test_an_event_that_is_asked_for_while_it_is_being_sent_is_sent_again_in_its_place(world: World):
    """The subscriber asks for all from 1 on while 3 is on its way: 1 and 2 come, and then 3 once more."""
    subscription = world.subscribe()
    [life] = recorded(world)
    asked: list[int] = []

    def answer(got: object) -> Reply:
        if world.receiver.got[-1].id.endswith("/3") and not asked:
            asked.append(
                world.desk.replay(SERVICE, subscription.id, Replay(number="hotline-2031", from_seq=1))
            )
        return Reply(200)

    world.receiver.answer = answer
    world.pump().step()
    assert world.receiver.seqs("hotline-2031") == [1, 2, 3, *(event.seq for event in life.events)]


@pytest.mark.parametrize(
    "what",
    [
        Replay(),
        Replay(number="hotline-2031", parked=True),
        Replay(from_seq=2, parked=True),
    ],
)
def test_a_replay_asks_for_exactly_one_thing(world: World, what: Replay):
    subscription = world.subscribe()
    with pytest.raises(Malformed):
        world.desk.replay(SERVICE, subscription.id, what)


@pytest.mark.parametrize("seq", [0, 2**40])
def test_a_replay_begins_at_a_sequence_that_there_may_be(seq: int):
    with pytest.raises(Malformed) as refused:
        parse(Replay, {"number": "hotline-2031", "from_seq": seq})
    assert [problem.field for problem in refused.value.problems] == ["from_seq"]


# --- the log


def test_the_log_goes_on_from_a_mark(world: World):
    subscription = world.subscribe()
    recorded(world, "1", "2")
    whole = world.deliveries(subscription)
    pages, mark = [], None
    while page := world.desk.deliveries(SERVICE, subscription.id, after=mark, limit=4):
        pages += page
        mark = Mark(queued_at=page[-1].queued_at, number=page[-1].number, seq=page[-1].seq)
    assert pages == whole
    assert len(whole) > 8
