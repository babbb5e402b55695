"""What the database itself knows of words and contacts: two functions, and the indexes over what they return.

They are part of PostgreSQL as it comes, so nothing needs to be installed beside it. `pg_trgm` would find no Chinese word
of two characters by its index, and those are most of them; here Chinese is indexed by characters and pairs of them, and
what has spaces between its words by words. The index is kept by whoever writes, since it is the database that does it.

Migration 0008 has the same functions. Whoever changes one here writes a new migration.
"""

from __future__ import annotations

from sqlalchemy import DDL, ColumnElement, Index, event, func, literal_column

from complaints.scoring import UNSPACED
from db.tables import ComplaintRow, LedgerRow, Table, table_of

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

_HAN = UNSPACED.encode("ascii", "backslashreplace").decode()
r"""As regular expressions of PostgreSQL know it: \u3040 and \U00020000 are the same there as here."""

_JOINED = " || ' ' ||\n           ".join(f"coalesce(fact ->> '{name}', '')" for name in SAID)

FUNCTIONS = rf"""
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
    SELECT {_JOINED}
$$;

CREATE FUNCTION contact_key(contact text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN bare ~ '[[:alpha:]@]' OR bare !~ '[0-9]' THEN bare
        ELSE right(regexp_replace(bare, '[^0-9]', '', 'g'), 10)
    END
    FROM (SELECT regexp_replace(lower(normalize(contact, NFKC)), '\s', '', 'g') AS bare) AS folded
$$;
"""  # noqa: S608 - our own words
r"""`words_in` and `contact_key` do what `tokens` and `contact_key` of `complaints.likeness` do, but drop no word."""

_IS_SEARCHED = f"type IN {SEARCHED}"  # a tuple is written as SQL writes it


def is_searched() -> ColumnElement[bool]:
    """Say whether a line of the ledger is in the index; written out, so that the planner knows it before it runs."""
    return literal_column(f"ledger.{_IS_SEARCHED}")


def has_words(text: str) -> ColumnElement[bool]:
    """Say whether a line of the ledger has every word and every pair of characters of a text."""
    return func.words_in(func.said_in(LedgerRow.fact)).op("@>", is_comparison=True)(func.words_in(text))


def has_contact(contact: str) -> ColumnElement[bool]:
    """Say whether a complaint was made under this contact, in any spelling."""
    return func.contact_key(ComplaintRow.customer_contact) == func.contact_key(contact)


Index(
    "ledger_words_idx",
    func.words_in(func.said_in(table_of(LedgerRow).c.fact)),
    postgresql_using="gin",
    postgresql_where=literal_column(_IS_SEARCHED),
    _table=table_of(LedgerRow),
)
Index("complaints_contact_key_idx", func.contact_key(table_of(ComplaintRow).c.customer_contact))
Index(
    "complaints_category_received_at_idx",
    table_of(ComplaintRow).c.category,
    table_of(ComplaintRow).c.received_at,
)

# Where tables are made from the models (in tests), their indexes need the functions.
event.listen(Table.metadata, "before_create", DDL(FUNCTIONS.replace("%", "%%")))  # type: ignore[no-untyped-call]
