"""One table of everything that can go wrong for a caller, and how it is said: RFC 9457 problem documents.

What is no row here is a fault of ours: it is answered with a 500 that says nothing, and logged without its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from api.access.errors import Forbidden, TooMany, Unauthenticated
from complaints.errors import KeyReused, MovedOn, NotYourRole, Refusal
from complaints.webhooks import UnknownSubscription
from complaints.wire import Malformed, Problem, problem_of
from db.policies import UnknownPolicy
from db.sealed import WrongKey
from files.errors import (
    ComplaintFull,
    EmptyFile,
    FileDamaged,
    FileFault,
    FileGone,
    FileMissing,
    KeyUsedOtherwise,
    TooLarge,
    WrongKind,
)
from workflows.client import Unavailable, UnknownComplaint
from workflows.refusals import RULES

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One row of the table.

    Attributes:
        meaning: When it comes, and what to do about it.
        retry_after: Seconds after which the same request may be sent again.
    """

    slug: str
    status: HTTPStatus
    title: str
    meaning: str
    retry_after: int | None = None


NOT_SIGNED_IN = Kind(
    slug="not-signed-in",
    status=HTTPStatus.UNAUTHORIZED,
    title="You are not signed in",
    meaning="No key or token was sent, or it is unknown, wrong or expired. Send a valid one.",
)
NOT_ALLOWED = Kind(
    slug="not-allowed",
    status=HTTPStatus.FORBIDDEN,
    title="You may not do this",
    meaning="You are known, and your role or the scopes of your key do not include it. Somebody else has to do it.",
)
NOT_FOUND = Kind(
    slug="not-found",
    status=HTTPStatus.NOT_FOUND,
    title="There is no such thing",
    meaning="It does not exist, or it is none of yours: the two are told apart for nobody.",
)
WRONG_METHOD = Kind(
    slug="wrong-method",
    status=HTTPStatus.METHOD_NOT_ALLOWED,
    title="The address knows no such method",
    meaning="The `Allow` header lists those it knows.",
)
TOO_SLOW = Kind(
    slug="too-slow",
    status=HTTPStatus.REQUEST_TIMEOUT,
    title="The request did not arrive in time",
    meaning="The body was not complete within the time limit. Send it again.",
)
RULE_BROKEN = Kind(
    slug="rule-broken",
    status=HTTPStatus.CONFLICT,
    title="A rule says no",
    meaning="`rule` names the rule, and `possible` what can be done instead. Nothing was stored. The same request will be "
    "refused again until the complaint has changed.",
)
ANOTHER_BODY = Kind(
    slug="another-body",
    status=HTTPStatus.CONFLICT,
    title="The same name was used for something else",
    meaning="The `Idempotency-Key`, or the source and reference, stand for an earlier request with other contents. "
    "Of a complaint `errors` names every field that differs, to whoever may see it and its reporter. Use a new key, or a new "
    "reference.",
)
NO_SUCH_EVENT = Kind(
    slug="no-such-event",
    status=HTTPStatus.CONFLICT,
    title="The complaint has no such event",
    meaning="`min_seq` asks for an event that has not happened. Take the `seq` of an answer.",
)
MOVED_ON = Kind(
    slug="moved-on",
    status=HTTPStatus.PRECONDITION_FAILED,
    title="It is no longer as you saw it",
    meaning="The sequence in `If-Match` is not the present one. Read the complaint again, and decide by what is there.",
)
TOO_LARGE = Kind(
    slug="too-large",
    status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    title="The body is too large",
    meaning="Bodies have at most 1 MiB, files as many bytes as `detail` says.",
)
WRONG_KIND = Kind(
    slug="wrong-kind-of-file",
    status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    title="The file is of a kind that is not taken, or not what it is declared to be",
    meaning="`detail` names what it is declared to be and what its bytes are, `possible` the kinds that are taken.",
)
DAMAGED = Kind(
    slug="file-damaged",
    status=HTTPStatus.BAD_GATEWAY,
    title="The stored bytes are not those that were stored",
    meaning="They were altered or lost in the storage; nothing of them is given out. Whoever runs it has to look for a copy.",
)
NOT_JSON = Kind(
    slug="unsupported-media-type",
    status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    title="The body is of a type that is not read here",
    meaning="Send `Content-Type: application/json`, in UTF-8 and not compressed.",
)
MALFORMED = Kind(
    slug="malformed",
    status=HTTPStatus.UNPROCESSABLE_ENTITY,
    title="The request is not in form",
    meaning="`errors` names every wrong field and its rule. Nothing was stored.",
)
TOO_MANY = Kind(
    slug="too-many-requests",
    status=HTTPStatus.TOO_MANY_REQUESTS,
    title="Too many requests",
    meaning="Wait as long as `Retry-After` says.",
    retry_after=1,
)
UNAVAILABLE = Kind(
    slug="unavailable",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    title="It cannot be answered now",
    meaning="PostgreSQL, Temporal or the workers do not answer, or not in time. Send the same request again after "
    "`Retry-After`; with the same `Idempotency-Key` it acts once, even if the first one did act.",
    retry_after=5,
)
NOT_RECORDED = Kind(
    slug="not-recorded-yet",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    title="The records are not that far yet",
    meaning="PostgreSQL has not got the sequence that `min_seq` asks for. Try again after `Retry-After`.",
    retry_after=1,
)
FAULT = Kind(
    slug="fault",
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    title="A fault of ours",
    meaning="It should not have happened, and is logged.",
)

TABLE = (
    NOT_SIGNED_IN, NOT_ALLOWED, NOT_FOUND, WRONG_METHOD, TOO_SLOW, RULE_BROKEN, ANOTHER_BODY, NO_SUCH_EVENT, MOVED_ON, TOO_LARGE,
    NOT_JSON, WRONG_KIND, MALFORMED, TOO_MANY, DAMAGED, UNAVAILABLE, NOT_RECORDED,
)  # fmt: skip
"""All that a caller can meet, in the order of their status. A fault is no row: nothing that is sent may lead to one."""

_BY_STATUS = {kind.status.value: kind for kind in reversed(TABLE)}

STATUS_OF: dict[type[Refusal], Kind] = {MovedOn: MOVED_ON, KeyReused: ANOTHER_BODY, NotYourRole: NOT_ALLOWED}
"""Refusals that are more than a broken rule to HTTP; all others are 409."""


class Rejected(Exception):
    """A request that ends here."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        rule: str | None = None,
        possible: Iterable[str] = (),
        errors: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.said = Said(
            kind=kind,
            detail=detail,
            rule=rule,
            possible=tuple(possible),
            errors=tuple(errors),
            headers=dict(headers or {}),
        )


@dataclass(frozen=True, kw_only=True)
class Said:
    """A problem, ready to be written."""

    kind: Kind
    detail: str
    rule: str | None = None
    possible: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Write it as RFC 9457 has it, with our own members after the standard ones."""
        slug, title = self.kind.slug, self.kind.title
        if self.rule in RULES:
            slug, title = slug_of(self.rule), sentence_of(RULES[self.rule])
        document: dict[str, Any] = {
            "type": f"/problems/{slug}",
            "title": title,
            "status": self.kind.status.value,
            "detail": self.detail,
        }
        if self.rule:
            document["rule"] = self.rule
        if self.possible:
            document["possible"] = list(self.possible)
        if self.errors:
            document["errors"] = [{"field": each.field, "rule": each.rule} for each in self.errors]
        return document

    def response(self) -> JSONResponse:
        """Answer with it."""
        headers = {"Cache-Control": "no-store", **self.headers}
        if self.kind.retry_after is not None:
            headers.setdefault("Retry-After", str(self.kind.retry_after))
        return JSONResponse(self.document(), self.kind.status.value, headers, MEDIA_TYPE)


def slug_of(rule: str) -> str:
    """Name a rule's section.

    >>> slug_of("FirstContactMissing")
    'first-contact-missing'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "-", rule).lower()


def sentence_of(rule: type[Refusal]) -> str:
    """Say in a sentence what a rule is about."""
    return (rule.__doc__ or "").partition("\n")[0]


def said(error: Exception) -> Said:
    """Find the row for whatever was raised; nobody is told the words of a fault."""
    if isinstance(error, Rejected):
        return error.said
    if isinstance(error, Refusal):
        return Said(
            kind=STATUS_OF.get(type(error), RULE_BROKEN),
            detail=error.message,
            rule=error.rule,
            possible=tuple(str(each) for each in error.possible),
        )
    if isinstance(error, Malformed):
        return Said(kind=MALFORMED, detail=_fields(error.problems), errors=error.problems)
    if isinstance(error, RequestValidationError):
        problems = tuple(_parameter(detail) for detail in error.errors())
        return Said(kind=MALFORMED, detail=_fields(problems), errors=problems)
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, (Unauthenticated, Forbidden, TooMany)):
        return _of_access(error)
    if isinstance(error, FileFault):
        return _of_file(error)
    for kinds, kind, detail in _SURROUNDINGS:
        if isinstance(error, kinds):
            return Said(kind=kind, detail=detail or str(error))
    return Said(kind=FAULT, detail="it is logged; nothing about your request has to change")


_SURROUNDINGS: tuple[tuple[tuple[type[Exception], ...], Kind, str | None], ...] = (
    ((UnknownComplaint,), NOT_FOUND, "there is no such complaint"),
    ((UnknownPolicy,), NOT_FOUND, "there is no such policy, or several; name its version"),
    ((UnknownSubscription,), NOT_FOUND, "there is no such webhook subscription"),
    ((Unavailable,), UNAVAILABLE, None),
    (
        (WrongKey,),
        UNAVAILABLE,
        "a key that is needed here was wrapped by a master key that is not configured",
    ),
    ((PoolTimeout,), UNAVAILABLE, "too many others ask PostgreSQL at the moment"),
    ((DataError,), MALFORMED, "it holds a value that no record can hold"),
    ((OperationalError, InterfaceError, InternalError), UNAVAILABLE, "PostgreSQL does not answer"),
)


def _of_file(error: FileFault) -> Said:
    kind = next(kind for kinds, kind in _FILES if isinstance(error, kinds))
    problems = (Problem(field="file", rule="is empty"),) if isinstance(error, EmptyFile) else ()
    possible: tuple[str, ...] = getattr(error, "possible", ())
    return Said(kind=kind, detail=str(error), rule=type(error).__name__, possible=possible, errors=problems)


_FILES: tuple[tuple[tuple[type[FileFault], ...], Kind], ...] = (
    ((EmptyFile,), MALFORMED),
    ((TooLarge, ComplaintFull), TOO_LARGE),
    ((WrongKind,), WRONG_KIND),
    ((KeyUsedOtherwise,), ANOTHER_BODY),
    ((FileGone,), NOT_FOUND),
    ((FileMissing, FileDamaged), DAMAGED),
    ((FileFault,), UNAVAILABLE),
)


def is_expected(error: Exception) -> bool:
    """Say whether an error is one of the table, or a bug."""
    return said(error).kind is not FAULT and not isinstance(error, DataError)


def _of_access(error: Unauthenticated | Forbidden | TooMany) -> Said:
    if isinstance(error, Unauthenticated):
        return Said(kind=NOT_SIGNED_IN, detail=error.why, headers=error.headers)
    if isinstance(error, Forbidden):
        return Said(kind=NOT_ALLOWED, detail=error.why, possible=error.possible)
    return Said(kind=TOO_MANY, detail=str(error), headers=error.headers)


def _of_http(error: HTTPException) -> Said:
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        status = HTTPStatus(error.status_code)
        kind = Kind(slug="refused", status=status, title=status.phrase, meaning="")
    return Said(kind=kind, detail=str(error.detail), headers=dict(error.headers or {}))


def _fields(problems: Iterable[Problem]) -> str:
    return "; ".join(f"{each.field or 'the body'}: {each.rule}" for each in problems)


_PLACES = ("body", "query", "header", "path")


def _parameter(detail: Mapping[str, Any]) -> Problem:
    where = tuple(detail["loc"])
    return problem_of({**detail, "loc": where[1:] if where and where[0] in _PLACES else where})
