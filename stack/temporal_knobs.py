"""The dynamic configuration of our Temporal dev servers: what we turn up, and why.

Values are JSON, so a duration wears its own quotes.
"""

from collections.abc import Mapping

# The defaults spare a production cluster's database; a server on one machine only becomes slower by them.
# Measured: an update with an activity behind it 50-100 ms without these, 15-27 ms with them.
QUICK: Mapping[str, str] = {
    # Timers are otherwise rounded up to the next second; a skipped day would take a second of real time.
    "history.timerProcessorMaxTimeShift": '"1ms"',
    # Otherwise 20 looks a second at each of these queues: a timer, an activity's dispatch and a change of search
    # attributes each wait up to 50 ms.
    "history.timerProcessorMaxPollRPS": "1000",
    "history.transferProcessorMaxPollRPS": "1000",
    "history.visibilityProcessorMaxPollRPS": "1000",
}

# Lets a client start workflows whose clocks jump over idle time. Experimental on the server's side; wrong across
# continue-as-new in Server 1.32.
TIME_SKIPPING: Mapping[str, str] = {"frontend.WorkflowTimeSkippingEnabled": "true"}

# The default writes through to the disk at every commit and halves the throughput. This survives any crash of the
# server; a power cut may cost the last instants.
FILE_PRAGMAS: Mapping[str, str] = {"synchronous": "1", "journal_mode": "wal"}


def server_options(search_attributes: Mapping[str, str], *, time_skipping: bool = False) -> list[str]:
    """The dev server's options for our configuration and these search attributes (name to type)."""
    knobs = {**QUICK, **(TIME_SKIPPING if time_skipping else {})}
    return [
        *(word for name, value in knobs.items() for word in ("--dynamic-config-value", f"{name}={value}")),
        *(
            word
            for name, kind in search_attributes.items()
            for word in ("--search-attribute", f"{name}={kind}")
        ),
    ]
