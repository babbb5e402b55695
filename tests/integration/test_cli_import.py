"""Import and export against one running `redress up`."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cli.exits import Exit
from tests.eventually import eventually_sync
from tests.integration.test_cli_commands import REDRESS, Up, form
from tests.integration.test_cli_commands import up as up  # noqa: PLC0414 - a fixture

LIU_MIN = "customer_service:liu.min"
SAMPLE = Path(__file__).parents[2] / "cli" / "samples" / "nyc311.csv"
MAP = """\
zone: Asia/Shanghai
fields:
  source: {source}
  reference: {{column: id}}
  channel: phone
  category: billing
  description: {{column: said}}
  customer.name: {{column: who}}
  customer.contact: {{column: contact}}
  received_at: {{column: received}}
  department: billing
  handler: zhang.wei
  closed_at: {{column: closed}}
  outcome: {{constant: resolved, when: {{column: closed, filled: true}}}}
"""
COLUMNS = ("id", "said", "who", "contact", "received", "closed")


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def old(id_: str, *, received: float = 300, closed: float | None = None) -> tuple[str, ...]:
    """A row of the other system: 王秀英's bill, received and perhaps closed so many days ago."""
    ended = "" if closed is None else days_ago(closed)
    return (id_, "电费不对。", "王秀英", f"{id_}@example.com", days_ago(received), ended)


class Office:
    """One other system: its file, its map, and the import of it."""

    def __init__(self, up: Up, folder: Path, source: str) -> None:
        self.up = up
        self.source = source
        self.file = folder / f"{source}.csv"
        self.map = folder / f"{source}.yaml"
        self.map.write_text(MAP.format(source=source))

    def has(self, rows: Iterable[tuple[str, ...]]) -> None:
        with self.file.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])

    def arguments(self, *more: str) -> tuple[str, ...]:
        return ("import", str(self.file), "--map", str(self.map), "--as", LIU_MIN, *more)

    def imported(self, *more: str) -> dict[str, Any]:
        sums: dict[str, Any] = json.loads(self.up(*self.arguments("--json", *more)).stdout)
        return sums

    def count(self) -> int:
        [[count]] = self.up.sql("SELECT count(*) FROM complaints WHERE source = %s", self.source)
        return int(count)

    def started_apart(self, *more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [REDRESS, *self.arguments(*more)],
            env=self.up.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def office(up: Up, tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    return Office(up, tmp_path, "".join(c for c in request.node.name.lower() if c.isalnum())[-30:])


def test_the_citys_requests_are_taken_over_and_the_closed_ones_are_closed_when_they_were(up: Up) -> None:
    answer = up("import", str(SAMPLE), "--map", "nyc311", "--as", LIU_MIN)
    assert answer.returncode == Exit.MALFORMED
    assert "nyc311.csv:7: closed_at: is empty" in answer.stdout
    assert "nyc311.csv:8: reference: is that of line 3" in answer.stdout
    assert "7 rows, 5 imported, 2 bad" in answer.stdout
    rows = up.sql(
        "SELECT reference, stage, department, closed_at FROM complaints WHERE source = 'nyc311' ORDER BY reference"
    )
    assert [(row[0], row[1]) for row in rows] == [
        ("90000001", "intake"),
        ("90000002", "ended"),
        ("90000003", "ended"),
        ("90000004", "ended"),
        ("90000005", "intake"),
    ]
    assert rows[2][3] == datetime(2025, 1, 30, 21, 30, tzinfo=UTC)  # half past four in New York
    assert up.sql("SELECT count(*) FROM notices WHERE number LIKE 'nyc311-%%'") == [(0,)]
    for number in ("nyc311-90000001", "nyc311-90000003"):
        assert "agree" in up.fine("verify", number, REDRESS_AS=LIU_MIN)
        assert "replay identically" in up.fine("replay", number, REDRESS_AS=LIU_MIN)
    again = up("import", str(SAMPLE), "--map", "nyc311", "--as", LIU_MIN)
    assert "7 rows, 0 imported, 5 were there already, 2 bad" in again.stdout


def test_many_overdue_ones_tell_nobody_and_are_shown_as_overdue(up: Up, office: Office) -> None:
    office.has(old(f"o{n}", received=40 + n) for n in range(60))
    assert office.imported()["imported"] == 60
    numbers = f"{office.source}-%"
    assert up.sql("SELECT count(*) FROM notices WHERE number LIKE %s", numbers) == [(0,)]
    assert up.sql(
        "SELECT count(*) FROM escalations WHERE number LIKE %s AND resolved_at IS NULL", numbers
    ) == [(0,)]
    overdue = up.json("list", "--overdue", "--json", "--limit", "1000")
    assert len([c for c in overdue if c["number"].startswith(office.source)]) == 60


def test_one_that_was_taken_over_is_worked_on_as_any_other(up: Up, office: Office) -> None:
    office.has([old("live", received=10)])
    office.imported()
    number = f"{office.source}-live"
    answer = up.do(number, "add-note", text="Found in the old system.")
    assert answer["stage"] == "intake"
    assert "(imported from" in up.fine("show", number)
    up.recorded(number, answer["seq"])
    assert "agree" in up.fine("verify", number)


def test_a_trial_writes_nothing_and_reports_every_bad_row(up: Up, office: Office, tmp_path: Path) -> None:
    office.has([old("a"), ("b c", "", "x", "", "yesterday", ""), old("d", received=1, closed=2), old("e")])
    report = tmp_path / "bad.csv"
    answer = up(*office.arguments("--dry-run", "--report", str(report)))
    assert answer.returncode == Exit.MALFORMED
    assert "4 rows, 2 could be imported, 2 bad" in answer.stdout
    told = list(csv.reader(report.read_text(encoding="utf-8").splitlines()))
    assert [(row[1], row[2]) for row in told[1:]] == [
        ("3", "description"),
        ("3", "received_at"),
        ("4", ""),
    ]
    assert "imported.closed.at" in told[3][3]
    assert office.count() == 0
    json_report = tmp_path / "bad.json"
    up(*office.arguments("--dry-run", "--report", str(json_report)))
    assert [entry["line"] for entry in json.loads(json_report.read_text())] == [3, 3, 4]


def test_killed_in_the_middle_it_goes_on_where_it_was(up: Up, office: Office) -> None:
    office.has(old(f"k{n}", closed=100) for n in range(120))
    process = office.started_apart("--rate", "20")

    def is_on_its_way() -> None:
        assert office.count() >= 10

    eventually_sync(is_on_its_way, timeout=60)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert 10 <= office.count() < 120
    sums = office.imported("--rate", "0")
    assert (sums["imported"] + sums["there"], sums["bad"]) == (120, 0)
    assert sums["there"] >= 10
    assert office.count() == 120
    assert up.sql(
        "SELECT count(*) FROM ledger WHERE number LIKE %s AND type = 'Registered'", f"{office.source}-%"
    ) == [(120,)]


def test_broken_off_it_finishes_what_it_began_and_says_how_to_go_on(up: Up, office: Office) -> None:
    office.has(old(f"i{n}", closed=100) for n in range(200))
    process = office.started_apart("--rate", "20")

    def is_on_its_way() -> None:
        assert office.count() >= 5

    eventually_sync(is_on_its_way, timeout=60)
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Run the same command again to go on" in complained
    assert " imported" in said
    assert office.count() < 200


def test_people_are_sealed(up: Up, office: Office) -> None:
    office.has([old("sealed", received=10)])
    office.imported()
    [(name, said)] = up.sql(
        "SELECT customer_name, description FROM complaints WHERE number = %s", f"{office.source}-sealed"
    )
    assert name.startswith("sealed:")
    assert said.startswith("sealed:")


def test_whoever_may_not_import_is_refused_before_anything_is_read(up: Up) -> None:
    refused = up("import", "nowhere.csv", "--map", "nyc311", "--as", "handler:zhang.wei@billing")
    assert refused.returncode == Exit.REFUSED
    assert "NotYourRole" in refused.stderr


@pytest.mark.parametrize(
    ("file", "said"),
    [("", "is empty"), ("a,b\n1,2\n", "looks at the column 'Unique Key'")],
    ids=["empty", "others"],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(up: Up, tmp_path: Path, file: str, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(file)
    refused = up("import", str(path), "--map", "nyc311", "--as", LIU_MIN)
    assert refused.returncode == Exit.MALFORMED
    assert said in refused.stderr


# --- export


@pytest.fixture(scope="module")
def taken(up: Up, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Cases of one source: three of billing, one that nobody answers for, one that is confidential."""
    office = Office(up, tmp_path_factory.mktemp("taken"), "takenout")
    office.has([old("x3", received=30), old("x1", received=50, closed=45), old("x2", received=40)])
    assert office.imported()["imported"] == 3
    form_ = json.loads(form("secret", source="takenout", description="=HYPERLINK(1)"))
    form_["confidential"] = True
    number = up.json("start", "-", "--json", stdin=json.dumps(form_))["number"]
    up.recorded(number)
    return office.source


def rows_of(path: Path, source: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]]
    match path.suffix:
        case ".csv":
            rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        case ".jsonl":
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        case _:
            rows = pq.read_table(path).to_pylist()
    return [row for row in rows if row["source"] == source]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_cases_are_written_in_order_and_without_people(
    up: Up, taken: str, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"cases{suffix}"
    assert "cases written to" in up.fine("export", "-o", str(path), "--as", "auditor:inspector")
    rows = rows_of(path, taken)
    assert [row["reference"] for row in rows] == ["x1", "x2", "x3", "secret"]
    assert "王秀英".encode() not in path.read_bytes()
    assert "customer_name" not in rows[0]
    assert not list(tmp_path.glob("*.part"))


def test_the_same_cases_are_the_same_file(up: Up, taken: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    for path in (one, two):
        up.fine("export", "-o", str(path), "--closed", "--as", "auditor:inspector")
    assert one.read_bytes() == two.read_bytes()


def test_cases_are_chosen(up: Up, taken: str, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"

    def chosen(*options: str) -> list[str]:
        up.fine("export", "-o", str(path), *options, "--as", "auditor:inspector")
        return [row["reference"] for row in rows_of(path, taken)]

    assert chosen("--closed") == ["x1"]
    assert chosen("--open", "--department", "billing") == ["x2", "x3"]
    assert chosen("--stage", "intake", "--category", "billing") == ["x2", "x3", "secret"]
    assert chosen("--from", days_ago(45), "--until", days_ago(35)) == ["x2"]
    assert chosen("--category", "outage") == []


def test_people_are_written_for_who_asks_and_may_see_them(up: Up, taken: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    up.fine("export", "-o", str(path), "--with-people", "--as", LIU_MIN)
    people = {row["reference"]: row for row in rows_of(path, taken)}
    assert (people["x1"]["customer_name"], people["x1"]["description"]) == ("王秀英", "电费不对。")
    assert people["secret"]["description"] == "'=HYPERLINK(1)"  # no formula in a spreadsheet


def test_a_confidential_reporter_is_kept_from_roles_that_the_policy_does_not_name(
    up: Up, taken: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.jsonl"
    up.fine("export", "-o", str(path), "--with-people", "--as", "system:takenout")
    people = {row["reference"]: row for row in rows_of(path, taken)}
    assert people["x1"]["customer_name"] == "王秀英"
    assert people["secret"]["customer_name"] is None
    assert people["secret"]["description"] is None


def test_a_lead_takes_out_what_is_within_reach(up: Up, taken: str, tmp_path: Path) -> None:
    path = tmp_path / "reach.jsonl"

    def within(actor: str) -> list[str]:
        up.fine("export", "-o", str(path), "--as", actor)
        return [row["reference"] for row in rows_of(path, taken)]

    assert within("lead:chen.jing@billing") == ["x1", "x2", "x3", "secret"]
    assert within("lead:he.ping@hall") == ["secret"]  # nobody answers for it yet
    assert within("system:takenout") == ["x1", "x2", "x3", "secret"]
    assert within("system:crm") == []


def test_whoever_may_not_export_is_refused(up: Up, tmp_path: Path) -> None:
    refused = up("export", "-o", str(tmp_path / "x.csv"), "--as", "handler:zhang.wei@billing")
    assert refused.returncode == Exit.REFUSED
    assert "NotYourRole" in refused.stderr


@pytest.mark.parametrize(
    "arguments", [(), ("-o", "x.xlsx"), ("nyc311-1", "--closed"), ("-o", "/nowhere/x.csv")]
)
def test_what_makes_no_sense_is_told(up: Up, arguments: tuple[str, ...]) -> None:
    answer = up("export", *arguments, "--as", LIU_MIN)
    assert answer.returncode == Exit.MALFORMED


def test_a_history_is_still_written_by_its_number(up: Up, taken: str, tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    up.fine("export", f"{taken}-x2", "-o", str(path))
    assert "replay identically" in up.fine("replay", os.fspath(path))
