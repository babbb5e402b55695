"""The demonstration: every life ends as it is written, or the demonstration says where not and ends with status 1."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.demo.lives import samples

pytestmark = pytest.mark.timeout(240)  # all lives take a minute where three processes share two cores

ROOT = Path(__file__).parents[2]
MARK = "REDRESS_TEST_MARK"

CITY_FILE = """\
Unique Key,Created Date,Agency,Agency Name,Complaint Type,Descriptor,Location Type,City
90000001,3/14/2025 1:20,DSNY,Department of Sanitation,Dead Animal,Raccoon,Street,BROOKLYN
90000002,3/14/2025 2:20,DPR,Department of Parks,Animal in a Park,Dog Off Leash,Park,QUEENS
90000003,3/14/2025 3:20,NYPD,Police Department,Animal-Abuse,Chained,Residence,BRONX
"""

Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def play(home: Path) -> Play:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        return subprocess.run(
            [sys.executable, "-m", "cli.main", "demo", "--home", str(home / "stage"), *arguments],
            cwd=home,
            env={**variables, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environment},
            capture_output=True,
            text=True,
            timeout=220,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def whole(play: Play, home: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    """One run of all lives and three more that read like the city's, with a mark by which to find what it started."""
    file = home / "city.csv"
    file.write_text(CITY_FILE)
    mark = uuid.uuid4().hex
    return play("--csv", str(file), "--real", "3", **{MARK: mark}), mark


def test_every_life_ends_as_it_is_written(whole: tuple[Any, str]) -> None:
    ended, _ = whole
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{len(samples()) + 3} complaints ended as written" in ended.stdout
    assert ended.stderr == ""


def test_the_table_shows_every_life(whole: tuple[Any, str]) -> None:
    table = whole[0].stdout.partition("Complaints of our own making")[2]
    for number in [life.number for life in samples()] + [f"nyc311-9000000{n}" for n in (1, 2, 3)]:
        assert number in table


def test_one_life_is_told_from_its_first_word_to_its_last(whole: tuple[Any, str]) -> None:
    story = whole[0].stdout.partition("The whole story of power-95598-41003")[2]
    told = [
        "registered from power by letter",
        "ESCALATION E1 to lead (at risk)",
        "MISSED: statutory/1",
        "ESCALATION E1 climbs to customer service",
        "ESCALATION E1 climbs to executive",
        "escalation E1 resolved: the duty was fulfilled",
        "→ closed (resolved)",
        "→ ended (resolved)",
        "make up",
    ]
    places = [story.find(line) for line in told]
    assert -1 not in places
    assert places == sorted(places)


def test_one_deadline_is_explained_day_by_day(whole: tuple[Any, str]) -> None:
    page = whole[0].stdout.partition("Why this deadline: power-95598-41001")[2]
    told = [
        "Answer within 5 working days",
        "statutory.answer in power-town@1",
        "holiday: 灯会放假 / Lantern",
        "make-up day: 灯会调休上班",
        "In all: 5 of 5 days",
        "The steps lead to the deadline on record.",
    ]
    places = [page.find(line) for line in told]
    assert -1 not in places
    assert places == sorted(places)


def test_a_rung_is_passed_on_to_the_people_who_answer_for_it(whole: tuple[Any, str], home: Path) -> None:
    log = (home / "stage" / "demo.log").read_text(encoding="utf-8")
    on_leave = [line for line in log.splitlines() if "passed on" in line and "power-95598-41005" in line]
    assert any("jiang.nan" in line for line in on_leave)


def test_nothing_is_wider_than_a_hundred_columns(whole: tuple[Any, str]) -> None:
    assert max(len(line) for line in whole[0].stdout.splitlines()) <= 100


def test_notices_lie_in_the_log_and_customers_do_not(whole: tuple[Any, str], home: Path) -> None:
    log = (home / "stage" / "demo.log").read_text(encoding="utf-8")
    assert "outbox" in log
    assert "投诉升级：power-95598-20318" in log
    for life in samples():
        customer = life.complaint.customer
        for private in (customer.name, customer.contact, life.complaint.description):
            assert private is None or private not in log


@pytest.mark.usefixtures("whole")
def test_its_servers_end_with_it(whole: tuple[Any, str], home: Path) -> None:
    assert not (home / "stage" / "postgres" / "data" / "postmaster.pid").exists()
    mark = f"{MARK}={whole[1]}".encode()
    assert [place for place in Path("/proc").glob("[0-9]*/environ") if mark in _environment(place)] == []


def test_a_life_that_ends_otherwise_than_written_is_named(play: Play) -> None:
    ended = play("--real", "0", "--only", "hotel-R1204", "--falsify", "hotel-R1204")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "hotel-R1204: round is 1, and should be 2" in ended.stdout
    assert "ended as written" not in ended.stdout


def test_a_life_that_cannot_be_played_is_named(play: Play, home: Path) -> None:
    """Two complaints with one reference: the second is told that it exists already."""
    file = home / "twice.csv"
    first, row, *_ = CITY_FILE.splitlines()
    file.write_text(f"{first}\n{row}\n{row}\n")
    ended = play("--csv", str(file), "--real", "2", "--only", "nyc311-90000001")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "nyc311-90000001, Register: there is a complaint of this number already" in ended.stdout


def test_a_file_that_is_not_the_citys_is_refused_before_anything_starts(play: Play, home: Path) -> None:
    file = home / "other.csv"
    file.write_text("a,b\n1,2\n")
    ended = play("--csv", str(file))
    assert ended.returncode == 2
    assert "is not the city's file" in ended.stderr


def test_an_unknown_number_is_refused(play: Play) -> None:
    assert play("--real", "0", "--only", "nobody-1").returncode == 2


def _environment(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:  # it has ended, or is not ours to look at
        return b""
