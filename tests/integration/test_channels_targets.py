from __future__ import annotations

import pytest

from activities.channels import sender_for

SECRET = "s3cret-value"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it
@pytest.mark.parametrize(
    ("target", "channel"),
    [
        ("smtp://mail.example/?from=a@b.example&to=c@d.example,e@f.example", "e-mail"),
        ("smtps://u:p@mail.example:4650?from=a@b.example&to=c@d.example&timeout=3", "e-mail"),
        ("dingtalk://TOKEN", "dingtalk"),
        ("dingtalk://TOKEN?secret=SECabc&timeout=2.5", "dingtalk"),
        ("wecom://693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa", "wecom"),
        ("feishu://TOKEN?secret=abc&base=https://open.larksuite.com", "feishu"),
        ("webhook+https://partner.example/hook?secret=abc", "webhook"),
        ("webhook+http://127.0.0.1:8080/", "webhook"),
        ("apprise+json://127.0.0.1:1/", "apprise"),
        ("  WECOM://KEY\n", "wecom"),
    ],
)
def test_each_scheme_has_its_sender(target: str, channel: str) -> None:
    assert sender_for(target).channel == channel


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("", "unknown scheme ''; a target starts with one of smtp://, smtps://, dingtalk://"),
        (f"telegram://{SECRET}", "unknown scheme 'telegram'"),
        (f"lead-{SECRET}@utility.example", "unknown scheme ''"),
        (f"wecom://[{SECRET}", "not a valid URL"),
        (f"smtp://u:{SECRET}@mail.example:port/?from=a@b.example&to=c@d.example", "not a valid URL"),
        (f"dingtalk://?secret={SECRET}", "expected dingtalk://TOKEN"),
        (f"dingtalk://oapi.dingtalk.com/robot/send?access_token={SECRET}", "unknown option 'access_token'"),
        (f"wecom://{SECRET}/path", "expected wecom://KEY"),
        (f"wecom://{SECRET}?secret=x", "unknown option 'secret'"),
        (f"feishu://T?secret={SECRET}&secret=x", "option 'secret' is given twice"),
        (f"feishu://{SECRET}?base=ftp://x", "option 'base' must be"),
        (f"feishu://{SECRET}?base=http://x:port", "option 'base' must be"),
        (f"feishu://{SECRET}?timeout=0", "option 'timeout' must be"),
        (f"feishu://{SECRET}?timeout=nan", "option 'timeout' must be"),
        (f"feishu://{SECRET}?timeout=61", "option 'timeout' must be"),
        (f"webhook+https:///hook?secret={SECRET}", "the host is missing"),
        (f"webhook+https://u:{SECRET}@h/", "user and password are not supported"),
        (f"smtp://u:{SECRET}@mail.example/?to=c@d.example", "option 'from' is missing"),
        (f"smtp://u:{SECRET}@mail.example/?from=a@b.example&to=,", "option 'to' is missing"),
        (f"smtp://u:{SECRET}@mail.example/?from=a@b.example,c@d.example&to=c@d.example", "'from' takes one"),
        ("smtp://mail.example/?from=a@b.example&to=王@d.example", "option 'to' is not an e-mail address"),
        ("smtp://mail.example/?from=a@b.example%0d%0aBcc:x@y.example&to=c@d.example", "option 'from' is not"),
        (
            "smtp://mail.example/?from=a@b.example&to=%3Cc@d.example%3E",
            "option 'to' is not an e-mail address",
        ),
        ("smtp:///?from=a@b.example&to=c@d.example", "expected smtp://user:password@host:port/"),
        (
            "smtp://mail.example/?from=a@b.example&to=c@d.example&starttls=true",
            "'starttls' must be yes or no",
        ),
        ("smtps://mail.example/?from=a@b.example&to=c@d.example&starttls=yes", "smtps speaks TLS already"),
    ],
)
def test_a_wrong_target_is_refused_by_name_and_without_its_secret(target: str, complaint: str) -> None:
    with pytest.raises(ValueError) as caught:
        sender_for(target)
    assert complaint in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
