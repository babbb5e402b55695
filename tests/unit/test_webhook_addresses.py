"""Where webhooks may be sent."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.webhooks.addresses import Addresses, NotAllowed, NotResolved, is_public
from complaints.wire import Malformed

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.254", "192.0.0.8", "192.0.0.170", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.1.2.3", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe"),
    *("::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1"),
    *("fe80::1", "fec0::1", "ff02::1", "ff0e::1"),
]
PUBLIC = [
    *("93.184.216.34", "1.1.1.1", "8.8.8.8", "223.5.5.5", "2606:4700:4700::1111", "2400:3200::1"),
    *("::ffff:8.8.8.8", "64:ff9b::808:808"),
]


def leading_to(*addresses: str, allowed: tuple[str, ...] = ()) -> Addresses:
    return Addresses([ipaddress.ip_network(each) for each in allowed], lambda _host, _port: addresses)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str):
    with pytest.raises(NotAllowed):
        leading_to(address).destination("https://crm.example/hook")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address: str):
    destination = leading_to(address).destination("https://crm.example/hook")
    assert destination.addresses == (str(ipaddress.ip_address(address)),)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_however_it_is_wrapped(address: ipaddress.IPv4Address):
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}", f"::ffff:0:{address}"):
        assert is_public(ipaddress.ip_address(wrapped)) == is_public(address)


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_calls_otherwise(address: ipaddress.IPv4Address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        inner = int(address) & 0xFFFFFFFF
        wrapped = str(address).startswith(("64:ff9b::", "::ffff:"))
        assert not is_public(address) or (wrapped and is_public(ipaddress.IPv4Address(inner)))


def test_a_name_that_leads_inside_among_others_is_refused():
    with pytest.raises(NotAllowed):
        leading_to("93.184.216.34", "10.0.0.1").destination("https://crm.example/hook")


def test_a_network_that_the_operator_names_may_be_called_without_tls():
    allowed = leading_to("10.1.2.3", allowed=("10.1.0.0/16",))
    assert allowed.destination("http://crm.intern:8080/hook").addresses == ("10.1.2.3",)
    wrapped = leading_to("::ffff:10.1.2.3", allowed=("10.1.0.0/16",))
    assert wrapped.destination("https://crm.intern/").addresses == ("::ffff:a01:203",)


def test_a_network_that_is_not_named_is_still_refused():
    with pytest.raises(NotAllowed):
        leading_to("10.2.0.1", allowed=("10.1.0.0/16",)).destination("http://crm.intern/hook")


def test_public_addresses_are_called_with_tls_only():
    with pytest.raises(NotAllowed):
        leading_to("93.184.216.34", allowed=("10.1.0.0/16",)).destination("http://crm.example/hook")


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://0/"),
        *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://localhost/", "https://[fe80::1%25lo]/"),
        *("https://0177.0.0.1/", "https://169.254.169.254/latest/meta-data/"),
    ],
)
def test_no_spelling_of_an_inner_address_gets_past_the_real_resolver(url: str):
    with pytest.raises((NotAllowed, NotResolved)):
        Addresses().destination(url)


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("ftp://crm.example/", "must be https://host/path"),
        ("https:///hook", "must be https://host/path"),
        ("crm.example/hook", "must be https://host/path"),
        ("file:///etc/passwd", "must be https://host/path"),
        ("https://user:pw@crm.example/", "must not hold a user name or password"),
        ("https://user@crm.example/", "must not hold a user name or password"),
        ("https://crm.example/#part", "must not have a fragment"),
        ("https://crm.example:22/", "must name port 443"),
        ("https://crm.example:25/", "must name port 443"),
        ("https://crm.example:99999/", "must name port 443"),
        ("https://crm.exa mple/\n", "is not a URL"),
        ("https://crm\x00.example/", "is not a URL"),
        ("", "must be https://host/path"),
        ("http://crm.example/", "must be https and lead to public addresses only"),
    ],
)
def test_a_url_that_nothing_is_sent_to_is_refused_with_its_rule(url: str, rule: str):
    with pytest.raises(Malformed) as refusal:
        leading_to("93.184.216.34").check(url)
    [problem] = refusal.value.problems
    assert problem.field == "url"
    assert problem.rule.startswith(rule)


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda text: f"https://{text}/"))
def test_no_text_that_is_offered_as_a_url_is_a_fault(text: str):
    addresses = leading_to("127.0.0.1")
    with pytest.raises(Malformed):
        addresses.check(text)


def test_a_host_that_cannot_be_resolved_is_told_apart():
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(Malformed, match="cannot be resolved"):
        Addresses((), nowhere).check("https://crm.example/hook")
