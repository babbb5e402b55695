"""Bodies that are not in form, for every route that takes one: an example of the document, and something done to it.

What is in form says the OpenAPI document, so that a body which breaks its own description and is taken all the same is
found as well.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

COMPONENTS = "#/components/schemas/"

_ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 10**30, 1.5, "", " ", "\u0000", "x" * 5000, "\U0010ffff", [], [[]], {}, {"x": {}}, "NaN",
    "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "\u202e", "redress:v1:AAAA",
)  # fmt: skip
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_ANYTHING = st.sampled_from(_ODD) | st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_BYTES = (b"\x00", b"\x1f", b"\xff", b"{", b"[", b",", b":", b"\xed\xa0\x80", b"\\ud800", b"1e999")


@dataclass(frozen=True)
class Target:
    """A route that takes JSON: what it is sent as a rule, and what tells whether that is in form."""

    path: str
    examples: tuple[Mapping[str, Any], ...]
    schema: Any
    is_bulk: bool

    def is_malformed(self, body: Any) -> bool:
        """Say whether a body breaks its description; of several commands, each of them."""
        if not self.is_bulk or not _is_whole_bulk(body):
            return not self.schema.is_valid(body)
        return not any(self.schema.is_valid(item) for item in body["commands"])


def targets(document: Mapping[str, Any], values: Mapping[str, str]) -> list[Target]:
    """Find every route that takes JSON.

    Args:
        values: What stands for the parameters of paths.
    """
    return list(_targets(document, values))


def _targets(document: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[Target]:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            named = [each["value"] for each in content.get("examples", {}).values()]
            is_bulk = path == "/v1/commands"
            schema = {"$ref": f"{COMPONENTS}BulkItem"} if is_bulk else content["schema"]
            yield Target(
                path=path.format_map(values),
                examples=tuple(named) or (content["example"],),
                schema=jsonschema_rs.validator_for({**schema, "components": document["components"]}),
                is_bulk=is_bulk,
            )


@st.composite
def broken(draw: DrawFn, found: list[Target]) -> tuple[Target, bytes]:
    """Draw a route and what is sent to it, which is not in form."""
    target = draw(st.sampled_from(found))
    body = copy.deepcopy(draw(st.sampled_from(target.examples)))
    how = draw(st.sampled_from(("change", "leave out", "add", "damage", "anything")))
    if how == "damage":
        return target, _damaged(draw, json.dumps(body).encode())
    places = list(_places(body))
    if how == "anything" or not places:
        body = draw(_ANYTHING)
    else:
        place, name = draw(st.sampled_from(places))
        if how == "leave out":
            del place[name]
        elif how == "change" or isinstance(place, list):
            place[name] = draw(_ANYTHING)
        else:
            place[draw(st.sampled_from(("x", "Type", "__class__", "")))] = draw(_ANYTHING)
    text = json.dumps(body).encode()
    return target, text if target.is_malformed(body) else text[:-1]


def _damaged(draw: DrawFn, text: bytes) -> bytes:
    """Put something where it can't be, or cut the end off: no JSON is left."""
    cut = draw(st.integers(0, len(text) - 1))
    return text[:cut] + draw(st.sampled_from(_BYTES)) + text[cut:-1]


def _places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Name every value of a body by what holds it and where."""
    keys: Any = body if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ()
    for key in keys:
        yield body, key
        yield from _places(body[key])


def _is_whole_bulk(body: Any) -> bool:
    commands = body.get("commands") if isinstance(body, dict) else None
    return (
        isinstance(commands, list)
        and set(body) == {"commands"}
        and 0 < len(commands) <= 100
        and all(isinstance(item, dict) for item in commands)
    )
