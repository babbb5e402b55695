"""The keys of the tests: one master key for all of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.keys import Keys
from db.masters import Masters

ENCRYPTION_KEY = bytes(range(32))
MASTERS = Masters([ENCRYPTION_KEY])


@lru_cache(maxsize=8)
def keys_of(engine: Engine) -> Keys:
    """The keys that are stored in a database."""
    return Keys(engine, MASTERS)


def keys_for(session: Session) -> Keys:
    """The keys of the database that a session reads."""
    engine: Any = session.get_bind()
    return keys_of(engine)
