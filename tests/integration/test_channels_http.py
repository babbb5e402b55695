from __future__ import annotations

import hashlib
import hmac
import logging
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from activities.channels import (
    Message,
    RefusedForNow,
    Rejected,
    SendFailed,
    Sent,
    Unreachable,
    dingtalk,
    feishu,
    sender_for,
    webhook,
)
from tests.integration.channel_servers import (
    CODE_NAME,
    NOTICE,
    ROBOTS,
    SECRET,
    SERVICES,
    TOKEN,
    Receiver,
    closed_port,
    http_receiver,
)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as receiver:
        yield receiver


def failure(target: str, message: Message = NOTICE) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        sender_for(target).send(message)
    return caught.value


# What counts as delivered


@pytest.mark.parametrize("service", ROBOTS)
def test_a_robot_that_answers_code_0_has_taken_the_notice(receiver: Receiver, service: str) -> None:
    receiver.answers(body={CODE_NAME[service]: 0})
    assert sender_for(receiver.target(service)).send(NOTICE) == Sent(service, f"{CODE_NAME[service]} 0")


def test_the_older_feishu_answer_counts_as_delivered(receiver: Receiver) -> None:
    receiver.answers(body={"StatusCode": 0, "StatusMessage": "success", "Extra": None})
    assert sender_for(receiver.target("feishu")).send(NOTICE).channel == "feishu"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_webhook_that_answers_2xx_has_taken_the_notice(receiver: Receiver, status: int) -> None:
    receiver.answers(status, b"" if status == 204 else b"whatever")
    assert sender_for(receiver.target("webhook")).send(NOTICE) == Sent("webhook", f"HTTP {status}")


def test_a_webhook_whose_body_never_ends_has_taken_the_notice_all_the_same(receiver: Receiver) -> None:
    receiver.trickle = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n#x"
    assert sender_for(receiver.target("webhook", timeout="5")).send(NOTICE).receipt == "HTTP 200"


@pytest.mark.parametrize(
    "body",
    [
        {"errmsg": "ok", "msg": "ok"},
        {"errcode": "0", "code": "0"},
        {"errcode": False, "code": False},
        [0],
        b"<html>Please log in to the guest network</html>",
        b"",
        b'{"errcode":0,"code":0' + b" " * 70_000 + b"}",
    ],
    ids=["no code", "text code", "false code", "list", "page", "empty", "endless"],
)
@pytest.mark.parametrize("service", ROBOTS)
def test_a_200_without_the_code_0_is_not_delivered_and_tried_again(
    receiver: Receiver, service: str, body: object
) -> None:
    receiver.answers(body=body)
    error = failure(receiver.target(service))
    assert isinstance(error, RefusedForNow)
    assert error.reason == "answered HTTP 200 without an error code"


@pytest.mark.parametrize("service", ROBOTS)
def test_code_0_under_an_http_error_is_not_delivered(receiver: Receiver, service: str) -> None:
    receiver.answers(403, {"errcode": 0, "code": 0})
    assert isinstance(failure(receiver.target(service)), Rejected)


# Refusals: which are final


@pytest.mark.parametrize(
    ("service", "code", "text"),
    [
        ("dingtalk", 310000, "sign not match"),
        ("dingtalk", 300005, "token is not exist"),
        ("dingtalk", 40035, "缺少参数 json"),
        ("wecom", 93000, "invalid webhook url"),
        ("wecom", 40058, "content exceed max length"),
        ("feishu", 19001, "param invalid: incoming webhook access token invalid"),
        ("feishu", 19021, "sign match fail or timestamp is not within one hour from current time"),
        ("feishu", 9499, "Bad Request"),
    ],
)
def test_a_200_with_an_error_code_is_rejected(receiver: Receiver, service: str, code: int, text: str) -> None:
    receiver.answers(body={CODE_NAME[service]: code, "errmsg": text, "msg": text})
    error = failure(receiver.target(service))
    assert isinstance(error, Rejected)
    assert not error.retryable
    assert (error.channel, error.reason) == (service, f"answered error code {code}: {text}")


@pytest.mark.parametrize(
    ("service", "code", "text", "wait"),
    [
        ("dingtalk", -1, "系统繁忙", None),
        ("dingtalk", 130101, "send too fast, exceed 20 times per minute", timedelta(minutes=10)),
        ("dingtalk", 410100, "发送速度太快而限流", timedelta(minutes=10)),
        ("wecom", -1, "system busy", None),
        ("wecom", 45009, "api freq out of limit", timedelta(minutes=1)),
        ("wecom", 45033, "api concurrent out of limit", None),
        ("feishu", 11232, "frequency limited", None),
        ("feishu", 9499, "too many request", None),
    ],
)
def test_a_200_with_a_rate_limit_code_is_refused_for_now(
    receiver: Receiver, service: str, code: int, text: str, wait: timedelta | None
) -> None:
    receiver.answers(body={CODE_NAME[service]: code, "errmsg": text, "msg": text})
    error = failure(receiver.target(service))
    assert isinstance(error, RefusedForNow)
    assert error.retryable
    assert error.retry_after == wait


def test_feishus_rate_limit_under_http_400_is_refused_for_now(receiver: Receiver) -> None:
    receiver.answers(400, {"code": 99991400, "msg": "frequency limit"}, x_ogw_ratelimit_reset="52")
    error = failure(receiver.target("feishu"))
    assert isinstance(error, RefusedForNow)
    assert error.retry_after == timedelta(seconds=52)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_an_overloaded_or_broken_service_is_tried_again(
    receiver: Receiver, service: str, status: int
) -> None:
    receiver.status = status  # the body still says code 0
    error = failure(receiver.target(service))
    assert isinstance(error, RefusedForNow)
    assert error.reason == f"answered HTTP {status}"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413])
def test_a_client_error_is_final(receiver: Receiver, service: str, status: int) -> None:
    receiver.answers(status, b"no such thing")
    assert isinstance(failure(receiver.target(service)), Rejected)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, service: str, status: int) -> None:
    with http_receiver() as elsewhere:
        receiver.answers(status, {"errcode": 0, "code": 0}, Location=elsewhere.address + "/caught")
        error = failure(receiver.target(service))
        assert isinstance(error, Rejected)
        assert error.reason == f"answered HTTP {status}, a redirect, which is never followed"
        assert elsewhere.got == []


def in_a_minute() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 0, 0),
        ("864000", 3600, 3600),
        ("in_a_minute", 50, 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
    ],
)
def test_retry_after_is_heard_up_to_an_hour(
    receiver: Receiver, service: str, header: str, least: int, most: int
) -> None:
    receiver.answers(429, Retry_After=in_a_minute() if header == "in_a_minute" else header)
    wait = failure(receiver.target(service)).retry_after
    assert wait is not None
    assert timedelta(seconds=least) <= wait <= timedelta(seconds=most)


@pytest.mark.parametrize("header", ["soon", "-5", "9" * 400, "Wed, 99 Oct 2015"])
def test_a_senseless_retry_after_is_ignored(receiver: Receiver, header: str) -> None:
    receiver.answers(503, Retry_After=header)
    assert failure(receiver.target("webhook")).retry_after is None


# No answer


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "trickle",
    [b"#", b"HTTP/1.1 200 OK\r\nX-Slow: #x"],
    ids=["hangs", "sends its headers byte by byte"],
)
def test_a_service_that_keeps_us_waiting_is_left_in_time(
    receiver: Receiver, service: str, trickle: bytes
) -> None:
    receiver.trickle = trickle
    before = time.monotonic()
    error = failure(receiver.target(service, timeout="0.2"))
    assert time.monotonic() - before < 5
    assert isinstance(error, Unreachable)
    assert error.retryable
    assert error.reason == "no answer within 0.2 s"


@pytest.mark.parametrize("service", ROBOTS)
def test_a_robot_whose_answer_never_ends_is_left_in_time(receiver: Receiver, service: str) -> None:
    receiver.trickle = b'HTTP/1.1 200 OK\r\n\r\n{"errcode":0,"code":0#'
    error = failure(receiver.target(service, timeout="0.2"))
    assert isinstance(error, Unreachable)


@pytest.mark.parametrize("service", SERVICES)
def test_a_closed_port_is_unreachable(service: str) -> None:
    error = failure(Receiver(address=f"http://127.0.0.1:{closed_port()}").target(service))
    assert isinstance(error, Unreachable)
    assert error.reason == "connection refused"


def test_a_server_that_speaks_no_tls_is_unreachable(receiver: Receiver) -> None:
    error = failure(receiver.target("webhook").replace("webhook+http:", "webhook+https:"))
    assert isinstance(error, Unreachable)
    assert error.reason == "no TLS connection could be agreed"


def test_the_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", receiver.address)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    sender_for("webhook+http://partner.invalid/hook").send(NOTICE)
    assert receiver.got[0].path == "http://partner.invalid/hook"


# What is sent


def test_dingtalk_gets_a_text_and_a_signed_address(receiver: Receiver) -> None:
    sender_for(receiver.target("dingtalk")).send(NOTICE)
    got = receiver.got[0]
    assert got.path == "/robot/send"
    assert got.json == {"msgtype": "text", "text": {"content": f"{NOTICE.subject}\n{NOTICE.body}"}}
    assert got.query["access_token"] == TOKEN
    assert abs(int(got.query["timestamp"]) - time.time() * 1000) < 60_000
    assert got.query["sign"] == dingtalk.signature(int(got.query["timestamp"]), SECRET)


def test_wecom_gets_a_text_and_its_key(receiver: Receiver) -> None:
    sender_for(receiver.target("wecom")).send(NOTICE)
    got = receiver.got[0]
    assert (got.path, got.query) == ("/cgi-bin/webhook/send", {"key": TOKEN})
    assert got.json == {"msgtype": "text", "text": {"content": f"{NOTICE.subject}\n{NOTICE.body}"}}


def test_feishu_gets_a_post_and_a_signature_in_the_body(receiver: Receiver) -> None:
    sender_for(receiver.target("feishu")).send(NOTICE)
    got = receiver.got[0]
    assert (got.path, got.query) == (f"/open-apis/bot/v2/hook/{TOKEN}", {})
    assert got.json["msg_type"] == "post"
    assert got.json["content"]["post"]["zh_cn"] == {
        "title": NOTICE.subject,
        "content": [[{"tag": "text", "text": line}] for line in NOTICE.body.split("\n")],
    }
    assert abs(int(got.json["timestamp"]) - time.time()) < 60
    assert got.json["sign"] == feishu.signature(int(got.json["timestamp"]), SECRET)


@pytest.mark.parametrize("service", ["dingtalk", "feishu"])
def test_without_a_secret_nothing_is_signed(receiver: Receiver, service: str) -> None:
    sender_for(f"{service}://{TOKEN}?base={receiver.address}").send(NOTICE)
    got = receiver.got[0]
    assert not {"sign", "timestamp"} & {*got.query, *got.json}


def test_a_webhook_can_verify_who_sent_it(receiver: Receiver) -> None:
    sender_for(receiver.target("webhook")).send(NOTICE)
    got = receiver.got[0]
    assert got.json == {"id": NOTICE.id, "subject": NOTICE.subject, "body": NOTICE.body, "data": NOTICE.data}
    assert got.headers["Content-Type"].startswith("application/json")
    timestamp = got.headers["X-Redress-Timestamp"]
    assert abs(int(timestamp) - time.time()) < 60
    expected = hmac.digest(SECRET.encode(), timestamp.encode() + b"." + got.body, hashlib.sha256).hex()
    assert got.headers["X-Redress-Signature"] == f"sha256={expected}"


def test_a_webhook_keeps_its_own_parameters_but_never_sees_ours(receiver: Receiver) -> None:
    target = f"webhook+{receiver.address}/in?tenant=n%C3%B6rd&secret={SECRET}&timeout=5&x=1%2B1"
    sender_for(target).send(NOTICE)
    assert receiver.got[0].query == {"tenant": "nörd", "x": "1+1"}


def test_the_same_notice_sent_twice_has_the_same_idempotency_key(receiver: Receiver) -> None:
    sender = sender_for(receiver.target("webhook"))
    other = Message("R-2026-000042/escalation/3 二", "s", "b")
    for message in (NOTICE, NOTICE, other):
        sender.send(message)
    keys = [request.headers["Idempotency-Key"] for request in receiver.got]
    assert keys == [NOTICE.id, NOTICE.id, "R-2026-000042/escalation/3%20%E4%BA%8C"]


@pytest.mark.parametrize(("service", "limit"), [("dingtalk", 20_000), ("wecom", 2048), ("feishu", 20_000)])
def test_a_notice_too_long_for_the_service_is_cut_not_refused(
    receiver: Receiver, service: str, limit: int
) -> None:
    sender_for(receiver.target(service)).send(Message("1", "长" * 90, "很长的一行\n" * 9000))
    got = receiver.got[0]
    text = got.json["text"]["content"] if service != "feishu" else got.body.decode()
    assert limit * 0.4 < len(text.encode()) <= limit
    assert "…" in text


def test_a_feishu_notice_cannot_call_everyone(receiver: Receiver) -> None:
    words = '<at user_id="all">everyone</at>'
    sender_for(receiver.target("feishu")).send(Message("1", "s", words))
    assert receiver.got[0].json["content"]["post"]["zh_cn"]["content"] == [[{"tag": "text", "text": words}]]


# Known vectors, computed with the OpenSSL command line from the services' own recipes


def test_the_dingtalk_signature_follows_the_official_recipe() -> None:
    assert (
        dingtalk.signature(1700000000123, "this is secret") == "W2RNhLVXZurCuMiewxzjoEaGqxhR/FQAkLiAHZh+PWY="
    )


def test_the_feishu_signature_follows_the_official_recipe() -> None:
    assert feishu.signature(1599360473, "demo") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_the_webhook_signature_covers_timestamp_and_body() -> None:
    expected = "sha256=15a954fad5209c62b58f2fe0b22d8506027d8062e78d1a89ba06a2abd8111ee7"
    assert webhook.signature(1700000000, b'{"id":"n-1"}', "whsec+/=") == expected


# Secrets


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("trouble", ["refused", "rejected", "echoed", "redirected", "silent", "closed"])
def test_no_failure_and_no_log_line_names_the_target_or_its_secret(
    receiver: Receiver, service: str, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"bad token {TOKEN}" + (f" secret {SECRET}" if service != "wecom" else "")
    match trouble:
        case "refused":
            receiver.answers(503, echo.encode())
        case "rejected":
            receiver.answers(401, echo.encode())
        case "echoed":
            receiver.answers(400, {"errcode": 93000, "errmsg": echo, "code": 19001, "msg": echo})
        case "redirected":
            receiver.answers(302, echo.encode())
        case "silent":
            receiver.trickle = b"#"
        case "closed":
            receiver.address = f"http://127.0.0.1:{closed_port()}"
    target = receiver.target(service, timeout="0.2")
    error = failure(target)
    told = (
        "".join(traceback.format_exception(error))
        + str(error.__cause__)
        + caplog.text
        + repr(sender_for(target))
    )
    assert error.__suppress_context__ or error.__context__ is None
    assert TOKEN not in told
    assert SECRET not in told


@pytest.mark.parametrize("service", SERVICES)
def test_a_receipt_holds_no_secret(receiver: Receiver, service: str) -> None:
    receiver.answers(body={"errcode": 0, "code": 0, "errmsg": TOKEN, "msg": SECRET})
    receipt = sender_for(receiver.target(service)).send(NOTICE).receipt
    assert TOKEN not in receipt
    assert SECRET not in receipt
