"""Clocks in working time, with their ladders and every move; escalations that are handed on; notices to people.

Why: a deadline is explained by its calendar, its rungs and what moved it, so the read model keeps all of that. A rung
can be handed to a person, and a notice to a role becomes one for each person who was found for it.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and let the new words in."""
    op.execute(_COLUMNS)
    _swap_rules(_NEW)


def downgrade() -> None:
    """Take them away; rows that use the new words have no place in the old tables and go with their complaints."""
    op.execute(_ROWS_OF_NEW_WORDS)
    _swap_rules(_OLD)
    op.execute(_NO_COLUMNS)


def _swap_rules(rules: dict[tuple[str, str], str]) -> None:
    for table, name in {*_NEW, *_OLD}:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_{name}")
    for (table, name), rule in rules.items():
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name} CHECK ({rule})")


_COLUMNS = """
ALTER TABLE clocks DROP COLUMN pausable;
ALTER TABLE clocks
    ADD budget_ends VARCHAR(40),
    ADD budget_counts_first_day BOOLEAN,
    ADD calendar TEXT NOT NULL DEFAULT '',
    ADD ladder TEXT NOT NULL DEFAULT '',
    ADD call_rungs INTEGER[] NOT NULL DEFAULT '{}',
    ADD call_at TIMESTAMP WITH TIME ZONE[] NOT NULL DEFAULT '{}',
    ADD called INTEGER NOT NULL DEFAULT 0,
    ADD provisional BOOLEAN NOT NULL DEFAULT false,
    ADD adjustments JSONB NOT NULL DEFAULT '[]';
UPDATE clocks SET budget_ends = 'same_time', budget_counts_first_day = false WHERE budget_unit IS NOT NULL;
ALTER TABLE clocks
    ALTER calendar DROP DEFAULT,
    ALTER ladder DROP DEFAULT,
    ALTER call_rungs DROP DEFAULT,
    ALTER call_at DROP DEFAULT,
    ALTER called DROP DEFAULT,
    ALTER provisional DROP DEFAULT,
    ALTER adjustments DROP DEFAULT;
ALTER TABLE escalations
    ADD calls INTEGER NOT NULL DEFAULT 1,
    ADD ladder TEXT NOT NULL DEFAULT '',
    ADD person TEXT;
ALTER TABLE escalations ALTER calls DROP DEFAULT, ALTER ladder DROP DEFAULT;
ALTER TABLE notices
    ADD rung INTEGER,
    ADD part_of TEXT,
    ADD not_before TIMESTAMP WITH TIME ZONE,
    ADD why JSONB;
"""

_NO_COLUMNS = """
ALTER TABLE notices DROP rung, DROP part_of, DROP not_before, DROP why;
ALTER TABLE escalations DROP calls, DROP ladder, DROP person;
ALTER TABLE clocks
    DROP budget_ends, DROP budget_counts_first_day, DROP calendar, DROP ladder, DROP call_rungs, DROP call_at,
    DROP called, DROP provisional, DROP adjustments,
    ADD pausable BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE clocks ALTER pausable DROP DEFAULT;
"""

_ROWS_OF_NEW_WORDS = """
DELETE FROM notices WHERE status IN ('routed', 'withdrawn') OR kind = 'customer' OR audience = 'mediator';
DELETE FROM escalations WHERE cause IN ('at_risk', 'configuration', 'recusal') OR audience = 'mediator';
DELETE FROM clocks
    WHERE name IN ('statutory', 'second_call') OR budget_unit LIKE 'business%' OR due_at = started_at;
"""

_ROLES = "'system', 'desk', 'handler', 'mediator', 'lead', 'customer_service', 'executive', 'auditor'"
_OLD_ROLES = "'system', 'desk', 'handler', 'lead', 'customer_service', 'executive', 'auditor'"
_CLOCKS = (
    "'first_contact', 'intake', 'investigation', 'solution', 'execution', 'follow_up', 'overall', 'feedback', "
    "'verification', 'approval', 'action', 'promise', 'waiting', 'acknowledgement'"
)

_NEW = {
    ("clocks", "clockname"): f"name IN ({_CLOCKS}, 'statutory', 'second_call', 'appeal')",
    ("clocks", "unit"): (
        "budget_unit IN ('business_minutes', 'business_hours', 'business_days', 'calendar_hours', 'calendar_days')"
    ),
    ("clocks", "ends"): "budget_ends IN ('same_time', 'close', 'midnight')",
    ("clocks", "due_after_start"): "due_at >= started_at",
    ("clocks", "calls_are_counted"): "called BETWEEN 0 AND cardinality(call_at)",
    ("clocks", "calls_have_rungs"): "cardinality(call_at) = cardinality(call_rungs)",
    ("clocks", "budget_is_whole"): (
        "num_nulls(budget_amount, budget_unit, budget_ends, budget_counts_first_day) IN (0, 4)"
    ),
    ("escalations", "calls_are_counted"): "calls >= 1",
    ("escalations", "cause"): (
        "cause IN ('breach', 'at_risk', 'configuration', 'by_hand', 'difficult', 'disputed', 'mediation', "
        "'dissatisfied', 'recusal')"
    ),
    ("escalations", "role"): f"audience IN ({_ROLES})",
    ("notices", "noticekind"): "kind IN ('warning', 'escalation', 'customer')",
    (
        "notices",
        "noticestatus",
    ): "status IN ('queued', 'routed', 'delivered', 'withdrawn', 'outbox', 'failed')",
    ("notices", "role"): f"audience IN ({_ROLES})",
    ("ledger", "role"): f"actor_role IN ({_ROLES})",
    ("approvals", "role"): f"level IN ({_ROLES})",
}

_OLD = {
    ("clocks", "clockname"): f"name IN ({_CLOCKS}, 'appeal')",
    ("clocks", "unit"): "budget_unit IN ('calendar_hours', 'calendar_days')",
    ("clocks", "due_after_start"): "due_at > started_at",
    ("clocks", "budget_has_unit"): "num_nulls(budget_amount, budget_unit) IN (0, 2)",
    ("escalations", "cause"): (
        "cause IN ('breach', 'by_hand', 'difficult', 'disputed', 'mediation', 'dissatisfied')"
    ),
    ("escalations", "role"): f"audience IN ({_OLD_ROLES})",
    ("notices", "noticekind"): "kind IN ('warning', 'escalation')",
    ("notices", "noticestatus"): "status IN ('queued', 'delivered', 'outbox', 'failed')",
    ("notices", "role"): f"audience IN ({_OLD_ROLES})",
    ("approvals", "role"): f"level IN ({_OLD_ROLES})",
}
