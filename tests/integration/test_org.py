"""The stored organisation: what was imported comes back, secrets stay sealed, and notices know it without a database."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from activities.channels import sender_for
from activities.duty import AWAY_SECONDS, FRESH_SECONDS, Duty
from complaints.canonical import canonical
from complaints.org import Org
from complaints.org_changes import Change, merged
from complaints.org_file import load
from complaints.vocabulary import Role
from db import org as stored
from db.engine import make_engine
from db.sealed import WrongKey, seal, unseal
from stack.postgres import Postgres
from tests.conftest import ENCRYPTION_KEY

SAMPLE = load(Path(__file__).parents[2] / "cli" / "samples" / "org.yaml", check_target=sender_for)
NOON = datetime(2026, 4, 27, 4, tzinfo=UTC)
OTHER_KEY = bytes(32)


def replaced(engine: Engine, org: Org, *, by: str = "xu.qing", key: bytes = ENCRYPTION_KEY) -> list[Change]:
    with Session(engine) as session, session.begin():
        return stored.replace(session, org, by=by, at=NOON, key=key)


def without(org: Org, member: str) -> Org:
    return replace(
        org,
        members=tuple(replace(m, deputy=None, leave=()) for m in org.members if m.id != member),
        rosters=(),
    )


def told(changes: list[Change]) -> list[str]:
    return [str(change) for change in changes]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


# --- storing


def test_what_was_imported_comes_back_without_targets(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    expected = replace(SAMPLE, members=tuple(replace(m, targets=()) for m in SAMPLE.members))
    assert canonical(stored.read(session)) == canonical(merged(expected, expected))


def test_nothing_imported_is_an_empty_organisation(session: Session):
    assert stored.read(session).members == ()
    assert stored.version(session) is None


def test_targets_come_back_with_the_key_in_their_order(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    chen = SAMPLE.member("chen.jing")
    assert chen is not None
    opened = stored.all_targets(session, ENCRYPTION_KEY)
    assert opened["chen.jing"] == chen.targets
    assert opened["xu.qing"] == ()
    assert "nobody" not in opened
    assert stored.channels(session)["chen.jing"] == ("dingtalk", "e-mail")


def test_no_target_stands_in_any_table(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    for table in ("org_versions", "departments", "members", "leaves", "duty"):
        rows = session.execute(text(f"SELECT {table}::text FROM {table}")).scalars().all()
        assert rows
        assert "SAMPLE" not in "".join(rows)
        assert b"SAMPLE".hex() not in "".join(rows)


def test_another_key_opens_no_target(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    assert stored.all_targets(session, OTHER_KEY)["chen.jing"] is None


def test_a_sealed_target_moved_to_another_member_does_not_open(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    session.execute(
        text(
            "UPDATE members SET targets = (SELECT targets FROM members WHERE id = 'chen.jing') WHERE id = 'li.wei'"
        )
    )
    assert stored.all_targets(session, ENCRYPTION_KEY)["li.wei"] is None


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x02" + bytes(40), b"\x01" + bytes(40)])
def test_what_is_no_sealed_text_does_not_open(broken: bytes):
    with pytest.raises(WrongKey):
        unseal(ENCRYPTION_KEY, broken, "here")
    assert unseal(ENCRYPTION_KEY, seal(ENCRYPTION_KEY, "text", "here"), "here") == "text"


def test_importing_with_a_new_key_seals_everything_anew(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    changes = replaced(engine, SAMPLE, key=OTHER_KEY)
    assert "~ member chen.jing: targets" in told(changes)
    assert stored.all_targets(session, OTHER_KEY)["wang.fang"]
    assert replaced(engine, SAMPLE, key=OTHER_KEY) == []


# --- importing again


def test_importing_the_same_again_changes_nothing_and_makes_no_version(engine: Engine, session: Session):
    first = replaced(engine, SAMPLE)
    assert all(change.sign == "+" for change in first)
    assert replaced(engine, SAMPLE) == []
    assert stored.version(session) == 1


def test_only_what_changed_is_told(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    members = tuple(replace(m, language="en") if m.id == "li.wei" else m for m in SAMPLE.members)
    assert told(replaced(engine, replace(SAMPLE, members=members))) == ["~ member li.wei: language zh -> en"]
    assert stored.version(session) == 2


def test_whoever_is_left_out_is_deactivated_and_forgotten_but_kept(engine: Engine, session: Session):
    replaced(engine, SAMPLE)
    changes = told(replaced(engine, without(SAMPLE, "chen.jing")))
    assert "- member chen.jing: is no longer active" in changes
    left = stored.read(session).member("chen.jing")
    assert left is not None
    assert (left.active, left.name, left.leave) == (False, "陈静", ())
    assert stored.all_targets(session, ENCRYPTION_KEY)["chen.jing"] == ()


def test_whoever_comes_back_is_active_again(engine: Engine, session: Session):
    for org in (SAMPLE, without(SAMPLE, "chen.jing"), SAMPLE):
        replaced(engine, org)
    back = stored.read(session).member("chen.jing")
    assert back is not None
    assert back.active
    assert len(back.leave) == 2


def test_foreseeing_writes_nothing(engine: Engine, session: Session):
    _, changes = stored.foresee(session, SAMPLE, ENCRYPTION_KEY)
    session.commit()
    assert len(changes) == len(SAMPLE.members) + len(SAMPLE.departments) + len(SAMPLE.rosters)
    assert stored.read(session).members == ()
    assert told(replaced(engine, SAMPLE)) == told(changes)


def test_imports_at_the_same_time_take_turns(engine: Engine, session: Session):
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: len(replaced(engine, SAMPLE)), range(6)))
    assert sorted(results)[:5] == [0] * 5
    assert stored.version(session) == 1


def test_a_version_says_who_imported_what_and_is_written_once(engine: Engine, session: Session):
    replaced(engine, SAMPLE, by="zhao.min")
    row = session.execute(text("SELECT imported_by, imported_at, changes, sha256 FROM org_versions")).one()
    assert (row[0], row[1]) == ("zhao.min", NOON)
    assert "+ member chen.jing" in row[2]
    assert row[3] == hashlib.sha256(canonical(stored.read(session)).encode()).hexdigest()
    with pytest.raises(IntegrityError, match="append-only"):
        session.execute(text("DELETE FROM org_versions"))


# --- what notices know


class Clock:
    """Goes on when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@contextmanager
def away(postgres: Postgres, engine: Engine) -> Iterator[None]:
    """Keep everybody out of the database, as an outage does."""
    name = engine.url.database
    with psycopg.connect(postgres.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def lead_of_billing(duty: Duty) -> tuple[str, ...]:
    return duty.route(Role.LEAD, "billing", NOON, frozenset()).people


def test_duty_routes_by_the_stored_organisation(engine: Engine):
    replaced(engine, SAMPLE)
    duty = Duty(engine, lambda: ENCRYPTION_KEY)
    assert lead_of_billing(duty) == ("chen.jing",)
    assert duty.route(Role.LEAD, "billing", NOON, frozenset({"chen.jing"})).people == ("wang.fang",)
    assert duty.route(Role.HANDLER, "billing", NOON, person="zhang.wei").people == ("zhang.wei",)


def test_senders_come_with_the_preferred_channel_first(engine: Engine):
    replaced(engine, SAMPLE)
    duty = Duty(engine, lambda: ENCRYPTION_KEY)
    kinds = {
        preferred: [sender.channel for sender in duty.senders("chen.jing", preferred)]
        for preferred in (None, "dingtalk", "e-mail", "mail", "feishu")
    }
    usual, mail_first = ["dingtalk", "e-mail"], ["e-mail", "dingtalk"]
    assert kinds == {
        None: usual,
        "dingtalk": usual,
        "e-mail": mail_first,
        "mail": mail_first,
        "feishu": usual,
    }
    assert duty.senders("nobody") == []


def test_a_new_version_is_noticed_after_a_moment_and_not_before(engine: Engine):
    clock = Clock()
    duty = Duty(engine, lambda: ENCRYPTION_KEY, clock=clock)
    assert duty.route(Role.LEAD, "billing", NOON).reason is None
    replaced(engine, SAMPLE)
    assert lead_of_billing(duty) == ()
    clock.seconds += FRESH_SECONDS
    assert lead_of_billing(duty) == ("chen.jing",)


def test_while_postgresql_is_away_duty_goes_on_with_what_it_knows(engine: Engine, postgres: Postgres):
    replaced(engine, SAMPLE)
    clock = Clock()
    duty = Duty(engine, lambda: ENCRYPTION_KEY, clock=clock)
    assert lead_of_billing(duty) == ("chen.jing",)
    with away(postgres, engine):
        clock.seconds += FRESH_SECONDS
        assert lead_of_billing(duty) == ("chen.jing",)
        assert [sender.channel for sender in duty.senders("zhou.lei")] == ["feishu"]
    replaced(engine, without(SAMPLE, "chen.jing"))
    clock.seconds += AWAY_SECONDS
    assert lead_of_billing(duty) != ("chen.jing",)


def test_an_organisation_that_never_could_be_read_says_nothing():
    nowhere = make_engine("postgresql://redress:x@127.0.0.1:1/redress")
    duty = Duty(nowhere, lambda: ENCRYPTION_KEY)
    routing = duty.route(Role.LEAD, "billing", NOON)
    assert (routing.people, routing.why) == ((), "")
    assert duty.senders("chen.jing") == []


def test_what_another_key_sealed_reaches_nobody_and_routing_goes_on(engine: Engine):
    replaced(engine, SAMPLE)
    duty = Duty(engine, lambda: OTHER_KEY)
    assert lead_of_billing(duty) == ("chen.jing",)
    assert duty.senders("chen.jing") == []


def test_many_threads_share_one_duty(engine: Engine):
    replaced(engine, SAMPLE)
    duty = Duty(engine, lambda: ENCRYPTION_KEY)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: lead_of_billing(duty), range(64)))
    assert set(found) == {("chen.jing",)}
