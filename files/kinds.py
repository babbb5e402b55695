"""Which kinds of file are taken, and what a file is by its bytes.

Whoever opens a file later trusts what we say it is, so what it is called and declared to be must agree with its first
bytes. Only these are read: archives are never unpacked. What could run in a browser or on a desk is not taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import puremagic

from files.errors import WrongKind
from files.signatures import markup_in, office_in, signature_of, speaks_of_mail, text_in

HEAD_BYTES = 8192
"""How much of a file is looked at."""


@dataclass(frozen=True)
class Kind:
    """A kind that is taken.

    Attributes:
        endings: How names of such files end; the first is added where a name ends in none of them.
        also_called: Other names that programs give it.
        also: What its bytes may be taken for as well: a table of commas is text before it is a table.
    """

    endings: tuple[str, ...]
    also_called: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

KINDS: dict[str, Kind] = {
    "application/pdf": Kind((".pdf",), ("application/x-pdf",)),
    "image/png": Kind((".png",)),
    "image/jpeg": Kind((".jpg", ".jpeg"), ("image/jpg", "image/pjpeg")),
    "image/webp": Kind((".webp",)),
    "image/heic": Kind((".heic", ".heif"), ("image/heif",)),
    "text/plain": Kind((".txt", ".log", ".md"), also=("message/rfc822",)),
    "text/csv": Kind((".csv",), ("application/csv", "application/vnd.ms-excel"), also=("text/plain",)),
    "message/rfc822": Kind((".eml",)),
    f"{_OOXML}.wordprocessingml.document": Kind((".docx",), also=(f"{_OOXML}",)),
    f"{_OOXML}.spreadsheetml.sheet": Kind((".xlsx",), also=(f"{_OOXML}",)),
    f"{_OOXML}.presentationml.presentation": Kind((".pptx",), also=(f"{_OOXML}",)),
    f"{_ODF}.text": Kind((".odt",)),
    f"{_ODF}.spreadsheet": Kind((".ods",)),
    f"{_ODF}.presentation": Kind((".odp",)),
    "audio/mpeg": Kind((".mp3",), ("audio/mp3", "audio/x-mp3")),
    "audio/mp4": Kind((".m4a",), ("audio/x-m4a", "audio/m4a", "audio/aac"), also=("video/mp4",)),
    "audio/wav": Kind((".wav",), ("audio/x-wav", "audio/wave", "audio/vnd.wave")),
    "audio/ogg": Kind((".ogg", ".oga", ".opus"), ("application/ogg", "audio/opus", "audio/vorbis")),
    "video/mp4": Kind((".mp4", ".m4v")),
}

_UNDECLARED = ("", "application/octet-stream", "binary/octet-stream", "application/x-download")
_CALLED = {other: kind for kind, each in KINDS.items() for other in each.also_called}


def declared_kind(given: str) -> str:
    """Normalise a declared media type; empty where it says nothing."""
    bare = given.partition(";")[0].strip().lower()
    return "" if bare in _UNDECLARED else _CALLED.get(bare, bare)


def recognise(head: bytes, declared: str, file_name: str) -> str:
    """Return the kind of a file, whose first bytes these are.

    Args:
        declared: The media type that came with it, in any spelling; may be empty.

    Raises:
        WrongKind: It is another than declared, or none that is taken.
    """
    said, found = declared_kind(declared), found_in(head)
    kind = said or _by_ending(found, file_name)
    taken = KINDS.get(kind)
    if taken is None or found not in (kind, *taken.also):
        raise WrongKind(said, found, tuple(KINDS))
    return kind


def found_in(head: bytes) -> str:
    """Say what bytes are; what is not taken gets the best name there is for it."""
    found = signature_of(head)
    if found == "application/zip":
        return office_in(head) or found
    if found is not None:
        return found if found not in KINDS or not markup_in(head) else f"{found} and text/html in one"
    text = text_in(head)
    if text is None:
        return _named(head)
    if (markup := markup_in(head, text)) is not None:
        return markup
    return "message/rfc822" if speaks_of_mail(text) else "text/plain"


def _by_ending(found: str, file_name: str) -> str:
    """Choose among the kinds that the bytes allow, where nothing was declared."""
    for kind, each in KINDS.items():
        if found in (kind, *each.also) and file_name.lower().endswith(each.endings):
            return kind
    return found


def _named(head: bytes) -> str:
    """Ask a table of a thousand signatures what this is; it serves the message alone, and decides nothing."""
    try:
        name = str(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        return "nothing we know"
    return name if re.fullmatch(r"[\w.+-]+/[\w.+-]+", name) and name not in KINDS else "nothing we know"
