"""`redress explain`, against a real database and nothing else: no workflow is asked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cli.exits import Exit
from cli.main import run
from complaints import commands as c
from complaints.changes import changes
from complaints.explanation import Explanation
from complaints.policy import text_of
from complaints.policy_file import builtin
from complaints.vocabulary import PauseOwner, Role
from complaints.wire import parse
from db.records import record
from tests.integration.recorded import RecordedLife
from tests.lives import DAY, HOUR, WANG_XIUYING, example

FRIDAY_BEFORE_SPRING_FESTIVAL = datetime(2026, 2, 13, 7, 0, tzinfo=UTC)
"""15:00 in Shanghai; Saturday is a make-up day, and the holidays are 15 to 23 February."""

ANSWER = "statutory/1"
"""To answer within five working days."""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Redress = Callable[..., Answer]


@pytest.fixture
def redress(engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command in this process; only the database is named."""
    monkeypatch.setenv("REDRESS_DATABASE_URL", engine.url.render_as_string(hide_password=False))

    def run_it(*arguments: str) -> Answer:
        code = run(arguments)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run_it


@pytest.fixture
def number(engine: Engine) -> str:
    """A complaint to a power utility, heard and assigned on the eve of Spring Festival."""
    life = spring()
    keep(engine, life)
    return life.state.number


def spring() -> RecordedLife:
    life = RecordedLife(policy=builtin("power-utility"), start=FRIDAY_BEFORE_SPRING_FESTIVAL)
    life.send(c.Register)
    life.pass_time(HOUR)
    return life.send(c.RecordFirstContact, c.Classify, c.Assign)


def keep(engine: Engine, life: RecordedLife) -> None:
    """Record all that has happened, as the workflow has it recorded."""
    with Session(engine) as session:
        record(session, changes(life.born, life.state, life.events), text_of(life.born.policy))
        session.commit()


def explained(redress: Redress, number: str, clock: str) -> Explanation:
    answer = redress("explain", number, clock, "--json")
    assert (answer.code, answer.err) == (Exit.FINE, "")
    (only,) = json.loads(answer.out)["clocks"]
    return parse(Explanation, only)


def test_without_a_clock_all_are_listed_and_the_open_ones_explained(redress: Redress, number: str) -> None:
    answer = redress("explain", number)
    assert (answer.code, answer.err) == (Exit.FINE, "")
    listed, *pages = answer.out.split("\n\n")[0:1] + answer.out.split("start ")[1:]
    assert "first_contact/1" in listed
    assert ANSWER in listed
    assert "statutory.answer in power-utility" in answer.out
    assert "clocks.first_contact in" not in answer.out  # it was met
    assert len(pages) > 1


def test_a_deadline_over_spring_festival_shows_each_day(redress: Redress, number: str) -> None:
    said = redress("explain", number, ANSWER).out
    assert "due Fri 2026-02-27 17:30" in said
    assert "Sun 2026-02-15 – Mon 02-23  holiday: 春节 / " in said
    assert "Sat 2026-02-14" in said
    assert "make-up day" in said
    assert "Fri 2026-02-27              working day" in said
    assert "7 h 30 min  day 5" in said
    assert "In all: 5 of 5 days" in said
    assert "The steps lead to the deadline on record." in said


def test_it_is_told_in_chinese_too(redress: Redress, number: str) -> None:
    said = redress("explain", number, ANSWER, "--language", "zh").out
    for text in ("到期 2026-02-27 周五 17:30", "5 个工作日", "节假日", "调休上班", "跳过", "第 5 日", "一致"):
        assert text in said


def test_the_rule_is_named_with_file_line_and_source(redress: Redress, number: str) -> None:
    rule = explained(redress, number, ANSWER).rule
    assert rule.path == "statutory.answer"
    assert rule.place == builtin("power-utility").places["statutory.answer"]
    assert rule.source == builtin("power-utility").statutory["answer"].source
    assert (rule.policy_name, len(rule.policy_sha256)) == ("power-utility", 64)


def test_the_json_proves_the_deadline(redress: Redress, number: str) -> None:
    it = explained(redress, number, ANSWER)
    assert it.adds_up
    assert it.began is not None
    assert it.began.fact == "Registered"
    assert [day.counts_as for day in it.days if day.counts_as] == [1, 2, 3, 4, 5]


def test_a_pause_is_told_with_its_owner(redress: Redress, engine: Engine) -> None:
    life = spring()
    life.do(example(c.AwaitCustomer, life), at=datetime(2026, 2, 14, 2, tzinfo=UTC))
    life.do(example(c.CustomerReplied, life), at=datetime(2026, 2, 24, 2, tzinfo=UTC))
    keep(engine, life)
    it = explained(redress, life.state.number, "overall/1")
    paused = [move for move in it.moves if move.since is not None]
    assert [(move.owner, move.stood_still) for move in paused] == [(PauseOwner.CUSTOMER, timedelta(days=10))]
    assert it.adds_up
    said = redress("explain", life.state.number, "overall").out
    assert "10:00-24:00 paused for the customer" in said
    assert "all day paused for the customer" in said


def test_a_clock_that_stands_still_says_what_is_left(redress: Redress, engine: Engine) -> None:
    life = spring().send(c.AwaitCustomer)
    keep(engine, life)
    it = explained(redress, life.state.number, "overall/1")
    assert (it.standing, it.waiting_for) == ("paused", PauseOwner.CUSTOMER)
    assert "left when it goes on" in redress("explain", life.state.number, "overall").out


def test_a_clock_that_was_settled_while_it_stood_still_says_so(redress: Redress, engine: Engine) -> None:
    life = spring().send(c.AwaitCustomer)
    life.pass_time(HOUR)
    life.do(example(c.Withdraw, life))
    keep(engine, life)
    it = explained(redress, life.state.number, "overall/1")
    assert (it.standing, it.waiting_for) == ("void", PauseOwner.CUSTOMER)
    assert it.adds_up
    assert "stood still from" in redress("explain", life.state.number, "overall").out


def test_an_extension_is_told_with_who_granted_it(redress: Redress, engine: Engine) -> None:
    life = spring()
    clock = next(k for k in life.state.clocks.values() if k.is_open and k.name == "investigation")
    grant = c.GrantExtension(
        clock=clock.key, until=clock.due_at + 3 * HOUR, reason="等检定结果", customer_told=True
    )
    life.do(grant, role=Role.LEAD)
    keep(engine, life)
    it = explained(redress, life.state.number, clock.key)
    assert [(move.why, move.by, move.due_at) for move in it.moves if move.why == "extended"] == [
        ("extended", "chen.jing", clock.due_at + 3 * HOUR)
    ]
    assert it.adds_up


def test_a_missed_deadline_has_three_times_and_who_was_told(redress: Redress, engine: Engine) -> None:
    life = spring().pass_time(14 * DAY + 12 * HOUR)
    missed_at = life.state.clocks[ANSWER].breached_at
    notice = next(n for n in life.state.notices.values() if n.clock == ANSWER and n.queued_at == missed_at)
    life.tell(notice.id, "mail")
    keep(engine, life)
    it = explained(redress, life.state.number, ANSWER)
    assert (it.due_at, it.detected_at) == (datetime(2026, 2, 27, 9, 30, tzinfo=UTC),) * 2
    assert (it.delivered_at is None, it.standing) == (False, "overdue")
    assert ("delivered", "mail") in [(told.status, told.channel) for told in it.told]


def test_an_ended_complaint_is_explained_years_later(redress: Redress, engine: Engine) -> None:
    life = spring().send(c.Withdraw)
    life.pass_time(60 * DAY)
    keep(engine, life)
    answer = redress("explain", life.state.number, "--json")
    clocks: list[Any] = json.loads(answer.out)["clocks"]
    assert clocks
    assert all(clock["settled_at"] for clock in clocks)
    assert all(clock["adds_up"] for clock in clocks)


def test_nobody_is_named_but_staff(redress: Redress, number: str) -> None:
    for more in ((), ("--json",), ("--language", "zh")):
        said = redress("explain", number, *more).out
        assert str(WANG_XIUYING.name) not in said
        assert str(WANG_XIUYING.contact) not in said
        assert str(example(c.Register).description) not in said


@pytest.mark.parametrize("name", ["first_contact", "first-contact", "first_contact/1"])
def test_a_clock_is_found_by_name_in_any_spelling(redress: Redress, number: str, name: str) -> None:
    assert explained(redress, number, name).clock == "first_contact/1"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("hotline-404",), Exit.NOT_FOUND, "there is no complaint hotline-404"),
        (("hotline-2031", "coffee"), Exit.MALFORMED, "has no clock 'coffee'\npossible instead: "),
        (("hotline-2031", "--language", "tlh"), Exit.MALFORMED, "possible instead: zh, en"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(
    redress: Redress, number: str, arguments: tuple[str, ...], code: Exit, said: str
) -> None:
    answer = redress("explain", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
