"""How alike two complaints are, and why: the same customer, category and place, close in time, in similar words.

A hint for people, who decide. Chinese is compared by pairs of characters, what has spaces between its words by words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.forms import Names
from complaints.scoring import UNSPACED

THRESHOLD = 0.6
"""From here on two complaints are likely to be the same."""

NEAR = timedelta(days=30)
"""What lies further apart is a repeat rather than a duplicate, and is not offered as one."""

WEIGHTS = {"words": 0.40, "contact": 0.25, "place": 0.15, "category": 0.10, "time": 0.10}
"""What each part weighs. One that is unknown of either complaint is left out, and its weight with it."""

SIMILAR = 0.3
"""From here on words are alike enough to be named as a reason."""


@dataclass(frozen=True, kw_only=True)
class Gist:
    """What two complaints are compared by.

    Attributes:
        contact: Empty for somebody who is anonymous or confidential: they are compared by what they said alone.
    """

    contact: str | None
    category: str
    place: str | None
    received_at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike two complaints are, from 0 to 1, and what speaks for it, the weightiest first."""

    degree: float
    reasons: tuple[Names, ...]

    @property
    def is_likely_the_same(self) -> bool:
        """Whether people should be asked if it is one complaint."""
        return self.degree >= THRESHOLD


def likeness(one: Gist, other: Gist) -> Likeness:
    """Compare two complaints; the same result whichever comes first."""
    parts = {
        "words": similarity(one.text, other.text),
        "contact": _same(contact_key(one.contact), contact_key(other.contact)),
        "place": _same(_folded(one.place or ""), _folded(other.place or "")),
        "category": _same(one.category, other.category),
        "time": _nearness(one.received_at, other.received_at),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    weight = sum(WEIGHTS[name] for name in known)
    degree = sum(WEIGHTS[name] * part for name, part in known.items()) / weight
    return Likeness(degree=min(degree, 1.0), reasons=tuple(_reasons(known, one, other)))


def similarity(one: str, other: str) -> float:
    """Say how alike two texts are, from 0 (no word in common) to 1 (the same words), in any mixture of languages.

    >>> similarity("电表读数和账单对不上", "账单和电表读数对不上") > 0.6
    True
    >>> similarity("The meter reading is wrong", "Wrong meter readings!")
    1.0
    >>> similarity("停电三天了", "The bill is too high")
    0.0
    """
    ours, theirs = tokens(one), tokens(other)
    if not ours or not theirs:
        return float(_folded(one) == _folded(other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def tokens(text: str) -> frozenset[str]:
    """Return what a text is compared by: words in their simplest form, pairs of characters, without function words."""
    folded = _folded(text)
    words = {_stem(word) for word in _WORD.findall(folded) if word not in _DROPPED}
    for run in _UNSPACED_RUN.findall(folded):
        for part in _FUNCTION_CHARACTERS.split(run):
            words.update(part[i : i + 2] for i in range(max(len(part) - 1, 1)))
    return frozenset(words - {""})


def contact_key(contact: str | None) -> str | None:
    """Write a contact so that the same one is the same text: numbers by their last ten digits.

    >>> contact_key("+86 138 0000 2031") == contact_key("138-0000-2031")
    True
    >>> contact_key(" Wang.Xiuying@Example.com ")
    'wang.xiuying@example.com'
    """
    if contact is None:
        return None
    bare = "".join(_folded(contact).split())
    digits = "".join(character for character in bare if character in "0123456789")
    if any(character.isalpha() or character == "@" for character in bare) or not digits:
        return bare or None
    return digits[-10:]


def _same(one: str | None, other: str | None) -> float | None:
    return float(one == other) if one and other else None


def _nearness(one: datetime, other: datetime) -> float:
    return max(0.0, 1 - abs(one - other) / NEAR)


def _reasons(parts: dict[str, float], one: Gist, other: Gist) -> list[Names]:
    percent = round(parts["words"] * 100)
    days = abs(one.received_at - other.received_at) // timedelta(days=1)
    said = {
        "words": Names(en=f"similar words ({percent} %)", zh=f"用词相近（{percent}%）"),
        "contact": Names(en="same customer", zh="同一客户"),
        "place": Names(en=f"same place: {one.place}", zh=f"同一地点：{one.place}"),
        "category": Names(en=f"same category: {one.category}", zh=f"同一类别：{one.category}"),
        "time": _apart(days),
    }
    speaks = {name: part >= (SIMILAR if name == "words" else 0.5) for name, part in parts.items()}
    return [said[name] for name in WEIGHTS if speaks.get(name)]


def _apart(days: int) -> Names:
    if days == 0:
        return Names(en="within a day", zh="一天之内")
    return Names(en=f"{days} day{'s' if days > 1 else ''} apart", zh=f"相隔 {days} 天")


# --- words

_WORD = re.compile(rf"[^\W_{UNSPACED}]+(?:'[a-z]+)?")
_UNSPACED_RUN = re.compile(rf"[{UNSPACED}]+")
_FUNCTION_CHARACTERS = re.compile(
    "我们|你们|他们|我家|这个|那个|一个|但是|因为|所以|请问|[的了吗呢吧啊呀是在就也都还很我你您他她它和与跟把被请]"
)
_FUNCTION_WORDS = """
a an the this that these those it its is are was were be been am i me my we us our you your he she they them their and or
but so if of to in on at by for with from as not no do does did has have had will would can could please there here very
just i'm it's don't didn't isn't wasn't
"""
_DROPPED = frozenset(_FUNCTION_WORDS.split())


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


def _stem(word: str) -> str:
    """Take a possessive or a plural off, no more: a wrong stem would make strangers alike."""
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
