"""Which addresses webhooks are sent to: public ones, and private ones that a setting names.

Subscribers choose the URL, so it could name what only we can reach: a metadata service, a database, another tenant. The
name is resolved here and every address it leads to is judged; the call then goes to the very address that was judged,
so a name that leads elsewhere a moment later gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from complaints.wire import Malformed, Problem

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Finds the addresses of a host, as text. Raises OSError where there is none."""

LOWEST_PORT, HIGHEST_PORT = 1024, 65535
"""Below it only the ports of the web are called: nobody's mail server or shell is knocked at in our name."""

_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        # What `is_global` of the standard library lets pass, or has let pass in some version.
        *("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        *("64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16"),
        *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "::/96"),
    )
)

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")
_6TO4 = ipaddress.IPv6Network("2002::/16")


class NotResolved(Exception):
    """The name leads nowhere."""


class NotAllowed(Exception):
    """The name leads to an address that is not called."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A URL, and the addresses that were judged."""

    url: httpx.URL
    addresses: tuple[str, ...]


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Addresses:
    """Judges where webhooks may be sent.

    Args:
        allowed: Private networks that may be called all the same, and without TLS.
        resolve: How names are resolved.
    """

    def __init__(self, allowed: Sequence[Network] = (), resolve: Resolve = resolve) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve

    def destination(self, url: str) -> Destination:
        """Find where to send to.

        Raises:
            NotResolved: The host has no address.
            NotAllowed: It has one that must not be called, or the URL is none that we send to.
        """
        read, problem = _read(url)
        if read is None:
            raise NotAllowed(problem)
        try:
            texts = self._resolve(read.raw_host.decode("ascii"), port_of(read))
            addresses = [ipaddress.ip_address(text) for text in texts]
        except (OSError, ValueError):  # a label that is too long is an error of encoding
            raise NotResolved from None
        if not addresses:
            raise NotResolved
        if not all(self._may_be_called(read.scheme, address) for address in addresses):
            raise NotAllowed
        return Destination(url=read, addresses=tuple(str(each) for each in addresses))

    def check(self, url: str) -> None:
        """Raise Malformed where webhooks are not sent to a URL, as far as can be told today."""
        problem = _read(url)[1]
        if not problem:
            try:
                self.destination(url)
            except NotResolved:
                problem = "its host cannot be resolved"
            except NotAllowed:
                problem = _OTHER_ADDRESS
        if problem:
            raise Malformed(Problem(field="url", rule=problem))

    def _may_be_called(self, scheme: str, address: Address) -> bool:
        bare = embedded(address) or address
        allowed = any(bare.version == network.version and bare in network for network in self._allowed)
        return allowed or (scheme == "https" and is_public(address))


_OTHER_ADDRESS = (
    "must be https and lead to public addresses only; private ones are for the operator to allow "
    "(REDRESS_WEBHOOK_ALLOW_PRIVATE)"
)


def is_public(address: Address) -> bool:
    """Say whether an address is one of the public internet, by its own account and by what is wrapped in it."""
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id or address in _6TO4):
        return False
    inner = embedded(address)
    if inner is not None:
        return is_public(inner)
    return (
        address.is_global
        and not address.is_multicast
        and not any(address.version == network.version and address in network for network in _CLOSED)
    )


def embedded(address: Address) -> Address | None:
    """Return the IPv4 address that a network would make of an IPv6 one: mapped, translated, or through NAT64."""
    if isinstance(address, ipaddress.IPv6Address) and any(
        address in network for network in (_MAPPED, _TRANSLATED, _NAT64)
    ):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def port_of(url: httpx.URL) -> int:
    """Return the port that a URL names, or the usual one."""
    return url.port or {"https": 443, "http": 80}[url.scheme]


def _read(text: str) -> tuple[httpx.URL | None, str]:
    """Read a URL, or say what is wrong with it."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, TypeError):
        return None, "is not a URL"
    if url.scheme not in ("https", "http") or not url.host:
        return None, "must be https://host/path"
    if url.userinfo or "@" in url.netloc.decode("ascii", "replace"):
        return None, "must not hold a user name or password: the signature proves who sends"
    if url.fragment:
        return None, "must not have a fragment"
    if url.port is not None and url.port not in (80, 443) and not LOWEST_PORT <= url.port <= HIGHEST_PORT:
        return None, f"must name port 443, or one from {LOWEST_PORT} to {HIGHEST_PORT}"
    return url, ""
