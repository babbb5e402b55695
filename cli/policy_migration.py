"""`redress policy migrate`: lets complaints under way go on under another policy, one by one, each deadline shown.

A complaint that goes by the policy already is passed over, and one that stands where it stood is sent the same command
id again: a batch that was cut short is simply run again. What refuses does not keep the others; servers that do not
answer end the batch.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import As, Department, Json
from cli.policy_deadlines import Deadline, deadlines
from cli.printing import moment, say, say_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from temporalio.client import Client

    from complaints.commands import Envelope
    from complaints.policy import Policy
    from complaints.vocabulary import Actor

MIGRATED, POSSIBLE, ALREADY, REFUSED, UNKNOWN = (
    "migrated",
    "would be migrated",
    "goes by it already",
    "refused",
    "unknown",
)
_NOT_DONE = (REFUSED, UNKNOWN)

_AT_ONCE = 8
"""How many complaints are migrated side by side: most of the time of each is waiting for its worker."""

_NAMED = 10
"""How many that were not migrated are named once more in the end."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one complaint."""

    number: str
    result: str
    deadlines: tuple[Deadline, ...] = ()
    rule: str | None = None
    message: str | None = None


def add_to(family: typer.Typer) -> None:
    """Add the command to its family."""
    family.command()(migrate)


def migrate(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY",
            help="NAME[@VERSION] or the start of a fingerprint; for a dry run also a file.",
            show_default=False,
        ),
    ],
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="NUMBER", help="Complaints.", show_default=False)
    ] = None,
    under: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="NAME[@VERSION]",
            help="Instead: those that are under this policy now.",
            show_default=False,
        ),
    ] = None,
    stage: Annotated[str | None, typer.Option(help="Only those at a stage.", show_default=False)] = None,
    department: Department = None,
    category: Annotated[
        str | None, typer.Option(help="Only those of a category.", show_default=False)
    ] = None,
    provisional: Annotated[
        bool,
        typer.Option(
            "--provisional", help="Only those with a deadline among days whose holidays are not known."
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why; it stands in the ledger.", show_default=False)] = ...,  # type: ignore[assignment]
    approver: Annotated[
        str, typer.Option(metavar="ID", help="Who approved it: somebody else.", show_default=False)
    ] = ...,  # type: ignore[assignment]
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="At most so many a second.")] = 20,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Work it out from the ledger, and change nothing.")
    ] = False,
    actor: As = None,
    json: Json = False,
) -> None:
    """Let complaints under way go on under another policy, with every deadline before and after.

    What was missed stays missed. The same command again goes on where it stopped.
    """
    from cli.policy import find, is_file

    if is_file(policy) and not dry_run:
        raise Stopped(
            Exit.MALFORMED,
            f"{policy} is a file; complaints go by policies on record",
            "redress policy activate FILE",
            "--dry-run",
        )
    who, target = reading.actor(actor), find(policy)
    envelopes = _envelopes(target, who, reason, approver)
    filters = {
        "under": under,
        "stage": stage,
        "department": department,
        "category": category,
        "provisional": provisional or None,
    }
    chosen = _chosen(target, numbers or [], {name: value for name, value in filters.items() if value})
    steps = _rehearsed(chosen, target, envelopes) if dry_run else _migrated(chosen, target, envelopes, rate)
    results, fault = asyncio.run(_watched(steps, len(chosen), target, quiet=json))
    if json:
        _say_json(target, results, dry_run=dry_run)
    else:
        say(_summary(results))
    if fault is not None:
        raise Stopped(
            Exit.AWAY,
            f"{fault}; {len(chosen) - len(results)} of {len(chosen)} were not reached",
            "the same command again goes on",
        )
    undone = [_complaint(result) for result in results if result.result in _NOT_DONE]
    if undone:
        more = [f"and {len(undone) - _NAMED} more"] if len(undone) > _NAMED else []
        raise Stopped(Exit.REFUSED, "; ".join(undone[:_NAMED] + more))


Envelopes = Callable[[int], "Envelope"]
"""Writes the command to a complaint that stands at this event."""


def _envelopes(policy: Policy, who: Actor, reason: str, approver: str) -> Envelopes:
    from complaints.commands import Envelope
    from complaints.policy import fingerprint, text_of
    from complaints.wire import parse_command

    form = {"policy": text_of(policy), "reason": reason, "approver": approver}
    command = parse_command("MigratePolicy", form)
    digest = fingerprint(policy)[:12]

    def envelope(seq: int) -> Envelope:
        now = datetime.now(UTC)
        return Envelope(id=f"migrate-{digest}-{seq}", actor=who, received_at=now, command=command)

    return envelope


def _chosen(policy: Policy, numbers: list[str], filters: Mapping[str, Any]) -> list[str]:
    from cli.lists import stage_of
    from cli.surroundings import database
    from complaints.policy import fingerprint
    from db import pinned

    if bool(numbers) == bool(filters):
        raise Stopped(
            Exit.MALFORMED,
            "name complaints, or say which by at least one filter",
            "--policy NAME[@VERSION]",
            "--provisional",
        )
    if numbers:
        return list(dict.fromkeys(numbers))
    filters = {**filters, "stage": stage_of(filters.get("stage"))}
    with database() as session:
        return pinned.not_under(session, fingerprint(policy), **filters)


# --- doing it


async def _migrated(
    numbers: Sequence[str], policy: Policy, envelopes: Envelopes, rate: float
) -> AsyncIterator[Result]:
    """Send the command to so many a second at most; the results come in the order of the numbers."""
    from cli.surroundings import temporal

    connection = await temporal()
    waiting: deque[asyncio.Task[Result]] = deque()
    try:
        for number in numbers:
            if len(waiting) == _AT_ONCE:
                yield await waiting.popleft()
            waiting.append(asyncio.create_task(_migrate(connection, number, policy, envelopes)))
            await asyncio.sleep(1 / rate)
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _migrate(connection: Client, number: str, policy: Policy, envelopes: Envelopes) -> Result:
    from complaints.errors import Refusal
    from complaints.policy import fingerprint
    from workflows.client import UnknownComplaint, execute, look

    try:
        before = await look(connection, number)
        if before.policy_sha256 == fingerprint(policy):
            return Result(number=number, result=ALREADY, deadlines=deadlines(before.clocks, before.clocks))
        await execute(connection, number, envelopes(before.seq))
        after = await look(connection, number)
    except Refusal as refusal:
        return _refused(number, refusal)
    except UnknownComplaint:
        return Result(number=number, result=UNKNOWN)
    return Result(number=number, result=MIGRATED, deadlines=deadlines(before.clocks, after.clocks))


async def _rehearsed(numbers: Sequence[str], policy: Policy, envelopes: Envelopes) -> AsyncIterator[Result]:
    """Work out what the command would do, from what is recorded."""
    from cli.surroundings import database

    with database() as session:
        for number in numbers:
            yield rehearsal(session, number, policy, envelopes)


def rehearsal(session: Session, number: str, policy: Policy, envelopes: Envelopes) -> Result:
    """Say what a migration would do to the deadlines of a complaint as it is recorded; nothing is changed."""
    from complaints.errors import Refusal
    from complaints.policy import fingerprint
    from complaints.turn import take_turn
    from db import queries

    state = queries.state(session, number)
    if state is None:
        return Result(number=number, result=UNKNOWN)
    if fingerprint(state.policy) == fingerprint(policy):
        return Result(number=number, result=ALREADY, deadlines=deadlines(state.clocks, state.clocks))
    envelope = envelopes(state.seq)
    try:
        turn = take_turn(state, envelope, envelope.received_at)
    except Refusal as refusal:
        return _refused(number, refusal)
    return Result(number=number, result=POSSIBLE, deadlines=deadlines(state.clocks, turn.state.clocks))


def _refused(number: str, refusal: Any) -> Result:
    return Result(number=number, result=REFUSED, rule=refusal.rule, message=refusal.message)


# --- telling


async def _watched(
    steps: AsyncIterator[Result], many: int, policy: Policy, *, quiet: bool
) -> tuple[list[Result], str | None]:
    """Tell each result as it comes; the second answer says what ended the batch early, if anything did."""
    from workflows.client import Unavailable

    results: list[Result] = []
    try:
        async for result in steps:
            results.append(result)
            if not quiet:
                say(*_lines(result, f"{len(results)}/{many}", policy))
    except Unavailable as away:
        return results, str(away)
    return results, None


def _lines(result: Result, count: str, policy: Policy) -> list[str]:
    def at(instant: datetime | None) -> str:
        return moment(instant, policy.zone) if instant else "-" * 16

    wide = max((len(deadline.clock) for deadline in result.deadlines), default=0)
    rule = f" ({result.rule}): {result.message}" if result.rule else ""
    return [
        f"{count}  {result.number}  {result.result}{rule}",
        *(f"  {d.clock:<{wide}}  {at(d.before)} -> {at(d.after)}  {d.remark}" for d in result.deadlines),
    ]


def _summary(results: list[Result]) -> str:
    counts = _counts(results)
    return ", ".join(f"{count} {what}" for what, count in counts.items()) or "no complaint is concerned"


def _counts(results: list[Result]) -> dict[str, int]:
    found = [result.result for result in results]
    return {what: found.count(what) for what in dict.fromkeys(found)}


def _complaint(result: Result) -> str:
    if result.result == UNKNOWN:
        return f"there is no complaint {result.number}"
    return f"{result.number} refused ({result.rule}): {result.message}"


def _say_json(policy: Policy, results: list[Result], *, dry_run: bool) -> None:
    from complaints.policy import fingerprint
    from complaints.wire import plain

    say_json(
        {
            "policy": f"{policy.name}@{policy.version}",
            "sha256": fingerprint(policy),
            "dry_run": dry_run,
            "summary": _counts(results),
            "complaints": [plain(result) for result in results],
        }
    )
