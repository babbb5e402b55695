"""The number of a complaint."""

from __future__ import annotations


def number_of(source: str, reference: str) -> str:
    """Return the complaint's number, which is its workflow id: the same source and reference, the same complaint.

    A source has no hyphen, so no two pairs make one number.
    """
    return f"{source}-{reference}"
