"""How much is at stake: points, severities, and what makes a complaint difficult."""

import json
from dataclasses import replace

import pytest

from complaints.canonical import canonical
from complaints.forms import Names
from complaints.policy import DifficultRule, Policy, Scoring, SumPoints, WordPoints
from complaints.policy_file import builtin
from complaints.scoring import Facts, Reason, Scored, mentions, named, score
from complaints.vocabulary import Money, Severity
from complaints.wire import parse
from tests.lives import cny

BILL = Facts(
    category="billing",
    text="三月电费比上月多了三倍,电表读数和账单对不上。",
    intensity=4,
    customer_type="grumbler",
)
EURO = Money(amount_minor=1_000_000, currency="EUR")

RULES = Scoring(
    thresholds={Severity.NORMAL: 1, Severity.HIGH: 4, Severity.CRITICAL: 8},
    intensity={1: -2, 4: 1, 5: 3},
    customer_types={"furious": 1},
    categories={"outage": 2},
    sums=(SumPoints(at_least=cny(5_000), points=3), SumPoints(at_least=cny(100), points=1)),
    per_earlier_complaint=1,
    words={
        "media": WordPoints(
            name=Names(en="The press", zh="媒体"), words=("记者", "the press", "TV station"), points=4
        ),
        "danger": WordPoints(name=Names(en="Danger", zh="危险"), words=("触电", "fire"), points=8),
    },
)
NOTHING = Facts(category="billing", text="The bill is wrong.")


def under(rules: Scoring = RULES, difficult: DifficultRule | None = None) -> Policy:
    return replace(builtin(), severity=rules, difficult=difficult or DifficultRule())


def points(**facts: object) -> int:
    return score(under(), replace(NOTHING, **facts)).points  # type: ignore[arg-type]  # any field of Facts


# --- points


def test_nothing_known_gives_no_points() -> None:
    assert score(under(), NOTHING) == Scored(points=0, severity=Severity.LOW, reasons=(), difficult=())


@pytest.mark.parametrize(("intensity", "expected"), [(None, 0), (1, -2), (2, 0), (4, 1), (5, 3)])
def test_intensity_gives_its_own_points(intensity: int | None, expected: int) -> None:
    assert points(intensity=intensity) == expected


def test_customer_type_and_category_give_points() -> None:
    assert points(customer_type="furious") == 1
    assert points(category="outage") == 2


def test_what_the_policy_does_not_name_gives_none() -> None:
    assert points(customer_type="stranger", category="moon", intensity=3) == 0


@pytest.mark.parametrize(
    ("claim", "expected"),
    [(None, 0), (cny(99), 0), (cny(100), 1), (cny(4_999), 1), (cny(5_000), 3), (EURO, 0)],
)
def test_only_the_largest_sum_that_is_reached_counts(claim: Money | None, expected: int) -> None:
    assert points(claim=claim) == expected


@pytest.mark.parametrize(("earlier", "expected"), [(0, 0), (1, 1), (5, 5), (6, 5), (100, 5)])
def test_earlier_complaints_count_up_to_five(earlier: int, expected: int) -> None:
    assert points(earlier_complaints=earlier) == expected


def test_a_group_of_words_counts_once_however_often_it_is_said() -> None:
    assert points(text="记者! 记者! I shall call a TV station and the press.") == 4


def test_every_group_that_is_found_counts() -> None:
    assert points(text="有人触电了,记者马上到") == 12


def test_points_add_up_to_the_reasons_that_are_given() -> None:
    scored = score(
        under(),
        Facts(
            category="outage",
            text="Fire at the pole, and the press knows.",
            intensity=5,
            customer_type="furious",
            claim=cny(200),
            earlier_complaints=2,
        ),
    )
    assert scored.reasons == (
        Reason(what="severity.intensity.5", points=3),
        Reason(what="severity.customer_types.furious", points=1),
        Reason(what="severity.categories.outage", points=2),
        Reason(what="severity.sums.1", points=1),
        Reason(what="severity.per_earlier_complaint", points=2),
        Reason(what="severity.words.danger", points=8),
        Reason(what="severity.words.media", points=4),
    )
    assert scored.points == 21


def test_a_rule_without_points_is_no_reason() -> None:
    assert score(under(), replace(NOTHING, intensity=3)).reasons == ()


def test_the_order_of_words_in_the_policy_changes_nothing() -> None:
    text = "有人触电了,记者马上到"
    turned = replace(RULES, words=dict(reversed(list(RULES.words.items()))))
    assert score(under(turned), replace(NOTHING, text=text)) == score(under(), replace(NOTHING, text=text))


# --- severities


@pytest.mark.parametrize(
    ("earlier", "category", "severity"),
    [
        (0, "billing", Severity.LOW),
        (1, "billing", Severity.NORMAL),
        (3, "billing", Severity.NORMAL),
        (4, "billing", Severity.HIGH),
        (5, "outage", Severity.HIGH),
    ],
)
def test_a_severity_begins_at_its_threshold(earlier: int, category: str, severity: Severity) -> None:
    assert (
        score(under(), replace(NOTHING, earlier_complaints=earlier, category=category)).severity == severity
    )


def test_a_severity_that_has_no_threshold_is_never_given() -> None:
    two = replace(RULES, thresholds={Severity.NORMAL: 0, Severity.CRITICAL: 20})
    assert score(under(two), replace(NOTHING, text="fire")).severity == Severity.NORMAL


# --- words


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("They will read it in THE PRESS", "the press", True),
        ("the\n  press", "the press", True),
        ("the presses", "the press", False),
        ("bathe press", "the press", False),
        ("(fire)", "fire", True),
        ("a fireplace", "fire", False),
        ("fire2", "fire", False),
        ("有fire了", "fire", True),
        ("feuerfire", "fire", False),
        ("éfire", "fire", False),
        ("我要打12315投诉", "12315", True),
        ("我要打１２３１５投诉", "12315", True),
        ("电话 4123151", "12315", False),
        ("我找了记者来", "记者", True),
        ("我写了记录", "记者", False),
        ("发到ABC网", "abc网", True),
        ("xabc网", "abc网", False),
        ("", "fire", False),
        ("cost (net)", "cost (net)", True),
    ],
)
def test_words_are_whole_in_spaced_scripts_and_anywhere_in_chinese(text: str, word: str, found: bool) -> None:
    assert mentions(text, (word,)) is found


def test_no_words_are_never_mentioned() -> None:
    assert not any(mentions(text, ("触电", "the press")) for text in ("", " ", "电", "press the button"))


# --- difficult


DIFFICULT = DifficultRule(
    severity=Severity.CRITICAL,
    intensity=5,
    earlier_complaints=3,
    claims=(cny(20_000), EURO),
    words=("media",),
    customer_types=("furious",),
)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(NOTHING, intensity=5), ("difficult.intensity",)),
        (replace(NOTHING, intensity=4), ()),
        (replace(NOTHING, earlier_complaints=3), ("difficult.earlier_complaints",)),
        (replace(NOTHING, earlier_complaints=2), ()),
        (replace(NOTHING, claim=cny(20_000)), ("difficult.claims",)),
        (replace(NOTHING, claim=EURO), ("difficult.claims",)),
        (replace(NOTHING, claim=Money(amount_minor=10**9, currency="USD")), ()),
        (replace(NOTHING, text="the press"), ("difficult.words.media",)),
        (replace(NOTHING, text="Fire!"), ("difficult.severity",)),
        (replace(NOTHING, customer_type="furious"), ("difficult.customer_types.furious",)),
        (
            replace(NOTHING, intensity=5, text="Fire! The press is here."),
            ("difficult.severity", "difficult.intensity", "difficult.words.media"),
        ),
    ],
)
def test_any_one_rule_makes_it_difficult_and_says_so(facts: Facts, why: tuple[str, ...]) -> None:
    assert score(under(difficult=DIFFICULT), facts).difficult == why


def test_an_empty_rule_makes_nothing_difficult() -> None:
    everything = Facts(
        category="outage",
        text="Fire! The press!",
        intensity=5,
        customer_type="furious",
        claim=cny(10**6),
        earlier_complaints=9,
    )
    assert score(under(), everything).difficult == ()


# --- what staff read


@pytest.mark.parametrize(
    ("path", "zh"),
    [
        ("severity.words.media", "涉及媒体或舆论"),
        ("difficult.words.media", "涉及媒体或舆论"),
        ("severity.categories.outage", "停供与故障"),
        ("severity.customer_types.furious", "愤怒型"),
        ("difficult.customer_types.furious", "愤怒型"),
        ("severity.intensity.5", "情绪强度 5 级"),
        ("difficult.intensity", "情绪强度"),
        ("severity.sums.1", "索赔金额"),
        ("difficult.claims", "索赔金额"),
        ("severity.per_earlier_complaint", "历史投诉"),
        ("difficult.earlier_complaints", "多次投诉"),
        ("difficult.severity", "严重程度"),
        ("severity.words.of_an_older_policy", "severity.words.of_an_older_policy"),
    ],
)
def test_every_reason_has_a_name_in_chinese(path: str, zh: str) -> None:
    assert named(builtin(), path).zh == zh


# --- the policy that ships


def test_an_ordinary_complaint_is_normal_and_not_difficult() -> None:
    scored = score(builtin(), BILL)
    assert (scored.severity, scored.difficult) == (Severity.NORMAL, ())


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        (Facts(category="billing", text="账单错了"), Severity.NORMAL),
        (Facts(category="billing", text="我是律师,准备起诉"), Severity.HIGH),
        (Facts(category="billing", text="I shall talk to a journalist."), Severity.HIGH),
        (Facts(category="billing", text="账单错了", intensity=5), Severity.HIGH),
        (Facts(category="billing", text="账单错了", earlier_complaints=4), Severity.HIGH),
        (Facts(category="billing", text="账单错了", claim=cny(50_000)), Severity.HIGH),
        (Facts(category="other", text="孩子触电受伤了"), Severity.CRITICAL),
        (Facts(category="billing", text="Sue from the desk was kind; the pressure is low."), Severity.NORMAL),
    ],
)
def test_the_default_policy_raises_what_is_out_of_the_ordinary(facts: Facts, severity: Severity) -> None:
    assert score(builtin(), facts).severity == severity


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        (Facts(category="billing", text="想问一下电价怎么算", intensity=1), Severity.LOW),
        (Facts(category="meter_reading", text="抄表员抄错了", intensity=3), Severity.NORMAL),
        (Facts(category="outage", text="又停电了", intensity=4, earlier_complaints=1), Severity.HIGH),
        (Facts(category="outage", text="停电了,老人家里有呼吸机"), Severity.HIGH),
        (Facts(category="works", text="电杆歪了,还冒火花,有人触电"), Severity.CRITICAL),
        (Facts(category="billing", text="不解决我就打12398"), Severity.HIGH),
        (Facts(category="attitude", text="漏电保护器坏了,师傅态度不好"), Severity.NORMAL),
        (Facts(category="outage", text="The voltage regulator is broken."), Severity.NORMAL),
    ],
)
def test_the_power_utility_scores_by_supply_danger_and_dependence(facts: Facts, severity: Severity) -> None:
    assert score(builtin("power-utility"), facts).severity == severity


def test_shouting_alone_does_not_make_a_complaint_difficult() -> None:
    facts = Facts(category="queues", text="排队太久了", intensity=4, customer_type="overbearing")
    assert score(builtin("power-utility"), facts).difficult == ()


def test_a_pinned_policy_scores_as_the_file_did() -> None:
    pinned = parse(Policy, json.loads(canonical(builtin())))
    facts = replace(BILL, intensity=5, text="触电! 我找记者", claim=cny(6_000), earlier_complaints=7)
    assert score(pinned, facts) == score(builtin(), facts)
