"""A subscriber's real HTTP server, and the desk and the pump that serve it, on a clock that the test moves."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import Engine, select

from activities.webhooks.addresses import Addresses
from activities.webhooks.desk import Webhooks
from activities.webhooks.pump import Pump
from complaints.permissions import Caller
from complaints.vocabulary import Actor, Role
from complaints.webhooks import Progress, Subscription, WebhookDelivery, WebhookDraft
from db.webhook_tables import WebhookDeliveryRow
from tests.conftest import ENCRYPTION_KEY
from tests.lives import DAY, MONDAY, PEOPLE

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
SERVICE = Caller(actor=PEOPLE[Role.CUSTOMER_SERVICE])
HOTLINE = Caller(actor=Actor(id="hotline", role=Role.SYSTEM))
SHOP = Caller(actor=Actor(id="shop", role=Role.SYSTEM))


@dataclass(frozen=True)
class Got:
    """A request that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return str(self.json["id"])


@dataclass(frozen=True)
class Reply:
    """What the receiver answers. `raw` is sent instead of HTTP; `hang` sends nothing until the test is over."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes | None = None
    hang: bool = False


class Receiver:
    """Answers as it is told, and keeps what it accepted (2xx) apart from all that it got."""

    def __init__(self) -> None:
        self.address = ""
        self.answer: Callable[[Got], Reply] = lambda _: Reply()
        self.got: list[Got] = []
        self.accepted: list[Got] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def take(self, got: Got) -> Reply:
        with self._lock:
            self.got.append(got)
        reply = self.answer(got)
        if reply.hang:
            self.closing.wait(30)
        elif reply.raw is None and 200 <= reply.status < 300:
            with self._lock:
                self.accepted.append(got)
        return reply

    def hold(self) -> None:
        """Answer nobody before `closing` is set; then, what was asked is accepted."""

        def wait(_: Got) -> Reply:
            self.closing.wait(30)
            return Reply()

        self.answer = wait

    @property
    def ids(self) -> list[str]:
        return [got.id for got in self.accepted]

    def seqs(self, number: str) -> list[int]:
        return [got.json["data"]["seq"] for got in self.accepted if got.json["subject"] == number]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.receiver.take(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if reply.hang or reply.raw is not None:
            self.wfile.write(reply.raw or b"")
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204 and "transfer-encoding" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *args: object) -> None:
        """A sender that gave up has closed its end: expected here."""


@contextlib.contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": receiver}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.address = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Clock:
    """Shows what the test says; later than everything that lives of the tests bring."""

    def __init__(self) -> None:
        self.now = MONDAY + 90 * DAY

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


@dataclass
class World:
    """One database, one receiver, one clock."""

    engine: Engine
    receiver: Receiver
    clock: Clock = field(default_factory=Clock)
    addresses: Addresses = field(default_factory=lambda: Addresses(LOOPBACK))

    def __post_init__(self) -> None:
        self.desk = Webhooks(self.engine, self.keys, self.addresses, now=self.clock)

    @staticmethod
    def keys() -> tuple[bytes, ...]:
        return (ENCRYPTION_KEY,)

    def pump(self, **options: Any) -> Pump:
        settled = {"now": self.clock, "chance": lambda: 1.0, **options}
        return Pump(self.engine, self.keys, self.addresses, **settled)

    def subscribe(self, caller: Caller = SERVICE, /, **draft: Any) -> Subscription:
        asked = WebhookDraft(**{"url": f"{self.receiver.address}/hook", **draft})
        return self.desk.create(caller, asked)[0]

    def wait_for_retry(self) -> None:
        """Let as much time pass as anything ever waits."""
        self.clock.advance(timedelta(hours=1))

    def deliveries(self, subscription: Subscription, **which: Any) -> list[WebhookDelivery]:
        return self.desk.deliveries(SERVICE, subscription.id, limit=500, **which)

    def queued(self, subscription: Subscription) -> list[tuple[str, int, Progress]]:
        """All events of a subscription, in order."""
        columns = (WebhookDeliveryRow.number, WebhookDeliveryRow.seq, WebhookDeliveryRow.progress)
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(*columns)
                .where(WebhookDeliveryRow.subscription == subscription.id)
                .order_by(*columns[:2])
            )
            return [(row.number, row.seq, row.progress) for row in rows]
