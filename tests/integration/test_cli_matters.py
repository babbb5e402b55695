"""Matters, incidents and schedules against one running `redress up`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from cli.exits import Exit
from tests.eventually import eventually_sync
from tests.integration.test_cli_commands import Up
from tests.integration.test_cli_commands import up as up  # noqa: PLC0414 - a fixture

LIU_MIN = "customer_service:liu.min"


def opening(reference: str) -> str:
    return json.dumps(
        {
            "kind": "improvement",
            "reference": reference,
            "title": "Read every meter twice",
            "department": "billing",
            "owner": "zhang.wei",
            "due_at": (datetime.now(UTC) + timedelta(days=20)).isoformat(),
        }
    )


def test_a_matter_is_opened_once_worked_on_and_shown(up: Up) -> None:
    opened = up.json("matter", "open", "--as", LIU_MIN, "--json", opening("meters"), "--answer-json")
    assert opened == {"matter": "improvement.meters", "new": True}
    assert "was there already" in up.fine("matter", "open", "--as", LIU_MIN, "--json", opening("meters"))
    done = up.fine(
        "matter", "do", "improvement.meters", "conclude", "--json", '{"decisions": ["Since Monday."]}'
    )
    assert done.startswith("improvement.meters  done")

    def shown() -> None:
        assert up("matter", "show", "improvement.meters").stdout.count("Since Monday.") == 1

    eventually_sync(shown, timeout=20)
    assert "Since Monday." not in up.fine("matter", "show", "improvement.meters", "--private")
    assert "Read every meter" not in up.fine("matter", "show", "improvement.meters", "--private", "--json")
    assert "improvement.meters" in up.fine("matter", "list", "--all")
    refused = up("matter", "do", "improvement.meters", "add-note", "--json", '{"text": "?"}')
    assert (refused.returncode, "AlreadyClosed" in refused.stderr) == (Exit.REFUSED, True)


def test_what_is_not_there_is_said(up: Up) -> None:
    for arguments in (
        ("matter", "show", "review.none"),
        ("matter", "do", "review.none", "cancel", "--json", '{"reason": "?"}'),
        ("schedules", "run", "never"),
    ):
        assert up(*arguments).returncode == Exit.NOT_FOUND
    assert up("matter", "do", "review.none", "dance").returncode == Exit.MALFORMED


def test_an_incident_answers_its_complaints_together(up: Up) -> None:
    numbers = [up.start(f"flood-{n}") for n in (1, 2)]
    fields = {"reference": "flood", "title": "Flooded substation", "cases": [*numbers, "hotline-none"]}
    opened = up.json("incident", "open", "--as", LIU_MIN, "--json", json.dumps(fields), "--answer-json")
    assert [item["rule"] for item in opened["complaints"]] == [None, None, "AlreadyClosed"]
    news = json.dumps({"channel": "phone", "message": "Power is back at six."})

    def told() -> None:
        answered = up.json(
            "incident", "answer", "incident.flood", "--as", LIU_MIN, "--json", news, "--answer-json"
        )
        assert [item["number"] for item in answered["complaints"]] == numbers

    eventually_sync(told, timeout=20)
    assert "no open complaint" in up.fine("incident", "answer", "incident.none", "--json", news)


def test_schedules_are_applied_listed_and_run(up: Up) -> None:
    assert [each["new"] for each in up.json("schedules", "apply", "--json")] == [True] * 4
    assert [each["new"] for each in up.json("schedules", "apply", "--json")] == [False] * 4

    def listed() -> None:
        assert [each["name"] for each in up.json("schedules", "list", "--json")] == [
            "conflicts",
            "hot-spots",
            "liability",
            "retention",
        ]

    eventually_sync(listed, timeout=20)
    assert up.fine("schedules", "run", "conflicts").startswith("conflicts  started")
