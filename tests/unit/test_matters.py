"""Matters: who may do what, when they are late, and what their notices say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from activities.texts import compose, line_of
from activities.work import NoticeWork
from complaints import errors
from complaints.delivery import DEFERRED, OUTBOX, ROUTED, Delivery
from complaints.forms import ImprovementPlan
from complaints.matters.commands import COMMANDS
from complaints.matters.facts import FACTS, is_authentic
from complaints.matters.forms import Kind, Rules, Status, Step
from complaints.matters.state import State, replayed
from complaints.matters.told import record_delivery, said
from complaints.matters.view import head, view
from complaints.records import Addressee, NoticeStatus
from complaints.vocabulary import ENGINE, Role
from complaints.wire import parse, plain
from tests.lives import PEOPLE
from tests.matters import DAY, EXAMPLES, MONDAY, OWNER, Matter, sample

PLAN = ImprovementPlan(what="Print the reading on the bill.", department="billing", due_at=MONDAY + 60 * DAY)


def test_every_command_has_an_example() -> None:
    assert set(EXAMPLES) == set(COMMANDS)


def test_the_names_are_pinned() -> None:
    assert list(COMMANDS) == ["Open", "AddCases", "AddNote", "HandOver", "Postpone", "Conclude", "Cancel"]
    assert list(FACTS) == [
        "Opened",
        "CasesAdded",
        "NoteAdded",
        "HandedOver",
        "Postponed",
        "Concluded",
        "Cancelled",
        "DueSoon",
        "Missed",
        "Climbed",
        "ImprovementOpened",
        "NoticeQueued",
        "NoticeRouted",
        "NoticeDeferred",
        "NoticeWithdrawn",
        "NoticeDelivered",
        "NoticeFailed",
    ]
    assert [*Kind] == ["improvement", "review", "hot_spot", "incident"]
    assert [*Status] == ["open", "done", "cancelled"]


def test_opening_tells_the_owner() -> None:
    matter = Matter()
    assert matter.state.id == "improvement.hotline-2031.I1"
    assert matter.told() == ["person:sun.li"]


@pytest.mark.parametrize(
    ("owned", "told"),
    [
        ({"owner": None}, "lead:billing"),
        ({"owner": None, "department": None, "kind": Kind.INCIDENT}, "customer_service"),
    ],
)
def test_without_an_owner_the_lead_or_the_customer_service_department_is_told(
    owned: dict[str, Any], told: str
) -> None:
    assert Matter(**owned).told() == [told]


def test_it_warns_then_misses_then_climbs_each_at_its_time() -> None:
    matter = Matter()
    assert matter.wait(17 * DAY) == ("DueSoon", "NoticeQueued")
    assert matter.wait(3 * DAY) == ("Missed", "NoticeQueued", "Climbed", "NoticeQueued")
    assert matter.wait(3 * DAY) == ("Climbed", "NoticeQueued")
    assert matter.wait(4 * DAY) == ("Climbed", "NoticeQueued")
    assert matter.told()[2:] == ["person:sun.li", "lead:billing", "customer_service", "executive"]
    assert matter.wait(100 * DAY) == ()


def test_its_rules_come_with_it() -> None:
    ladder = (Step(after_hours=24, audience=Role.EXECUTIVE),)
    matter = Matter(rules=Rules(warn_hours=0, ladder=ladder))
    assert matter.wait(20 * DAY) == ("Missed", "NoticeQueued")
    assert matter.wait(DAY) == ("Climbed", "NoticeQueued")
    assert matter.told()[-1] == "executive"


def test_a_matter_without_a_date_waits_for_ever() -> None:
    assert Matter(kind=Kind.INCIDENT, due_at=None).wait(1000 * DAY) == ()


def test_what_is_done_on_the_date_is_in_time() -> None:
    matter = Matter()
    matter.now = MONDAY + 20 * DAY
    matter.do("Conclude")
    assert (matter.state.status, matter.state.late, matter.state.missed_at) == (Status.DONE, False, None)


def test_what_is_done_after_the_date_is_late() -> None:
    matter = Matter()
    matter.wait(21 * DAY)
    matter.do("Conclude")
    assert matter.state.late


def test_what_was_received_in_time_is_in_time_however_late_it_is_processed() -> None:
    matter = Matter()
    matter.now = MONDAY + 25 * DAY
    matter.send(sample("Conclude"), OWNER, received_at=MONDAY + 19 * DAY)
    assert not matter.state.late
    assert matter.state.missed_at is None


def test_more_time_begins_its_watch_anew() -> None:
    matter = Matter()
    matter.wait(21 * DAY)
    matter.do("Postpone")
    assert (matter.state.missed_at, matter.state.steps) == (None, 0)
    assert matter.wait(6 * DAY) == ("DueSoon", "NoticeQueued")


def test_each_improvement_that_it_ends_in_has_an_id_and_a_date() -> None:
    matter = Matter(rules=Rules(improvement_days=10))
    matter.do("Conclude", improvements=(PLAN, replace(PLAN, due_at=None)))
    first, second = matter.state.improvements.values()
    assert (first.id, first.plan.due_at) == ("I1", PLAN.due_at)
    assert (second.id, second.plan.due_at) == ("I2", matter.now + 10 * DAY)


def test_cases_are_added_once() -> None:
    matter = Matter()
    matter.do("AddCases", cases=("hotline-2031", "hotline-7", "hotline-7"))
    assert matter.state.cases == ("hotline-2031", "hotline-7")


def test_a_repeated_command_does_nothing_again() -> None:
    matter = Matter()
    matter.send(sample("AddNote"), OWNER, id="once")
    assert matter.send(sample("AddNote"), OWNER, id="once") == ()
    assert len(matter.state.notes) == 1


@pytest.mark.parametrize(
    ("rule", "name", "fields"),
    [
        (errors.AlreadyRegistered, "Open", {}),
        (errors.AlreadyDone, "AddCases", {"cases": ("hotline-2031",)}),
        (errors.AlreadyDone, "HandOver", {"department": "billing", "owner": OWNER.id}),
        (errors.NobodyAccountable, "HandOver", {"department": None}),
        (errors.ExtensionNotLater, "Postpone", {"until": MONDAY + 19 * DAY}),
        (errors.DueInThePast, "Postpone", {"until": MONDAY}),
        (errors.DueMissing, "Conclude", {"improvements": (replace(PLAN, due_at=None),)}),
        (errors.DueInThePast, "Conclude", {"improvements": (replace(PLAN, due_at=MONDAY),)}),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    rule: type[errors.Refusal], name: str, fields: dict[str, Any]
) -> None:
    matter = Matter()
    before = matter.state
    with pytest.raises(rule) as refused:
        matter.do(name, **fields)
    assert refused.value.possible
    assert matter.state is before


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        (errors.NobodyAccountable, {"department": None}),
        (errors.DueMissing, {"due_at": None}),
        (errors.DueInThePast, {"due_at": MONDAY}),
    ],
)
def test_an_improvement_has_a_department_and_a_date(
    rule: type[errors.Refusal], fields: dict[str, Any]
) -> None:
    with pytest.raises(rule):
        Matter(**fields)


def test_whoever_owes_it_gives_it_no_more_time() -> None:
    matter = Matter(owner=PEOPLE[Role.LEAD].id)
    with pytest.raises(errors.OwnApproval):
        matter.do("Postpone", Role.LEAD)


def test_the_owner_reports_what_was_done_and_decides_nothing_else() -> None:
    matter = Matter()
    with pytest.raises(errors.NotYourRole):
        matter.send(sample("Cancel"), OWNER)
    assert matter.send(sample("Conclude"), OWNER) == ("Concluded",)


def test_a_lead_decides_about_the_own_department_only() -> None:
    matter = Matter(department="metering")
    with pytest.raises(errors.NotYourMatter):
        matter.do("Cancel", Role.LEAD)
    assert Matter().do("Cancel", Role.LEAD) == ("Cancelled",)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "Open"])
def test_an_auditor_reads_only(name: str) -> None:
    with pytest.raises(errors.NotYourRole):
        Matter(owner=PEOPLE[Role.AUDITOR].id).do(name, Role.AUDITOR)


@pytest.mark.parametrize("end", ["Conclude", "Cancel"])
def test_a_matter_that_has_ended_takes_no_more(end: str) -> None:
    matter = Matter()
    matter.do(end)
    assert matter.wait(100 * DAY) == ()
    with pytest.raises(errors.AlreadyClosed):
        matter.do("AddNote")


def test_nothing_is_received_in_the_future() -> None:
    matter = Matter()
    with pytest.raises(errors.TimeOutOfBounds):
        matter.send(sample("AddNote"), OWNER, received_at=MONDAY + DAY)


def test_what_the_engine_opens_is_dated_by_its_own_clock() -> None:
    """A complaint's clock may run ahead of the matter's where clocks jump."""
    matter = Matter()
    matter.send(sample("AddNote"), ENGINE, received_at=MONDAY + 5 * DAY)
    assert matter.state.heard_at == MONDAY


# --- notices


def delivered(matter: Matter, **answer: Any) -> None:
    (queued,) = matter.state.queued()
    delivery = Delivery(**{"notice": queued.id, "channel": "mail", "receipt": "250", **answer})
    matter.state = replayed(matter.state, record_delivery(matter.state, delivery, matter.now))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({}, NoticeStatus.DELIVERED),
        ({"channel": OUTBOX}, NoticeStatus.OUTBOX),
        ({"failed": True}, NoticeStatus.FAILED),
    ],
)
def test_what_became_of_a_notice_is_known(answer: dict[str, Any], status: NoticeStatus) -> None:
    matter = Matter()
    delivered(matter, **answer)
    assert [notice.status for notice in matter.state.notices.values()] == [status]


def test_a_notice_to_a_role_is_passed_on_to_people() -> None:
    matter = Matter(owner=None)
    delivered(matter, channel=ROUTED, people=(Addressee(person="chen.jing"),), audience=Role.LEAD)
    assert [notice.recipient for notice in matter.state.queued()] == ["person:chen.jing"]


def test_a_notice_that_waits_is_called_off_with_the_matter() -> None:
    matter = Matter()
    delivered(matter, channel=DEFERRED, not_before=matter.now + timedelta(hours=9))
    matter.do("Conclude")
    assert [notice.status for notice in matter.state.notices.values()] == [NoticeStatus.WITHDRAWN]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_says_what_is_due_and_quotes_nobody(language: str) -> None:
    matter = Matter()
    matter.wait(40 * DAY)
    for notice in list(matter.state.notices.values()):
        work = NoticeWork(
            number=matter.state.id,
            notice=notice,
            department=matter.state.department,
            due_at=matter.state.due_at,
            said=said(matter.state, notice),
        )
        message = compose(work, language)
        assert matter.state.id in message.subject
        assert "2026-03-22 01:00 (UTC)" in message.body
        assert "{" not in message.subject + message.body
        assert "meter" not in message.subject + message.body
        assert line_of(work, language) == message.subject


# --- what is kept of it


def test_its_events_are_one_chain_and_tell_it_whole() -> None:
    matter = Matter()
    matter.wait(18 * DAY)
    for name in ("AddCases", "AddNote", "HandOver", "Postpone", "Conclude"):
        matter.do(name)
    again = [parse(type(event), plain(event)) for event in matter.events]
    assert all(is_authentic(event) for event in again)
    assert [event.seq for event in again] == list(range(1, len(again) + 1))
    assert all(after.previous == before.hash for before, after in pairwise(again))
    rebuilt = replayed(State(id=matter.state.id), again)
    assert (head(rebuilt), view(rebuilt)) == (head(matter.state), view(matter.state))
    assert not is_authentic(replace(again[0], at=MONDAY + DAY))
