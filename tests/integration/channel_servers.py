"""Real local servers on the other end of the channels, and the same notice for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as email_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

from activities.channels import Message

TOKEN = "Tok3n-OfTheRobot_ABC"
SECRET = "SECr3t-of-the-robot"

NOTICE = Message(
    id="R-2026-000042/escalation/2",
    subject="投诉升级 Escalation: R-2026-000042",
    body="首次联系已超时 2 小时。\nPlease acknowledge by 17:30.",
    data={"complaint": "R-2026-000042", "rung": 2, "due_at": "2026-03-02T17:30:00+08:00"},
)

SERVICES = ["dingtalk", "wecom", "feishu", "webhook"]
ROBOTS = ["dingtalk", "wecom", "feishu"]
CODE_NAME = {"dingtalk": "errcode", "wecom": "errcode", "feishu": "code"}


@dataclass(frozen=True)
class Request:
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """An HTTP server that answers as it is told and remembers what it got."""

    address: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"errcode":0,"errmsg":"ok","code":0,"msg":"success"}'
    trickle: bytes = b""
    """What to send instead, one byte now and then and without an end; a lone hash mark sends nothing."""
    got: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def target(self, service: str, **options: str) -> str:
        """A target of that service whose server is this one."""
        query = "".join(f"&{name}={value}" for name, value in options.items())
        if service == "webhook":
            return f"webhook+{self.address}/hooks/{TOKEN}?secret={SECRET}{query}"
        secret = "" if service == "wecom" else f"&secret={SECRET}"
        return f"{service}://{TOKEN}?base={self.address}{secret}{query}"

    def answers(self, status: int = 200, body: object = None, **headers: str) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        receiver.got.append(Request(self.path.partition("?")[0], query, dict(self.headers.items()), body))
        if receiver.trickle:
            self._trickle(receiver.trickle)
            return
        self.send_response(receiver.status)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(receiver.body)))
        self.end_headers()
        self.wfile.write(receiver.body)

    def _trickle(self, text: bytes) -> None:
        head, _, endless = text.partition(b"#")
        self.wfile.write(head)
        while not self.receiver.closing.wait(0.05):
            self.wfile.write(endless)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: object) -> None:
        """A sender that gave up has closed its end: expected here."""


@contextlib.contextmanager
def http_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", 0), handler)
    receiver.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox:
    """The mail server's end: takes everything unless told otherwise."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.answer = "250 2.0.0 Ok: queued as 4F2A9"
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []

    async def handle_RCPT(  # noqa: N802 - the names aiosmtpd looks for
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.letters.append(BytesParser(policy=email_policy).parsebytes(envelope.content))
            self.recipients.append(envelope.rcpt_tos)
        return self.answer


class _AnyPort(Controller):
    """A controller on a port the system chose."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def mail_server(mailbox: Mailbox, **settings: Any) -> Iterator[int]:
    """Serve the mailbox over SMTP on loopback; yields the port."""
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0, **settings)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def silent_server(text: bytes = b"") -> Iterator[int]:
    """Take connections and send nothing but this text, byte by byte and over and over; yields the port."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    while not closing.wait(0.05):
                        connection.sendall(text)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            closing.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def closed_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return cast("int", listener.getsockname()[1])
