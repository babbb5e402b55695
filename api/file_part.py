"""One file out of a multipart body, as it comes: nothing is kept, in memory or on disk, but the piece that passes.

Frameworks write such bodies to a temporary file in clear before anybody has looked at them; this reads them itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from api.problems import NOT_JSON, Rejected
from complaints.wire import Malformed, Problem
from files.intake import Incoming

FIELD = "file"
_ESCAPED = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))
"""What browsers write for signs that would end the name (HTML, multipart/form-data); they escape nothing else."""


async def incoming_file(request: Request) -> Incoming:
    """Read a body up to where the bytes of its file begin.

    Raises:
        Rejected: 415, it is no multipart form.
        Malformed: It is none that is whole, or holds something else than one file in the field `file`. What comes
            after the file is found when it has been read.
    """
    kind, parameters = parse_options_header(request.headers.get("content-type", ""))
    boundary = parameters.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Rejected(NOT_JSON, "the body must be multipart/form-data, with the file in the field `file`")
    try:
        form = _Form(boundary)
    except FormParserError:
        raise _malformed("", "has a boundary that is too long") from None
    chunks = form.read(request.stream())
    first = await anext(chunks, b"")  # the bytes begin, or there are none
    part = form.part
    if part is None:
        raise _malformed(FIELD, "is missing")
    return Incoming(file_name=part.file_name, declared=part.declared, chunks=_with(first, chunks))


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for each in rest:
        yield each


@dataclass
class _Part:
    """What stands above the bytes of a part."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: bytes = b""
    value: bytes = b""

    @property
    def _disposition(self) -> dict[bytes, bytes]:
        return parse_options_header(self.headers.get(b"content-disposition", b""))[1]

    @property
    def field(self) -> str:
        return self._disposition.get(b"name", b"").decode("utf-8", "replace")

    @property
    def file_name(self) -> str:
        name = self._disposition.get(b"filename", b"").decode("utf-8", "replace")
        for escaped, sign in _ESCAPED:
            name = name.replace(escaped, sign)
        return name

    @property
    def declared(self) -> str:
        return self.headers.get(b"content-type", b"").decode("latin-1")

    def end_header(self) -> None:
        self.headers[self.name.lower()] = self.value
        self.name = self.value = b""


class _Form:
    """A form that is read as it comes. `part` is its file, once that has begun."""

    def __init__(self, boundary: bytes) -> None:
        self.part: _Part | None = None
        self._next = _Part()
        self._ready: list[bytes] = []
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    async def read(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Give out the file's bytes.

        Raises:
            Malformed: It holds something else, or is not whole.
        """
        async for chunk in body:
            try:
                self._parser.write(chunk)
            except FormParserError:
                raise _malformed("", "is no whole multipart form") from None
            ready, self._ready = self._ready, []
            for each in ready:
                yield each
        if not self._ended:
            raise _malformed("", "ends in the middle of the form")

    def _begin(self) -> None:
        if self.part is not None:
            raise _malformed(FIELD, "must be the only field")
        self._next = _Part()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._next.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._next.value += data[start:end]

    def _header_end(self) -> None:
        self._next.end_header()

    def _headers_finished(self) -> None:
        if self._next.field != FIELD:
            raise _malformed(self._next.field[:100], f"is not a field here; the file goes into `{FIELD}`")
        self.part = self._next

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._ready.append(data[start:end])

    def _end(self) -> None:
        self._ended = True


def _malformed(name: str, rule: str) -> Malformed:
    return Malformed(Problem(field=name, rule=rule))
