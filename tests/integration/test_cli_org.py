"""`redress org` as people use it, against a real database."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from activities.channels import sender_for
from cli.exits import Exit
from cli.main import run
from complaints.org_file import load
from db import org as stored
from db.engine import make_engine
from tests.conftest import ENCRYPTION_KEY
from tests.databases import Databases

SAMPLE = Path(__file__).parents[2] / "cli" / "samples" / "org.yaml"
AS = "--as=customer_service:zhao.min"


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Redress = Callable[..., Answer]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and an environment that names no servers."""
    for name in list(os.environ):
        if name.startswith("REDRESS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def alone(here: Path, capsys: pytest.CaptureFixture[str]) -> Redress:
    """Runs `redress org` where no server is."""

    def run_it(*arguments: str) -> Answer:
        code = run(("org", *arguments))
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run_it


@pytest.fixture(scope="module")
def imported_url(databases: Databases) -> Iterator[str]:
    """A database with the sample in it, for tests that only read."""
    with databases.migrated() as url:
        engine = make_engine(url, pool_size=1)
        with Session(engine) as session, session.begin():
            org = load(SAMPLE, check_target=sender_for)
            at = datetime(2026, 4, 1, tzinfo=UTC)
            stored.replace(session, org, by="zhao.min", at=at, key=ENCRYPTION_KEY)
        engine.dispose()
        yield url


@pytest.fixture
def imported(alone: Redress, imported_url: str, monkeypatch: pytest.MonkeyPatch) -> Redress:
    """Runs `redress org` where the sample was imported."""
    monkeypatch.setenv("REDRESS_DATABASE_URL", imported_url)
    return alone


@pytest.fixture
def org(alone: Redress, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Redress:
    """Runs `redress org` with an empty database."""
    monkeypatch.setenv("REDRESS_DATABASE_URL", database_url)
    monkeypatch.setenv("REDRESS_ENCRYPTION_KEY", base64.b64encode(ENCRYPTION_KEY).decode())
    return alone


def test_an_import_tells_its_changes_and_its_version(org: Redress) -> None:
    answer = org("import", str(SAMPLE), AS)
    assert (answer.code, answer.err) == (Exit.FINE, "")
    lines = answer.out.splitlines()
    assert "+ member chen.jing" in lines
    assert "+ roster customer_service" in lines
    assert "! without a contact target: xu.qing" in lines
    assert lines[-1] == "15 changes; version 1"


def test_the_same_file_again_changes_nothing(org: Redress) -> None:
    org("import", str(SAMPLE), AS)
    answer = org("import", str(SAMPLE), AS, "--json")
    assert (answer.code, answer.json["changes"], answer.json["version"]) == (Exit.FINE, [], 1)


def test_a_dry_run_tells_the_changes_and_writes_nothing(org: Redress) -> None:
    answer = org("import", str(SAMPLE), "--dry-run")
    assert (answer.code, answer.out.splitlines()[-1]) == (Exit.FINE, "15 changes; nothing was written")
    assert "no organisation was imported" in org("show").out


def test_a_sheet_changes_members_and_keeps_the_rosters(org: Redress, here: Path) -> None:
    org("import", str(SAMPLE), AS)
    (here / "members.csv").write_text(
        "工号,姓名,部门,角色\nwang.fang,王芳,service-centre,customer_service\n", encoding="gb18030"
    )
    answer = org("import", "members.csv", AS)
    assert answer.code == Exit.FINE, answer.err
    assert "- member chen.jing: is no longer active" in answer.out
    shown = org("show", "--json").json
    assert [m["id"] for m in shown["members"] if m["active"]] == ["wang.fang"]
    assert [roster["role"] for roster in shown["rosters"]] == ["customer_service", "lead"]


def test_a_file_with_mistakes_is_refused_as_a_whole_with_every_line(org: Redress, here: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    text = text.replace("deputy: zhou.lei", "deputy: nobody").replace("wecom://", "telegram://S3CRET-")
    (here / "org.yaml").write_text(text, encoding="utf-8")
    answer = org("import", "org.yaml", AS)
    assert answer.code == Exit.MALFORMED
    assert "org.yaml:18: members.wang.fang.targets.0: unknown scheme" in answer.err
    assert "members.sun.hao.deputy: there is no other active member 'nobody' in this file" in answer.err
    assert "S3CRET" not in answer.err
    assert "no organisation was imported" in org("show").out


def test_mistakes_are_told_before_any_server_is_asked(alone: Redress, here: Path) -> None:
    (here / "org.yaml").write_text("members: {}\n", encoding="utf-8")
    answer = alone("import", "org.yaml", AS)
    assert answer.code == Exit.MALFORMED
    assert "org.yaml:1: members: must name somebody" in answer.err


def test_an_import_needs_somebody_who_answers_for_it(org: Redress) -> None:
    answer = org("import", str(SAMPLE))
    assert answer.code == Exit.MALFORMED
    assert "nobody is named who acts" in answer.err


def test_nothing_shown_holds_a_target(org: Redress) -> None:
    shown = [
        org("import", str(SAMPLE), AS),
        org("show", "--json"),
        org("show"),
        org("duty"),
        org("duty", "--json"),
    ]
    assert all(answer.code == Exit.FINE for answer in shown)
    assert all("SAMPLE" not in answer.out + answer.err for answer in shown)
    members = {member["id"]: member for member in shown[1].json["members"]}
    assert members["chen.jing"]["channels"] == ["dingtalk", "e-mail"]


def test_show_names_departments_members_and_rosters(imported: Redress) -> None:
    shown = imported("show").out
    for word in (
        "电费计量部",
        "Billing and metering",
        "陈静",
        "dingtalk, e-mail",
        "lead of repair",
        "version 1",
    ):
        assert word in shown


@pytest.mark.parametrize(
    ("at", "people", "why"),
    [
        ("2026-04-27T10:00", ["chen.jing"], "lead chen.jing"),
        ("2026-10-01", ["li.wei"], "lead chen.jing is on leave until 2026-10-08; li.wei stands in"),
        ("2026-12-31T23:00", ["zhou.lei"], "lead chen.jing is on leave until 2026-12-31; zhou.lei stands in"),
    ],
)
def test_duty_says_who_is_told_at_a_time_on_local_clocks(
    imported: Redress, at: str, people: list[str], why: str
) -> None:
    [line] = imported("duty", "--department", "billing", "--at", at, "--json").json
    assert (line["people"], line["why"]) == (people, why)


def test_duty_lists_every_department_and_the_roles_above_them(imported: Redress) -> None:
    lines = {
        line["asked"]: line["people"] for line in imported("duty", "--at", "2026-04-27T22:00", "--json").json
    }
    assert lines == {
        "lead of billing": ["chen.jing"],
        "lead of head-office": ["brown.ann"],
        "lead of repair": ["sun.hao"],
        "lead of service-centre": ["zhao.min"],
        "customer service": ["zhao.min"],
        "executive": ["brown.ann"],
        "mediator": ["zhao.min"],
    }


def test_duty_for_an_unknown_department_is_that_of_customer_service(imported: Redress) -> None:
    answer = imported("duty", "--department", "metering", "--at", "2026-04-27T10:00")
    assert "department metering is unknown" in " ".join(answer.out.split())
    assert "wang.fang" in answer.out


def test_duty_without_an_organisation_says_what_to_do(org: Redress) -> None:
    answer = org("duty")
    assert answer.code == Exit.NOT_FOUND
    assert "redress org import FILE" in answer.err


def test_a_time_that_is_none_is_refused(imported: Redress) -> None:
    answer = imported("duty", "--at", "noon")
    assert answer.code == Exit.MALFORMED
    assert "--at must be a day such as" in answer.err
