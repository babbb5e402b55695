"""Words and contacts, so that complaints are found again by what they were about and by who made them.

Why: what was found out once is of use to whoever handles the next one, likely duplicates are shown while there is still
time to merge them, and a customer's history is shown to whoever decides.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the functions, then the indexes over what they return; rows that are there are indexed at once."""
    op.execute(_FUNCTIONS)
    op.execute(_INDEXES)


def downgrade() -> None:
    """Take them away; no row is lost."""
    op.execute("DROP INDEX ledger_words_idx, complaints_contact_key_idx, complaints_category_received_at_idx")
    op.execute("DROP FUNCTION words_in, said_in, contact_key")


_HAN = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"

_FUNCTIONS = rf"""
CREATE FUNCTION words_in(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    WITH folded AS (SELECT lower(normalize(said, NFKC)) AS line),
    signs AS (
        SELECT sign, lead(sign, 1, '') OVER (ORDER BY place) AS following
        FROM folded, string_to_table(line, NULL) WITH ORDINALITY AS signs(sign, place)
    ),
    words AS (
        SELECT regexp_replace(word[1], '^(..+[^s])s$', '\1') AS word
        FROM folded, regexp_matches(regexp_replace(line, '[{_HAN}]', ' ', 'g'), '[[:alnum:]]+', 'g') AS word
        UNION SELECT sign FROM signs WHERE sign ~ '[{_HAN}]'
        UNION SELECT sign || following FROM signs WHERE sign || following ~ '^[{_HAN}][{_HAN}]$'
    )
    SELECT coalesce(array_agg(word), '{{}}') FROM words
$$;

CREATE FUNCTION said_in(fact jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(fact ->> 'description', '') || ' ' ||
           coalesce(fact ->> 'asked_remedy', '') || ' ' ||
           coalesce(fact ->> 'root_cause', '') || ' ' ||
           coalesce(fact ->> 'evidence', '') || ' ' ||
           coalesce(fact ->> 'what', '') || ' ' ||
           coalesce(fact ->> 'standard', '') || ' ' ||
           coalesce(fact ->> 'reason', '')
$$;

CREATE FUNCTION contact_key(contact text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN bare ~ '[[:alpha:]@]' OR bare !~ '[0-9]' THEN bare
        ELSE right(regexp_replace(bare, '[^0-9]', '', 'g'), 10)
    END
    FROM (SELECT regexp_replace(lower(normalize(contact, NFKC)), '\s', '', 'g') AS bare) AS folded
$$;
"""  # noqa: S608 - our own words

_INDEXES = """
CREATE INDEX ledger_words_idx ON ledger USING gin (words_in(said_in(fact)))
    WHERE type IN ('Registered', 'FindingsRecorded', 'OptionPrepared', 'ResolvedAtFirstContact', 'UnsolvableAdmitted', 'Decided');
CREATE INDEX complaints_contact_key_idx ON complaints (contact_key(customer_contact));
CREATE INDEX complaints_category_received_at_idx ON complaints (category, received_at);
"""
