"""The command line where nothing runs: usage, malformed input, help, and what it says about it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import exits, words
from cli.main import run
from cli.reference import DOCUMENT, filled
from complaints.events import FACTS

REDRESS = Path(sys.executable).with_name("redress")
LEAD = "--as=lead:chen.jing@billing"
FORM = {
    "source": "hotline",
    "reference": "2031",
    "channel": "phone",
    "customer": {"name": "王秀英", "contact": "+86 138 0000 2031"},
    "category": "billing",
    "description": "三月电费比上月多了三倍。",
}


@dataclass(frozen=True)
class Answer:
    returncode: int
    stdout: str
    stderr: str


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
def process(here: Path):
    """Runs the command as users do."""

    def run_it(*arguments: str, **variables: str) -> Answer:
        environment = {**os.environ, **variables}
        ended = subprocess.run(
            [REDRESS, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    return run_it


@pytest.fixture
def redress(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command in this process, for all that has to do with no server: a tenth of the time."""

    def run_it(*arguments: str, stdin: str = "", **variables: str) -> Answer:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code = run(arguments)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run_it


def test_help_names_every_command_and_every_exit_code(process: Redress) -> None:
    answer = process("--help")
    assert answer.returncode == 0
    for name in ("up", "demo", "start", "do", "show", "list", "escalations", "outbox", "verify", "replay"):
        assert f"\n  {name} " in answer.stdout
    for code, meaning in exits.MEANINGS.items():
        assert f"\n  {code.value:<3} {meaning}" in answer.stdout
    assert all(len(line) <= 100 for line in answer.stdout.splitlines())


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'temporalio', 'sqlalchemy', 'pydantic', 'rich', 'yaml', 'stack', 'alembic'}"
    script = f"import sys, cli.main; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("do", "hotline-1", "add-note", "--json", '{"text": "x"}', LEAD),
        ("health",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_where_nothing_runs_it_says_so_and_names_make_up(
    process: Redress, arguments: tuple[str, ...]
) -> None:
    answer = process(*arguments)
    assert answer.returncode == exits.Exit.AWAY
    assert answer.stdout == ""
    assert "nothing runs here" in answer.stderr
    assert "make up" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_servers_that_are_named_but_away_are_told_apart(process: Redress) -> None:
    answer = process(
        "health",
        "--json",
        REDRESS_DATABASE_URL="postgresql+psycopg://redress:x@127.0.0.1:1/redress",
        REDRESS_TEMPORAL_ADDRESS="127.0.0.1:1",
        REDRESS_ENCRYPTION_KEY="A" * 43 + "=",
    )
    assert answer.returncode == exits.Exit.AWAY
    health = json.loads(answer.stdout)
    assert health["temporal"]["fault"] == "no Temporal server answers at 127.0.0.1:1"
    assert health["database"]["fault"] == "PostgreSQL does not answer"


def test_a_wrong_setting_names_its_variable_and_never_its_value(redress: Redress) -> None:
    answer = redress(
        "health", REDRESS_DATABASE_URL="postgresql://redress:x@127.0.0.1:1/r", REDRESS_ENCRYPTION_KEY="abc"
    )
    assert answer.returncode == exits.Exit.MALFORMED
    assert "REDRESS_ENCRYPTION_KEY" in answer.stderr
    assert "abc" not in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("do", "n-1", "add-note", "--json", '{"text": ', LEAD), "--json is not JSON"),
        (("do", "n-1", "add-note", "--json", '["text"]', LEAD), "must be a mapping of fields"),
        (("do", "n-1", "add-note", "--json", "@absent.json", LEAD), "absent.json cannot be read"),
        (
            ("do", "n-1", "add-note", "--json", '{"text": "x", "mood": "good"}', LEAD),
            "mood: is not a field here",
        ),
        (("do", "n-1", "add-note", LEAD), "text: is missing"),
        (("do", "n-1", "add-note", "--json", '{"text": "x"}'), "nobody is named who acts"),
        (("do", "n-1", "add-note", "--json", '{"text": "x"}', "--as=boss:x"), "roles are system, desk"),
        (("do", "n-1", "ad-note", LEAD), "there is no command 'ad-note'\npossible instead: add-note"),
        (
            (
                "do",
                "n-1",
                "add-note",
                "--json",
                '{"text": "x"}',
                LEAD,
                "--received-at",
                "2026-03-01T09:00:00",
            ),
            "received_at: must name its UTC offset",
        ),
        (("do", "n-1"), "Missing argument"),
        (("start", "absent.yaml", LEAD), "absent.yaml cannot be read"),
        (("list", "--stage", "limbo"), "there is no stage 'limbo'"),
        (("scores", "--from", "March"), "--from: 'March' is no date"),
        (("scores", "--to", "2026-03-01T09:00"), "--to: '2026-03-01T09:00' must name its UTC offset"),
        (("search", "meter", "--outcome", "won"), "there is no outcome 'won'"),
        (("replay", "absent.json"), "there is no file absent.json"),
        (("dance",), "No such command"),
    ],
)
def test_malformed_input_ends_with_2_and_says_what_is_wrong(
    redress: Redress, arguments: tuple[str, ...], said: str
) -> None:
    answer = redress(*arguments)
    assert said in answer.stderr
    assert answer.returncode == exits.Exit.MALFORMED
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr


def test_every_malformed_complaint_of_a_list_is_named_before_any_is_started(redress: Redress) -> None:
    complaints = [FORM, {**FORM, "channel": "pigeon"}, {**FORM, "shoe_size": 43}]
    answer = redress("start", "-", LEAD, stdin=json.dumps(complaints))
    assert answer.returncode == exits.Exit.MALFORMED
    assert "1.channel:" in answer.stderr
    assert "2.shoe_size: is not a field here" in answer.stderr


def test_yaml_that_is_none_names_the_line(redress: Redress) -> None:
    answer = redress("start", "-", LEAD, stdin="source: hotline\nchannel: [phone\n")
    assert answer.returncode == exits.Exit.MALFORMED
    assert "standard input is neither JSON nor YAML: fault in line 3" in answer.stderr


def test_a_file_that_is_no_history_is_refused(redress: Redress, tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text('{"runs": 7}')
    answer = redress("replay", "history.json", REDRESS_ENCRYPTION_KEY="A" * 43 + "=")
    assert answer.returncode == exits.Exit.MALFORMED
    assert "no exported history" in answer.stderr


def test_commands_lists_fields_in_any_spelling(redress: Redress) -> None:
    for spelling in ("prepare-option", "PrepareOption", "prepare_option"):
        answer = redress("commands", spelling)
        assert answer.returncode == 0
        assert "compensation.amount_minor" in answer.stdout
    assert json.loads(redress("commands", "--json").stdout)["add-note"]["required"] == ["text"]


def test_settings_lists_every_variable(redress: Redress) -> None:
    listed = {row["variable"] for row in json.loads(redress("settings", "--json").stdout)}
    assert listed >= {"REDRESS_DATABASE_URL", "REDRESS_TEMPORAL_ADDRESS", "REDRESS_HOME", "REDRESS_AS"}


def test_every_kind_of_event_has_a_sentence() -> None:
    assert words.SENTENCES.keys() == FACTS.keys()


def test_the_documented_reference_is_that_of_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert filled(text) == text, "docs/cli.md is behind the code; `python -m cli.reference` writes it anew"
