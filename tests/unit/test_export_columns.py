"""The columns of an export are those that the page lists, and none of people unless asked for."""

from cli.exports.columns import COLUMNS, DOCUMENT, columns, filled
from db.cases import PEOPLE


def test_the_page_lists_them():
    page = DOCUMENT.read_text(encoding="utf-8")
    assert filled(page) == page


def test_people_are_what_the_records_call_people():
    assert tuple(column.name for column in COLUMNS if column.is_people) == PEOPLE


def test_without_people_there_is_no_column_of_theirs():
    assert not {column.name for column in columns(with_people=False)} & set(PEOPLE)
