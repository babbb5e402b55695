"""Where a complaint happened, its kind, the incident it belongs to; and the words of the rituals of a trade.

Why: hot spots are found by place, a mass incident answers its complaints together, and policies may now ask for
admission, attendance, presence on site and contacts after closing, each with a clock of its own.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and let the new words in."""
    op.execute(_COLUMNS)
    _swap_rules({rule: (*old, *new) for rule, (old, new) in _WORDS.items()})


def downgrade() -> None:
    """Take them away; rows that use the new words go with them."""
    for (table, column), (_, new) in _WORDS.items():
        op.execute(f"DELETE FROM {table} WHERE {column} IN ({_quoted(new)})")  # noqa: S608 - our own words
    _swap_rules({rule: old for rule, (old, _) in _WORDS.items()})
    op.execute(_NO_COLUMNS)


def _swap_rules(words: dict[tuple[str, str], tuple[str, ...]]) -> None:
    for (table, column), allowed in words.items():
        name = f"{table}_{_RULES[table]}"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({_quoted(allowed)}))")


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_COLUMNS = """
ALTER TABLE complaints
    ADD place TEXT,
    ADD kind TEXT,
    ADD incident TEXT,
    ADD converted_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE feedback ADD answer BOOLEAN;
CREATE INDEX complaints_incident_idx ON complaints (incident) WHERE incident IS NOT NULL;
"""

_NO_COLUMNS = """
ALTER TABLE feedback DROP answer;
ALTER TABLE complaints DROP place, DROP kind, DROP incident, DROP converted_at;
"""

_RULES = {"clocks": "clockname", "escalations": "cause", "notices": "noticekind"}

_WORDS = {
    ("clocks", "name"): (
        (
            "first_contact",
            "intake",
            "investigation",
            "solution",
            "execution",
            "follow_up",
            "overall",
            "feedback",
            "verification",
            "approval",
            "action",
            "promise",
            "waiting",
            "acknowledgement",
            "statutory",
            "second_call",
            "appeal",
        ),
        ("admission", "next_offer", "attendance", "emergency", "after_closing"),
    ),
    ("escalations", "cause"): (
        (
            "breach",
            "at_risk",
            "configuration",
            "by_hand",
            "difficult",
            "disputed",
            "mediation",
            "dissatisfied",
            "recusal",
        ),
        ("hazard", "support", "converted"),
    ),
    ("notices", "kind"): (("warning", "escalation", "customer"), ("receipt", "news", "summons")),
}
"""The words of each column: those there were, and those that are new."""
