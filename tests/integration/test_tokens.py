"""People's tokens against a real issuer: the good ones, those that attackers make, and an issuer that rotates or dies."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from api.access import issuer as keys_module
from api.access.guard import Guard
from api.access.issuer import IssuerKeys
from api.access.key_ring import KeyRing
from api.access.limits import Limit
from api.access.people import People
from api.access.secret import Digests
from api.access.settings import AccessSettings, load_access
from db.engine import make_engine
from tests.eventually import eventually
from tests.integration.door import bearer, calls, make_app
from tests.integration.issuer_server import AUDIENCE, IssuerServer

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
RS256 = RSAKey.generate_key(2048, {"kid": "stranger"})


class Clock:
    """Stands until it is pushed."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def issuer() -> Iterator[IssuerServer]:
    server = IssuerServer()
    server.start()
    yield server
    server.stop(wait=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings_for(issuer: IssuerServer, **other: Any) -> AccessSettings:
    return load_access(
        **{"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "failures_per_minute": 10_000, **other}
    )


def guard_for(settings: AccessSettings, clock: Clock) -> Guard:
    assert settings.oidc_issuer is not None
    return Guard(
        keys=KeyRing(make_engine(NOWHERE), Digests([bytes(32)])),
        people=People(settings, IssuerKeys(settings.oidc_issuer, settings.algorithms, clock=clock)),
        dev=None,
        requests=Limit(settings.rate_per_minute),
        failures=Limit(settings.failures_per_minute),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def client(issuer: IssuerServer, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    guard = guard_for(settings_for(issuer), clock)
    async with calls(make_app(guard)) as client:
        yield client
    await guard.close()


async def refused(client: httpx.AsyncClient, token: str) -> str:
    """Say why a token is refused: with 401, a challenge, and nothing of the token in it."""
    answer = await client.get("/v1/me", headers=bearer(token))
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith('Bearer realm="redress", error="invalid_token"')
    assert not token or token not in answer.text
    detail: str = answer.json()["detail"]
    return detail


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (header, claims)]
    return ".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=").decode()])


async def test_a_person_comes_in_by_a_token(client: httpx.AsyncClient, issuer: IssuerServer) -> None:
    answer = await client.get("/v1/me", headers=bearer(issuer.token()))
    assert answer.json() == {"id": "li.wei", "role": "handler", "department": "billing", "via": "oidc"}


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ECKey.generate_key("P-256", {"kid": "ec-1"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "ed-1"}), "EdDSA"),
        (RSAKey.generate_key(2048, {"kid": "ps-1"}), "RS256"),
    ],
    ids=["ES256", "EdDSA", "RS256"],
)
async def test_each_usual_algorithm_is_spoken(
    client: httpx.AsyncClient, issuer: IssuerServer, key: Any, algorithm: str
) -> None:
    issuer.keys.append(key)
    signed = issuer.token(key=key, algorithm="Ed25519" if algorithm == "EdDSA" else algorithm)
    if (
        algorithm == "EdDSA"
    ):  # what most issuers still call it; signed by hand, since the library only reads it
        head, body, _ = forged({"alg": "EdDSA", "kid": "ed-1"}, issuer.claims(), b"x").split(".")
        signature = key.private_key.sign(f"{head}.{body}".encode())
        signed = f"{head}.{body}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert (await client.get("/v1/me", headers=bearer(signed))).status_code == 200


async def test_unsigned_tokens_are_refused(client: httpx.AsyncClient, issuer: IssuerServer) -> None:
    for algorithm in ("none", "None", "NONE", "nOnE", ""):
        for signature in (b"", b"x"):
            await refused(client, forged({"alg": algorithm, "kid": "rsa-1"}, issuer.claims(), signature))


async def test_the_public_key_is_no_shared_secret(client: httpx.AsyncClient, issuer: IssuerServer) -> None:
    """The attack of CVE-2015-9235: HS256 over what everybody can fetch."""
    everybody_knows: list[bytes] = [
        issuer.key.as_pem(private=False),
        issuer.key.as_pem(private=False).strip(),
        json.dumps(issuer.key.as_dict(private=False)).encode(),
        issuer.key.as_der(private=False),
    ]
    for secret in everybody_knows:
        head, body, _ = forged({"alg": "HS256", "kid": "rsa-1"}, issuer.claims(), b"x").split(".")
        mac = hmac.digest(secret, f"{head}.{body}".encode(), sha256)
        why = await refused(client, f"{head}.{body}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}")
        assert why == "tokens are accepted with RS256, ES256, EdDSA only"


async def test_a_shared_secret_that_an_issuer_publishes_by_mistake_is_no_key(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    shared = OctKey.generate_key(256, {"kid": "oct-1"})
    issuer.published = {"keys": [shared.as_dict(private=True), issuer.key.as_dict(private=False)]}
    token = jwt.encode({"alg": "HS256", "kid": "oct-1"}, issuer.claims(), shared, algorithms=["HS256"])
    await refused(client, token)
    assert (await client.get("/v1/me", headers=bearer(issuer.token()))).status_code == 200


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "payroll"}, "the token is meant for another audience"),
        ({"aud": ["payroll", "mail"]}, "the token is meant for another audience"),
        ({"aud": None}, "the token is meant for another audience"),
        ({"aud": {"redress": True}}, "the token is meant for another audience"),
        ({"iss": "https://login.example"}, "the token is by another issuer"),
        ({"iss": None}, "the token is by another issuer"),
        ({"iss": ["https://login.example"]}, "the token is by another issuer"),
        ({"exp": 1_600_000_000}, "the token has expired"),
        ({"exp": None}, "the token never expires (exp)"),
        ({"exp": "tomorrow"}, "the token's exp is no instant"),
        ({"exp": True}, "the token's exp is no instant"),
        ({"exp": float("inf")}, "the token's exp is no instant"),
        ({"nbf": 4_000_000_000}, "the token is not valid yet (nbf)"),
        ({"iat": 4_000_000_000}, "the token is not valid yet (iat)"),
        ({"sub": None}, "the token's sub must have 1 to 100 letters, digits, dots, hyphens or underscores"),
        (
            {"sub": "../admin"},
            "the token's sub must have 1 to 100 letters, digits, dots, hyphens or underscores",
        ),
        ({"sub": "redress"}, "redress is the engine's own name"),
        (
            {"department": "a b"},
            "the token's department must have 1 to 100 letters, digits, dots, hyphens or underscores",
        ),
    ],
)
async def test_a_genuine_token_counts_only_here_and_now(
    client: httpx.AsyncClient, issuer: IssuerServer, claims: dict[str, Any], why: str
) -> None:
    assert await refused(client, issuer.token(**claims)) == why


@pytest.mark.parametrize(("claim", "ahead"), [("exp", -1), ("nbf", 1), ("iat", 1)])
async def test_clocks_may_be_a_minute_apart(
    client: httpx.AsyncClient, issuer: IssuerServer, claim: str, ahead: int
) -> None:
    near: dict[str, Any] = {claim: int(time.time()) + 50 * ahead}
    far: dict[str, Any] = {claim: int(time.time()) + 70 * ahead}
    assert (await client.get("/v1/me", headers=bearer(issuer.token(**near)))).status_code == 200
    await refused(client, issuer.token(**far))


async def test_another_issuers_key_opens_nothing(client: httpx.AsyncClient, issuer: IssuerServer) -> None:
    assert "does not publish" in await refused(client, issuer.token(key=RS256))
    assert (
        await refused(client, issuer.token(key=RS256, header={"kid": "rsa-1"}))
        == "the token's signature is wrong"
    )
    assert (
        await refused(client, issuer.token(key=RS256, header={"kid": None}))
        == "the token's signature is wrong"
    )


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null",
        "'; DROP TABLE api_keys; --",
        "http://127.0.0.1:1/key",
        "|id",
        "\x00",
        "密钥",
        "x" * 256,
    ],
)
async def test_the_name_of_a_key_is_a_name_and_nothing_else(
    client: httpx.AsyncClient, issuer: IssuerServer, kid: str
) -> None:
    assert "does not publish" in await refused(client, issuer.token(key=RS256, header={"kid": kid}))
    assert set(issuer.asked) <= {"/realms/water/.well-known/openid-configuration", "/realms/water/keys"}


@pytest.mark.parametrize("kid", [7, ["rsa-1"], {"a": 1}, True, "x" * 257])
async def test_what_is_no_name_of_a_key_is_refused(
    client: httpx.AsyncClient, issuer: IssuerServer, kid: Any
) -> None:
    token = forged({"alg": "RS256", "kid": kid}, issuer.claims(), b"x" * 256)
    assert await refused(client, token) == "the token's kid is no name of a key"


async def test_a_key_that_a_token_brings_along_is_not_looked_at(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    strangers = IssuerServer()
    strangers.keys = [RS256]
    strangers.start()
    try:
        for header in (
            {"jku": f"{strangers.url}/keys"},
            {"x5u": f"{strangers.url}/keys"},
            {"jwk": RS256.as_dict(private=False)},
        ):
            for kid in ("stranger", "rsa-1", None):
                await refused(client, issuer.token(key=RS256, header={**header, "kid": kid}))
        assert not strangers.asked
    finally:
        strangers.stop()


async def test_an_extension_that_is_demanded_is_refused(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    token = forged({"alg": "RS256", "kid": "rsa-1", "b64": False, "crit": ["b64"]}, issuer.claims(), b"x")
    assert "crit" in await refused(client, token)


async def test_broken_tokens_are_refused_and_never_a_fault(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    whole = issuer.token()
    head, body, signature = whole.split(".")
    deep = urlsafe_b64encode(b'{"a":' + b"[" * 5000).rstrip(b"=").decode()
    number = urlsafe_b64encode(b'{"alg":' + b"9" * 5500 + b"}").rstrip(b"=").decode()
    for broken in (
        whole[:-1], whole[: len(whole) // 2], f"{head}.{body}", f"{head}.{body}.", f".{body}.{signature}",
        f"{head}..{signature}", f"{whole}.{signature}.x", f"{deep}.{body}.{signature}", f"{head}.{deep}.{signature}",
        f"{number}.{body}.{signature}", f"{head}!.{body}.{signature}", "...", "..", "x", "null", "e30.e30.e30",
        "W10.W10.W10", f"{head}.{body}.{signature[:-4]}AAAA", "x" * 100_000, f"{head}.{'A' * 9000}.{signature}",
    ):  # fmt: skip
        await refused(client, broken)


async def test_a_token_that_says_more_than_was_signed_is_refused(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    head, _, signature = issuer.token().split(".")
    _, body, _ = forged({}, issuer.claims(roles=["executive"])).split(".")
    assert await refused(client, f"{head}.{body}.{signature}") == "the token's signature is wrong"


async def test_credentials_come_one_at_a_time_and_in_a_header(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    token = issuer.token()
    none = await client.get("/v1/me", params={"access_token": token})
    assert (none.status_code, none.headers["www-authenticate"]) == (401, 'Bearer realm="redress"')
    for headers in (
        [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")],
        [("Authorization", f"Bearer {token}"), ("X-API-Key", "rk_x")],
        [("Authorization", f"Basic {token}")],
        [("Authorization", "Bearer")],
        [("Authorization", token)],
        [("X-API-Key", token)],
    ):
        assert (await client.get("/v1/me", headers=headers)).status_code == 401


# --- roles


async def test_of_several_roles_one_is_chosen_and_the_person_stays_the_same(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    token = issuer.token(roles=["handler", "lead", "gardener", 7])
    unsaid = await client.get("/v1/me", headers=bearer(token))
    assert (unsaid.status_code, unsaid.json()["possible"]) == (403, ["handler", "lead"])
    for role in ("handler", "lead"):
        said = (await client.get("/v1/me", headers=bearer(token, **{"Redress-Role": role}))).json()
        assert (said["id"], said["role"]) == ("li.wei", role)
    for other in ("executive", "gardener", ""):
        chosen = await client.get("/v1/me", headers=bearer(token, **{"Redress-Role": other}))
        assert chosen.status_code == 403


async def test_an_auditor_is_nothing_besides(client: httpx.AsyncClient, issuer: IssuerServer) -> None:
    token = issuer.token(roles=["auditor", "lead"])
    for headers in (bearer(token), bearer(token, **{"Redress-Role": "auditor"})):
        answer = await client.get("/v1/me", headers=headers)
        assert (answer.status_code, "at once" in answer.text) == (403, True)


@pytest.mark.parametrize("roles", [None, [], "gardener", ["system"], {"handler": True}, 7])
async def test_who_has_no_role_here_may_nothing(
    client: httpx.AsyncClient, issuer: IssuerServer, roles: Any
) -> None:
    assert (await client.get("/v1/me", headers=bearer(issuer.token(roles=roles)))).status_code == 403


async def test_claims_may_have_other_names(issuer: IssuerServer, clock: Clock) -> None:
    settings = settings_for(
        issuer,
        oidc_id_claim="preferred_username",
        oidc_roles_claim="realm_access.roles",
        oidc_role_prefix="redress-",
        oidc_department_claim="https://water.example/department",
    )
    guard = guard_for(settings, clock)
    elsewhere: dict[str, Any] = {"https://water.example/department": "works"}
    token = issuer.token(
        preferred_username="wang.fang",
        realm_access={"roles": ["redress-lead", "handler", "offline_access"]},
        **elsewhere,
    )
    async with calls(make_app(guard)) as client:
        answer = await client.get("/v1/me", headers=bearer(token))
    await guard.close()
    assert answer.json() == {"id": "wang.fang", "role": "lead", "department": "works", "via": "oidc"}


# --- the issuer's keys


async def test_a_rotated_key_is_known_at_once_and_the_old_one_no_more(
    client: httpx.AsyncClient, issuer: IssuerServer, clock: Clock
) -> None:
    old = issuer.token()
    assert (await client.get("/v1/me", headers=bearer(old))).status_code == 200
    issuer.rotate()
    clock.at += keys_module.PAUSE_SECONDS
    assert (await client.get("/v1/me", headers=bearer(issuer.token()))).status_code == 200
    await refused(client, old)


async def test_a_withdrawn_key_is_dropped_after_a_while_though_nobody_brings_a_new_one(
    client: httpx.AsyncClient, issuer: IssuerServer, clock: Clock
) -> None:
    old = issuer.token()
    assert (await client.get("/v1/me", headers=bearer(old))).status_code == 200
    issuer.rotate()
    clock.at += keys_module.FRESH_SECONDS + 1

    async def is_dropped() -> None:
        assert (await client.get("/v1/me", headers=bearer(old))).status_code == 401

    await eventually(is_dropped)


async def test_a_flood_of_unknown_keys_is_one_fetch(
    client: httpx.AsyncClient, issuer: IssuerServer, clock: Clock
) -> None:
    assert (await client.get("/v1/me", headers=bearer(issuer.token()))).status_code == 200
    clock.at += keys_module.PAUSE_SECONDS
    flood = [issuer.token(key=RS256, header={"kid": f"k{number}"}) for number in range(40)]
    await asyncio.gather(*(refused(client, token) for token in flood))
    assert issuer.asked["/realms/water/keys"] == 2


async def test_while_the_issuer_is_away_known_keys_go_on_and_others_are_told_to_come_back(
    client: httpx.AsyncClient, issuer: IssuerServer, clock: Clock
) -> None:
    known = issuer.token()
    assert (await client.get("/v1/me", headers=bearer(known))).status_code == 200
    issuer.failing = True
    clock.at += keys_module.FRESH_SECONDS + 1
    unknown = bearer(issuer.token(key=RS256))
    assert (await client.get("/v1/me", headers=unknown)).status_code == 503
    assert (await client.get("/v1/me", headers=bearer(known))).status_code == 200
    clock.at += keys_module.KEPT_SECONDS
    assert (await client.get("/v1/me", headers=bearer(known))).status_code == 503
    issuer.failing = False
    clock.at += keys_module.PAUSE_SECONDS
    assert (await client.get("/v1/me", headers=bearer(known))).status_code == 200


async def test_an_issuer_that_was_never_there_is_503(issuer: IssuerServer, clock: Clock) -> None:
    token = issuer.token()
    issuer.stop()
    guard = guard_for(settings_for(issuer), clock)
    async with calls(make_app(guard)) as client:
        assert (await client.get("/v1/me", headers=bearer(token))).status_code == 503
    await guard.close()


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://login.example"},
        {"jwks_uri": "http://login.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"jwks_uri": 7},
    ],
)
async def test_a_discovery_document_that_leads_astray_is_not_followed(
    client: httpx.AsyncClient, issuer: IssuerServer, said: dict[str, Any]
) -> None:
    issuer.said = said
    assert (await client.get("/v1/me", headers=bearer(issuer.token()))).status_code == 503


async def test_redirects_are_not_followed(client: httpx.AsyncClient, issuer: IssuerServer) -> None:
    issuer.said = {"jwks_uri": f"{issuer.url}/elsewhere"}
    assert (await client.get("/v1/me", headers=bearer(issuer.token()))).status_code == 503
    assert issuer.asked["/realms/water/keys"] == 0


@pytest.mark.parametrize(
    "published",
    [
        {},
        {"keys": 7},
        {"keys": [7, None, {}, {"kty": "RSA"}, {"kty": ["RSA"]}, {"kty": "RSA", "n": "!", "e": "AQAB"}]},
    ],
)
async def test_broken_key_sets_are_no_fault(
    client: httpx.AsyncClient, issuer: IssuerServer, published: dict[str, Any]
) -> None:
    issuer.published = published
    assert (await client.get("/v1/me", headers=bearer(issuer.token()))).status_code in (401, 503)


async def test_keys_for_other_uses_or_too_weak_are_passed_over(
    client: httpx.AsyncClient, issuer: IssuerServer
) -> None:
    with pytest.warns(UserWarning, match="2048"):
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
    secret = RSAKey.generate_key(2048, {"kid": "enc"})
    published = [weak.as_dict(private=False), {**secret.as_dict(private=False), "use": "enc"}]
    issuer.published = {"keys": published}
    await refused(client, issuer.token(key=weak))
    await refused(client, issuer.token(key=secret))
