"""Which complaints are taken for the same, in both languages, and which only look like it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from complaints.likeness import NEAR, THRESHOLD, Gist, contact_key, likeness, similarity, tokens
from tests.lives import DAY, HOUR, MONDAY

ZH = Gist(
    contact="+86 138 0000 2031",
    category="billing",
    place=None,
    received_at=MONDAY,
    text="三月电费比上月多了三倍,电表读数和账单对不上。",
)
EN = Gist(
    contact="kate@example.com",
    category="billing",
    place="Riverside",
    received_at=MONDAY,
    text="My March bill is three times as high as the one before, and the meter reading on it is wrong.",
)
LEAK = Gist(
    contact="138-0000-1111",
    category="equipment",
    place="滨江小区",
    received_at=MONDAY,
    text="小区门口的变压器漏油，地上一大片，味道很大。",
)


def changed(gist: Gist, text: str = "", after: timedelta = DAY, **fields: Any) -> Gist:
    return replace(gist, text=text or gist.text, received_at=gist.received_at + after, **fields)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            ZH,
            changed(
                ZH, "上次打过电话：三月的电费多了三倍，账单和电表读数对不上，没人管", contact="13800002031"
            ),
        ),
        (ZH, changed(ZH, "电费账单不对，读数和电表对不上，三月多收了三倍", after=5 * DAY)),
        (ZH, changed(ZH, contact="wang@example.com", after=HOUR)),  # the same text by e-mail
        (
            EN,
            changed(
                EN, "I called yesterday: the meter reading on my March bill is wrong, three times too high."
            ),
        ),
        (EN, changed(EN, "March bill three times higher than before! Wrong meter reading.", after=3 * DAY)),
        (
            LEAK,
            changed(LEAK, "小区门口变压器漏油，地上一大片", contact="139 2222 3333", after=HOUR),
        ),  # a neighbour
        (LEAK, changed(LEAK, "变压器漏油，小区门口地上都是", contact=None, after=HOUR)),  # nobody knows who
    ],
)
def test_the_same_matter_told_again_is_likely_a_duplicate(first: Gist, second: Gist):
    assert likeness(first, second).degree >= THRESHOLD
    assert likeness(first, second).is_likely_the_same


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            ZH,
            changed(ZH, "昨晚小区停电六个小时，冰箱里的东西都坏了", category="outage"),
        ),  # same customer, another matter
        (ZH, changed(ZH, "营业厅窗口的人态度很差，让我排了两个小时队")),  # even if it was filed alike
        (
            ZH,
            changed(ZH, "电费账单寄错地址了，请更正", contact="139 2222 3333"),
        ),  # same words, another customer
        (EN, changed(EN, "The fitter came two hours late and was rude.", category="service")),
        (EN, changed(EN, "My bill was sent to the wrong address.", contact="joe@example.com", place=None)),
        (
            LEAK,
            changed(LEAK, "楼道电表箱的门坏了，一直没人修", contact="139 2222 3333"),
        ),  # same place, another fault
    ],
)
def test_what_only_looks_alike_is_no_duplicate(first: Gist, second: Gist):
    assert likeness(first, second).degree < THRESHOLD
    assert not likeness(first, second).is_likely_the_same


def test_reasons_are_said_in_both_languages_the_weightiest_first():
    again = likeness(EN, changed(EN, after=2 * DAY))
    assert [reason.en for reason in again.reasons] == [
        "similar words (100 %)",
        "same customer",
        "same place: Riverside",
        "same category: billing",
        "2 days apart",
    ]
    assert [reason.zh for reason in again.reasons] == [
        "用词相近（100%）",
        "同一客户",
        "同一地点：Riverside",
        "同一类别：billing",
        "相隔 2 天",
    ]


def test_what_is_unknown_speaks_neither_for_nor_against():
    placeless = replace(LEAK, place=None)
    assert likeness(LEAK, placeless).degree == 1.0
    assert likeness(replace(LEAK, contact=None), LEAK).degree == 1.0


def test_time_apart_counts_less_and_less_until_it_counts_against():
    degrees = [likeness(ZH, changed(ZH, after=apart)).degree for apart in (HOUR, 10 * DAY, NEAR, 2 * NEAR)]
    assert degrees[0] > degrees[1] > degrees[2] == degrees[3]


@pytest.mark.parametrize(
    "spelling", ["+86 138 0000 2031", "138-0000-2031", "0086 13800002031", "１３８００００２０３１"]
)
def test_a_telephone_number_is_the_same_in_any_spelling(spelling: str):
    assert contact_key(spelling) == "3800002031"


def test_addresses_are_compared_without_case_and_numbers_in_them_stay():
    assert contact_key(" Kate@Example.com") == contact_key("kate@example.com") == "kate@example.com"
    assert contact_key("request 64345465") != contact_key("64345465")
    assert contact_key(None) is contact_key("") is None


def test_words_are_compared_in_their_simplest_form():
    assert tokens("The customers' METERS are wrong") == {"customer", "meter", "wrong"}
    assert tokens("电表的读数") == {"电表", "读数"}
    assert tokens("他的") == frozenset()


def test_texts_without_any_word_are_alike_only_if_they_are_the_same():
    assert similarity("……", "……") == 1.0
    assert similarity("……", "!!") == 0.0
