"""What files are called: cleaned when they come, and written into a header so that nobody is deceived."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.naming import LONGEST, clean, disposition


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("账单.pdf", "账单.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\读数.jpg", "读数.jpg"),
        ("bill.pdf\r\nSet-Cookie: a=b", "bill.pdfSet-Cookie: a=b"),
        ("a\x00b.png", "ab.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("😀 𠮷野家.png", "😀 𠮷野家.png"),
        ("  a   b  .txt ", "a b .txt"),
        ("..", "file"),
        ("", "file"),
        ("\u200b", "file"),
        ("\u200d\u200c", "file"),
        ("e\u0301.txt", "é.txt"),
        ("\ud800.txt", "txt"),
    ],
)
def test_a_name_is_cleaned(given_name: str, name: str) -> None:
    assert clean(given_name) == name


def test_a_long_name_keeps_its_ending() -> None:
    assert clean("电" * 500 + ".pdf") == "电" * 196 + ".pdf"


@given(st.text())
def test_whatever_it_is_called_a_clean_name_is_one_readable_line(given_name: str) -> None:
    name = clean(given_name)
    assert 1 <= len(name) <= LONGEST
    assert name.strip()
    assert not re.search(r"[\x00-\x1f\x7f/\\\u202a-\u202e]", name)
    assert name.encode()


@given(st.text())
def test_whatever_it_is_called_the_header_is_ascii_and_gives_the_name_back(given_name: str) -> None:
    name = clean(given_name)
    header = disposition(name, "application/pdf")
    found = re.fullmatch(r"attachment; filename=\"([^\"\\\r\n]*)\"; filename\*=UTF-8''([\x21-\x7e]*)", header)
    assert found
    assert header.isascii()
    assert unquote(found[2]).startswith(name)


def test_a_name_that_ends_as_another_kind_gets_the_ending_of_its_own() -> None:
    assert 'filename="invoice.html.txt"' in disposition("invoice.html", "text/plain")
    assert 'filename="scan.PDF"' in disposition("scan.PDF", "application/pdf")
