"""The benchmark runs, says what it measured, and its lives stay within their budget of history events."""

import re
import subprocess
import sys

import pytest

MOST_EVENTS = 100


@pytest.fixture(scope="module")
def report() -> str:
    command = [sys.executable, "-m", "bench", "--n", "6", "--rounds", "1", "--in-flight", "6"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_ratio_to_the_floor_is_printed_for_each_round_and_in_the_median(report: str):
    assert re.search(r"^complaints/s, round 1 +[\d.]+ +[\d.]+ +[\d.]+$", report, re.MULTILINE)
    assert re.search(r"^complaints/s, median +[\d.]+ +[\d.]+ +[\d.]+$", report, re.MULTILINE)
    assert re.search(r"^(met|MISSED) +throughput [\d.]+ of the floor's", report, re.MULTILINE)


def test_the_cpu_of_every_process_is_printed(report: str):
    for part in ("server", "worker", "database", "driver"):
        found = re.search(rf"^CPU ms a complaint, {part} +([\d.]+) +([\d.]+)", report, re.MULTILINE)
        assert found is not None, part
        assert float(found[1]) > 0, part
        assert float(found[2]) > 0, part


def test_ten_commands_stay_within_their_budget_of_history_events(report: str):
    found = re.search(r"^history events of a life, median +(\d+) +(\d+)", report, re.MULTILINE)
    assert found is not None
    floor, ours = int(found[1]), int(found[2])
    assert 61 < ours <= MOST_EVENTS  # 61: the life's own, without a single recording
    assert ours < floor


def test_every_row_that_should_be_there_is_there(report: str):
    assert "every row is there" in report
