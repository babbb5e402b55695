"""A process that owns servers, for tests to kill: `python stack_owner.py postgres|temporal|stack HOME [PROGRAM]`.

Says on one line, as JSON, what it started, then waits. PROGRAM is Python source, run beside the stack.
"""

import json
import os
import sys
import threading
from pathlib import Path

from stack.postgres import Postgres
from stack.program import Program
from stack.temporal import TemporalServer
from stack.up import Stack


def _say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def _own(kind: str, home: Path, *source: str) -> None:
    if kind == "postgres":
        postgres = Postgres(home, durable=False, usual_port=None)
        postgres.start()
        _say(server=postgres.pid, url=postgres.url(), uid=os.geteuid())
        threading.Event().wait()
    elif kind == "temporal":
        temporal = TemporalServer(home, search_attributes={}, usual_port=None, usual_ui_port=None)
        temporal.start()
        _say(server=temporal.pid, address=temporal.address)
        threading.Event().wait()
    else:
        with Stack(home, search_attributes={}, usual_ports=False, tell=lambda line: _say(told=line)) as stack:
            _say(
                postgres=stack.postgres.pid, temporal=stack.temporal.pid, ui=stack.ui_url, **stack.addresses()
            )
            stack.supervise([Program("program", [sys.executable, "-c", text]) for text in source])
        _say(stopped=True)


if __name__ == "__main__":  # the doctest collector imports every module
    _own(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
