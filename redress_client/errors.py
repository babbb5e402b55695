"""What can go wrong, as exceptions.

RedressError
├── NoAnswer                     nobody answers, after every attempt
└── ProblemError                 the server says no (RFC 9457); `problem` holds all that it said
    ├── NotSignedIn              401
    ├── NotAllowed               403
    ├── NotFound                 404
    ├── Conflict                 409
    │   ├── RuleBroken           a rule of the lifecycle: `rule`, `possible`
    │   └── AnotherBody          the same name was used for something else
    ├── MovedOn                  412
    ├── TooLarge                 413
    ├── WrongKind                415
    ├── Malformed                422: `errors`, by field
    ├── TooMany                  429, after every attempt
    └── Unavailable              502, 503, 504, after every attempt
"""

from __future__ import annotations

import httpx
from pydantic import ValidationError

from redress_client.models import FieldProblem, ProblemDocument


class RedressError(Exception):
    """Base of all."""


class NoAnswer(RedressError):
    """Nobody answers. What was asked may have been done: send it again with the same idempotency key."""

    def __init__(self, reason: str, key: str | None) -> None:
        super().__init__(reason)
        self.key = key


class ProblemError(RedressError):
    """The server says no.

    Attributes:
        key: The idempotency key under which it was asked, if any.
    """

    def __init__(self, problem: ProblemDocument, key: str | None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.key = key

    @property
    def rule(self) -> str | None:
        """The name of the broken rule."""
        return self.problem.rule

    @property
    def possible(self) -> list[str]:
        """What can be done instead."""
        return list(self.problem.possible or ())

    @property
    def errors(self) -> list[FieldProblem]:
        """Every wrong field."""
        return list(self.problem.errors or ())


class NotSignedIn(ProblemError):
    """The key or token is missing, wrong or expired."""


class NotAllowed(ProblemError):
    """It is not for your role, or not within the scopes of your key."""


class NotFound(ProblemError):
    """It does not exist, or is none of yours."""


class Conflict(ProblemError):
    """It cannot be done as things are."""


class RuleBroken(Conflict):
    """A rule says no; nothing was stored."""


class AnotherBody(Conflict):
    """The idempotency key, or source and reference, stand for an earlier request with other contents."""


class MovedOn(ProblemError):
    """The complaint is no longer as it was seen."""


class TooLarge(ProblemError):
    """The body or file has too many bytes."""


class WrongKind(ProblemError):
    """A body of this type, or a file of this kind, is not taken."""


class Malformed(ProblemError):
    """The request is not in form."""


class TooMany(ProblemError):
    """Too many requests."""


class Unavailable(ProblemError):
    """It cannot be answered now."""


_BY_STATUS: dict[int, type[ProblemError]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: RuleBroken,
    412: MovedOn,
    413: TooLarge,
    415: WrongKind,
    422: Malformed,
    429: TooMany,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def error_of(answer: httpx.Response, key: str | None) -> ProblemError:
    """Read what the server said; a proxy in between may say it in words of its own."""
    try:
        problem = ProblemDocument.model_validate_json(answer.content)
    except ValidationError:
        title = answer.reason_phrase or "no problem document"
        problem = ProblemDocument(
            type="about:blank", title=title, status=answer.status_code, detail=answer.text[:200]
        )
    kind = _BY_STATUS.get(answer.status_code, ProblemError)
    if kind is RuleBroken and problem.type.endswith("/another-body"):
        kind = AnotherBody
    return kind(problem, key)
