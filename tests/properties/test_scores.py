"""Likeness is a degree, and a score never punishes what was done well."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from complaints.likeness import Gist, likeness, similarity
from complaints.scores import CaseFigures, score
from tests.lives import MONDAY

_TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(("the", "meter", "bill", "电费", "电表", "我们", "停电", "wrong", "漏", "，", " ")),
        max_size=12,
    ).map("".join),
)
_GISTS = st.builds(
    Gist,
    contact=st.sampled_from((None, "", "+86 138 0000 2031", "138-0000-2031", "a@b.cn")),
    category=st.sampled_from(("billing", "outage")),
    place=st.sampled_from((None, "滨江", "Riverside")),
    received_at=st.integers(0, 100).map(lambda days: MONDAY + timedelta(days=days)),
    text=_TEXTS,
)

_COUNTS = st.integers(0, 30)
_FIGURES = st.builds(
    CaseFigures,
    met=_COUNTS, missed=_COUNTS, kept=_COUNTS, broken=_COUNTS, at_first_contact=_COUNTS, later=_COUNTS,
    lasted=_COUNTS, reopened=_COUNTS, dissatisfied=_COUNTS,
)  # fmt: skip
_GOOD = ("met", "kept", "at_first_contact", "lasted")
_BAD = ("missed", "broken", "later", "reopened", "dissatisfied")


@given(_TEXTS, _TEXTS)
def test_similarity_is_a_symmetric_degree(one: str, other: str):
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


@given(_GISTS, _GISTS)
def test_likeness_is_a_symmetric_degree(one: Gist, other: Gist):
    assert likeness(one, other).degree == likeness(other, one).degree
    assert 0 <= likeness(one, other).degree <= 1
    assert likeness(one, one).degree == 1


@given(_FIGURES, st.lists(st.integers(1, 5), max_size=10))
def test_a_score_lies_between_0_and_100(figures: CaseFigures, ratings: list[int]):
    found = score(_with(figures, rated=len(ratings), ratings=sum(ratings)))
    assert found is None or 0 <= found <= 100


@given(_FIGURES, st.sampled_from(_GOOD))
def test_what_was_done_well_never_lowers_a_score(figures: CaseFigures, good: str):
    before, after = score(figures), score(_with(figures, **{good: 1}))
    assert after is not None
    assert before is None or after >= before


@given(_FIGURES, st.sampled_from(_BAD))
def test_what_went_wrong_never_raises_a_score(figures: CaseFigures, bad: str):
    before, after = score(figures), score(_with(figures, **{bad: 1}))
    assert after is not None
    assert before is None or after <= before


@given(_FIGURES, st.lists(st.integers(1, 5), min_size=1, max_size=10))
def test_a_better_rating_never_lowers_a_score(figures: CaseFigures, ratings: list[int]):
    better = [5, *ratings[1:]]
    before = score(_with(figures, rated=len(ratings), ratings=sum(ratings)))
    after = score(_with(figures, rated=len(better), ratings=sum(better)))
    assert before is not None
    assert after is not None
    assert after >= before


def _with(figures: CaseFigures, **more: int) -> CaseFigures:
    values = vars(figures)
    return CaseFigures(**{**values, **{name: values[name] + amount for name, amount in more.items()}})
