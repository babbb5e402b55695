"""Which events are queued for whom, when a batch is recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.permissions import Caller, Case, Right, may
from complaints.vocabulary import Actor, Role
from complaints.webhooks import Progress, WebhookDraft
from db.records import record
from db.webhook_tables import SubscriptionRow
from tests.integration.recorded import RecordedLife, eventful, registered, write
from tests.integration.webhook_world import HOTLINE, SERVICE, SHOP, World, receiving
from tests.lives import example


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with receiving() as receiver:
        yield World(engine, receiver)


def assigned(reference: str, department: str) -> RecordedLife:
    life = registered(reference)
    life.send(c.RecordFirstContact, c.Classify)
    life.do(example(c.Assign, department=department, handler="zhang.wei"))
    life.cut()
    return life


def test_every_event_of_the_ledger_is_queued_once(world: World):
    subscription = world.subscribe()
    life = eventful()
    write(world.engine, *life.batches)
    assert [seq for _, seq, _ in world.queued(subscription)] == [event.seq for event in life.events]


def test_a_batch_that_comes_twice_is_queued_once(world: World):
    subscription = world.subscribe()
    life = registered()
    write(world.engine, *life.batches)
    first = world.queued(subscription)
    write(world.engine, *life.batches, life.whole())
    assert world.queued(subscription) == first


def test_a_batch_that_is_rolled_back_is_not_queued(world: World):
    subscription = world.subscribe()
    batch, policy = registered().batches[0]
    with Session(world.engine) as session:
        record(session, batch, policy)
        session.rollback()
    assert world.queued(subscription) == []


def test_a_subscription_begins_with_what_is_recorded_after_it(world: World):
    life = registered()
    write(world.engine, *life.batches)
    subscription = world.subscribe()
    life.send(c.RecordFirstContact)
    write(world.engine, life.batches[-1])
    assert min(seq for _, seq, _ in world.queued(subscription)) == life.batches[-1][0].events[0].seq


def test_only_the_types_that_are_asked_for_are_queued(world: World):
    subscription = world.subscribe(types=("Registered", "ClockBreached"))
    write(world.engine, *eventful().batches)
    types = {delivery.type for delivery in world.deliveries(subscription)}
    assert types == {"Registered", "ClockBreached"}


def test_a_subscription_for_another_department_is_told_nothing(world: World):
    subscription = world.subscribe(department="kitchen")
    write(world.engine, *eventful().batches)
    assert world.queued(subscription) == []


def test_a_department_is_told_of_what_it_answers_for(world: World):
    subscription = world.subscribe(department="repair")
    write(world.engine, *assigned("1", "repair").batches, *assigned("2", "hall").batches)
    assert {number for number, _, _ in world.queued(subscription)} == {"hotline-1"}


def test_a_department_is_told_of_events_that_name_it(world: World):
    """It is asked to verify something, in a complaint that another department answers for."""
    subscription = world.subscribe(department="metering", types=("VerificationRequested",))
    life = assigned("1", "billing").send(c.RequestVerification)
    write(world.engine, *life.batches)
    assert [delivery.type for delivery in world.deliveries(subscription)] == ["VerificationRequested"]


def test_a_department_is_told_that_it_is_summoned(world: World):
    subscription = world.subscribe(department="east", types=("DepartmentsSummoned",))
    write(world.engine, *assigned("1", "billing").send(c.SummonDepartments).batches)
    assert len(world.queued(subscription)) == 1


def test_a_system_is_told_only_of_complaints_that_it_brought_in(world: World):
    own, other = world.subscribe(HOTLINE), world.subscribe(SHOP)
    write(world.engine, *registered().batches)
    assert world.queued(own)
    assert world.queued(other) == []


def test_a_paused_subscription_keeps_events_and_a_disabled_one_none(world: World):
    paused, disabled = world.subscribe(), world.subscribe()
    world.desk.pause(SERVICE, paused.id)
    with world.engine.begin() as connection:
        connection.execute(
            text("UPDATE webhook_subscriptions SET status = 'disabled' WHERE id = :id"), {"id": disabled.id}
        )
    write(world.engine, *registered().batches)
    assert world.queued(paused)
    assert world.queued(disabled) == []


def test_an_owner_is_told_of_what_the_table_of_permissions_lets_them_see(world: World):
    people = [
        Actor(id=name, role=role, department=department)
        for role in Role
        for name in ("hotline", "zhang.wei", "somebody")
        for department in ("billing", "kitchen", None)
    ]
    owned = {world.subscribe(): person for person in people[:50]} | {
        world.subscribe(HOTLINE): person for person in people[50:]
    }
    with world.engine.begin() as connection:
        for subscription, person in owned.items():
            owner = {"owner_id": person.id, "owner_role": person.role, "owner_department": person.department}
            connection.execute(
                update(SubscriptionRow).where(SubscriptionRow.id == subscription.id).values(owner)
            )
    write(world.engine, assigned("1", "billing").whole())
    case = Case(source="hotline", department="billing", handler="zhang.wei")
    told = {person for subscription, person in owned.items() if world.queued(subscription)}
    assert told == {person for person in people if may(Caller(actor=person), Right.SUBSCRIBE, case)}


def test_events_wait_until_they_are_sent(world: World):
    subscription = world.subscribe()
    write(world.engine, *registered().batches)
    assert {progress for *_, progress in world.queued(subscription)} == {Progress.WAITING}
    shown = world.desk.show(SERVICE, subscription.id)
    assert (shown.waiting, shown.parked) == (len(world.queued(subscription)), 0)


def test_the_secret_is_sealed_where_it_is_kept(world: World):
    secret = world.desk.create(SERVICE, WebhookDraft(url=f"{world.receiver.address}/hook"))[1]
    with world.engine.connect() as connection:
        kept = connection.scalar(select(SubscriptionRow.secret))
    assert kept is not None
    assert secret.removeprefix("whsec_").encode() not in kept
