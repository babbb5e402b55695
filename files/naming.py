"""Names of files: cleaned when they come in, and written into a header when they go out."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from files.kinds import KINDS

LONGEST = 200
_NAMELESS = "file"

# Control and format characters (line breaks, marks that turn the direction of writing), and lone surrogates.
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"
"""Unseen as well, and a part of words in some scripts and of some emoji."""


def clean(given: str) -> str:
    r"""Return what a file is called: no folders, nothing unseen, no longer than `LONGEST`.

    >>> clean("C:\\Users\\王秀英\\账单.pdf"), clean("../../etc/passwd"), clean("a\r\nSet-Cookie: x.png")
    ('账单.pdf', 'passwd', 'aSet-Cookie: x.png')
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(sign for sign in base if sign in _JOINERS or unicodedata.category(sign) not in _UNSEEN)
    name = _shortened(" ".join(seen.split()).strip(". "))
    return name if name.strip(_JOINERS) else _NAMELESS


def _shortened(name: str) -> str:
    """Cut in the middle rather than at the ending."""
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"


def disposition(file_name: str, media_type: str) -> str:
    """Write a `Content-Disposition` (RFC 6266) that saves the file, and never shows it.

    The name ends as files of its kind do, so that whoever opens it from a desk opens it as that.
    """
    kind = KINDS.get(media_type)
    name = file_name
    if kind is not None and not name.lower().endswith(kind.endings):
        name += kind.endings[0]
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", unicodedata.normalize("NFKD", name))
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
