"""Policies on record: a version is one text for ever, and the most specific activation of a day is the one in force."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, LiteralString

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from complaints.policy import Policy, fingerprint
from complaints.policy_file import builtin
from complaints.records import ClockName
from db import policies
from db.engine import make_engine
from db.policies import Activation, UnknownPolicy, VersionTaken
from tests.databases import Databases

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[Engine]:
    """Connects to one migrated database for all tests that leave nothing in it."""
    with databases.migrated() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def session(shared: Engine) -> Iterator[Session]:
    """A session that is taken back in the end: tests do not commit."""
    with Session(shared) as session:
        yield session


def policy(version: str = "1", name: str = "house", **changes: Any) -> Policy:
    return replace(builtin(), name=name, version=version, **changes)


def stricter(version: str) -> Policy:
    """Other rules, under a version of the caller's choice."""
    return policy(version, rejections_before_mediation=1)


def activate(session: Session, what: Policy, at: datetime = NOW, **more: Any) -> Activation:
    given = {"by": "chen.jing", "at": at, "source_text": f"name: {what.name}", **more}
    return policies.activate(session, what, **given)


def chosen(
    session: Session,
    category: str = "billing",
    organisation: str | None = None,
    received_at: datetime = NOW + 100 * DAY,
) -> str | None:
    found = policies.choose(session, category=category, organisation=organisation, received_at=received_at)
    return f"{found.name}@{found.version}" if found else None


def written(session: Session, table: LiteralString = "policy_activations") -> int:
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_policy_comes_back_as_it_was(session: Session):
    house = policy()
    activate(session, house)
    policies._read.clear()
    assert fingerprint(policies.find(session, "house@1")) == fingerprint(house)


def test_an_activation_says_who_decided_what_and_when(session: Session):
    house = policy()
    made = activate(session, house, organisation="east", categories=["repair", "billing"])
    assert made == Activation(
        name="house",
        version="1",
        sha256=fingerprint(house),
        organisation="east",
        categories=("billing", "repair"),
        received_from=NOW,
        activated_at=NOW,
        activated_by="chen.jing",
    )
    assert policies.versions(session) == [made]


def test_the_file_is_kept_as_it_was_read(session: Session):
    activate(session, policy(), source_text="name: house  # 供电所")
    assert policies.source_of(session, policies.find(session, "house")) == "name: house  # 供电所"


def test_a_version_stands_for_one_text(session: Session):
    activate(session, policy("1"))
    with pytest.raises(VersionTaken, match="house@1 is in force with other rules"):
        activate(session, stricter("1"))


def test_a_line_that_moved_is_not_another_text(session: Session):
    first = activate(session, policy("1", places={"clocks.intake": "house.yaml:10"}))
    again = activate(session, policy("1", places={"clocks.intake": "house.yaml:12"}), NOW + DAY)
    assert again == first
    assert written(session, "policies") == 1


def test_activating_the_same_again_changes_nothing(session: Session):
    first = activate(session, policy())
    assert activate(session, policy(), NOW + DAY) == first
    assert written(session) == 1


@pytest.mark.parametrize("known", [False, True], ids=["a new version", "a known version"])
def test_those_who_activate_at_once_write_one_activation(engine: Engine, known: bool):
    if known:
        with Session(engine) as session, session.begin():
            activate(session, policy(), organisation="west")
    together = Barrier(4)

    def one(_: int) -> Activation:
        with Session(engine) as session, session.begin():
            session.connection()
            together.wait(timeout=20)
            return activate(session, policy(), organisation="east")

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(one, range(4)))
    assert len(made) == 1
    with Session(engine) as session:
        assert written(session) == 1 + known


def test_of_two_who_claim_a_version_for_other_rules_one_is_refused(engine: Engine):
    def one(what: Policy) -> str:
        try:
            with Session(engine) as session, session.begin():
                activate(session, what)
        except VersionTaken:
            return "refused"
        return "activated"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, [policy("1"), stricter("1")])) == ["activated", "refused"]


def test_an_earlier_version_can_be_put_back_into_force(session: Session):
    activate(session, policy("1"))
    activate(session, stricter("2"), NOW + DAY)
    activate(session, policy("1"), NOW + 2 * DAY)
    assert chosen(session) == "house@1"
    assert written(session) == 3


def test_a_version_can_be_in_force_for_several(session: Session):
    activate(session, policy("1"), categories=["billing"])
    activate(session, policy("1"), categories=["repair"], at=NOW + DAY)
    assert [chosen(session, category) for category in ("billing", "repair", "noise")] == ["house@1"] * 2 + [
        None
    ]


def test_what_is_planned_for_a_later_day_can_begin_at_once(session: Session):
    activate(session, policy("1"), received_from=NOW + 10 * DAY)
    activate(session, policy("1"), received_from=NOW)
    assert chosen(session, received_at=NOW) == "house@1"


def test_where_nothing_was_activated_nothing_is_chosen(session: Session):
    assert chosen(session) is None


def test_the_latest_date_of_receipt_that_is_reached_counts(session: Session):
    activate(session, policy("1"), received_from=NOW)
    activate(session, policy("3"), received_from=NOW + 20 * DAY)
    activate(session, policy("2"), received_from=NOW + 10 * DAY)
    days = (-1, 0, 9, 10, 19, 20)
    in_force = [chosen(session, received_at=NOW + day * DAY) for day in days]
    assert in_force == [None, "house@1", "house@1", "house@2", "house@2", "house@3"]


def test_of_two_decisions_on_one_date_the_later_one_counts(session: Session):
    activate(session, policy("2"), received_from=NOW)
    activate(session, policy("1"), received_from=NOW)
    assert chosen(session) == "house@1"


def test_an_organisation_goes_by_its_own_policy(session: Session):
    activate(session, policy("1", "east"), organisation="east")
    activate(session, policy("1", "all"), NOW + DAY)
    assert [chosen(session, organisation=o) for o in ("east", "west", None)] == ["east@1", "all@1", "all@1"]


def test_a_policy_of_one_organisation_is_nobody_elses(session: Session):
    activate(session, policy("1", "east"), organisation="east")
    assert chosen(session, organisation="west") is None


def test_a_category_goes_by_the_policy_that_names_it(session: Session):
    activate(session, policy("1", "meters"), categories=["billing", "repair"])
    activate(session, policy("1", "all"), NOW + DAY)
    assert [chosen(session, c) for c in ("billing", "repair", "noise")] == ["meters@1", "meters@1", "all@1"]


def test_the_organisation_counts_before_the_category(session: Session):
    activate(session, policy("1", "meters"), categories=["billing"])
    activate(session, policy("1", "east"), organisation="east")
    assert chosen(session, "billing", "east") == "east@1"


def test_a_policy_is_found_by_version_by_name_and_by_fingerprint(session: Session):
    activate(session, policy("1"))
    activate(session, stricter("2"))
    names = ("house@1", "house@2", "house", fingerprint(policy("1"))[:12])
    assert [policies.find(session, name).version for name in names] == ["1", "2", "2", "1"]


@pytest.mark.parametrize("wanted", ["house@9", "nobody", "abcdef012345", "abc", "", "@", "100%"])
def test_what_is_not_on_record_is_said_to_be_unknown(session: Session, wanted: str):
    activate(session, policy("1"))
    with pytest.raises(UnknownPolicy, match="no policy"):
        policies.find(session, wanted)


def test_a_policy_that_only_complaints_were_pinned_to_is_found(session: Session):
    policies.store(session, policy("1"))
    assert policies.find(session, "house@1").name == "house"
    assert policies.source_of(session, policies.find(session, "house@1")) is None


def test_several_texts_of_one_name_are_told_apart_by_fingerprint(session: Session):
    digests = {policies.store(session, policy("1"))[:12], policies.store(session, stricter("1"))[:12]}
    with pytest.raises(UnknownPolicy) as unknown:
        policies.find(session, "house@1")
    assert all(digest in str(unknown.value) for digest in digests)


@pytest.mark.parametrize("table", ["policies", "policy_versions", "policy_activations"])
@pytest.mark.parametrize("edit", ["UPDATE {} SET name = 'other'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_activated_is_never_changed_nor_deleted(session: Session, table: str, edit: str):
    activate(session, policy())
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(edit.format(table)))


def test_without_a_database_no_policy_is_guessed():
    away = make_engine("postgresql://redress:x@127.0.0.1:1/redress")
    with Session(away) as session, pytest.raises(OperationalError):
        chosen(session)


def test_a_policy_is_read_once_per_process(session: Session):
    activate(session, policy())
    first = policies.find(session, "house")
    assert policies.find(session, "house@1") is first
    assert ClockName.INTAKE in first.clocks
