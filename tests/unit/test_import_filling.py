"""A row becomes a registration as its map says, or every field that cannot be made is named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.imports import mapping
from cli.imports.filling import is_meant, registration
from cli.imports.prepared import number_of
from complaints.vocabulary import Actor, Money, Outcome, Role, Severity
from complaints.wire import Malformed

CRM = Actor(id="oldcrm", role=Role.SYSTEM)
NOW = datetime(2026, 3, 2, tzinfo=UTC)

FIELDS = {
    "source": "oldcrm",
    "reference": "{column: id}",
    "channel": "phone",
    "category": "billing",
    "description": "{column: said}",
    "received_at": "{column: received}",
}
CELLS = {"id": "4711", "said": "The bill is wrong.", "received": "2025-03-14T01:20:00+08:00"}


def made(head: str = "", /, cells: dict[str, Any] | None = None, **fields: str) -> Any:
    """The registration of a row; fields are written as in a map, with __ for a dot."""
    lines = {**FIELDS, **{name.replace("__", "."): how for name, how in fields.items()}}
    text = f"{head}\nfields:\n" + "".join(f"  {name}: {how}\n" for name, how in lines.items())
    return registration(
        mapping.read(text, "crm.yaml"), {**CELLS, **(cells or {})}, line=7, file="old.csv", actor=CRM, at=NOW
    )


def wrong(*args: Any, **fields: Any) -> dict[str, str]:
    with pytest.raises(Malformed) as refused:
        made(*args, **fields)
    return {problem.field: problem.rule for problem in refused.value.problems}


def test_it_is_received_at_its_true_date():
    assert made().received_at == datetime(2025, 3, 13, 17, 20, tzinfo=UTC)


def test_it_is_taken_over_from_a_line_of_a_file():
    imported = made().command.imported
    assert (imported.at, imported.origin) == (NOW, "old.csv:7")


def test_its_number_is_that_of_source_and_reference():
    assert number_of(made()) == "oldcrm-4711"


def test_the_same_row_is_the_same_command():
    assert made().id == made(cells={"said": "otherwise"}).id != made(cells={"id": "4712"}).id


@pytest.mark.parametrize(
    ("how", "said", "instant"),
    [
        ('{column: d, date: "%m/%d/%Y %H:%M"}', "3/9/2025 1:59", datetime(2025, 3, 9, 6, 59, tzinfo=UTC)),
        ('{column: d, date: "%m/%d/%Y %H:%M"}', "3/9/2025 3:00", datetime(2025, 3, 9, 7, 0, tzinfo=UTC)),
        ('{column: d, date: "%Y年%m月%d日", zone: Asia/Shanghai}', "2025年3月14日", datetime(2025, 3, 13, 16, tzinfo=UTC)),
        ('{column: d, date: [iso, "%d.%m.%Y"]}', "14.03.2025", datetime(2025, 3, 14, 4, tzinfo=UTC)),
        ("{column: d, date: unix}", "1741915200", datetime(2025, 3, 14, 1, 20, tzinfo=UTC)),
        ("{column: d, date: unix_ms}", "1741915200000", datetime(2025, 3, 14, 1, 20, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_dates_are_read_as_the_map_says(how: str, said: str, instant: datetime):
    assert made("zone: America/New_York", cells={"d": said}, received_at=how).received_at == instant


@pytest.mark.parametrize(
    "said", ["", "yesterday", "2025-13-01", "9999999999999999999", "0001-01-01T00:00:00+14:00", "1999-01-01"]
)
def test_what_is_no_date_is_told(said: str):
    assert list(wrong(cells={"received": said})) == ["received_at"]


@pytest.mark.parametrize("said", ["inf", "nan", "1e300", "-1e300", "x"])
def test_what_is_no_count_of_seconds_is_told(said: str):
    assert list(wrong(cells={"received": said}, received_at="{column: received, date: unix}")) == [
        "received_at"
    ]


def test_several_columns_are_joined_and_blanks_left_out():
    row = {"zip": "11207", "town": " ", "part": "BROOKLYN"}
    assert made(cells=row, place="{join: [zip, town, part]}").command.place == "11207, BROOKLYN"


def test_the_first_column_that_is_filled_counts():
    assert made(cells={"a": "", "b": "two"}, place="{column: [a, b]}").command.place == "two"


def test_columns_stand_in_a_sentence():
    command = made(cells={"what it is": "noise"}, description='{text: "{what it is}: {said}"}').command
    assert command.description == "noise: The bill is wrong."


def test_a_sentence_reaches_nothing_but_columns():
    assert list(wrong(description='{text: "{said.__class__}"}')) == ["description"]


def test_a_table_gives_our_word_for_theirs():
    command = made(cells={"kind": "A"}, category="{column: kind, values: {A: billing}}").command
    assert command.category == "billing"


def test_what_no_table_names_is_told():
    assert wrong(cells={"kind": "B"}, category="{column: kind, values: {A: billing}}") == {
        "category": "'B' is not in the table of values"
    }


def test_what_no_table_names_may_be_something_else():
    command = made(
        cells={"kind": "B"}, category="{column: kind, values: {A: billing}, otherwise: other}"
    ).command
    assert command.category == "other"


def test_people_are_not_quoted():
    said = wrong(cells={"who": "王秀英"}, customer__name="{column: who, values: {x: y}}")
    assert "王秀英" not in said["customer.name"]


def test_cells_that_mean_nothing_are_empty():
    assert made(cells={"p": "N/A"}, place="{column: p, nothing: [N/A]}").command.place is None


def test_a_text_that_is_too_long_is_told():
    assert list(wrong(cells={"p": "x" * 201}, place="{column: p}")) == ["place"]


def test_a_text_that_is_too_long_may_be_cut():
    place = made(cells={"p": "x" * 500}, place="{column: p, longest: cut}").command.place
    assert place == "x" * 199 + "…"


def test_a_reference_that_is_none_is_told():
    assert list(wrong(cells={"id": "2025/4711"})) == ["reference"]


def test_parts_of_a_reference_may_be_replaced():
    command = made(cells={"id": "2025/4711"}, reference='{column: id, replace: {"/": "-"}}').command
    assert command.reference == "2025-4711"


def test_nul_is_told():
    assert list(wrong(cells={"said": "a\x00b"})) == ["description"]


def test_everything_that_is_wrong_is_told():
    assert set(wrong(cells={"id": "", "received": "x", "said": ""})) == {
        "reference",
        "received_at",
        "description",
    }


def test_a_closed_one_says_when_and_how():
    row = {"end": "2025-03-20T10:00:00+08:00", "how": "ok", "words": "Refunded."}
    fields = {
        "closed_at": "{column: end}",
        "outcome": "{column: how, values: {ok: resolved}}",
        "resolution": "{column: words}",
    }
    closed = made(cells=row, **fields).command.imported.closed
    assert (closed.outcome, closed.resolution) == (Outcome.RESOLVED, "Refunded.")


def test_an_open_one_says_neither():
    fields = {
        "closed_at": "{column: end}",
        "outcome": "{constant: resolved, when: {column: end, filled: true}}",
    }
    assert made(cells={"end": ""}, **fields).command.imported.closed is None


def test_one_that_is_closed_and_has_no_date_is_told():
    said = wrong(
        cells={"state": "Closed", "end": ""},
        closed_at="{column: end, when: {column: state, in: Closed}, required: true}",
        outcome="{constant: resolved, when: {column: state, in: Closed}}",
    )
    assert said == {"closed_at": "is empty"}


def test_who_answers_for_it_is_a_department_and_a_person():
    said = wrong(cells={"d": "billing", "h": ""}, department="{column: d}", handler="{column: h}")
    assert said == {"handler": "is empty, and department is not"}


def test_what_is_known_of_it_stands_with_it():
    imported = made(
        cells={"f": "2025-03-14T09:00:00+08:00"},
        first_contact_at="{column: f}",
        severity="high",
        department="billing",
        handler="zhang.wei",
    ).command.imported
    assert imported.severity == Severity.HIGH
    assert imported.assigned.handler == "zhang.wei"
    assert imported.first_contact_at == datetime(2025, 3, 14, 1, tzinfo=UTC)


@pytest.mark.parametrize(("said", "minor"), [("12.50", 1250), ("1,200", 120_000), ("0", 0)])
def test_a_sum_is_kept_in_its_minor_unit(said: str, minor: int):
    command = made(cells={"sum": said}, claim__amount="{column: sum}", claim__currency="CNY").command
    assert command.claim == Money(amount_minor=minor, currency="CNY")


@pytest.mark.parametrize("said", ["12.505", "NaN", "much", "-1", "1e999"])
def test_what_is_no_sum_is_told(said: str):
    assert list(wrong(cells={"sum": said}, claim__amount="{column: sum}", claim__currency="CNY")) == [
        "claim.amount"
    ]


def test_without_a_sum_there_is_no_claim():
    assert made(cells={"sum": ""}, claim__amount="{column: sum}", claim__currency="CNY").command.claim is None


def test_lists_are_split():
    named = made(cells={"n": "zhang.wei; li.na"}, named="{column: n}").command.named
    assert named == ("zhang.wei", "li.na")


def test_a_list_in_json_is_one():
    assert made(cells={"n": ["zhang.wei", "li.na"]}, named="{column: n}").command.named == (
        "zhang.wei",
        "li.na",
    )


def test_a_list_where_one_value_is_wanted_is_told():
    assert list(wrong(cells={"said": ["a", "b"]})) == ["description"]


@pytest.mark.parametrize(("said", "is_so"), [("是", True), ("No", False), ("1", True)])
def test_yes_and_no(said: str, is_so: bool):
    assert made(cells={"c": said}, confidential="{column: c}").command.confidential is is_so


def test_what_is_neither_yes_nor_no_is_told():
    assert list(wrong(cells={"c": "perhaps"}, confidential="{column: c}")) == ["confidential"]


def test_fields_of_the_form_are_filled():
    assert made(cells={"m": "A-17"}, details__meter="{column: m}").command.details == {"meter": "A-17"}


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("{column: s, in: [a, b]}", True),
        ("{column: s, not_in: a}", False),
        ("{column: s, filled: false}", False),
    ],
)
def test_only_some_rows_are_meant(condition: str, meant: bool):
    fields = "".join(f"  {name}: {how}\n" for name, how in FIELDS.items())
    map_ = mapping.read(f"only: {condition}\nfields:\n{fields}", "crm.yaml")
    assert is_meant(map_, {"s": "a"}) is meant
