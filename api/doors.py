"""How routes are declared: each names its right, and what goes in and comes out, in one place.

The right stands in the OpenAPI document as well (`x-right`), where a test finds every route that has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Depends

from api.bodies import only_known_parameters
from api.problems import (
    ANOTHER_BODY,
    DAMAGED,
    MALFORMED,
    MOVED_ON,
    NO_SUCH_EVENT,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_JSON,
    NOT_RECORDED,
    NOT_SIGNED_IN,
    RULE_BROKEN,
    TOO_LARGE,
    TOO_MANY,
    TOO_SLOW,
    UNAVAILABLE,
    WRONG_KIND,
    Kind,
)
from api.rights import PUBLIC, needs
from complaints.permissions import Right

ALWAYS = (NOT_SIGNED_IN, NOT_ALLOWED, MALFORMED, TOO_MANY, UNAVAILABLE)
OF_ONE = (NOT_FOUND,)
OF_BODY = (NOT_JSON, TOO_LARGE, TOO_SLOW)
OF_RULES = (RULE_BROKEN,)
READS_AT_LEAST = (NO_SUCH_EVENT, NOT_RECORDED)
CHANGES_WHAT_WAS_SEEN = (MOVED_ON,)
STARTS = (ANOTHER_BODY,)
OF_UPLOAD = (*OF_BODY, WRONG_KIND)
FILE_LOST = (DAMAGED,)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the OpenAPI document says of a route.

    Attributes:
        body: The dataclass, or the schema, of what goes in.
        content: What goes in by media type, as OpenAPI has it, where it is no JSON.
        leaves_out: Fields of it that the address says already.
        answers: The dataclass of what comes out, by status; `bytes` for a file, nothing for nothing.
    """

    right: Right | None
    body: Any = None
    content: Mapping[str, Any] | None = None
    leaves_out: tuple[str, ...] = ()
    example: Mapping[str, Any] | None = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    problems: tuple[Kind, ...] = ()
    headers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


DECLARED: list[Declared] = []
"""All of them; a route names its own by its place (`x-declared`), which is no part of the document."""


def _extra(right: str, said: Declared) -> dict[str, Any]:
    DECLARED.append(said)
    return {"x-right": right, "x-declared": len(DECLARED) - 1}


def public(*, answers: Mapping[int, Any] | None = None, problems: tuple[Kind, ...] = ()) -> dict[str, Any]:
    """Declare a route that anybody may use."""
    said = Declared(right=None, answers=answers or {}, problems=problems)
    return {"openapi_extra": _extra(PUBLIC, said), "response_model": None}


def declares(
    right: Right,
    answers: Mapping[int, Any],
    *,
    body: Any = None,
    content: Mapping[str, Any] | None = None,
    leaves_out: tuple[str, ...] = (),
    example: Mapping[str, Any] | None = None,
    problems: tuple[Kind, ...] = (),
    headers: Mapping[int, tuple[str, ...]] | None = None,
) -> dict[str, Any]:
    """Declare a route that needs a right."""
    said = Declared(
        right=right,
        body=body,
        content=content,
        leaves_out=leaves_out,
        example=example,
        answers=answers,
        problems=(*ALWAYS, *problems, *(OF_BODY if body is not None else ())),
        headers=headers or {},
    )
    return {
        "dependencies": [Depends(needs(right)), Depends(only_known_parameters)],
        "openapi_extra": _extra(right.value, said),
        "response_model": None,
    }
