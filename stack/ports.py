"""Which port of the loopback interface a server gets."""

import socket

LOOPBACK = "127.0.0.1"


def choose_port(*wanted: int | None) -> int:
    """The first of `wanted` that is free, else any free one; None and 0 are passed over.

    Somebody may take the port between this answer and its use, so whoever uses it looks again.
    """
    for port in wanted:
        if port and _is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: a port whose last connections linger in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
