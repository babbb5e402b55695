"""What the database itself refuses, whoever asks: edits of what is written once, and rows no life could lead to."""

import pytest
from sqlalchemy import CheckConstraint, Engine, Enum, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.rows import SECTIONS
from db.tables import Table
from tests.integration.recorded import eventful, everything, write

RULES = [
    ("policies_sha256_is_a_digest", "INSERT INTO policies VALUES ('abc', 'default', '1', '{}')"),
    ("complaints_is_registered", "UPDATE complaints SET stage = 'new'"),
    ("complaints_is_registered", "UPDATE complaints SET seq = 0"),
    ("complaints_hash_is_a_digest", "UPDATE complaints SET hash = upper(hash)"),
    ("complaints_counts_from_one", "UPDATE complaints SET round = 0"),
    ("complaints_score_is_1_to_5", "UPDATE complaints SET score = 6"),
    ("complaints_end_has_outcome", "UPDATE complaints SET stage = 'closed', closed_at = received_at"),
    ("complaints_end_has_instant", "UPDATE complaints SET stage = 'closed', outcome = 'resolved'"),
    ("complaints_end_has_instant", "UPDATE complaints SET closed_at = received_at, paused_since = NULL, pause_owner = NULL"),
    ("complaints_end_is_not_paused", "UPDATE complaints SET stage = 'closed', outcome = 'resolved', closed_at = received_at"),
    ("complaints_end_awaits_nothing", "UPDATE complaints SET stage = 'ended', outcome = 'resolved', closed_at = received_at, paused_since = NULL, pause_owner = NULL, next_due_at = received_at"),
    ("complaints_pause_has_owner", "UPDATE complaints SET pause_owner = NULL"),
    ("complaints_handler_has_department", "UPDATE complaints SET department = NULL"),
    ("clocks_due_after_start", "UPDATE clocks SET due_at = started_at - interval '1 second', breached_at = NULL"),
    ("clocks_missed_when_due", "UPDATE clocks SET breached_at = due_at - interval '1 second' WHERE breached_at IS NOT NULL"),
    ("clocks_missed_escalates", "UPDATE clocks SET escalation = NULL WHERE breached_at IS NOT NULL"),
    ("clocks_missed_is_not_met", "UPDATE clocks SET verdict = 'met' WHERE breached_at IS NOT NULL"),
    ("clocks_stands_still_in_time", "UPDATE clocks SET paused_at = started_at WHERE settled_at IS NOT NULL"),
    ("clocks_warnings_are_counted", "UPDATE clocks SET warned = cardinality(warn_at) + 1"),
    ("clocks_warnings_have_shares", "UPDATE clocks SET warn_percent = '{1,2,3,4}'"),
    ("clocks_budget_is_positive", "UPDATE clocks SET budget_amount = 0 WHERE budget_amount IS NOT NULL"),
    ("clocks_extensions_are_counted", "UPDATE clocks SET extensions = -1"),
    ("clocks_budget_is_whole", "UPDATE clocks SET budget_unit = NULL WHERE budget_amount IS NOT NULL"),
    ("clocks_calls_are_counted", "UPDATE clocks SET called = cardinality(call_at) + 1"),
    ("clocks_calls_have_rungs", "UPDATE clocks SET call_rungs = '{1,2,3,4}'"),
    ("clocks_settled_has_verdict", "UPDATE clocks SET settled_at = NULL WHERE verdict = 'met'"),
    ("clocks_one_feedback_ticking_key", "UPDATE clocks SET settled_at = NULL, verdict = NULL, breached_at = NULL WHERE name = 'feedback'"),
    ("escalations_rung_is_on_the_ladder", "UPDATE escalations SET rung = -1"),
    ("escalations_calls_are_counted", "UPDATE escalations SET calls = 0"),
    ("escalations_breach_names_its_clock", "UPDATE escalations SET clock = NULL WHERE cause = 'breach'"),
    ("escalations_called_after_opening", "UPDATE escalations SET called_at = opened_at - interval '1 second'"),
    ("escalations_acknowledged_by_somebody", "UPDATE escalations SET acknowledged_by = NULL WHERE acknowledged_at IS NOT NULL"),
    ("escalations_resolved_somehow", "UPDATE escalations SET resolution = NULL WHERE resolved_at IS NOT NULL"),
    ("notices_handed_in_has_channel", "UPDATE notices SET channel = NULL WHERE status = 'delivered'"),
    ("notices_told_has_instant", "UPDATE notices SET delivered_at = NULL WHERE status = 'outbox'"),
    ("verifications_answered_by_somebody", "UPDATE verifications SET answered_by = NULL"),
    ("options_order_is_1_to_5", 'UPDATE options SET "order" = 6'),
    ("options_amount_is_not_negative", "UPDATE options SET compensation_minor = -1"),
    ("options_offered_is_limited", "UPDATE options SET valid_until = NULL WHERE status = 'accepted'"),
    ("options_rejected_has_reason", "UPDATE options SET reason = NULL WHERE status = 'rejected'"),
    ("options_amount_has_currency", "UPDATE options SET compensation_currency = NULL"),
    ("approvals_decided_by_somebody", "UPDATE approvals SET decided_by = NULL, decided_at = NULL WHERE status = 'approved'"),
    ("approvals_refused_has_reason", "UPDATE approvals SET reason = NULL WHERE status = 'refused'"),
    ("approvals_nobody_approves_their_own", "UPDATE approvals SET decided_by = requested_by"),
    ("approvals_decided_has_instant", "UPDATE approvals SET decided_at = NULL"),
    ("approvals_one_waiting_key", "UPDATE approvals SET status = 'requested', decided_by = NULL, decided_at = NULL, reason = NULL"),
    ("actions_completed_has_evidence", "UPDATE actions SET evidence = NULL"),
    ("promises_due_after_made", "UPDATE promises SET due_at = made_at"),
    ("promises_kept_has_evidence", "UPDATE promises SET evidence = NULL"),
    ("attachments_sha256_is_a_digest", "UPDATE attachments SET sha256 = 'abc'"),
    ("attachments_holds_something", "UPDATE attachments SET size_bytes = 0"),
    ("attachments_removed_by_somebody", "UPDATE attachments SET reason = NULL"),
]  # fmt: skip

LEDGER_RULES = {
    "ledger_counts_from_one",
    "ledger_hash_is_a_digest",
}  # behind the ledger's other guards; below

RECORDS = {"ledger", "policies", "complaints", *SECTIONS}
"""The tables that a life is recorded in; those of the organisation have their own tests."""

ENUMS = [
    (table.name, column.name)
    for table in Table.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Enum) and table.name in RECORDS - {"ledger"}
]

INSERT = (
    "INSERT INTO ledger (number, seq, at, occurred_at, actor_id, actor_role, fact, previous, hash)"
    " SELECT number, {seq}, at, occurred_at, actor_id, actor_role, fact, {previous}, {hash}"
    " FROM ledger ORDER BY seq DESC LIMIT 1"
)


@pytest.fixture
def recorded(engine: Engine) -> Engine:
    """Holds one eventful life."""
    write(engine, eventful().whole())
    return engine


def execute(engine: Engine, sql: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(sql))


def test_every_rule_of_the_tables_has_a_case_here():
    rules = {
        constraint.name
        for table in Table.metadata.sorted_tables
        for constraint in table.constraints
        if table.name in RECORDS and isinstance(constraint, CheckConstraint) and not constraint._type_bound
    }
    assert rules - {name for name, _ in RULES} == LEDGER_RULES


def test_what_no_life_could_lead_to_is_refused_by_the_rule_it_breaks(recorded: Engine):
    for rule, sql in RULES:
        with pytest.raises(IntegrityError) as refused:
            execute(recorded, sql)
        assert f'"{rule}"' in str(refused.value), sql


def test_a_word_that_is_none_of_ours_is_refused(recorded: Engine):
    for table, column in ENUMS:
        with pytest.raises(IntegrityError, match="violates check constraint"):
            execute(recorded, f"UPDATE {table} SET {column} = 'nonsense'")


@pytest.mark.parametrize("table", ["ledger", "policies"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET hash = hash", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_written_once_is_never_edited(recorded: Engine, table: str, sql: str):
    once = everything(recorded)
    column = "hash" if table == "ledger" else "sha256"
    with pytest.raises(DBAPIError, match="append-only"):
        execute(recorded, sql.format(table).replace("hash", column))
    assert everything(recorded) == once


@pytest.mark.parametrize(
    ("seq", "previous"),
    [("seq + 2", "hash"), ("seq + 1", "previous"), ("1", "repeat('0', 64)")],
    ids=["a gap", "another predecessor", "a second beginning"],
)
def test_the_ledger_stays_a_chain(recorded: Engine, seq: str, previous: str):
    with pytest.raises(IntegrityError):
        execute(recorded, INSERT.format(seq=seq, previous=previous, hash="repeat('a', 64)"))


def test_an_event_that_follows_is_let_in(recorded: Engine):
    execute(recorded, INSERT.format(seq="seq + 1", previous="hash", hash="repeat('a', 64)"))


@pytest.mark.parametrize(
    ("rule", "seq", "hash_"),
    [
        ("ledger_counts_from_one", "0", "repeat('a', 64)"),
        ("ledger_hash_is_a_digest", "seq + 1", "'abc'"),
        ("ledger_hash_key", "seq + 1", "previous"),
    ],
)
def test_a_line_of_the_ledger_has_a_number_and_a_hash_of_its_own(
    recorded: Engine, rule: str, seq: str, hash_: str
):
    with pytest.raises(IntegrityError, match=rule):
        execute(recorded, INSERT.format(seq=seq, previous="hash", hash=hash_))
