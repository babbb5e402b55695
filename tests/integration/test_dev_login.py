"""The development login: it opens beside the embedded database, and beside no other whatever is set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.access import make_guard
from api.access.dev_login import ISSUER, admitted, make_key, sign
from api.access.settings import AccessSettings, load_access
from complaints.vocabulary import Actor, Role
from db.engine import make_engine
from stack.postgres import Postgres
from stack.up import EMBEDDED_VARIABLE, Stack
from tests.integration.door import bearer, calls, make_app
from tests.keys import keys_of
from workflows.settings import SettingsError

LI_WEI = Actor(id="li.wei", role=Role.HANDLER, department="billing")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Another PostgreSQL, which is just as near."""
    with Postgres(tmp_path_factory.mktemp("stranger"), durable=False, usual_port=None) as server:
        yield server


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "dev-login.key"
    make_key(file)
    return file


def switched_on(key: Path, folder: Path | None) -> AccessSettings:
    return load_access(dev_login=key, embedded_database=folder)


async def test_whoever_has_the_key_is_whom_they_say(
    engine: Engine, database_url: str, postgres: Postgres, key: Path
) -> None:
    guard = make_guard(switched_on(key, postgres.data), engine, keys_of(engine))
    async with calls(make_app(guard)) as client:
        answer = await client.get("/v1/me", headers=bearer(sign(key, LI_WEI, now=time.time())))
        assert answer.json() == {"id": "li.wei", "role": "handler", "department": "billing", "via": "dev"}
        for wrong in (
            sign(key, LI_WEI, now=time.time() - 4000),
            sign(key, Actor(id="redress", role=Role.SYSTEM), now=time.time()),
            sign(key, LI_WEI, now=time.time())[:-4] + "AAAA",
        ):
            assert (await client.get("/v1/me", headers=bearer(wrong))).status_code == 401
    await guard.close()


async def test_a_key_of_another_stack_opens_nothing(
    engine: Engine, database_url: str, postgres: Postgres, key: Path, tmp_path: Path
) -> None:
    make_key(tmp_path / "other.key")
    guard = make_guard(switched_on(key, postgres.data), engine, keys_of(engine))
    async with calls(make_app(guard)) as client:
        token = sign(tmp_path / "other.key", LI_WEI, now=time.time())
        assert (await client.get("/v1/me", headers=bearer(token))).status_code == 401
    await guard.close()


async def test_switched_off_its_tokens_are_those_of_a_stranger(
    engine: Engine, database_url: str, key: Path
) -> None:
    guard = make_guard(load_access(), engine, keys_of(engine))
    async with calls(make_app(guard)) as client:
        answer = await client.get("/v1/me", headers=bearer(sign(key, LI_WEI, now=time.time())))
    assert (answer.status_code, answer.json()["detail"]) == (
        401,
        "no tokens are accepted here, only API keys",
    )
    await guard.close()


def test_it_is_refused_at_start_beside_another_database(
    stranger: Postgres, postgres: Postgres, key: Path
) -> None:
    """Both listen on loopback, and whoever copies the variables of `redress up` has all there is to copy."""
    engine = make_engine(stranger.url())
    with pytest.raises(SettingsError, match="is not the embedded database"):
        admitted(switched_on(key, postgres.data), engine)
    engine.dispose()


def test_it_is_refused_where_the_stack_has_handed_over_nothing(
    engine: Engine, key: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="only `redress up` may set it"):
        admitted(switched_on(key, None), engine)
    with pytest.raises(SettingsError, match="REDRESS_EMBEDDED_DATABASE: holds no database"):
        admitted(switched_on(key, tmp_path), engine)


def test_it_is_refused_while_the_database_does_not_say_which_it_is(postgres: Postgres, key: Path) -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(SettingsError, match="does not say which one it is"):
        admitted(switched_on(key, postgres.data), engine)


def test_it_is_refused_without_its_key(engine: Engine, postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no key of the development login"):
        admitted(switched_on(tmp_path / "none.key", postgres.data), engine)


def test_it_is_off_unless_it_is_switched_on(engine: Engine, postgres: Postgres) -> None:
    assert admitted(load_access(embedded_database=postgres.data), engine) is None


def test_the_stack_hands_over_its_own_database(tmp_path: Path) -> None:
    stack = Stack(tmp_path, search_attributes={}, environ={})
    assert stack.owns_database
    assert stack.postgres.data == tmp_path / "postgres" / "data"


def test_the_stack_hands_over_no_other_database_whatever_is_set(tmp_path: Path) -> None:
    named = {
        "REDRESS_DATABASE_URL": "postgresql+psycopg://redress:x@127.0.0.1:5432/redress",
        "REDRESS_TEMPORAL_ADDRESS": "temporal.example:7233",
    }
    stack = Stack(tmp_path, search_attributes={}, environ={**named, EMBEDDED_VARIABLE: "/some/data"})
    assert not stack.owns_database
    assert stack.told() == {**named, EMBEDDED_VARIABLE: ""}


def test_the_key_is_made_once_and_is_its_owners_alone(key: Path) -> None:
    before = key.read_text()
    make_key(key)
    assert key.read_text() == before
    assert key.stat().st_mode & 0o777 == 0o600


def test_the_issuer_of_such_tokens_can_be_no_real_one(key: Path) -> None:
    with pytest.raises(SettingsError, match="REDRESS_OIDC_ISSUER"):
        load_access(oidc_issuer=ISSUER, oidc_audience=ISSUER)
