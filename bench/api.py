"""What this stresses: the HTTP door. How long do 20 clients at once wait for a start and for a command?

Three sides take turns on the same servers, each with 20 clients that go on as soon as they are answered. Bare: a
workflow in the shape of a complaint (`bench.floor`), started and updated by Temporal's own client, each update recording
one row; once so that its caller waits for the row, and once so that it is answered before, as ours is. Ours: the API as a
process of its own, with API keys that it checks, and the product's worker; everything personal is sealed on the way.
`python -m bench.api [--n N] [--rounds N]`; exit status 1 if a row is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from psycopg_pool import ConnectionPool
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from activities.names import COMPLAINTS_QUEUE
from api.access.secret import Digests, make_secret
from bench.floor import FloorSide, conninfo
from bench.http_line import Connection
from bench.measure import PARTS, Life, Round, RowsMissing, Side, measure
from bench.report import machine
from bench.service import Service
from complaints.vocabulary import Actor, Role
from db import api_keys
from db.api_keys import ApiKey
from db.engine import make_engine
from db.keys import Keys
from db.tables import ComplaintRow, LedgerRow
from stack.ports import LOOPBACK, choose_port
from workflows.client import connect
from workflows.settings import Settings

CLIENTS = 20
SOURCE = "crm"
READY_SECONDS = 60.0

_CRM = Actor(id=SOURCE, role=Role.SYSTEM)
_STAFF = Actor(id="li.na", role=Role.CUSTOMER_SERVICE)

_COMMANDS: tuple[tuple[Actor, dict[str, Any]], ...] = (
    (
        _STAFF,
        {
            "type": "RecordFirstContact",
            "listened": True,
            "restated": True,
            "customer_confirmed": True,
            "apology_or_understanding": True,
            "emotional_intensity": 4,
            "customer_type": "grumbler",
        },
    ),
    (_CRM, {"type": "AddNote", "text": "她又打来电话,问什么时候有人去看电表。"}),
    (_STAFF, {"type": "Classify", "category": "billing", "severity": "high", "justified": "yes"}),
    (_STAFF, {"type": "Assign", "department": "billing", "handler": "zhang.wei"}),
    (
        _STAFF,
        {
            "type": "RecordFindings",
            "root_cause": "抄表员把 4 看成了 7",
            "justified": "yes",
            "responsible_department": "metering",
            "evidence": "Photograph of the meter, 3 March",
        },
    ),
)


class OverHttp:
    """Ours as one side: complaints started and led by HTTP."""

    name = "by HTTP"
    worker = "worker"
    queue = COMPLAINTS_QUEUE

    def __init__(self, address: str, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._address = address
        self._answered: dict[str, int] = {}
        self._headers = {
            actor: {"Authorization": f"Bearer {_key_for(actor, engine, settings)}"}
            for actor in (_CRM, _STAFF)
        }

    async def ready(self) -> None:
        """Wait until the API can serve."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                async with Connection(self._address) as line:
                    if (await line.get("/readyz")).status == 200:
                        return
            await asyncio.sleep(0.05)
        raise TimeoutError(f"the API was not ready within {READY_SECONDS:.0f} s")

    async def live(self, reference: str) -> Life:
        """Start one, and send it its commands, by one connection that is open already."""
        async with Connection(self._address) as line:
            start, (status, answer) = await self._timed(line, _CRM, "/v1/complaints", _complaint(reference))
            _expect(status == 201, answer)
            number, trips = answer["number"], []
            for actor, command in _COMMANDS:
                path = f"/v1/complaints/{number}/commands"
                trip, (status, answer) = await self._timed(line, actor, path, command)
                _expect(status == 200, answer)
                trips.append(trip)
        self._answered[number] = answer["seq"]
        return Life(id=number, rows=answer["seq"], start=start, trips=tuple(trips))

    async def _timed(
        self, line: Connection, actor: Actor, path: str, body: dict[str, Any]
    ) -> tuple[float, tuple[int, Any]]:
        sent = time.perf_counter()
        reply = await line.post(path, body, self._headers[actor])
        return time.perf_counter() - sent, (reply.status, reply.json())

    def count_rows(self) -> int:
        """Count the lines of the ledger up to the last answers; what time brought since is not waited for."""
        with self._engine.connect() as connection:
            heads = connection.execute(select(ComplaintRow.number, ComplaintRow.seq)).all()
        return sum(min(seq, self._answered.get(number, 0)) for number, seq in heads)

    def faults(self, lives: Sequence[Life]) -> list[str]:
        """Every life has a ledger without gaps, at least up to its last answer, and a row that is as new."""
        ledger = select(LedgerRow.number, func.count(), func.max(LedgerRow.seq)).group_by(LedgerRow.number)
        heads = select(ComplaintRow.number, ComplaintRow.seq)
        with self._engine.connect() as connection:
            found = {number: (count, last) for number, count, last in connection.execute(ledger)}
            shown = {row.number: row.seq for row in connection.execute(heads)}
        wrong = []
        for life in lives:
            count, last = found.get(life.id, (0, 0))
            if count != last or last < life.rows:
                wrong.append(f"the ledger of {life.id} has {count} lines up to {last}, not {life.rows}")
            if shown.get(life.id) != last:
                wrong.append(f"the row of {life.id} stands at {shown.get(life.id)}, not {last}")
        return wrong


def _expect(is_so: bool, answer: Any) -> None:
    if not is_so:
        raise RuntimeError(f"the API answered {answer}")


def _complaint(reference: str) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "reference": reference,
        "channel": "phone",
        "customer": {"name": "王秀英", "contact": f"wang.{reference}@example.com", "language": "zh-CN"},
        "category": "billing",
        "description": "三月电费比上月多了三倍,电表读数和账单对不上。",
        "asked_remedy": "重新抄表,退还多收的电费",
    }


def _key_for(actor: Actor, engine: Engine, settings: Settings) -> str:
    """Make an API key as `redress keys add` does."""
    secret, now = make_secret(), datetime.now(UTC)
    digest = Digests([Keys(engine, settings.masters).secret("access")]).of(secret)
    key = ApiKey(
        id=secret.id,
        name=actor.id,
        actor=actor,
        scopes=None,
        created_at=now,
        created_by="bench",
        expires_at=now + timedelta(days=1),
    )
    with Session(engine) as session:
        api_keys.add(session, key, digest)
        session.commit()
    return secret.text


async def compare(service: Service, *, n: int, rounds: int) -> tuple[Sequence[Side], dict[str, list[Round]]]:
    """Let the three sides take turns.

    Raises:
        RowsMissing: Names what is not there.
    """
    settings = service.settings
    client = await connect(settings)
    engine = make_engine(settings.database_url.get_secret_value(), application_name="bench")
    address = f"{LOOPBACK}:{choose_port()}"
    with ConnectionPool(conninfo(settings), min_size=1) as pool:
        steps = len(_COMMANDS)
        ours = OverHttp(address, engine, settings)
        sides: Sequence[Side] = (
            FloorSide(client, pool, name="bare, row first", steps=steps),
            FloorSide(client, pool, name="bare", steps=steps, waits=False),
            ours,
        )
        service.start_worker("bench.floor_worker")
        service.start_worker(ours.worker)
        service.start_beside(
            ours.worker, "api", "api", REDRESS_API_ADDRESS=address, REDRESS_RATE_PER_MINUTE="1000000"
        )
        await ours.ready()
        measured = await measure(service, client, sides, n=n, rounds=rounds, in_flight=CLIENTS)
    engine.dispose()
    return sides, measured


_LABEL, _COLUMN = 34, 17
_KINDS: dict[str, Callable[[Life], Sequence[float]]] = {
    "start": lambda life: (life.start,),
    "command": lambda life: life.trips,
}


def report(names: Sequence[str], measured: dict[str, list[Round]]) -> list[str]:
    """Lay the sides out beside each other; ratios are ours to a bare side, round by round, and their median."""
    *bare, ours = (measured[name] for name in names)
    lines = [_row("", *names)]
    for kind, trips in _KINDS.items():
        count = sum(len(trips(life)) for each in ours for life in each.lives)
        for percent in (50, 99):
            found = [_percentiles(rounds, trips, percent) for rounds in (*bare, ours)]
            label = f"{kind}, p{percent}, ms (n = {count})"
            lines.append(_row(label, *(f"{1000 * median(side):.1f}" for side in found)))
            ratios = [median(b / a for a, b in zip(side, found[-1], strict=True)) for side in found[:-1]]
            lines.append(_row("  ours to it", *(f"{ratio:.2f}" for ratio in ratios), ""))
    sides = [*bare, ours]
    lines += [
        _row(f"CPU ms a complaint, {part}", *(f"{median(r.cpu_ms(part) for r in s):.1f}" for s in sides))
        for part in (*PARTS, "api")
    ]
    total = [median(1000 * sum(r.cpu.values()) / len(r.lives) for r in side) for side in sides]
    lines.append(_row("CPU ms a complaint, all", *(f"{each:.1f}" for each in total)))
    lines.append(_row("starts and commands/s", *(f"{median(map(_calls, s)):.1f}" for s in sides)))
    lines.append(_row("CPU taken by others", *(f"{median(r.others for r in s):.0%}" for s in sides)))
    return lines


def _percentiles(
    rounds: Sequence[Round], trips: Callable[[Life], Sequence[float]], percent: int
) -> list[float]:
    return [
        quantiles([trip for life in each.lives for trip in trips(life)], n=100)[percent - 1]
        for each in rounds
    ]


def _calls(each: Round) -> float:
    return sum(1 + len(life.trips) for life in each.lives) / each.seconds


def _row(label: str, *cells: str) -> str:
    return label.ljust(_LABEL) + "".join(cell.rjust(_COLUMN) for cell in cells)


def main(arguments: Sequence[str]) -> int:
    """Measure and print; ends with 1 if a row is missing."""
    parser = argparse.ArgumentParser(prog="bench.api", description=__doc__)
    parser.add_argument("--n", type=int, default=200, help="complaints a round and side (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds after the warm-up (%(default)s)")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # ends the servers on its way
    print(f"{CLIENTS} clients at once, {options.rounds} rounds of {options.n} complaints a side,", end=" ")
    print(f"each a start and {len(_COMMANDS)} commands", *machine(), "", sep="\n", flush=True)
    try:
        with Service() as service:
            sides, measured = asyncio.run(compare(service, n=options.n, rounds=options.rounds))
    except RowsMissing as missing:
        print(f"MISSING {missing}", file=sys.stderr)
        return 1
    print(*report([side.name for side in sides], measured), "", sep="\n")
    print(f"every row is there; load {Path('/proc/loadavg').read_text().split()[0]} after")
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # the SDK may abort in the interpreter's own shutdown
