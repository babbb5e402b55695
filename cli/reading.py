"""Input of the command line: files, JSON and YAML, actors, instants, names of commands."""

from __future__ import annotations

import difflib
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.exits import Exit, Stopped

if TYPE_CHECKING:
    from complaints.permissions import Right
    from complaints.vocabulary import Actor

AS_VARIABLE = "REDRESS_AS"


def text_of(source: str) -> str:
    """Read a file, or standard input for `-`."""
    try:
        return sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise Stopped(Exit.MALFORMED, f"{source} cannot be read: {reason}") from None


def document(source: str) -> Any:
    """Read a file, or standard input for `-`, as JSON or YAML."""
    import yaml

    text = text_of(source)
    name = "standard input" if source == "-" else source
    if text.lstrip()[:1] in ("{", "["):
        return json_of(text, name)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise Stopped(Exit.MALFORMED, f"{name} is neither JSON nor YAML: fault{where}") from None


def json_of(text: str, name: str) -> Any:
    """Read JSON; `name` says in errors what it was."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Stopped(Exit.MALFORMED, f"{name} is not JSON: {error}") from None


def fields_of(argument: str) -> dict[str, Any]:
    """Read the fields of a command: `{...}` itself, `@file`, or `-` for standard input."""
    if argument == "-":
        data = document("-")
    elif argument.startswith("@"):
        data = document(argument[1:])
    else:
        data = json_of(argument, "--json")
    return mapping(data, "the command's fields")


def mapping(data: object, what: str) -> dict[str, Any]:
    """Make sure that it is a mapping of names to values."""
    if not isinstance(data, Mapping):
        raise Stopped(Exit.MALFORMED, f'{what} must be a mapping of fields, such as {{"name": "value"}}')
    return {str(name): value for name, value in data.items()}


def actor(given: str | None) -> Actor:
    """Read who acts, as `ROLE:ID[@DEPARTMENT]`."""
    from complaints.vocabulary import Actor, Role
    from complaints.wire import parse

    text = given or os.environ.get(AS_VARIABLE)
    example = "--as handler:zhang.wei@billing"
    if not text:
        raise Stopped(Exit.MALFORMED, "nobody is named who acts", example, f"set {AS_VARIABLE} to the same")
    role, colon, rest = text.partition(":")
    person, at, department = rest.partition("@")
    if not colon or role not in list(Role):
        raise Stopped(
            Exit.MALFORMED,
            f"{text!r} is not ROLE:ID[@DEPARTMENT]; roles are {', '.join(Role)}",
            example,
        )
    return parse(Actor, {"role": role, "id": person, "department": department if at else None})


def allowed(given: str | None, right: Right) -> Actor:
    """Read who acts, and make sure that their role has a right at all.

    Raises:
        Stopped: It has not.
    """
    from complaints.permissions import TABLE, Caller, Reach, reach
    from complaints.vocabulary import Role

    who = actor(given)
    if reach(Caller(actor=who), right) == Reach.NONE:
        roles = [role for role in Role if right in TABLE[role]]
        raise Stopped(Exit.REFUSED, f"{right} is not for {who.role}; it is for {', '.join(roles)}")
    return who


def instant(given: object) -> datetime:
    """Read when something was received; nothing given means now."""
    from complaints.vocabulary import Instant
    from complaints.wire import Malformed, Problem, parse

    if given is None:
        return datetime.now(UTC)
    try:
        return parse(Instant, given).astimezone(UTC)
    except Malformed as error:
        raise Malformed(*(Problem(field="received_at", rule=p.rule) for p in error.problems)) from None


def beginning(given: str | None, option: str) -> datetime | None:
    """Read when a span of time begins or ends: a date, which begins at midnight UTC, or an instant."""
    if given is None:
        return None
    try:
        read = datetime.fromisoformat(given)
    except ValueError:
        raise Stopped(
            Exit.MALFORMED,
            f"{option}: {given!r} is no date",
            f"{option} 2026-03-01",
            f"{option} 2026-03-01T09:00+08:00",
        ) from None
    if read.tzinfo is None and len(given) > len("2026-03-01"):
        raise Stopped(Exit.MALFORMED, f"{option}: {given!r} must name its UTC offset", f"{given}+08:00")
    return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).astimezone(UTC)


def command_of(given: str) -> str:
    """Find a command by its name in any spelling: RecordFindings, record-findings, record_findings."""
    from complaints.commands import COMMANDS

    names = {_bare(name): name for name in COMMANDS}
    if (name := names.get(_bare(given))) is not None:
        return name
    near = difflib.get_close_matches(_bare(given), names, n=3)
    raise Stopped(
        Exit.MALFORMED,
        f"there is no command {given!r}",
        *(dashed(names[name]) for name in near),
        "redress commands lists them",
    )


def dashed(name: str) -> str:
    """Write a command's name as it is typed: record-findings."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def _bare(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()
