"""`python -m bench`: runs a measurement and prints what it says.

Exit status 0 if every row is there that should be, 1 if not. Whether goals are met is said, but no failure: how
fast a machine is today is not for this command to judge.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys

from psycopg_pool import ConnectionPool

from bench import report
from bench.floor import FloorSide, conninfo
from bench.measure import RowsMissing, measure
from bench.service import Service
from bench.whole_life import WholeLife
from db.engine import make_engine
from workflows.client import connect


async def whole_life(service: Service, arguments: argparse.Namespace) -> None:
    """Measure ours against the floor."""
    settings = service.settings
    client = await connect(settings)
    engine = make_engine(settings.database_url.get_secret_value(), application_name="bench")
    with ConnectionPool(conninfo(settings), min_size=1) as pool:
        floor, ours = FloorSide(client, pool), WholeLife(client, engine, settings.masters)
        service.start_worker(floor.worker, *(["--sandbox"] if arguments.plain_floor else []))
        service.start_worker(ours.worker)
        print(
            f"{ours.name} against {floor.name}: {arguments.rounds} rounds of {arguments.n} complaints,",
            end=" ",
        )
        print(f"{arguments.in_flight} in flight")
        print(*report.machine(), "", sep="\n", flush=True)
        rounds = await measure(
            service,
            client,
            (floor, ours),
            n=arguments.n,
            rounds=arguments.rounds,
            in_flight=arguments.in_flight,
        )
    engine.dispose()
    below, above = rounds[floor.name], rounds[ours.name]
    print(*report.comparison((floor.name, below), (ours.name, above)), "", sep="\n")
    print(*report.verdict(below, above), "every row is there", sep="\n")


SCENARIOS = {"whole-life": whole_life}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measures Redress on real servers.")
    parser.add_argument("scenario", nargs="?", choices=SCENARIOS, default="whole-life")
    parser.add_argument("--n", type=_count, default=90, help="complaints a round and side (%(default)s)")
    parser.add_argument("--rounds", type=_count, default=3, help="rounds after the warm-up (%(default)s)")
    parser.add_argument("--in-flight", type=_count, default=30, help="complaints at a time (%(default)s)")
    parser.add_argument(
        "--plain-floor",
        action="store_true",
        help="run the floor's workflows in the SDK's sandbox as by default; ours run outside it",
    )
    return parser.parse_args()


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def _main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # ends the servers on its way
    try:
        with Service() as service:
            asyncio.run(SCENARIOS[arguments.scenario](service, arguments))
    except RowsMissing as missing:
        print(f"MISSING {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = _main()
    sys.stdout.flush()
    os._exit(code)  # the SDK may abort in the interpreter's own shutdown
