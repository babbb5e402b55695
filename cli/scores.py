"""`redress scores`: handlers and departments by the published formula, and what each score is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reading
from cli.exits import Exit, Stopped
from cli.options import Json
from cli.printing import moment, say, say_json, table
from cli.rights import looker, may_see, only, unseen

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from complaints.scores import CaseFigures, Contribution

NOBODY = "nobody"
"""For whom counts what happened before somebody answered for it."""

_COLUMNS = (
    "score", "deadlines", "satisfaction", "promises", "first contact*", "lasting", "cost*", "per resolved case",
)  # fmt: skip

_TERMS = {
    "met": "deadline met · 按时完成",
    "missed": "deadline missed · 超时",
    "rated": "rated by the customer · 客户评分",
    "kept": "promise kept · 承诺兑现",
    "broken": "promise broken · 承诺未兑现",
    "at_first_contact": "resolved at first contact · 首次接触解决",
    "later": "closed, not at first contact · 非首次接触结案",
    "lasted": "solution lasted · 一次办结",
    "reopened": "reopened · 重开",
    "dissatisfied": "customer not satisfied · 客户不满意",
    "resolved": "case resolved · 解决",
    "spent": "money given · 支出",
}


class By(StrEnum):
    """Whose scores."""

    HANDLER = "handler"
    DEPARTMENT = "department"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="What complaints have in common")(scores)


def scores(
    by: Annotated[By, typer.Option(help="Whose scores.")] = By.HANDLER,
    of: Annotated[
        str | None, typer.Option(help="Only of one of them, case by case.", show_default=False)
    ] = None,
    case: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="What one case contributes.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="What happened then or later: a date (UTC) or an instant.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="What happened before then.")] = None,
    json: Json = False,
) -> None:
    """Score handlers or departments by one published formula, computed from the ledger down to each case."""
    from cli.surroundings import database
    from db.scores import contributions

    begin, end = reading.beginning(since, "--from"), reading.beginning(until, "--to")
    groups: dict[str | None, list[Contribution]] = defaultdict(list)
    with database() as session:
        for each in contributions(session, numbers=_numbers(session, case), since=begin, until=end):
            party = getattr(each.party, by)
            if case is not None or of is None:
                groups[case or party].append(each)
            elif party == of:
                groups[each.number].append(each)
    if case is not None:
        _tell_case(case, groups[case], json=json)
        return
    _tell(groups, "case" if of is not None else by.value, json=json)


def _numbers(session: Session, case: str | None) -> list[str] | None:
    """Name the complaints that count: all, one, or those that whoever is named may see."""
    from complaints.permissions import Right
    from db import visibility

    who = looker()
    if who is not None and case is not None and not may_see(who, visibility.case(session, case)):
        raise unseen(case)
    seen = only(who, Right.SEARCH)
    if case is not None or seen is None:
        return None if case is None else [case]
    return visibility.numbers(session, seen)


def _tell(groups: dict[str | None, list[Contribution]], what: str, *, json: bool) -> None:
    from complaints.scores import WEIGHTS, add_up, score

    figures = {name: add_up(found) for name, found in groups.items()}
    order = sorted(figures, key=lambda name: _best_first(name, score(figures[name])))
    everything = add_up(each for found in groups.values() for each in found)
    if json:
        say_json(
            {
                "weights": dict(WEIGHTS),
                "by": what,
                "scores": [{what: name, **_data(figures[name])} for name in order],
                "all": _data(everything),
            }
        )
        return
    if not figures:
        say("nothing counts yet")
        return
    rows = [_row(name or NOBODY, figures[name]) for name in order]
    say(table((f"{what}*", *_COLUMNS), [*rows, _row("all", everything)]), "", *_formula())


def _best_first(name: str | None, reached: Fraction | None) -> tuple[bool, Fraction, str]:
    """Order rows by score; whoever has none comes last, and nobody after them."""
    return name is None, -(Fraction(-1) if reached is None else reached), name or NOBODY


def _row(name: str, figures: CaseFigures) -> tuple[str, ...]:
    from complaints.scores import score

    mean = figures.mean_rating
    return (
        name,
        _number(score(figures)),
        _part(figures.met, figures.missed),
        f"{_number(mean)} ({figures.rated})" if mean is not None else "-",
        _part(figures.kept, figures.broken),
        _part(figures.at_first_contact, figures.later),
        _part(figures.lasted, figures.reopened + figures.dissatisfied),
        _sums(figures.cost) or "-",
        _sums(figures.cost_per_resolved) or "-",
    )


def _formula() -> Iterable[str]:
    from complaints.scores import TITLES, WEIGHTS

    yield "score = " + " + ".join(f"{weight} {TITLES[m].en}" for m, weight in WEIGHTS.items())
    yield "得分 = " + " + ".join(f"{weight} {TITLES[m].zh}" for m, weight in WEIGHTS.items())
    yield "each a share from 0 to 1; what is unknown (-) is left out with its weight: docs/scores.md"


def _tell_case(number: str, found: list[Contribution], *, json: bool) -> None:
    from cli.surroundings import database
    from complaints.scores import add_up
    from complaints.wire import plain
    from db import queries

    if not found:
        with database() as session:
            if queries.find(session, number) is None:
                raise Stopped(Exit.NOT_FOUND, f"there is no complaint {number}", "redress list")
    figures = add_up(found)
    if json:
        say_json({"case": number, **_data(figures), "contributions": [plain(each) for each in found]})
        return
    if not found:
        say(f"nothing of {number} counts yet")
        return
    rows = [
        (
            moment(each.at, None),
            str(each.seq),
            _TERMS[each.what] + _value(each),
            each.subject,
            each.party.handler or NOBODY,
            each.party.department or NOBODY,
        )
        for each in found
    ]
    say(table(("when (UTC)", "event", "what*", "about", "handler", "department"), rows))
    say("", table(("case*", *_COLUMNS), [_row(number, figures)]), "", *_formula())


def _value(each: Contribution) -> str:
    from cli.words import money

    if each.rating is not None:
        return f": {each.rating}/5"
    return f": {money(each.money)}" if each.money is not None else ""


def _data(figures: CaseFigures) -> dict[str, Any]:
    from complaints.scores import Measure, score
    from complaints.wire import plain

    return {
        "score": _rounded(score(figures), 1),
        "shares": {measure.value: _rounded(figures.share(measure), 4) for measure in Measure},
        "mean_rating": _rounded(figures.mean_rating, 2),
        "cost_per_resolved": {c: _rounded(cost, 0) for c, cost in figures.cost_per_resolved.items()},
        "figures": plain(figures),
    }


def _rounded(value: Fraction | None, places: int) -> float | None:
    return None if value is None else round(float(value), places)


def _number(value: Fraction | None) -> str:
    return "-" if value is None else f"{float(value):.1f}"


def _part(reached: int, not_reached: int) -> str:
    return f"{reached}/{reached + not_reached}" if reached + not_reached else "-"


def _sums(by_currency: Any) -> str:
    from cli.words import money
    from complaints.vocabulary import Money

    return ", ".join(money(Money(amount_minor=round(a), currency=c)) for c, a in by_currency.items())
