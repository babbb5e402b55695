"""The ledger, and the read model that is its index.

Why: the workflow is the truth, but nobody can list, search or audit workflows the way they can rows. The ledger is
made append-only and a chain by the database itself, so that a slip of ours cannot spoil the proof.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables, and the triggers that guard what is written once."""
    op.execute(_TABLES)
    op.execute(_GUARDS)


def downgrade() -> None:
    """Drop them, dependents first."""
    for table in reversed(_NAMES):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change(), check_chain()")


_NAMES = (
    "policies",
    "complaints",
    "ledger",
    "clocks",
    "escalations",
    "notices",
    "verifications",
    "options",
    "approvals",
    "actions",
    "promises",
    "feedback",
)

_TABLES = """
CREATE TABLE policies (
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    resolved JSONB NOT NULL,
    CONSTRAINT policies_pkey PRIMARY KEY (sha256),
    CONSTRAINT policies_sha256_is_a_digest CHECK (sha256 ~ '^[0-9a-f]{64}$')
);

CREATE TABLE complaints (
    number TEXT NOT NULL,
    source TEXT NOT NULL,
    reference TEXT NOT NULL,
    channel VARCHAR(40) NOT NULL,
    customer_name TEXT,
    customer_contact TEXT,
    customer_language TEXT NOT NULL,
    customer_anonymous BOOLEAN NOT NULL,
    category TEXT NOT NULL,
    severity VARCHAR(40) NOT NULL,
    description TEXT NOT NULL,
    asked_remedy TEXT,
    stage VARCHAR(40) NOT NULL,
    outcome VARCHAR(40),
    cycle INTEGER NOT NULL,
    round INTEGER NOT NULL,
    justified VARCHAR(40) NOT NULL,
    difficult BOOLEAN NOT NULL,
    department TEXT,
    handler TEXT,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    paused_since TIMESTAMP WITH TIME ZONE,
    pause_owner VARCHAR(40),
    satisfied BOOLEAN,
    score INTEGER,
    next_due_at TIMESTAMP WITH TIME ZONE,
    policy_name TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    policy_sha256 TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT complaints_pkey PRIMARY KEY (number),
    CONSTRAINT complaints_source_reference_key UNIQUE (source, reference),
    CONSTRAINT complaints_is_registered CHECK (stage <> 'new' AND seq >= 1),
    CONSTRAINT complaints_hash_is_a_digest CHECK (hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT complaints_counts_from_one CHECK (cycle >= 1 AND round >= 1),
    CONSTRAINT complaints_score_is_1_to_5 CHECK (score BETWEEN 1 AND 5),
    CONSTRAINT complaints_end_has_outcome CHECK (stage NOT IN ('closed', 'ended') OR outcome IS NOT NULL),
    CONSTRAINT complaints_end_has_instant CHECK ((stage IN ('closed', 'ended')) = (closed_at IS NOT NULL)),
    CONSTRAINT complaints_end_is_not_paused CHECK (closed_at IS NULL OR paused_since IS NULL),
    CONSTRAINT complaints_end_awaits_nothing CHECK (stage <> 'ended' OR next_due_at IS NULL),
    CONSTRAINT complaints_pause_has_owner CHECK (num_nulls(paused_since, pause_owner) IN (0, 2)),
    CONSTRAINT complaints_handler_has_department CHECK (num_nulls(department, handler) IN (0, 2)),
        CONSTRAINT complaints_channel CHECK (channel IN ('phone', 'e-mail', 'web', 'chat', 'social',
        'letter', 'walk-in', 'system')),
    CONSTRAINT complaints_severity CHECK (severity IN ('low', 'normal', 'high', 'critical')),
        CONSTRAINT complaints_stage CHECK (stage IN ('new', 'intake', 'investigation', 'solution',
        'execution', 'follow_up', 'closed', 'ended')),
        CONSTRAINT complaints_outcome CHECK (outcome IN ('resolved', 'resolved_at_first_contact',
        'unsolvable', 'declined', 'transferred', 'duplicate', 'withdrawn')),
    CONSTRAINT complaints_justified CHECK (justified IN ('yes', 'no', 'unknown')),
    CONSTRAINT complaints_pauseowner CHECK (pause_owner IN ('customer', 'vendor', 'us')),
    CONSTRAINT complaints_policy_sha256_fkey FOREIGN KEY(policy_sha256) REFERENCES policies (sha256)
);
CREATE INDEX complaints_department_stage_idx ON complaints (department, stage);
CREATE INDEX complaints_next_due_at_idx ON complaints (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX complaints_received_at_number_idx ON complaints (received_at, number);
CREATE INDEX complaints_stage_idx ON complaints (stage);

CREATE TABLE ledger (
    number TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id TEXT NOT NULL,
    actor_role VARCHAR(40) NOT NULL,
    actor_department TEXT,
    command_id TEXT,
    type TEXT GENERATED ALWAYS AS (fact ->> 'type') STORED NOT NULL,
    fact JSONB NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT ledger_pkey PRIMARY KEY (number, seq),
    CONSTRAINT ledger_hash_key UNIQUE (hash),
    CONSTRAINT ledger_counts_from_one CHECK (seq >= 1),
    CONSTRAINT ledger_hash_is_a_digest CHECK (hash ~ '^[0-9a-f]{64}$' AND previous ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ledger_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
        CONSTRAINT ledger_role CHECK (actor_role IN ('system', 'desk', 'handler', 'lead',
        'customer_service', 'executive', 'auditor'))
);

CREATE TABLE clocks (
    number TEXT NOT NULL,
    key TEXT NOT NULL,
    name VARCHAR(40) NOT NULL,
    subject TEXT NOT NULL,
    cycle INTEGER NOT NULL,
    round INTEGER NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    budget_amount INTEGER,
    budget_unit VARCHAR(40),
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    warn_percent INTEGER[] NOT NULL,
    warn_at TIMESTAMP WITH TIME ZONE[] NOT NULL,
    warned INTEGER NOT NULL,
    pausable BOOLEAN NOT NULL,
    paused_at TIMESTAMP WITH TIME ZONE,
    extensions INTEGER NOT NULL,
    breached_at TIMESTAMP WITH TIME ZONE,
    escalation TEXT,
    delivered_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    verdict VARCHAR(40),
    CONSTRAINT clocks_pkey PRIMARY KEY (number, key),
    CONSTRAINT clocks_due_after_start CHECK (due_at > started_at),
    CONSTRAINT clocks_missed_when_due CHECK (breached_at >= due_at),
    CONSTRAINT clocks_missed_escalates CHECK (breached_at IS NULL OR escalation IS NOT NULL),
        CONSTRAINT clocks_missed_is_not_met CHECK (breached_at IS NULL OR verdict IS NULL OR verdict =
        'breached'),
        CONSTRAINT clocks_stands_still_in_time CHECK (paused_at IS NULL OR (breached_at IS NULL AND
        settled_at IS NULL)),
    CONSTRAINT clocks_warnings_are_counted CHECK (warned BETWEEN 0 AND cardinality(warn_at)),
    CONSTRAINT clocks_warnings_have_shares CHECK (cardinality(warn_at) = cardinality(warn_percent)),
    CONSTRAINT clocks_budget_is_positive CHECK (budget_amount > 0),
    CONSTRAINT clocks_extensions_are_counted CHECK (extensions >= 0),
    CONSTRAINT clocks_budget_has_unit CHECK (num_nulls(budget_amount, budget_unit) IN (0, 2)),
    CONSTRAINT clocks_settled_has_verdict CHECK (num_nulls(settled_at, verdict) IN (0, 2)),
    CONSTRAINT clocks_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
        CONSTRAINT clocks_clockname CHECK (name IN ('first_contact', 'intake', 'investigation',
        'solution', 'execution', 'follow_up', 'overall', 'feedback', 'verification', 'approval',
        'action', 'promise', 'waiting', 'acknowledgement', 'appeal')),
    CONSTRAINT clocks_unit CHECK (budget_unit IN ('calendar_hours', 'calendar_days')),
    CONSTRAINT clocks_verdict CHECK (verdict IN ('met', 'breached', 'void'))
);
CREATE INDEX clocks_due_at_open_idx ON clocks (due_at) WHERE settled_at IS NULL;
CREATE UNIQUE INDEX clocks_one_feedback_ticking_key ON clocks (number)
    WHERE name = 'feedback' AND settled_at IS NULL AND breached_at IS NULL;

CREATE TABLE escalations (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    cause VARCHAR(40) NOT NULL,
    clock TEXT,
    rung INTEGER NOT NULL,
    audience VARCHAR(40) NOT NULL,
    department TEXT,
    reason TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    called_at TIMESTAMP WITH TIME ZONE NOT NULL,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    acknowledged_by TEXT,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolution TEXT,
    CONSTRAINT escalations_pkey PRIMARY KEY (number, id),
    CONSTRAINT escalations_rung_is_on_the_ladder CHECK (rung >= 0),
    CONSTRAINT escalations_breach_names_its_clock CHECK (cause <> 'breach' OR clock IS NOT NULL),
    CONSTRAINT escalations_called_after_opening CHECK (called_at >= opened_at),
        CONSTRAINT escalations_acknowledged_by_somebody CHECK (num_nulls(acknowledged_at,
        acknowledged_by) IN (0, 2)),
    CONSTRAINT escalations_resolved_somehow CHECK (num_nulls(resolved_at, resolution) IN (0, 2)),
    CONSTRAINT escalations_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
        CONSTRAINT escalations_cause CHECK (cause IN ('breach', 'by_hand', 'difficult', 'disputed',
        'mediation', 'dissatisfied')),
        CONSTRAINT escalations_role CHECK (audience IN ('system', 'desk', 'handler', 'lead',
        'customer_service', 'executive', 'auditor'))
);
CREATE INDEX escalations_open_idx ON escalations (department, called_at) WHERE resolved_at IS NULL;

CREATE TABLE notices (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    audience VARCHAR(40) NOT NULL,
    recipient TEXT NOT NULL,
    clock TEXT,
    escalation TEXT,
    queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status VARCHAR(40) NOT NULL,
    channel TEXT,
    delivered_at TIMESTAMP WITH TIME ZONE,
    detail TEXT,
    CONSTRAINT notices_pkey PRIMARY KEY (number, id),
    CONSTRAINT notices_handed_in_has_channel CHECK ((status = 'queued') = (channel IS NULL)),
        CONSTRAINT notices_told_has_instant CHECK ((status IN ('delivered', 'outbox')) = (delivered_at
        IS NOT NULL)),
    CONSTRAINT notices_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
    CONSTRAINT notices_noticekind CHECK (kind IN ('warning', 'escalation')),
        CONSTRAINT notices_role CHECK (audience IN ('system', 'desk', 'handler', 'lead',
        'customer_service', 'executive', 'auditor')),
    CONSTRAINT notices_noticestatus CHECK (status IN ('queued', 'delivered', 'outbox', 'failed'))
);
CREATE INDEX notices_not_delivered_idx ON notices (queued_at) WHERE status <> 'delivered';

CREATE TABLE verifications (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    department TEXT NOT NULL,
    question TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answer TEXT,
    answered_by TEXT,
    answered_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT verifications_pkey PRIMARY KEY (number, id),
        CONSTRAINT verifications_answered_by_somebody CHECK (num_nulls(answer, answered_by, answered_at)
        IN (0, 3)),
    CONSTRAINT verifications_number_fkey FOREIGN KEY(number) REFERENCES complaints (number)
);

CREATE TABLE options (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    cycle INTEGER NOT NULL,
    round INTEGER NOT NULL,
    what TEXT NOT NULL,
    standard TEXT NOT NULL,
    compensation_minor BIGINT,
    compensation_currency TEXT,
    "order" INTEGER NOT NULL,
    prepared_by TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    CONSTRAINT options_pkey PRIMARY KEY (number, id),
    CONSTRAINT options_order_is_1_to_5 CHECK ("order" BETWEEN 1 AND 5),
    CONSTRAINT options_amount_is_not_negative CHECK (compensation_minor >= 0),
    CONSTRAINT options_offered_is_limited CHECK ((status = 'prepared') = (valid_until IS NULL)),
    CONSTRAINT options_rejected_has_reason CHECK ((status = 'rejected') = (reason IS NOT NULL)),
        CONSTRAINT options_amount_has_currency CHECK (num_nulls(compensation_minor,
        compensation_currency) IN (0, 2)),
    CONSTRAINT options_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
    CONSTRAINT options_optionstatus CHECK (status IN ('prepared', 'offered', 'accepted', 'rejected'))
);

CREATE TABLE approvals (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    option TEXT NOT NULL,
    level VARCHAR(40) NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status VARCHAR(40) NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    CONSTRAINT approvals_pkey PRIMARY KEY (number, id),
    CONSTRAINT approvals_decided_by_somebody CHECK ((status = 'requested') = (decided_by IS NULL)),
    CONSTRAINT approvals_refused_has_reason CHECK ((status = 'refused') = (reason IS NOT NULL)),
    CONSTRAINT approvals_nobody_approves_their_own CHECK (decided_by <> requested_by),
    CONSTRAINT approvals_decided_has_instant CHECK (num_nulls(decided_by, decided_at) IN (0, 2)),
    CONSTRAINT approvals_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
        CONSTRAINT approvals_role CHECK (level IN ('system', 'desk', 'handler', 'lead',
        'customer_service', 'executive', 'auditor')),
    CONSTRAINT approvals_approvalstatus CHECK (status IN ('requested', 'approved', 'refused'))
);
CREATE UNIQUE INDEX approvals_one_waiting_key ON approvals (number, option) WHERE status = 'requested';

CREATE TABLE actions (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    cycle INTEGER NOT NULL,
    round INTEGER NOT NULL,
    what TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    owner TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    evidence TEXT,
    CONSTRAINT actions_pkey PRIMARY KEY (number, id),
    CONSTRAINT actions_completed_has_evidence CHECK (num_nulls(completed_at, evidence) IN (0, 2)),
    CONSTRAINT actions_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
        CONSTRAINT actions_remedykind CHECK (kind IN ('apology', 'explanation', 'correction', 'repair',
        'exchange', 'refund', 'compensation', 'service'))
);

CREATE TABLE promises (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    what TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE,
    evidence TEXT,
    CONSTRAINT promises_pkey PRIMARY KEY (number, id),
    CONSTRAINT promises_due_after_made CHECK (due_at > made_at),
    CONSTRAINT promises_kept_has_evidence CHECK (num_nulls(kept_at, evidence) IN (0, 2)),
    CONSTRAINT promises_number_fkey FOREIGN KEY(number) REFERENCES complaints (number)
);

CREATE TABLE feedback (
    number TEXT NOT NULL,
    id TEXT NOT NULL,
    message TEXT NOT NULL,
    channel VARCHAR(40) NOT NULL,
    explanation BOOLEAN NOT NULL,
    given_by TEXT NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT feedback_pkey PRIMARY KEY (number, id),
    CONSTRAINT feedback_number_fkey FOREIGN KEY(number) REFERENCES complaints (number),
        CONSTRAINT feedback_channel CHECK (channel IN ('phone', 'e-mail', 'web', 'chat', 'social',
        'letter', 'walk-in', 'system'))
);
"""

_GUARDS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER policies_are_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_is_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh LEFT JOIN ledger AS before
            ON before.number = fresh.number AND before.seq = fresh.seq - 1
        WHERE fresh.previous IS DISTINCT FROM CASE fresh.seq WHEN 1 THEN repeat('0', 64) ELSE before.hash END
    ) THEN
        RAISE EXCEPTION 'the ledger would not be a chain' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_is_a_chain AFTER INSERT ON ledger REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_chain();
"""
