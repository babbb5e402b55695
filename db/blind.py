"""Blind indexes: words and contacts as keyed hashes, so that sealed complaints are found again by exactly them.

A hash says nothing to who has no key. Who has the key and a guess can try it; who has only the tables sees which
complaints share a word, not which word.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata

from sqlalchemy import ColumnElement

from complaints.likeness import contact_key
from complaints.scoring import UNSPACED
from db.key_tables import ContactRow, SaidRow

SEARCHED = (
    "Registered",
    "FindingsRecorded",
    "OptionPrepared",
    "ResolvedAtFirstContact",
    "UnsolvableAdmitted",
    "Decided",
)
"""The kinds of facts that say what a complaint was about, and what was found and done."""

SAID = ("description", "asked_remedy", "root_cause", "evidence", "what", "standard", "reason")
"""Their fields that are searched, in the order in which they are read."""


class Blind:
    """Makes the hashes, with a secret of the installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def words(self, text: str) -> list[str]:
        """Hash every word and every pair of characters of a text."""
        return sorted({self._hash("word", word) for word in words_in(text)})

    def contact(self, contact: str) -> str:
        """Hash a telephone number, address or account, the same one in any spelling to the same hash."""
        return self._hash("contact", contact_key(contact) or "", size=24)

    def has_words(self, text: str) -> ColumnElement[bool]:
        """Say whether a line of `said` has every word and every pair of characters of a text."""
        return SaidRow.words.contains(self.words(text))

    def has_contact(self, contact: str) -> ColumnElement[bool]:
        """Say whether a line of `contacts` is this contact, in any spelling."""
        return ContactRow.digest == self.contact(contact)

    def _hash(self, kind: str, text: str, *, size: int = 9) -> str:
        digest = hashlib.blake2b(text.encode(), key=self._secret, person=kind.encode(), digest_size=size)
        return base64.urlsafe_b64encode(digest.digest()).decode()


def words_in(text: str) -> frozenset[str]:
    """Return what a text is found by: words without a plural's s, characters that stand alone as words, and their pairs.

    >>> sorted(words_in("Meters 停电了"))
    ['meter', '了', '停', '停电', '电', '电了']
    """
    line = unicodedata.normalize("NFKC", text).lower()
    words = {_PLURAL.sub(r"\1", word) for word in _WORD.findall(_UNSPACED.sub(" ", line))}
    signs = {sign for sign in line if _UNSPACED.fullmatch(sign)}
    pairs = {line[i : i + 2] for i in range(len(line) - 1) if _PAIR.fullmatch(line[i : i + 2])}
    return frozenset(words | signs | pairs)


_UNSPACED = re.compile(f"[{UNSPACED}]")
_PAIR = re.compile(f"[{UNSPACED}]{{2}}")
_WORD = re.compile(r"[^\W_]+")
_PLURAL = re.compile(r"^(..+[^s])s$")
