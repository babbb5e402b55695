"""The line to a receiver: the address that was judged, the name that was asked for, and bounds on everything."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from activities.webhooks.addresses import Addresses, Destination
from activities.webhooks.line import Answer, Line
from complaints.webhooks import AttemptOutcome
from tests.integration.channel_servers import closed_port, silent_server
from tests.integration.webhook_world import LOOPBACK, Receiver, Reply, receiving

NAME = "crm.example"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON = timedelta(milliseconds=400)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for crm.example that vouches for itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(2031)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "crm.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiving(context) as receiver:
        yield receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def port_of(receiver: Receiver) -> int:
    return int(receiver.address.rpartition(":")[2])


def destination(url: str, *addresses: str) -> Destination:
    return Addresses(LOOPBACK, lambda _host, _port: addresses or ("127.0.0.1",)).destination(url)


def post(url: str, *addresses: str, trusted: ssl.SSLContext | None = None) -> Answer:
    with Line(destination(url, *addresses), within=SOON, trusted=trusted) as line:
        return line.post(b"{}", {"content-type": "application/json"}, NOW)


def test_the_name_is_proven_by_the_certificate_though_the_address_is_called(
    secure: Receiver, certificate: Path
):
    url = f"https://{NAME}:{port_of(secure)}/hook"
    trusted = ssl.create_default_context(cafile=str(certificate))
    with Line(destination(url), trusted=trusted) as line:
        assert line.post(b"{}", {}, NOW).outcome == AttemptOutcome.ACCEPTED
    assert secure.got[0].headers["host"] == f"{NAME}:{port_of(secure)}"


def test_a_certificate_for_another_name_is_not_trusted(secure: Receiver, certificate: Path):
    trusted = ssl.create_default_context(cafile=str(certificate))
    url = f"https://other.example:{port_of(secure)}/hook"
    with Line(destination(url), trusted=trusted) as line:
        assert line.post(b"{}", {}, NOW).outcome == AttemptOutcome.UNTRUSTED
    assert secure.got == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secure: Receiver):
    with Line(destination(f"https://{NAME}:{port_of(secure)}/hook")) as line:
        assert line.post(b"{}", {}, NOW).outcome == AttemptOutcome.UNTRUSTED
    assert secure.got == []


def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert post(f"{receiver.address}/hook").outcome == AttemptOutcome.ACCEPTED


def test_one_connection_serves_many_posts(receiver: Receiver):
    receiver.answer = lambda _: Reply(200, body=b"thank you")
    with Line(destination(f"{receiver.address}/hook")) as line:
        line.post(b"{}", {}, NOW)
        first = line._socket()
        line.post(b"{}", {}, NOW)
        assert line._socket() is first


def test_the_next_address_is_called_where_one_is_not_there(receiver: Receiver):
    url = f"http://{NAME}:{port_of(receiver)}/hook"
    assert post(url, "127.0.0.2", "127.0.0.1").outcome == AttemptOutcome.ACCEPTED


def test_a_redirect_is_not_followed(receiver: Receiver):
    with receiving() as elsewhere:
        receiver.answer = lambda _: Reply(307, {"Location": f"{elsewhere.address}/hook"})
        answer = post(f"{receiver.address}/hook")
        assert (answer.outcome, answer.status) == (AttemptOutcome.REDIRECTED, 307)
        assert elsewhere.got == []


@pytest.mark.parametrize("text", [b"", b"H", b"HTTP/1.1 200 OK\r\nx: y\r\n"])
def test_a_receiver_that_says_nothing_or_little_by_little_is_cut_off(text: bytes):
    with silent_server(text) as port:
        began = time.monotonic()
        answer = post(f"http://127.0.0.1:{port}/hook")
    assert answer.outcome == AttemptOutcome.TIMED_OUT
    assert time.monotonic() - began < 5


def test_nobody_there_is_unreachable():
    assert post(f"http://127.0.0.1:{closed_port()}/hook").outcome == AttemptOutcome.UNREACHABLE


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999999", 3600),
        ("Mon, 02 Mar 2026 09:01:00 GMT", 60),
        ("Mon, 02 Mar 2020 09:01:00 GMT", 0),
        ("Mon, 02 Mar 9999 09:01:00 GMT", 3600),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_a_wish_to_be_left_alone_is_read_and_bounded(receiver: Receiver, wish: str, seconds: int | None):
    receiver.answer = lambda _: Reply(503, {"Retry-After": wish})
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert post(f"{receiver.address}/hook").retry_after == expected


def test_a_wish_is_heard_only_where_it_means_something(receiver: Receiver):
    receiver.answer = lambda _: Reply(500, {"Retry-After": "120"})
    assert post(f"{receiver.address}/hook").retry_after is None


def test_the_path_and_the_query_are_kept(receiver: Receiver):
    post(f"{receiver.address}/hook/%E7%94%B5?tenant=7")
    assert receiver.got[0].path == "/hook/%E7%94%B5?tenant=7"
