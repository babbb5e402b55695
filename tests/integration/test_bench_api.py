"""The measurement of the HTTP door runs, lays three sides out, and loses no row."""

import re
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def report() -> str:
    command = [sys.executable, "-m", "bench.api", "--n", "10", "--rounds", "1"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize(("kind", "n"), [("start", 10), ("command", 50)])
@pytest.mark.parametrize("percent", [50, 99])
def test_how_long_clients_wait_is_said_of_each_side_with_ours_to_the_bare_ones(
    report: str, kind: str, n: int, percent: int
):
    line = rf"^{kind}, p{percent}, ms \(n = {n}\) +[\d.]+ +[\d.]+ +[\d.]+\n  ours to it +[\d.]+ +[\d.]+ *$"
    assert re.search(line, report, re.MULTILINE), report


def test_the_cpu_of_every_process_is_said(report: str):
    for part in ("server", "worker", "database", "driver", "api"):
        found = re.search(rf"^CPU ms a complaint, {part} +([\d.]+) +([\d.]+) +([\d.]+)", report, re.MULTILINE)
        assert found is not None, part
        assert float(found[3]) > 0, part


def test_every_row_that_should_be_there_is_there(report: str):
    assert "every row is there" in report
