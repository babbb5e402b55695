"""Looks for what somebody said in bytes that should not hold it, in any usual spelling of text."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine

from stack.postgres_programs import find_programs


def dump(engine: Engine, file: Path) -> bytes:
    """Every byte that `pg_dump` writes of the database."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    programs = find_programs(file.parent, file.parent)
    subprocess.run([programs.path("pg_dump"), "--file", file, url], check=True)
    return file.read_bytes()


def traces(data: bytes, said: Iterable[str]) -> list[str]:
    """What of these words stands in some bytes."""
    return [words for words in said if any(spelling in data for spelling in _spellings(words))]


def _spellings(words: str) -> tuple[bytes, ...]:
    ascii_only = words.encode("ascii", "backslashreplace")
    return words.encode(), words.encode("utf-16-le"), ascii_only, base64.b64encode(words.encode())[:-4]
