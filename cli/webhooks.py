"""`redress webhooks`: who is told of what, what became of each event, and sending it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Json
from cli.printing import moment, say, say_json, table

if TYPE_CHECKING:
    from activities.webhooks.desk import Webhooks
    from complaints.permissions import Caller
    from complaints.webhooks import Subscription, WebhookDelivery

Name: TypeAlias = Annotated[str, typer.Argument(help="The subscription's id.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the family."""
    family = typer.Typer(
        help="Systems that are told what happens: subscriptions, what became of events, sending them again.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    for name, command in (
        ("create", create),
        ("list", list_),
        ("show", show),
        ("pause", pause),
        ("resume", resume),
        ("delete", delete),
        ("rotate", rotate),
        ("ping", ping),
        ("deliveries", deliveries),
        ("replay", replay),
    ):
        family.command(name)(command)
    app.add_typer(family, name="webhooks", rich_help_panel="Set the rules")


def create(
    url: Annotated[str, typer.Argument(help="Where events are sent: https://...", show_default=False)],
    types: Annotated[
        list[str] | None,
        typer.Option("--type", help="Only this type of event; may be repeated.", show_default="all"),
    ] = None,
    department: Annotated[
        str | None,
        typer.Option(help="Only what a department answers for, or is named in.", show_default=False),
    ] = None,
    actor: As = None,
    json: Json = False,
) -> None:
    """Subscribe, from now on. The secret that verifies events is shown this once.

    Whoever acts owns it: a system is told of the complaints that it brought in.
    """
    from complaints.webhooks import WebhookDraft
    from complaints.wire import parse

    draft = parse(WebhookDraft, {"url": url, "types": tuple(types or ()), "department": department})
    with _desk() as webhooks:
        _tell_secret(*webhooks.create(_caller(actor), draft), json=json)


def list_(actor: As = None, json: Json = False) -> None:
    """List subscriptions: one's own, or those of everybody for the customer service department."""
    with _desk() as webhooks:
        found = webhooks.find(_caller(actor))
    if json:
        say_json([_plain(each) for each in found])
        return
    if not found:
        say("there are no webhook subscriptions")
        return
    rows = [
        (each.id, each.owner.id, each.status.value, str(each.waiting), str(each.parked), each.url)
        for each in found
    ]
    say(table(("id", "owner", "status", "waiting", "parked", "url"), rows))


def show(name: Name, actor: As = None, json: Json = False) -> None:
    """Show one subscription, and how it goes."""
    with _desk() as webhooks:
        _tell(webhooks.show(_caller(actor), name), json=json)


def pause(name: Name, actor: As = None, json: Json = False) -> None:
    """Keep events, and send none until it is resumed."""
    with _desk() as webhooks:
        _tell(webhooks.pause(_caller(actor), name), json=json)


def resume(name: Name, actor: As = None, json: Json = False) -> None:
    """Send what waits, and what comes: after a pause, a 410, or when a receiver is back."""
    with _desk() as webhooks:
        _tell(webhooks.resume(_caller(actor), name), json=json)


def delete(name: Name, actor: As = None) -> None:
    """Delete a subscription, with all that waits for it."""
    with _desk() as webhooks:
        webhooks.remove(_caller(actor), name)
    say(f"{name} is deleted")


def rotate(name: Name, actor: As = None, json: Json = False) -> None:
    """Make a new secret; for 24 hours the former one signs as well."""
    with _desk() as webhooks:
        _tell_secret(*webhooks.rotate(_caller(actor), name), json=json)


def ping(name: Name, actor: As = None, json: Json = False) -> None:
    """Send a test event now, and say what came of it."""
    with _desk() as webhooks:
        result = webhooks.ping(_caller(actor), name)
    if json:
        say_json(_plain(result))
        return
    answered = f", HTTP {result.status}" if result.status else ""
    say(f"{result.outcome.value.replace('_', ' ')}{answered}, {result.duration_ms} ms")


def deliveries(
    name: Name,
    parked: Annotated[bool, typer.Option("--parked", help="Only what was given up.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what is still to be sent.")] = False,
    number: Annotated[
        str | None, typer.Option("--complaint", help="Only those of a complaint.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    actor: As = None,
    json: Json = False,
) -> None:
    """List what became of events, the newest first."""
    from complaints.webhooks import Progress

    if parked and waiting:
        raise Stopped(Exit.MALFORMED, "no event is both parked and waiting", "--parked", "--waiting")
    progress = Progress.PARKED if parked else Progress.WAITING if waiting else None
    with _desk() as webhooks:
        found = webhooks.deliveries(_caller(actor), name, progress=progress, number=number, limit=limit)
    if json:
        say_json([_plain(each) for each in found])
        return
    if not found:
        say("no events")
        return
    columns = ("complaint", "seq", "type", "queued (UTC)", "attempts", "progress", "last attempt")
    say(table(columns, [_row(each) for each in found]))


def replay(
    name: Name,
    number: Annotated[
        str | None, typer.Option("--complaint", help="The events of a complaint.", show_default=False)
    ] = None,
    from_seq: Annotated[int, typer.Option("--from", min=1, help="From this sequence on.")] = 1,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="All events since a day or an instant.", show_default=False),
    ] = None,
    parked: Annotated[bool, typer.Option("--parked", help="All that was given up.")] = False,
    actor: As = None,
    json: Json = False,
) -> None:
    """Send events again, with the ids they had."""
    from complaints.webhooks import Replay
    from complaints.wire import parse

    asked = {
        "number": number,
        "from_seq": from_seq,
        "since": reading.beginning(since, "--since"),
        "parked": parked,
    }
    what = parse(Replay, asked)
    with _desk() as webhooks:
        queued = webhooks.replay(_caller(actor), name, what)
    if json:
        say_json({"queued": queued})
        return
    say(f"{queued} event{'s are' if queued != 1 else ' is'} sent again")


def _caller(given: str | None) -> Caller:
    from complaints.permissions import Caller

    return Caller(actor=reading.actor(given), via="cli")


@contextmanager
def _desk() -> Iterator[Webhooks]:
    """Make the desk on the database that runs here."""
    from activities.webhooks.addresses import Addresses
    from activities.webhooks.desk import Webhooks
    from cli.surroundings import settings
    from db.engine import make_engine
    from db.keys import Keys
    from workflows.settings import networks

    known = settings()
    engine = make_engine(known.database_url.get_secret_value(), pool_size=2)
    keys = Keys(engine, known.masters)
    try:
        yield Webhooks(engine, lambda: keys.columns, Addresses(networks(known.webhook_allow_private)))
    finally:
        engine.dispose()


def _plain(value: object) -> Any:
    from complaints.wire import plain

    return plain(value)


def _tell(subscription: Subscription, *, json: bool) -> None:
    if json:
        say_json(_plain(subscription))
        return
    failing = (
        f"{subscription.failures} attempts since {moment(subscription.failing_since, None)} UTC"
        if subscription.failing_since
        else "no"
    )
    owner = f"{subscription.owner.role.value} {subscription.owner.id}"
    rows = [
        ("id", subscription.id),
        ("owner", owner),
        ("url", subscription.url),
        ("events", ", ".join(subscription.types) or "all"),
        ("department", subscription.department or "all that the owner may see"),
        ("status", " - ".join(filter(None, (subscription.status.value, subscription.why)))),
        ("waiting", str(subscription.waiting)),
        ("parked", str(subscription.parked)),
        ("failing", failing),
    ]
    say(table(("", ""), rows))


def _tell_secret(subscription: Subscription, secret: str, *, json: bool) -> None:
    if json:
        say_json({**_plain(subscription), "secret": secret})
        return
    _tell(subscription, json=False)
    say("", f"secret: {secret}", "It is not shown again.")


def _row(delivery: WebhookDelivery) -> tuple[str, ...]:
    last = ""
    if delivery.log:
        attempt = delivery.log[-1]
        last = " ".join(filter(None, (attempt.outcome.value, str(attempt.status or ""))))
    return (
        delivery.number,
        str(delivery.seq),
        delivery.type,
        moment(delivery.queued_at, None),
        str(delivery.attempts),
        delivery.progress.value,
        last,
    )
