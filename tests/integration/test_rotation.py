"""A new master key takes over from the old one, and nothing that was kept under the old one is lost."""

from __future__ import annotations

import base64
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.access.secret import Digests, make_secret
from api.cursors import Cursors
from complaints import commands as c
from complaints.sealed import ERASED
from db.erasing import of_customer
from db.keys import Keys, destroy
from db.masters import Masters
from db.sealed import WrongKey, seal, unseal
from db.search import search
from db.starts import digest_key, digests_of
from tests.integration.recorded import RecordedLife, write
from tests.keys import ENCRYPTION_KEY, MASTERS, keys_of
from tests.lives import example
from workflows.settings import load_settings

NEW = bytes(reversed(range(32)))
BOTH, ONLY_NEW = Masters([NEW, ENCRYPTION_KEY]), Masters([NEW])


@pytest.fixture
def rotated(engine: Engine) -> Engine:
    """王秀英's complaint is on record under the old master key, which then wraps nothing any more."""
    life = RecordedLife(number="hotline-2031")
    life.do(keys_of(engine).sealed("hotline-2031", example(c.Register)))
    life.cut()
    write(engine, *life.batches)
    return engine


def turn(engine: Engine) -> Keys:
    Keys(engine, BOTH).rotate()
    return Keys(engine, ONLY_NEW)


def test_complaints_open_and_are_found_by_words_and_customer(rotated: Engine) -> None:
    keys = turn(rotated)
    with Session(rotated) as session:
        (found,) = search(session, keys.within(session), ["电费"])
        assert "电费" in found.passage
        (concerned,) = of_customer(session, keys.within(session), "13800002031")
        assert concerned.number == "hotline-2031"


def test_api_keys_columns_and_digests_of_starts_go_on(rotated: Engine) -> None:
    old = Keys(rotated, MASTERS)
    secret = make_secret()
    digest = Digests([old.secret("access")]).of(secret)
    column = seal(old.columns, "hook.example/x", "webhooks/1")
    start = digests_of({"description": "x"}, "crm-1", digest_key(old.secret("starts")))
    keys = turn(rotated)
    assert Digests([keys.secret("access")]).match(secret, digest)
    assert unseal(keys.columns, column, "webhooks/1") == "hook.example/x"
    assert digests_of({"description": "x"}, "crm-1", digest_key(keys.secret("starts"))) == start


def test_a_page_that_was_begun_before_goes_on() -> None:
    cursor = Cursors(ENCRYPTION_KEY).write("list", ["2026", "crm-1"])
    assert Cursors(NEW, ENCRYPTION_KEY).read("list", cursor) == ["2026", "crm-1"]


def test_whoever_has_the_old_master_key_and_the_new_tables_opens_nothing(rotated: Engine) -> None:
    turn(rotated)
    with pytest.raises(WrongKey):
        Keys(rotated, MASTERS).data_key("hotline-2031")


def test_turning_brings_nobody_back(rotated: Engine) -> None:
    token = keys_of(rotated).sealed("hotline-2031", c.AddNote(text="x")).text
    with Session(rotated) as session:
        destroy(session, ["hotline-2031"], datetime.now(UTC))
        session.commit()
    assert turn(rotated).opened(token, "hotline-2031") == ERASED


def test_a_key_management_service_opens_the_master_keys_of_every_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Worker, API and command line all read their master keys by these settings."""
    (tmp_path / "our_kms.py").write_text(
        "def opened(wrapped):\n    return bytes(each ^ 7 for each in wrapped)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "our_kms", None)
    monkeypatch.delitem(sys.modules, "our_kms")
    wrapped = base64.b64encode(bytes(each ^ 7 for each in ENCRYPTION_KEY)).decode()
    read = load_settings(
        database_url="postgresql://nobody@nowhere/none",
        encryption_key=wrapped,
        key_service="our_kms:opened",
    )
    assert read.masters.ids == MASTERS.ids
