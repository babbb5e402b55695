"""The order of the rows of scores: whoever is best comes first, and what is unknown is never taken for the best."""

from fractions import Fraction

from cli.scores import _best_first


def test_the_best_come_first_then_those_without_a_score_then_nobody() -> None:
    scores = {None: Fraction(100), "wu": None, "li": Fraction(0), "zhang": Fraction(71)}
    assert sorted(scores, key=lambda name: _best_first(name, scores[name])) == ["zhang", "li", "wu", None]
