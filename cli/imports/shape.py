"""What a map consists of: how the file is to be read, which rows are meant, and how each field is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from annotated_types import Len, MinLen
from pydantic import BeforeValidator

from complaints.forms import Form

Scalar: TypeAlias = bool | int | float | str


def _listed(value: Any) -> Any:
    """One is a list of one."""
    return value if isinstance(value, list | tuple) else (value,)


def _as_text(value: Any) -> Any:
    """A number or a yes in a map is meant as the text that the file has: `values: {1: closed}`."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


_Word = Annotated[str, BeforeValidator(_as_text)]
_Words = Annotated[tuple[_Word, ...], BeforeValidator(_listed)]
_Columns = Annotated[tuple[Annotated[str, MinLen(1)], ...], BeforeValidator(_listed)]


BRACES = re.compile(r"\{([^{}]+)\}")


def columns_of_text(text: str) -> tuple[str, ...]:
    """Name the columns that a sentence has in braces."""
    return tuple(BRACES.findall(text))


class Format(StrEnum):
    """What kind of file it is."""

    CSV = "csv"
    JSONL = "jsonl"


class Kind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    INSTANT = "instant"
    NUMBER = "number"
    YES_NO = "yes or no"
    LIST = "list"


@dataclass(frozen=True, kw_only=True)
class Condition(Form):
    """What the cell of a column must be: one of `is_in`, none of `not_in`, filled or not.

    Attributes:
        is_in: Written `in`.
    """

    column: str
    is_in: _Words | None = None
    not_in: _Words | None = None
    filled: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Pick(Form):
    """How a field is made of a row. Exactly one of `constant`, `column`, `join` and `text` says of what.

    Attributes:
        column: A column, or several of which the first that is filled counts. In JSONL a dot leads into what is nested.
        join: Columns, put together with `by`; what is empty is left out.
        text: A sentence with columns in braces; empty where all of them are.
        nothing: Cells that mean that there is nothing, such as `N/A`.
        replace: Parts of a cell, and what stands in their place.
        values: Our word for theirs. What is not among them is `otherwise`, and without that the row is refused.
        date: How an instant is written: directives such as `%Y-%m-%d %H:%M`, or `iso`, `unix`, `unix_ms`. Several are
            tried in turn.
        zone: Whose wall clock a date without an offset was read from; else that of the map.
        split: What parts the items of a list.
        decimals: How many digits of a sum are those of its minor unit.
        longest: What becomes of a text that is too long: `cut`, with an ellipsis; otherwise the row is refused.
        when: Only where all of these hold; the field is empty elsewhere.
        required: Whether a row without it is refused, where `when` holds.
    """

    constant: Scalar | None = None
    column: _Columns = ()
    join: tuple[str, ...] = ()
    by: str = ", "
    text: str | None = None
    nothing: _Words = ()
    replace: Mapping[str, str] = field(default_factory=dict)
    lower: bool = False
    values: Mapping[str, _Word] | None = None
    otherwise: _Word | None = None
    date: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ("iso",)
    zone: str | None = None
    split: Annotated[str, MinLen(1)] = ";"
    decimals: int = 2
    longest: Literal["cut"] | None = None
    when: Annotated[tuple[Condition, ...], BeforeValidator(_listed)] = ()
    required: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it looks at."""
        named = columns_of_text(self.text) if self.text is not None else ()
        return (*self.column, *self.join, *named, *(c.column for c in self.when))


@dataclass(frozen=True, kw_only=True)
class Reading(Form):
    """How the file is to be read, and which of its rows are meant.

    Attributes:
        name: What the map is called.
        delimiter: What parts the cells of a row.
        zone: Whose wall clock dates without an offset were read from.
        only: Rows that are meant; others are passed over.
    """

    name: str = ""
    format: Format = Format.CSV
    encoding: str = "utf-8"
    delimiter: Annotated[str, Len(1, 1)] = ","
    zone: str = "UTC"
    only: Annotated[tuple[Condition, ...], BeforeValidator(_listed)] = ()


@dataclass(frozen=True)
class Map:
    """A whole map.

    Attributes:
        fields: By the name of the field that is made; a field of the policy's form is `details.` and its name.
        places: Where each field stands in the map, for problems that only the file shows.
    """

    reading: Reading
    fields: Mapping[str, Pick]
    places: Mapping[str, tuple[str, int]]


TARGETS: dict[str, Kind] = {
    "source": Kind.TEXT,
    "reference": Kind.TEXT,
    "channel": Kind.TEXT,
    "category": Kind.TEXT,
    "description": Kind.TEXT,
    "received_at": Kind.INSTANT,
    "asked_remedy": Kind.TEXT,
    "organisation": Kind.TEXT,
    "place": Kind.TEXT,
    "named": Kind.LIST,
    "confidential": Kind.YES_NO,
    "earlier_complaints": Kind.NUMBER,
    "customer.name": Kind.TEXT,
    "customer.contact": Kind.TEXT,
    "customer.account": Kind.TEXT,
    "customer.language": Kind.TEXT,
    "customer.anonymous": Kind.YES_NO,
    "claim.amount": Kind.NUMBER,
    "claim.currency": Kind.TEXT,
    "severity": Kind.TEXT,
    "department": Kind.TEXT,
    "handler": Kind.TEXT,
    "first_contact_at": Kind.INSTANT,
    "closed_at": Kind.INSTANT,
    "outcome": Kind.TEXT,
    "resolution": Kind.TEXT,
}
"""Every field that a map can make."""

REQUIRED = ("source", "reference", "channel", "category", "description", "received_at")

TOGETHER = (
    ("department", "handler"),
    ("closed_at", "outcome"),
    ("claim.amount", "claim.currency"),
)
"""Fields of which each asks for the other."""

_DETAILS = "details."


def kind_of(field_name: str) -> Kind | None:
    """Return what a field takes; None for one that there is not."""
    if field_name.startswith(_DETAILS) and field_name != _DETAILS:
        return Kind.TEXT
    return TARGETS.get(field_name)
