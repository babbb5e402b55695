"""Where in a text the words are that somebody looked for: a passage around them, short enough to read in a list."""

from __future__ import annotations

_AROUND = 30
"""So many characters before the first word that was found, and twice as many after."""


def passage(text: str, words: tuple[str, ...]) -> str:
    """Cut out of a text what stands around the first of the words; its beginning, where none is found as it was typed.

    >>> passage("The fitter came late. Then he read the meter of my neighbour, who lives on another floor.", ("meter",))
    '… came late. Then he read the meter of my neighbour, who lives on another floor.'
    >>> passage("电表读数不对", ("读数",))
    '电表读数不对'
    """
    line = " ".join(text.split())
    lowered = line.lower()
    places = [place for word in words if (place := lowered.find(word.lower())) >= 0]
    first = min(places, default=0)
    begin, end = max(first - _AROUND, 0), first + 2 * _AROUND
    if begin and " " in line[begin:first]:  # begin with a whole word, where words have spaces
        begin = line.index(" ", begin) + 1
    shown = line[begin:end].rstrip()
    return f"{'… ' if begin else ''}{shown}{' …' if end < len(line) else ''}"
