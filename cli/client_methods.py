"""Writes the two classes of the Python client from its calls: `python -m cli.client_methods`.

One call is one method of each, with the same arguments; a test compares the module with what this one would write.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from cli.client_models import formatted
from redress_client import calls

DOCUMENT = Path(calls.__file__).with_name("client.py")

_HEAD = '''"""The clients, a method for each call. Written by `python -m cli.client_methods`; not by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from redress_client import calls
from redress_client import models as m
from redress_client.sending import AsyncSender, Sender
'''

PAGED = {
    "complaints": ("list_complaints", "m.Line", "page.complaints", "next_cursor", "cursor"),
    "escalations": ("list_escalations", "m.WaitingEscalation", "page.escalations", "next_cursor", "cursor"),
    "timeline": ("read_timeline", "m.ShownEvent", "page.events", "next_after", "after"),
}
"""What is read page by page: the call, what comes, where it stands in a page, and how the next page is named and asked for."""


def written() -> str:
    """Write the module."""
    return "\n".join(
        [_HEAD, *_class("Redress", "Sender", ""), "", "", *_class("AsyncRedress", "AsyncSender", "async ")]
    )


def _class(name: str, base: str, is_async: str) -> Iterator[str]:
    manner = "without blocking" if is_async else "one call after the other"
    yield f'class {name}({base}):\n    """The API, {manner}. Safe to share; close it in the end."""\n'
    for call in calls.ROUTES:
        yield from _method(call, is_async)
    for iterator, (call, kind, items, following, mark) in PAGED.items():
        yield from _iterator(iterator, call, kind, items, following, mark, is_async)


def _method(name: str, is_async: str) -> Iterator[str]:
    function = getattr(calls, name)
    signature = inspect.signature(function)
    answer = str(signature.return_annotation).removeprefix("Call[").removesuffix("]")
    yield f"    {is_async}def {name}({_parameters(signature)}) -> {answer}:"
    yield f'        """{function.__doc__}"""'
    wait = "await " if is_async else ""
    yield f"        return {wait}self.send(calls.{name}({_arguments(signature)}))\n"


def _iterator(
    name: str, call: str, kind: str, items: str, following: str, mark: str, is_async: str
) -> Iterator[str]:
    signature = inspect.signature(getattr(calls, call))
    left = [each for each in signature.parameters.values() if each.name not in (mark, "limit")]
    signature = signature.replace(parameters=left)
    answer = f"AsyncIterator[{kind}]" if is_async else f"Iterator[{kind}]"
    arguments = ", ".join(filter(None, [_arguments(signature), f"{mark}=mark", "limit=200"]))
    yield f"    def {name}({_parameters(signature)}) -> {answer}:"
    yield f'        """Go through all pages of `{call}`, asking for the next one when it is needed."""'
    yield f"        return self._pages(lambda mark: calls.{call}({arguments}),"
    yield f"            lambda page: {items}, lambda page: page.{following})\n"


def _parameters(signature: inspect.Signature) -> str:
    parts, marked = ["self"], False
    for each in signature.parameters.values():
        if each.kind == inspect.Parameter.KEYWORD_ONLY and not marked:
            parts.append("*")
            marked = True
        default = "" if each.default is inspect.Parameter.empty else f" = {each.default!r}"
        parts.append(f"{each.name}: {each.annotation}{default}")
    return ", ".join(parts)


def _arguments(signature: inspect.Signature) -> str:
    keyword = inspect.Parameter.KEYWORD_ONLY
    return ", ".join(
        f"{each.name}={each.name}" if each.kind == keyword else each.name
        for each in signature.parameters.values()
    )


if __name__ == "__main__":
    DOCUMENT.write_text(formatted(written()), encoding="utf-8")
