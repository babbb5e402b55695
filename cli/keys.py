"""`redress keys` and `redress token`: how systems come in by the HTTP API, and how developers do on their own machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Json
from cli.printing import moment, say, say_json, table
from cli.rights import caller_of, demand, looker

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from api.access.secret import Digests, Secret
    from complaints.permissions import Right
    from complaints.vocabulary import Actor
    from db.api_keys import ApiKey

Key = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, which is public.", show_default=False)]
Days = Annotated[int, typer.Option(min=1, max=3650, help="How many days it counts.")]


def add_to(app: typer.Typer) -> None:
    """Add the family, and the command."""
    family = typer.Typer(
        help="API keys of back-office systems: add, list, give a new secret, revoke.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    for command in (add, rotate, revoke):
        family.command()(command)
    family.command("list")(list_)
    app.add_typer(family, name="keys", rich_help_panel="Run it")
    app.command(rich_help_panel="Run it")(token)


def add(
    name: Annotated[str, typer.Argument(help="What people call it, such as 'the CRM'.", show_default=False)],
    for_: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="ROLE:ID[@DEPARTMENT]",
            help="Who acts by it: system:crm brings in and sees the complaints of source crm.",
            show_default=False,
        ),
    ],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="The most it may do; may be repeated.", show_default="all that its role may"),
    ] = None,
    days: Days = 365,
    actor: As = None,
    json: Json = False,
) -> None:
    """Make an API key. Its secret is shown this once, and kept nowhere."""
    from api.access.secret import make_secret
    from complaints.vocabulary import Line
    from complaints.wire import parse
    from db import api_keys
    from db.api_keys import ApiKey

    by, whom, scopes = _manager(actor), _acting(for_), _scopes(scope)
    called = parse(Line, name)
    secret, now = make_secret(), datetime.now(UTC)
    key = ApiKey(
        id=secret.id,
        name=called,
        actor=whom,
        scopes=scopes,
        created_at=now,
        created_by=by.id,
        expires_at=now + timedelta(days=days),
    )
    digests = _digests()
    with _records() as session:
        _check_four_eyes(session, whom, now)
        api_keys.add(session, key, digests.of(secret))
        session.commit()
    _show_once(secret, key, json=json)


def list_(json: Json = False) -> None:
    """List the keys, the oldest first. Their secrets nobody can list."""
    from db import api_keys

    who, now = looker(), datetime.now(UTC)
    demand(who, _manage())
    with _records() as session:
        found = api_keys.all_keys(session)
    if json:
        say_json([_data(key, now) for key in found])
        return
    columns = ("key", "name*", "acts as", "may at most*", "stands", "expires (UTC)", "last used (UTC)")
    rows = [
        (
            key.id,
            key.name,
            _named(key.actor),
            "all its role may" if key.scopes is None else ", ".join(sorted(key.scopes)),
            key.stands(now),
            moment(key.expires_at, None),
            moment(key.last_used_at, None) if key.last_used_at else "never",
        )
        for key in found
    ]
    say(table(columns, rows) if rows else "there are no keys: redress keys add")


def rotate(
    key: Key,
    grace: Annotated[
        int, typer.Option(min=0, max=24 * 90, help="How many hours the secret before goes on counting.")
    ] = 24,
    days: Days = 365,
    actor: As = None,
    json: Json = False,
) -> None:
    """Give a key a new secret, shown this once, while the one before goes on for a while."""
    from api.access.secret import make_secret
    from db import api_keys

    _manager(actor)
    digests, now = _digests(), datetime.now(UTC)
    with _records() as session:
        _find(session, key)
        secret = make_secret(key)
        until = now + timedelta(hours=grace)
        expires_at = now + timedelta(days=days)
        if not api_keys.rotate(session, key, digests.of(secret), former_until=until, expires_at=expires_at):
            raise Stopped(Exit.REFUSED, f"the key {key} is revoked for good", "redress keys add")
        session.commit()
        changed = _find(session, key)
    _show_once(secret, changed, json=json)
    if not json:
        say(f"the secret before counts until {moment(until, None)} UTC")


def revoke(key: Key, actor: As = None) -> None:
    """Take a key away for good; within a quarter of a minute it opens nothing any more."""
    from db import api_keys

    by = _manager(actor)
    with _records() as session:
        _find(session, key)
        api_keys.revoke(session, key, at=datetime.now(UTC), by=by.id)
        session.commit()
        revoked = _find(session, key)
    assert revoked.revoked_at is not None
    say(f"{key}  revoked by {revoked.revoked_by} at {moment(revoked.revoked_at, None)} UTC")


def token(
    actor: As = None,
    minutes: Annotated[int, typer.Option(min=1, max=24 * 60, help="How long it counts.")] = 60,
) -> None:
    """Print a token for the HTTP API of the `redress up` on this machine; no other one accepts it."""
    from api.access.dev_login import sign
    from cli.surroundings import dev_login_file

    who = reading.actor(actor)
    file = dev_login_file()
    if not file.exists():
        raise Stopped(
            Exit.AWAY,
            f"there is no development login: {file} is made by `redress up` beside its own database",
            "start everything on this machine: make up",
            "for a system: redress keys add",
        )
    typer.echo(sign(file, who, now=datetime.now(UTC).timestamp(), lasts=60.0 * minutes))


# --- parts


def _manage() -> Right:
    from complaints.permissions import Right

    return Right.MANAGE_KEYS


def _manager(given: str | None) -> Actor:
    by = reading.actor(given)
    demand(caller_of(by), _manage())
    return by


def _acting(given: str) -> Actor:
    """Read whom a key acts for; a system is named as its complaints name their source."""
    from complaints.vocabulary import ENGINE, Role, Source
    from complaints.wire import Malformed, Problem, parse

    whom = reading.actor(given)
    if whom.id == ENGINE.id:
        raise Malformed(Problem(field="for", rule=f"{ENGINE.id} is the engine's own name"))
    if whom.role == Role.SYSTEM:
        try:
            parse(Source, whom.id)
        except Malformed as error:
            raise Malformed(*(Problem(field="for", rule=p.rule) for p in error.problems)) from None
    return whom


def _scopes(given: list[str] | None) -> frozenset[Right] | None:
    from complaints.permissions import Right

    unknown = [name for name in given or () if name.replace("-", "_") not in list(Right)]
    if unknown:
        raise Stopped(Exit.MALFORMED, f"there is no right {unknown[0]!r}", *Right)
    return frozenset(Right(name.replace("-", "_")) for name in given) if given else None


def _check_four_eyes(session: Session, whom: Actor, now: datetime) -> None:
    from complaints.permissions import excludes
    from db import api_keys

    roles = api_keys.roles_of(session, whom.id, now) | {whom.role}
    if excludes(roles):
        raise Stopped(
            Exit.REFUSED,
            f"{whom.id} would be {' and '.join(sorted(roles))} at once, by several keys",
            "revoke the other key: redress keys list",
        )


def _find(session: Session, id_: str) -> ApiKey:
    from db import api_keys

    kept = api_keys.find(session, id_)
    if kept is None:
        raise Stopped(Exit.NOT_FOUND, f"there is no key {id_!r}", "redress keys list")
    session.expire_all()
    return kept.key


def _digests() -> Digests:
    from api.access.secret import Digests
    from cli.surroundings import records

    with records() as (_, keys):
        return Digests([keys.secret("access")])


def _records() -> AbstractContextManager[Session]:
    from cli.surroundings import database

    return database()


def _show_once(secret: Secret, key: ApiKey, *, json: bool) -> None:
    if json:
        say_json({**_data(key, datetime.now(UTC)), "secret": secret.text})
        return
    say(
        f"{key.id}  {key.name}: acts as {_named(key.actor)} until {moment(key.expires_at, None)} UTC",
        "Its secret, shown this once:",
        f"  {secret.text}",
        "Send it as: Authorization: Bearer rk_...",
    )


def _data(key: ApiKey, now: datetime) -> dict[str, object]:
    from complaints.wire import plain

    data: dict[str, object] = plain(key)
    scopes = None if key.scopes is None else sorted(key.scopes)
    return {**data, "scopes": scopes, "stands": key.stands(now)}


def _named(actor: Actor) -> str:
    return f"{actor.role}:{actor.id}" + (f"@{actor.department}" if actor.department else "")
