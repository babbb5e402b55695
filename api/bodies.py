"""What comes in: bodies and headers, read strictly before anything is looked up or stored."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request

from api.problems import NOT_JSON, Rejected
from complaints.vocabulary import REACH, Instant, is_identifier
from complaints.wire import Malformed, Problem, read

T = TypeVar("T")


async def raw(request: Request) -> bytes:
    """Return a body that says to be JSON in UTF-8.

    Raises:
        Rejected: 415, it is of another type.
    """
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/json":
        raise Rejected(NOT_JSON, "the body must be application/json")
    charset = parameters.replace(" ", "").strip('"').lower()
    if charset not in ("", "charset=utf-8", 'charset="utf-8'):
        raise Rejected(NOT_JSON, "the body must be in UTF-8")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Rejected(NOT_JSON, "the body must not be compressed")
    return await request.body()


def body(kind: type[T]) -> Callable[[Request], Awaitable[T]]:
    """Make the dependency that reads one of our dataclasses."""

    async def of_request(request: Request) -> T:
        return read(kind, await raw(request))

    return of_request


def filled_in(kind: type[T], text: bytes, fixed: Mapping[str, str]) -> T:
    """Read a form of which the address says a part already.

    Raises:
        Malformed: It says that part as well, or is malformed.
    """
    read(dict[str, Any], text)
    data: dict[str, Any] = json.loads(text)
    said_twice = [Problem(field=name, rule="is not a field here") for name in fixed if name in data]
    if said_twice:
        raise Malformed(*said_twice)
    return read(kind, json.dumps({**data, **fixed}).encode())


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What the headers of a command say.

    Attributes:
        key: The idempotency key.
        expected_seq: From `If-Match`.
    """

    key: str | None
    received_at: datetime
    expected_seq: int | None


async def heading(
    idempotency_key: Annotated[str | None, Header(max_length=100, pattern=r"^[A-Za-z0-9._-]+$")] = None,
    received_at: Annotated[
        str | None, Header(json_schema_extra={"format": "date-time", "pattern": REACH})
    ] = None,
    if_match: Annotated[str | None, Header(pattern=r'^(\*|"?[1-9][0-9]{0,8}"?)$')] = None,
) -> Heading:
    """Read the headers of a command.

    Raises:
        Malformed: `Received-At` is no instant.
    """
    seq = None if if_match in (None, "*") else int((if_match or "").strip('"'))
    instant = datetime.now(UTC) if received_at is None else _instant(received_at)
    return Heading(key=idempotency_key, received_at=instant, expected_seq=seq)


def _instant(text: str) -> datetime:
    try:
        return read(Instant, json.dumps(text).encode())
    except Malformed as error:
        raise Malformed(*(Problem(field="Received-At", rule=each.rule) for each in error.problems)) from None


Headed = Annotated[Heading, Depends(heading)]


async def idempotency_key(
    idempotency_key: Annotated[str | None, Header(max_length=100, pattern=r"^[A-Za-z0-9._-]+$")] = None,
) -> str | None:
    """Read the key alone."""
    return idempotency_key


Key = Annotated[str | None, Depends(idempotency_key)]


async def only_known_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not know: a filter that is spelt wrong would filter nothing.

    Raises:
        Malformed: Names it.
    """
    if not request.query_params:
        return
    known = {each.alias for each in _query_parameters(request)}
    wrong = [name for name in request.query_params if name not in known]
    if wrong:
        raise Malformed(*(Problem(field=name, rule="is not a parameter here") for name in wrong))


def _query_parameters(request: Request) -> list[Any]:
    from fastapi.dependencies.utils import get_flat_dependant

    route: Any = request.scope["route"]
    return get_flat_dependant(route.dependant, skip_repeats=True).query_params


def is_key(text: str) -> bool:
    """Say whether a text may be an idempotency key."""
    return 0 < len(text) <= 100 and is_identifier(text)
