"""The columns of an export, in order; `python -m cli.exports.columns` writes them into docs/import.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "import.md"


class Type(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INSTANT = "instant"
    NUMBER = "number"
    YES_NO = "yes or no"


@dataclass(frozen=True)
class Column:
    """One column. `is_people` is only written for who asks for people."""

    name: str
    type: Type
    meaning: str
    is_people: bool = False


COLUMNS = (
    Column("number", Type.TEXT, "the complaint's number"),
    Column("source", Type.TEXT, "the system that brought it in"),
    Column("reference", Type.TEXT, "its number there"),
    Column("channel", Type.TEXT, "how it reached us"),
    Column("category", Type.TEXT, "what it is about, by the name in the policy"),
    Column("kind", Type.TEXT, "its kind, where the policy tells kinds apart"),
    Column("severity", Type.TEXT, "how much is at stake"),
    Column("difficult", Type.YES_NO, "whether it is a difficult one"),
    Column("stage", Type.TEXT, "where it stands"),
    Column("outcome", Type.TEXT, "how it left the open stages"),
    Column("justified", Type.TEXT, "whether the organisation is at fault"),
    Column("cycle", Type.NUMBER, "1, and one more for every reopening"),
    Column("round", Type.NUMBER, "attempts to settle it within the cycle"),
    Column("department", Type.TEXT, "who answers for it"),
    Column("handler", Type.TEXT, "the person who does"),
    Column("received_at", Type.INSTANT, "when it was received"),
    Column("closed_at", Type.INSTANT, "when it was closed; empty while it is open"),
    Column("imported_at", Type.INSTANT, "when it was taken over from another system"),
    Column("paused_since", Type.INSTANT, "since when clocks stand still"),
    Column("next_due_at", Type.INSTANT, "the next deadline, warning or call"),
    Column("satisfied", Type.YES_NO, "what the customer said last"),
    Column("score", Type.NUMBER, "and from 1 to 5"),
    Column("breaches", Type.NUMBER, "how many deadlines were missed, whatever became of them"),
    Column("escalations", Type.NUMBER, "how many there were"),
    Column("open_escalations", Type.NUMBER, "how many wait for somebody"),
    Column("incident", Type.TEXT, "the mass incident that it belongs to"),
    Column("converted_at", Type.INSTANT, "when a communicative complaint became a valid one"),
    Column("policy_name", Type.TEXT, "the policy that it goes by"),
    Column("policy_version", Type.TEXT, "its version"),
    Column("policy_sha256", Type.TEXT, "its fingerprint"),
    Column("seq", Type.NUMBER, "how many events its ledger has"),
    Column("hash", Type.TEXT, "the hash of the last of them"),
    Column("customer_name", Type.TEXT, "who complains", is_people=True),
    Column("customer_contact", Type.TEXT, "how they can be told something", is_people=True),
    Column("customer_account", Type.TEXT, "their account with the organisation", is_people=True),
    Column("customer_language", Type.TEXT, "in which language", is_people=True),
    Column("customer_anonymous", Type.YES_NO, "whether they stay unnamed", is_people=True),
    Column("place", Type.TEXT, "where it happened", is_people=True),
    Column("description", Type.TEXT, "what they said", is_people=True),
    Column("asked_remedy", Type.TEXT, "what they ask for", is_people=True),
)


def columns(*, with_people: bool) -> tuple[Column, ...]:
    """Return what is written."""
    return tuple(column for column in COLUMNS if with_people or not column.is_people)


def table() -> str:
    """Write them as Markdown."""
    lines = ["| column | holds | meaning |", "|---|---|---|"]
    for column in COLUMNS:
        people = "; with `--with-people`" if column.is_people else ""
        lines.append(f"| `{column.name}` | {column.type} | {column.meaning}{people} |")
    return "\n".join(lines)


def filled(text: str) -> str:
    """Put the table into a document, between its marks."""
    return re.sub(
        r"(<!-- columns -->\n).*?(<!-- /columns -->)", rf"\1{table()}\n\2", text, count=1, flags=re.DOTALL
    )


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
