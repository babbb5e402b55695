"""Schemathesis over the running API: all of its checks, and its chains of requests, find nothing.

The requests are the same in every run. REDRESS_SCHEMATHESIS_SECONDS=600 asks for a longer dose, of other ones.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
import uvicorn

from complaints.vocabulary import Actor, Role
from stack.ports import choose_port
from stack.postgres import Postgres
from tests.integration.desk import Desk, workers
from tests.integration.real_api import RealApi, really_served

SECONDS = os.environ.get("REDRESS_SCHEMATHESIS_SECONDS")
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
CONFIG = """
# What a document cannot say: what there is, what stage it is at, and what its rules allow.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 412]

# Nor which bytes are a picture, which hosts there are, and that one thing is asked for and not two.
[[operations]]
include-name = "POST /v1/complaints/{{number}}/attachments"
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412, 415]
checks.negative_data_rejection.enabled = false  # a number in a form is the text of it, so a file like any other

# A file that was sent under one key, removed, and sent again is found as it is now: removed.
[[operations]]
include-name = "GET /v1/complaints/{{number}}/attachments/{{attachment}}/content"
checks.ensure_resource_availability.enabled = false

[[operations]]
include-path = ["/v1/webhooks", "/v1/webhooks/{{name}}/replay"]
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422]

# So that there is something of that name.
[[operations]]
include-path-regex = "^/v1/complaints/.number./"
parameters = {{ "path.number" = "{number}", "path.escalation" = "E1" }}

[[operations]]
include-path-regex = "^/v1/webhooks/.name."
exclude-method = "DELETE"
parameters = {{ "path.name" = "{subscription}" }}
"""

DOSE = """
[phases.stateful.generation]
max-examples = 60  # with fewer it never comes to a chain

# Two requests of three would be of its seventy forms, which test_api_fuzz.py sends ten thousand of.
[[operations]]
include-name = "POST /v1/complaints/{{number}}/commands"
phases.coverage.enabled = false
"""


@pytest.mark.timeout(1800)
async def test_schemathesis_finds_nothing(desk: Desk, postgres: Postgres, tmp_path: Path) -> None:
    private = {"webhook_allow_private": "127.0.0.0/8"}
    async with workers(desk), really_served(desk, postgres, tmp_path, **private) as api:
        code, said = await _over(api, tmp_path)
    assert code == 0, said


async def _over(api: RealApi, folder: Path) -> tuple[int | None, str]:
    """Serve on a port while it runs."""
    port = choose_port()
    server = uvicorn.Server(uvicorn.Config(api.app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    try:
        return await _schemathesis(api, f"http://127.0.0.1:{port}", folder)
    finally:
        server.should_exit = True
        await serving


async def _things(api: RealApi) -> dict[str, str]:
    """Make what is asked for: a complaint with an escalation, and a subscription whose receiver is away."""
    number = await api.start()
    await api.recorded(number, await api.do(number, "Escalate", reason="客户情绪激动"))
    draft = {"url": f"http://127.0.0.1:{choose_port()}/", "types": ["Withdrawn"]}
    made = await api.ask("POST", "/v1/webhooks", json=draft)
    assert made.status_code == 201, made.text
    return {"number": number, "subscription": made.json()["id"]}


async def _schemathesis(api: RealApi, address: str, folder: Path) -> tuple[int | None, str]:
    """Run the command; returns its exit status and what it said."""
    config = folder / "schemathesis.toml"
    config.write_text((CONFIG if SECONDS else CONFIG + DOSE).format(**await _things(api)))
    key = api.key(Actor(id="liu.min", role=Role.CUSTOMER_SERVICE, department="service"))
    steady = ["--max-examples=6", "--seed=2031", "--generation-deterministic"]
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *(f"--config-file={config}", "run", f"{address}/openapi.json"),
        *(f"--header=Authorization: Bearer {key}", "--continue-on-failure"),
        "--generation-with-security-parameters=false",  # two credentials at once are refused
        *("--phases=examples,coverage,fuzzing,stateful", "--no-color"),
        *([f"--max-time={SECONDS}", "--generation-database=none"] if SECONDS else steady),
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "SCHEMATHESIS_HOOKS": str(HOOKS)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()
