"""Signed tokens (JWT): what one says before it is believed, whether a key made it, and whether it counts here and now.

Of the header only `alg` and `kid` are looked at. Where a token brings a key of its own (`jwk`), or the address of one
(`jku`, `x5u`), nobody goes there: keys come from the issuer that the settings name.
"""

from __future__ import annotations

import binascii
import json
import math
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from api.access.errors import Unauthenticated

Key = RSAKey | ECKey | OKPKey

LONGEST = 8192
"""More than any token needs. What is longer is not even taken apart."""

SKEW_SECONDS = 60
"""How far the issuer's clock and ours may be apart."""

_LONGEST_KID = 256


@dataclass(frozen=True)
class Unverified:
    """What a token says of itself: enough to look for the key, and not to be believed before.

    Attributes:
        kid: The name of the key: looked up in a mapping, and never used for anything else.
    """

    text: str
    algorithm: str
    kid: str | None
    issuer: str | None


def take_apart(text: str) -> Unverified:
    """Read a token without believing it.

    Raises:
        Unauthenticated: It is none.
    """
    if len(text) > LONGEST:
        raise Unauthenticated(f"the token is longer than {LONGEST} characters")
    parts = text.split(".")
    if len(parts) != 3 or not all(parts):
        raise Unauthenticated("the token is not a signed JWT of three parts")
    header, claims = _object(parts[0], "header"), _object(parts[1], "content")
    if "crit" in header:
        raise Unauthenticated("the token demands an extension (crit) that is not spoken here")
    algorithm, kid, issuer = header.get("alg"), header.get("kid"), claims.get("iss")
    if not isinstance(algorithm, str):
        raise Unauthenticated("the token names no algorithm")
    if kid is not None and (not isinstance(kid, str) or len(kid) > _LONGEST_KID):
        raise Unauthenticated("the token's kid is no name of a key")
    return Unverified(text, algorithm, kid, issuer if isinstance(issuer, str) else None)


def verified(token: Unverified, key: Key, algorithms: Sequence[str]) -> Mapping[str, Any]:
    """Return a token's claims, if this key has signed it by one of these algorithms.

    Raises:
        Unauthenticated: It has not.
    """
    if token.algorithm not in algorithms:
        raise Unauthenticated(f"tokens are accepted with {', '.join(algorithms)} only")
    if not suits(key, token.algorithm):
        raise Unauthenticated("the token's algorithm is none of its key")
    try:
        return jwt.decode(token.text, key, registry=_Registry([token.algorithm])).claims
    except (JoseError, ValueError, RecursionError):
        raise Unauthenticated("the token's signature is wrong") from None


def check(claims: Mapping[str, Any], *, issuer: str, audience: str, now: float) -> None:
    """Check that a token is by this issuer, for us, and valid now.

    Args:
        now: Seconds since 1970.

    Raises:
        Unauthenticated: It is not; says which claim is in the way.
    """
    if claims.get("iss") != issuer:
        raise Unauthenticated("the token is by another issuer")
    meant_for = claims.get("aud")
    if audience not in (meant_for if isinstance(meant_for, list) else [meant_for]):
        raise Unauthenticated("the token is meant for another audience")
    expires = _instant(claims, "exp")
    if expires is None:
        raise Unauthenticated("the token never expires (exp)")
    if now >= expires + SKEW_SECONDS:
        raise Unauthenticated("the token has expired")
    for claim in ("nbf", "iat"):
        begins = _instant(claims, claim)
        if begins is not None and now < begins - SKEW_SECONDS:
            raise Unauthenticated(f"the token is not valid yet ({claim})")


def suits(key: Key, algorithm: str) -> bool:
    """Say whether a key signs by this algorithm, so that no key is ever used in a way it was not made for."""
    said = key.get("alg")
    if said is not None and said != algorithm and {said, algorithm} != {"EdDSA", "Ed25519"}:
        return False
    if isinstance(key, RSAKey):
        return algorithm[:2] in ("RS", "PS")
    if isinstance(key, ECKey):
        return _CURVES.get(algorithm) == key.curve_name
    return algorithm in ("EdDSA", "Ed25519") and key.curve_name == "Ed25519"


_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class _Registry(JWSRegistry):
    """The algorithms of one call. `EdDSA` is deprecated for its name alone; issuers go on using it."""

    max_header_length: ClassVar[int] = LONGEST  # type: ignore[misc]  # ours is the smaller limit

    def __init__(self, algorithms: Sequence[str]) -> None:
        super().__init__(algorithms=algorithms, strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        assert self.allowed is not None
        if name not in self.allowed:
            raise JoseError
        return self.algorithms[name]


def _object(part: str, what: str) -> dict[str, Any]:
    # The decoder passes over what is no base64; a token has nothing of that.
    if not set(part) <= _BASE64URL:
        raise Unauthenticated(f"the token's {what} cannot be read")
    try:
        read = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Unauthenticated(f"the token's {what} cannot be read") from None
    if not isinstance(read, dict):
        raise Unauthenticated(f"the token's {what} is no JSON object")
    return read


_BASE64URL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Unauthenticated(f"the token's {name} is no instant")
    return value
