from __future__ import annotations

import logging
import ssl
import time
import traceback
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.channels import Message, RefusedForNow, Rejected, SendFailed, Unreachable, sender_for
from tests.integration.channel_servers import NOTICE, Mailbox, closed_port, mail_server, silent_server

LEAD, DEPUTY, DEPARTMENT = "lead+desk@utility.example", "deputy@utility.example", "cs@utility.example"


def target(port: int, *recipients: str, scheme: str = "smtp", login: str = "", **options: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in options.items())
    return f"{scheme}://{login}127.0.0.1:{port}/?from=redress@utility.example&to={','.join(recipients or [LEAD])}{more}"


def failure(url: str) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        sender_for(url).send(NOTICE)
    assert caught.value.channel == "e-mail"
    return caught.value


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    encoded_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + encoded_key)
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def test_a_notice_arrives_as_it_was_written() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        sent = sender_for(target(port, LEAD, DEPUTY)).send(NOTICE)
    assert (sent.channel, sent.receipt) == ("e-mail", "250 2.0.0 Ok: queued as 4F2A9")
    (letter,) = mailbox.letters
    assert mailbox.recipients == [[LEAD, DEPUTY]]
    assert letter["Subject"] == NOTICE.subject
    assert (letter["From"], letter["To"]) == ("redress@utility.example", f"{LEAD}, {DEPUTY}")
    assert letter.get_content().splitlines() == NOTICE.body.splitlines()
    assert letter["Auto-Submitted"] == "auto-generated"
    assert abs(letter["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_same_notice_sent_twice_has_the_same_message_id() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        sender = sender_for(target(port))
        for message in (NOTICE, NOTICE, Message("R-2026-000042/escalation/3", "s", "b")):
            sender.send(message)
    first, again, other = (letter["Message-ID"] for letter in mailbox.letters)
    assert first == again == "<R-2026-000042%2Fescalation%2F2@utility.example>"
    assert other != first


def test_a_line_break_in_the_subject_adds_no_header() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        sender_for(target(port)).send(
            Message("1\r\nBcc: a@b.example", "Late\r\nBcc: thief@evil.example", "b")
        )
    (letter,) = mailbox.letters
    assert letter["Subject"] == "Late Bcc: thief@evil.example"
    assert letter["Bcc"] is None


def test_a_lone_dot_in_the_body_does_not_end_the_letter() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        sender_for(target(port)).send(Message("1", "s", "before\n.\nafter"))
    assert mailbox.letters[0].get_content().split() == ["before", ".", "after"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [("550 5.1.1 no such user", Rejected), ("450 4.2.0 greylisted", RefusedForNow)],
)
def test_a_refused_recipient_is_a_failure(reply: str, kind: type[SendFailed]) -> None:
    mailbox = Mailbox()
    mailbox.refused[LEAD] = reply
    with mail_server(mailbox) as port:
        error = failure(target(port))
    assert type(error) is kind
    assert error.reason == f"1 of 1 recipients refused ({reply[:3]})"
    assert mailbox.letters == []


def test_a_recipient_refused_for_now_keeps_all_refused_ones_retryable() -> None:
    mailbox = Mailbox()
    mailbox.refused = {LEAD: "550 no", DEPUTY: "452 mailbox full"}
    with mail_server(mailbox) as port:
        error = failure(target(port, LEAD, DEPUTY))
    assert error.retryable
    assert error.reason == "2 of 2 recipients refused (452, 550)"


@pytest.mark.parametrize("reply", ["550 no such user", "452 mailbox full"])
def test_a_partly_refused_list_is_a_final_failure_that_serves_the_others(reply: str) -> None:
    mailbox = Mailbox()
    mailbox.refused[DEPUTY] = reply
    with mail_server(mailbox) as port:
        error = failure(target(port, LEAD, DEPUTY, DEPARTMENT))
    assert not error.retryable
    assert error.reason == f"1 of 3 recipients refused ({reply[:3]}); the others have the message"
    assert mailbox.recipients == [[LEAD, DEPARTMENT]]


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        ("451 4.3.0 try later", RefusedForNow, "the server answered 451 4.3.0"),
        ("552 5.3.4 too big", Rejected, "the server answered 552 5.3.4"),
        ("554 blocked", Rejected, "the server answered 554"),
    ],
)
def test_a_refused_letter_is_a_failure(reply: str, kind: type[SendFailed], reason: str) -> None:
    mailbox = Mailbox()
    mailbox.answer = reply
    with mail_server(mailbox) as port:
        error = failure(target(port))
    assert type(error) is kind
    assert error.reason == reason


def test_a_closed_port_is_unreachable() -> None:
    error = failure(target(closed_port()))
    assert isinstance(error, Unreachable)
    assert error.reason == "connection refused"


@pytest.mark.parametrize("greeting", [b"", b"2"], ids=["hangs", "greets byte by byte"])
def test_a_server_that_keeps_us_waiting_is_left_in_time(greeting: bytes) -> None:
    before = time.monotonic()
    with silent_server(greeting) as port:
        error = failure(target(port, timeout="0.2"))
    assert time.monotonic() - before < 5
    assert isinstance(error, Unreachable)
    assert error.reason == "no answer within 0.2 s"


# TLS and login


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_letter_travels_over_tls(
    scheme: str, server_tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mailbox = Mailbox()
    settings = (
        {"ssl_context": server_tls}
        if scheme == "smtps"
        else {"tls_context": server_tls, "require_starttls": True}
    )
    options = {} if scheme == "smtps" else {"starttls": "yes"}
    with mail_server(mailbox, **settings) as port:
        sender_for(target(port, scheme=scheme, **options)).send(NOTICE)
    assert len(mailbox.letters) == 1


def test_a_certificate_nobody_vouches_for_is_not_trusted(server_tls: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, tls_context=server_tls) as port:
        error = failure(target(port, starttls="yes"))
    assert isinstance(error, Unreachable)
    assert error.reason == "the server's certificate is not trusted"
    assert mailbox.letters == []


def test_a_server_without_starttls_is_refused_where_it_is_demanded() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        error = failure(target(port, starttls="yes"))
    assert isinstance(error, Rejected)
    assert error.reason == "the server does not offer STARTTLS"
    assert mailbox.letters == []


@pytest.mark.parametrize(("password", "right"), [("p%40ss%2Fword", True), ("wrong-one", False)])
def test_only_the_right_password_opens_the_server(
    password: str,
    right: bool,
    server_tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def check(server: object, session: object, envelope: object, how: str, login: object) -> AuthResult:
        return AuthResult(success=login == LoginPassword(b"desk@utility", b"p@ss/word"), handled=False)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mailbox = Mailbox()
    with mail_server(mailbox, tls_context=server_tls, authenticator=check, auth_required=True) as port:
        url = target(port, login=f"desk%40utility:{password}@", starttls="yes")
        if right:
            sender_for(url).send(NOTICE)
        else:
            error = failure(url)
            assert isinstance(error, Rejected)
            assert error.reason.startswith("the server answered 535")
            assert password not in "".join(traceback.format_exception(error))
    assert len(mailbox.letters) == right


# Secrets


@pytest.mark.parametrize("reply", ["550 5.1.1 <{}>: unknown", "451 <{}> is busy", "554 <{}> is blocked"])
def test_no_failure_and_no_log_line_names_the_recipient(reply: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="activities")
    mailbox = Mailbox()
    mailbox.answer = reply.format(LEAD)
    with mail_server(mailbox) as port:
        error = failure(target(port, login="", timeout="2"))
    told = "".join(traceback.format_exception(error)) + caplog.text
    assert error.__suppress_context__ or error.__context__ is None
    assert LEAD not in told


def test_a_receipt_names_no_recipient() -> None:
    mailbox = Mailbox()
    mailbox.answer = f"250 2.1.5 <{LEAD}> delivered"
    with mail_server(mailbox) as port:
        assert sender_for(target(port)).send(NOTICE).receipt == "250 2.1.5 <***> delivered"
