"""A ritual that nobody could follow is refused with its line, its field and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from complaints import policy_file
from complaints.policy_file import FOLDER, load, read, shipped
from complaints.wire import Malformed

HEAD = 'name: trade\nversion: "1"\ntitle: {en: Trade, zh: 行业}\nextends: default\n'
DUTY = "title: {en: S, zh: 法}, met_by: answer, source: x, budget: {amount: 9, unit: calendar_days}"
MISTAKES = [
    ("gates: [{before: let_appeal_lapse, needs: [explained]}]", "gates.0.before", "let_appeal_lapse is not"),
    ("gates: [{before: offer_option, needs: [explained], categories: [moon]}]", "gates.0.categories.0", "moon"),
    ("gates: [{before: offer_option, needs: [survey_answered]}]", "gates.0.needs.0", "confirm_satisfaction"),
    ("gates: [{before: classify, needs: [expectations_set]}]", "gates.0.needs.0", "nobody would ever pass"),
    ("gates: [{before: classify, needs: [form_complete]}]", "gates.0.needs.0", "needs form"),
    ("gates: [{before: classify, needs: [accepted]}]", "gates.0.needs.0", "needs admission"),
    ("gates: [{before: classify, needs: []}]", "gates.0.needs", "not empty"),
    ("gates: [{before: classify, needs: [prayed]}]", "gates.0.needs.0", "points_agreed"),
    ("form: {order: {title: {en: Order, zh: 单}, categories: [moon]}}", "form.order.categories.0", "moon"),
    ("clocks: {admission: {budget: {amount: 1, unit: calendar_days}}}", "clocks.admission", "admission is not set"),
    ("hazards: {gas: {title: {en: Gas, zh: 气}, tell: handler}}", "hazards.gas.tell", "handler is not"),
    ("decided_by: [auditor]", "decided_by.0", "auditor is not"),
    ("after_closing: {call: {title: {en: Call, zh: 回访}, after: {amount: 15, unit: calendar_days}}}",
     "after_closing.call.after", "appeal window"),
    ("after_closing: {late: {title: {en: Late, zh: 晚}, after: {amount: 12, unit: business_days}}}",
     "after_closing.late.after", "appeal window"),
    ("pauses: {customer: {stops: [emergency], at_most: {amount: 3, unit: calendar_days}}}",
     "pauses.customer.stops.0", "can't be stopped"),
    ("extensions: {clocks: [emergency]}", "extensions.clocks.0", "can't be extended"),
    ("playbook: [{say: {en: Say, zh: 说}, kinds: [moon]}]", "playbook.0.kinds.0", "moon"),
    ("kinds: {a: {en: Same, zh: 甲}, b: {en: same, zh: 乙}}", "kinds.b.en", "is the name of a already"),
    ("statutory: {s: {title: {en: S, zh: 法}, met_by: admission, source: x, budget: {amount: 1, unit: calendar_days}}}",
     "statutory.s.met_by", "admission is not set"),
    (f"statutory: {{s: {{{DUTY}, extensions: [{{budget: {{amount: 9, unit: calendar_days}}, roles: [lead], source: x}}]}}}}",
     "statutory.s.extensions.0.budget", "longer than the step before"),
    ("overlay: perhaps", "overlay", "true or false"),
    ("overlay: true", "extends", "has no place in an overlay"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "rule"), MISTAKES, ids=[text[:60] for text, *_ in MISTAKES])
def test_a_mistake_is_refused_by_its_field(text: str, field: str, rule: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(HEAD + text + "\n", name="trade.yaml")
    assert [(problem.field, problem.line) for problem in refused.value.problems] == [
        (field, 4 if field == "extends" else 5)
    ]
    assert rule in refused.value.problems[0].rule


# --- several bases, and overlays

OVERLAY = 'overlay: true\nname: strict\nversion: "1"\ntitle: {en: Strict, zh: 严格}\noptions_prepared: 4\n'
EXTRA_WORDS = "severity: {words: {extra: {name: {en: Extra, zh: 额外}, words: [extra], points: 1}}}\n"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_later_bases_lie_over_earlier_ones_and_the_file_over_all(tmp_path: Path) -> None:
    written(tmp_path, "strict", OVERLAY)
    head = HEAD.replace("extends: default", "extends: [power-utility, strict]")
    policy = load(written(tmp_path, "trade", head + "rejections_before_mediation: 9\n"))
    assert (policy.options_prepared, policy.rejections_before_mediation) == (4, 9)
    assert "meter_reading" in policy.categories
    assert policy.places["options_prepared"] == "strict.yaml:5"


def test_an_overlay_lies_over_every_policy_that_ships(tmp_path: Path) -> None:
    written(tmp_path, "strict", OVERLAY)
    for name in shipped():
        head = HEAD.replace("extends: default", f"extends: [{name}, strict]")
        assert load(written(tmp_path, "trade", head)).options_prepared == 4


def test_an_overlay_that_is_read_alone_lies_over_the_default(tmp_path: Path) -> None:
    policy = load(written(tmp_path, "strict", OVERLAY))
    assert policy.options_prepared == 4
    assert policy.categories == policy_file.builtin().categories


def test_the_lists_of_an_overlay_are_added_and_say_nothing_twice(tmp_path: Path) -> None:
    written(tmp_path, "strict", OVERLAY + "difficult: {words: [media, hazard, extra]}\n" + EXTRA_WORDS)
    head = HEAD.replace("extends: default", "extends: [power-utility, strict]")
    policy = load(written(tmp_path, "trade", head))
    assert policy.difficult.words == ("media", "regulator", "danger", "hazard", "life_support", "extra")
    assert policy.severity.words["media"] == policy_file.builtin("power-utility").severity.words["media"]


def test_a_file_that_is_no_overlay_still_replaces_lists(tmp_path: Path) -> None:
    written(tmp_path, "strict", OVERLAY)
    head = HEAD.replace("extends: default", "extends: [power-utility, strict]")
    policy = load(written(tmp_path, "trade", head + "difficult: {words: [media]}\n"))
    assert policy.difficult.words == ("media",)


def test_an_unknown_base_is_refused_at_its_place_in_the_list() -> None:
    with pytest.raises(Malformed) as refused:
        read(HEAD.replace("extends: default", "extends: [default, nobody]"), name="trade.yaml")
    assert refused.value.problems[0].field == "extends.1"


def test_the_folder_has_the_policies_that_ship() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(shipped())
