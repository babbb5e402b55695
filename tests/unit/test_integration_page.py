"""What integrators are told of Temporal is what the code has."""

from __future__ import annotations

import json
import re
from pathlib import Path

from activities.names import COMPLAINTS_QUEUE
from activities.retention import UNCLAIMED_FOR
from api.routes.codec import LARGER
from api.shapes import PAYLOADS_AT_ONCE as AT_MOST
from complaints.commands import Envelope
from complaints.view import Answer
from complaints.wire import read
from workflows import names
from workflows.complaint import Start

PAGE = (Path(__file__).parents[2] / "docs" / "integration" / "temporal.md").read_text(encoding="utf-8")
PAYLOADS = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_the_payloads_on_the_page_are_read_as_they_stand() -> None:
    start, envelope = (each.replace("…", "") for each in PAYLOADS)
    read(Envelope, envelope.encode())
    read(Envelope, json.dumps(json.loads(start)["registration"]).encode())
    assert set(json.loads(start)) <= set(Start.__dataclass_fields__)


def test_the_names_on_the_page_are_those_of_the_code() -> None:
    for name in (names.COMPLAINT, COMPLAINTS_QUEUE, names.EXECUTE, names.VIEW, names.ARRIVING):
        assert f"`{name}`" in PAGE
    for name in names.SEARCH_ATTRIBUTES:
        assert f"`{name}`" in PAGE
    for name in Answer.__dataclass_fields__:
        assert f"`{name}`" in PAGE, name


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    (limit,) = LARGER.values()
    assert f"Up to {AT_MOST} payloads and {limit.bytes // 2**20} MiB at once" in PAGE
    assert f"after {UNCLAIMED_FOR.days} days" in PAGE
