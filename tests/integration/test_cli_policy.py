"""`redress policy`: rules are checked, put into force, shown, compared, and complaints migrated to them."""

import asyncio
import base64
import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from temporalio.service import RPCError

from cli.exits import Exit
from cli.main import run
from complaints.policy import fingerprint
from complaints.policy_file import FOLDER, load
from complaints.policy_file import shipped as shipped_names
from db import queries
from stack.temporal import TemporalServer
from tests.conftest import ENCRYPTION_KEY
from tests.eventually import eventually
from tests.integration.desk import Desk, workers

AWAY = "postgresql+psycopg://redress:x@127.0.0.1:1/redress"
LEAD = "lead:chen.jing@billing"
HOUSE = """\
extends: default
name: house
version: "{version}"
title: {{en: House, zh: 本所}}
clocks:
  first_contact: {{budget: {{amount: {hours}, unit: calendar_hours}}}}
"""
MIGRATE = ("--reason", "新的服务承诺", "--approver", "li.na")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert (self.code, self.err) == (Exit.FINE, "")
        return json.loads(self.out)


Redress = Callable[..., Answer]


@pytest.fixture
def redress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Redress:
    """Runs the command in this process, where nothing runs unless a variable says so."""
    for name in list(os.environ):
        if name.startswith("REDRESS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("REDRESS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REDRESS_AS", "customer_service:wang.fang")

    def run_it(*arguments: str, stdin: str = "") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = run(arguments)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run_it


@pytest.fixture
def on_record(redress: Redress, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Redress:
    """The same with a database."""
    monkeypatch.setenv("REDRESS_DATABASE_URL", database_url)
    return redress


@pytest.fixture
def running(
    on_record: Redress, temporal_server: TemporalServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """The same with Temporal, to be awaited while workers run in this process, and do not talk in between."""
    monkeypatch.setenv("REDRESS_TEMPORAL_ADDRESS", temporal_server.address)
    monkeypatch.setenv("REDRESS_ENCRYPTION_KEY", base64.b64encode(ENCRYPTION_KEY).decode())

    async def run_it(*arguments: str, **more: str) -> Answer:
        return await asyncio.to_thread(on_record, *arguments, **more)

    with capture_logs():
        yield run_it


@pytest.fixture
def house(tmp_path: Path) -> Callable[..., str]:
    """Writes a policy file, and returns its path."""

    def write(version: str = "1", hours: int = 20, more: str = "") -> str:
        path = tmp_path / f"house-{version}-{hours}.yaml"
        path.write_text(HOUSE.format(version=version, hours=hours) + more, encoding="utf-8")
        return str(path)

    return write


# --- checking


@pytest.mark.parametrize("name", shipped_names())
def test_the_policies_that_ship_are_fine(redress: Redress, name: str):
    answer = redress("policy", "check", str(FOLDER / f"{name}.yaml"))
    assert (answer.code, answer.err) == (Exit.FINE, "")
    assert answer.out.rstrip().endswith("fine")


def test_checking_says_which_policy_it_read(redress: Redress, house: Callable[..., str]):
    (line,) = redress("policy", "check", house(), "--json").json
    read = load(Path(house()))
    assert line["policy"] == "house@1"
    assert line["clocks"] == len(read.clocks) + len(read.statutory)
    assert line["sha256"] == fingerprint(read)


def test_checking_names_every_problem_of_every_file_by_line(
    redress: Redress, house: Callable[..., str], tmp_path: Path
):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(HOUSE.format(version=1, hours=0), encoding="utf-8")
    second.write_text(HOUSE.format(version=1, hours=20) + "colour: red\n", encoding="utf-8")
    answer = redress("policy", "check", str(first), house(), str(second))
    assert answer.code == Exit.MALFORMED
    assert "first.yaml:6: clocks.first_contact.budget.amount" in answer.err
    assert "second.yaml:7: colour" in answer.err
    assert answer.out.count("fine") == 1


def test_a_file_that_cannot_be_read_is_named(redress: Redress):
    answer = redress("policy", "check", "absent.yaml")
    assert (answer.code, answer.out) == (Exit.MALFORMED, "")
    assert "absent.yaml cannot be read" in answer.err


def test_a_policy_comes_from_standard_input_as_well(redress: Redress):
    assert redress("policy", "check", "-", stdin=HOUSE.format(version=1, hours=20)).code == Exit.FINE


# --- the worked table


def test_due_says_when_each_duty_that_begins_at_a_moment_runs_out(
    redress: Redress, house: Callable[..., str]
):
    lines = redress("policy", "due", house(), "2026-02-14T16:00", "2026-03-02T09:00", "--json").json
    first_contact = next(line for line in lines if line["clock"] == "first_contact")
    assert first_contact["takes"] == "20 calendar_hours"
    assert first_contact["due"] == ["2026-02-15 12:00", "2026-03-03 05:00"]
    assert {"promise", "action", "feedback"}.isdisjoint(line["clock"] for line in lines)


def test_due_goes_by_the_severity_and_names_each_statutory_duty(redress: Redress):
    file = str(FOLDER / "power-utility.yaml")
    critical = redress("policy", "due", file, "2026-02-10T07:00Z", "--severity", "critical", "--json").json
    dues = {line["clock"]: line["due"] for line in critical}
    assert dues["first_contact"] == ["2026-02-10 16:00"]
    assert dues["statutory.answer"] == ["2026-02-24 17:30"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [(("yesterday",), "MOMENT"), (("2026-02-10", "--severity", "grave"), "--severity")],
)
def test_due_names_what_it_cannot_read(
    redress: Redress, house: Callable[..., str], arguments: tuple[str, ...], field: str
):
    answer = redress("policy", "due", house(), *arguments)
    assert answer.code == Exit.MALFORMED
    assert f"{field}: must be" in answer.err


# --- putting into force


def test_what_was_activated_is_listed(on_record: Redress, house: Callable[..., str]):
    said = on_record("policy", "activate", house(), "--organisation", "east", "--category", "billing")
    assert (said.code, said.err) == (Exit.FINE, "")
    assert "house@1  in force for east, billing, received from" in said.out
    (line,) = on_record("policy", "list", "--json").json
    assert (line["name"], line["organisation"], line["categories"]) == ("house", "east", ["billing"])
    assert line["activated_by"] == "wang.fang"
    assert "house@1" in on_record("policy", "list").out


def test_activating_again_says_so_and_adds_nothing(on_record: Redress, house: Callable[..., str]):
    on_record("policy", "activate", house())
    assert "already in force" in on_record("policy", "activate", house()).out
    assert len(on_record("policy", "list", "--json").json) == 1


def test_other_rules_under_the_same_version_are_refused_and_named(
    on_record: Redress, house: Callable[..., str]
):
    on_record("policy", "activate", house("1", hours=20))
    answer = on_record("policy", "activate", house("1", hours=12))
    assert answer.code == Exit.REFUSED
    assert "raise its `version`" in answer.err
    assert "clocks.first_contact.budget: 20 calendar_hours -> 12 calendar_hours" in answer.err
    assert len(on_record("policy", "list", "--json").json) == 1


def test_a_malformed_file_leaves_the_old_policy_in_force(on_record: Redress, house: Callable[..., str]):
    on_record("policy", "activate", house("1"))
    answer = on_record("policy", "activate", house("2", more="colour: red\n"))
    assert answer.code == Exit.MALFORMED
    assert [line["version"] for line in on_record("policy", "list", "--json").json] == ["1"]


def test_a_lead_does_not_set_the_rules(on_record: Redress, house: Callable[..., str]):
    answer = on_record("policy", "activate", house(), "--as", LEAD)
    assert answer.code == Exit.REFUSED
    assert "NotYourRole" in answer.err
    assert on_record("policy", "list", "--json").json == []


def test_a_category_must_be_one_of_the_policys(on_record: Redress, house: Callable[..., str]):
    answer = on_record("policy", "activate", house(), "--category", "weather")
    assert answer.code == Exit.MALFORMED
    assert "weather is none of the policy's categories: product," in answer.err


@pytest.mark.parametrize(
    ("since", "begins"),
    [
        ("2026-03-01", datetime(2026, 2, 28, 16, tzinfo=UTC)),  # midnight in Shanghai
        ("2026-03-01T09:00:00+08:00", datetime(2026, 3, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_day_begins_on_the_organisations_clocks(
    on_record: Redress, house: Callable[..., str], since: str, begins: datetime
):
    made = on_record("policy", "activate", house(), "--from", since, "--json").json
    assert datetime.fromisoformat(made["received_from"]) == begins


@pytest.mark.parametrize("since", ["tomorrow", "2026-02-30", "2026-03-01T09:00:00"])
def test_a_date_that_is_none_is_refused(on_record: Redress, house: Callable[..., str], since: str):
    answer = on_record("policy", "activate", house(), "--from", since)
    assert answer.code == Exit.MALFORMED
    assert "--from: must be a day" in answer.err
    assert on_record("policy", "list", "--json").json == []


# --- showing and comparing


def test_show_prints_the_text_that_complaints_are_pinned_to(on_record: Redress, house: Callable[..., str]):
    sha256 = on_record("policy", "activate", house(), "--json").json["sha256"]
    resolved = on_record("policy", "show", "house", "--json").json
    packed = json.dumps(resolved, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert hashlib.sha256(packed.encode()).hexdigest() == sha256


def test_show_tells_people_what_it_says(on_record: Redress, house: Callable[..., str]):
    on_record("policy", "activate", house())
    page = on_record("policy", "show", "house@1").out
    assert "House / 本所" in page
    assert "20 calendar_hours" in page
    assert "authority.CNY.lead" in page
    assert "CNY 5000.00" in page


def test_holidays_are_shown_when_asked_for(on_record: Redress, house: Callable[..., str]):
    on_record("policy", "activate", house())
    assert "2026-02-17" not in on_record("policy", "show", "house").out
    assert "2026-02-17" in on_record("policy", "show", "house", "--all").out


def test_the_source_is_the_file_to_the_letter(on_record: Redress, house: Callable[..., str]):
    path = house(more="# 注释\n")
    on_record("policy", "activate", path)
    assert on_record("policy", "show", "house", "--source").out == Path(path).read_text(encoding="utf-8")


def test_a_policy_that_ships_is_shown_before_it_is_activated(on_record: Redress):
    assert "General complaints" in on_record("policy", "show", "default").out


@pytest.mark.parametrize("wanted", ["nobody", "house@9", "deadbeef", "../default", ".", ""])
def test_an_unknown_policy_ends_with_3(on_record: Redress, house: Callable[..., str], wanted: str):
    on_record("policy", "activate", house())
    answer = on_record("policy", "show", wanted)
    assert answer.code == (Exit.MALFORMED if "/" in wanted else Exit.NOT_FOUND)
    assert "Traceback" not in answer.err


def test_diff_says_in_words_what_changes(redress: Redress, house: Callable[..., str]):
    found = redress("policy", "diff", house("1", 20), house("2", 12), "--json").json
    assert {"path": "version", "before": "1", "after": "2"} in found
    budget = {"before": "20 calendar_hours", "after": "12 calendar_hours"}
    assert {"path": "clocks.first_contact.budget", **budget} in found
    assert len(found) == 2


def test_diff_needs_no_server_for_files(redress: Redress, house: Callable[..., str]):
    assert "20 calendar_hours -> 12" in redress("policy", "diff", house("1", 20), house("2", 12)).out


def test_diff_compares_a_file_with_what_is_in_force(on_record: Redress, house: Callable[..., str]):
    sha256 = on_record("policy", "activate", house("1", 20), "--json").json["sha256"]
    for known in ("house", "house@1", sha256[:10]):
        found = on_record("policy", "diff", known, house("2", 20), "--json").json
        assert [difference["path"] for difference in found] == ["version"]


def test_a_file_that_says_the_same_differs_in_nothing(redress: Redress, house: Callable[..., str]):
    assert redress("policy", "diff", house(), house(more="# 注释\n")).out == "both say the same\n"


@pytest.mark.parametrize("arguments", [("list",), ("show", "house"), ("diff", "house", "default")])
def test_without_a_database_it_says_so(
    redress: Redress, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
):
    monkeypatch.setenv("REDRESS_DATABASE_URL", AWAY)
    answer = redress("policy", *arguments)
    assert answer.code == Exit.AWAY
    assert "PostgreSQL does not answer" in answer.err


# --- what complaints start under


def complaint(reference: str, **fields: Any) -> str:
    form = {
        "source": "hotline",
        "reference": reference,
        "channel": "phone",
        "customer": {"name": "王秀英", "contact": "+86 138 0000 2031"},
        "category": "billing",
        "description": "三月电费比上月多了三倍。",
        **fields,
    }
    return json.dumps(form)


def unused(reference: str) -> str:
    """Tests share a server, where a number is taken for ever."""
    return f"{reference}-{os.urandom(4).hex()}"


async def pinned(engine: Engine, number: str) -> str:
    """Wait for the ledger, and say what the complaint is pinned to."""

    def recorded() -> str:
        with Session(engine) as session:
            query = "SELECT policy_name || '@' || policy_version FROM complaints WHERE number = :number"
            found = session.execute(text(query), {"number": number}).scalar()
        assert found
        return str(found)

    return await eventually(recorded, timeout=20)


async def started(running: Callable[..., Any], desk: Desk, **fields: Any) -> str:
    number: str = (await running("start", "-", "--json", stdin=complaint(unused("p"), **fields))).json[
        "number"
    ]
    desk.opened.append(number)
    return number


async def test_a_complaint_starts_under_the_policy_in_force_for_it(
    running: Callable[..., Any], desk: Desk, house: Callable[..., str]
):
    await running("policy", "activate", house("1"), "--category", "billing")
    await running("policy", "activate", house("2"), "--organisation", "east")
    long_ago = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    numbers = [
        await started(running, desk),
        await started(running, desk, organisation="east"),
        await started(running, desk, category="noise"),
        await started(running, desk, received_at=long_ago),
    ]
    async with workers(desk):
        found = [await pinned(desk.engine, number) for number in numbers]
    builtin = load(FOLDER / "default.yaml")
    assert found == ["house@1", "house@2", *[f"default@{builtin.version}"] * 2]


async def test_without_a_database_no_complaint_is_pinned_to_a_guess(
    running: Callable[..., Any], desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REDRESS_DATABASE_URL", AWAY)
    reference = unused("away")
    answer = await running("start", "-", stdin=complaint(reference))
    assert answer.code == Exit.AWAY
    assert "nothing was started" in answer.err
    with pytest.raises(RPCError, match="not found"):
        await desk.client.get_workflow_handle(f"hotline-{reference}").describe()


# --- migrating


async def recorded(desk: Desk, numbers: list[str]) -> list[str]:
    return [await pinned(desk.engine, number) for number in numbers]


def due(answer: Answer, number: str, clock: str = "first_contact") -> tuple[datetime, datetime]:
    """Return a deadline before and after."""
    (found,) = [line for line in answer.json["complaints"] if line["number"] == number]
    (line,) = [d for d in found["deadlines"] if d["clock"].startswith(clock)]
    return datetime.fromisoformat(line["before"]), datetime.fromisoformat(line["after"])


async def test_migrating_moves_deadlines_and_a_dry_run_says_which(
    running: Callable[..., Any], desk: Desk, house: Callable[..., str]
):
    await running("policy", "activate", house("1", 20))
    async with workers(desk):
        number = await started(running, desk)
        assert await pinned(desk.engine, number) == "house@1"
        await running("policy", "activate", house("2", 12))

        dry = await running("policy", "migrate", "house@2", number, *MIGRATE, "--dry-run", "--json")
        before, after = due(dry, number)
        assert before - after == timedelta(hours=8)
        assert dry.json["summary"] == {"would be migrated": 1}
        assert (await desk.look(number)).policy_version == "1"

        real = await running("policy", "migrate", "house@2", number, *MIGRATE, "--json")
        assert due(real, number) == (before, after)
        assert real.json["summary"] == {"migrated": 1}
        shown = await desk.agrees(number)
        assert (shown.policy_version, (await desk.first_contact(number)).due_at) == ("2", after)

        again = await running("policy", "migrate", "house@2", number, *MIGRATE, "--json")
        assert again.json["summary"] == {"goes by it already": 1}
        assert (await desk.look(number)).seq == shown.seq
    with Session(desk.engine) as session:
        (fact,) = [e.fact for e in queries.ledger(session, number) if e.fact.type == "PolicyMigrated"]
    assert (fact.approver, fact.reason) == ("li.na", "新的服务承诺")


async def test_a_batch_goes_on_after_a_refusal_and_ends_with_1(
    running: Callable[..., Any], desk: Desk, house: Callable[..., str]
):
    await running("policy", "activate", house("1"))
    async with workers(desk):
        numbers = [await started(running, desk, category=c) for c in ("billing", "noise", "billing")]
        await recorded(desk, numbers)
        no_noise = "categories: {noise: null}\n"
        await running("policy", "activate", house("2", 12, no_noise))
        answer = await running(
            "policy", "migrate", "house", *numbers[:2], "hotline-nobody", numbers[2], *MIGRATE
        )
        moved = [(await desk.look(number)).policy_version for number in numbers]
    assert moved == ["2", "1", "2"]
    assert answer.code == Exit.REFUSED
    assert "2 migrated, 1 refused, 1 unknown" in answer.out
    assert f"{numbers[1]} refused (UnknownCategory)" in answer.err
    assert "there is no complaint hotline-nobody" in answer.err


async def test_a_filter_chooses_among_those_under_other_policies(
    running: Callable[..., Any], desk: Desk, house: Callable[..., str]
):
    await running("policy", "activate", house("1"))
    async with workers(desk):
        numbers = [await started(running, desk, category=c) for c in ("billing", "noise")]
        await recorded(desk, numbers)
        await running("policy", "activate", house("2", 12))
        newest = await started(running, desk)
        await recorded(desk, [newest])

        async def would(*filters: str) -> list[str]:
            answer = await running("policy", "migrate", "house@2", *filters, *MIGRATE, "--dry-run", "--json")
            return [line["number"] for line in answer.json["complaints"]]

        assert await would("--policy", "house") == numbers
        assert await would("--policy", "house@1", "--category", "noise") == numbers[1:]
        assert await would("--stage", "intake") == numbers
        assert await would("--stage", "execution") == []
        assert await would("--department", "billing") == []
        assert await would("--provisional") == []


async def test_when_temporal_is_away_the_rest_is_left_for_the_next_run(
    running: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, house: Callable[..., str]
):
    await running("policy", "activate", house())
    monkeypatch.setenv("REDRESS_TEMPORAL_ADDRESS", "127.0.0.1:1")
    answer = await running("policy", "migrate", "house", "hotline-1", "hotline-2", *MIGRATE)
    assert answer.code == Exit.AWAY
    assert "2 of 2 were not reached" in answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("house",), "name complaints, or say which"),
        (("house", "hotline-1", "--stage", "intake"), "name complaints, or say which"),
        (("house.yaml", "hotline-1"), "is a file; complaints go by policies on record"),
        (("house", "--stage", "limbo"), "there is no stage 'limbo'"),
        (("house", "hotline-1", "--rate", "0"), "--rate"),
        (("house", "hotline-1", "--reason", ""), "reason:"),
    ],
)
def test_a_migration_that_is_not_clear_is_refused(
    on_record: Redress, house: Callable[..., str], arguments: tuple[str, ...], said: str
):
    on_record("policy", "activate", house())
    answer = on_record("policy", "migrate", *MIGRATE, *arguments)
    assert answer.code == Exit.MALFORMED
    assert said in answer.err
