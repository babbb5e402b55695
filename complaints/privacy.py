"""Leaves people out: the customer, and every free text, since any of them may name somebody."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, get_args, get_type_hints

from complaints import forms
from complaints.forms import Form, Names
from complaints.matters import forms as matter_forms
from complaints.records import TO_CUSTOMER
from complaints.vocabulary import Text

WITHHELD = "…"


@cache
def private_fields() -> frozenset[str]:
    """Name all fields that hold the customer or free text, whichever form they are in."""
    names = {"customer", "detail", "details", "disputed", "place", "title", "notes", "decisions"}
    for form in (*vars(forms).values(), *vars(matter_forms).values()):
        if isinstance(form, type) and issubclass(form, Form) and form not in (Form, Names):
            hints = get_type_hints(form, include_extras=True)
            names |= {f.name for f in fields(form) if _is_free(hints[f.name])}  # type: ignore[arg-type]  # all forms are dataclasses
    return frozenset(names)


def _is_free(hint: object) -> bool:
    return hint == Text or any(_is_free(part) for part in get_args(hint))


def without_people(data: Any) -> Any:
    """Copy JSON-ready data without what is private; of a text it stays visible that there is one."""
    if isinstance(data, dict):
        return {
            name: _withheld(value) if name in private_fields() | _own_words(data) else without_people(value)
            for name, value in data.items()
        }
    if isinstance(data, list):
        return [without_people(item) for item in data]
    return data


def _own_words(data: dict[str, Any]) -> set[str]:
    """Name what is free text in a notice to the customer only: elsewhere the rules themselves say why."""
    return {"why"} if data.get("kind") in TO_CUSTOMER else set()


def _withheld(value: Any) -> str | None:
    return WITHHELD if isinstance(value, str) or (isinstance(value, dict) and "zh" in value) else None
