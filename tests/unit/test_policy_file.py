"""Policy files: what is refused and where it stands, what one inherits from another, and the places that are kept."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from complaints import policy_file
from complaints.policy import Policy, fingerprint
from complaints.policy_file import FOLDER, builtin, load, read
from complaints.records import ClockName
from complaints.vocabulary import Role, Severity
from complaints.wire import Malformed, Problem

COMPACT = """\
name: compact
version: "1"
title: {en: Compact, zh: 精简}
calendar: china
categories:
  billing: {en: Billing, zh: 计费}
  outage: {en: Outage, zh: 停电}
customer_types:
  furious: {en: Furious, zh: 愤怒型}
clocks:
  first_contact: {budget: {amount: 24, unit: calendar_hours}}
  intake: {budget: {amount: 48, unit: calendar_hours}, warn_percent: [50, 80]}
  investigation:
    budget:
      amount: 5
      unit: business_days
      ends: close
  solution: {budget: {amount: 5, unit: business_days}, calendar: china}
  execution: {budget: {amount: 7, unit: business_days}, ladder: default}
  follow_up: {budget: {amount: 5, unit: business_days}}
  overall: {budget: {amount: 20, unit: business_days}}
  verification: {budget: {amount: 8, unit: business_hours}}
  approval: {budget: {amount: 90, unit: business_minutes}}
  appeal: {budget: {amount: 15, unit: calendar_days}}
statutory:
  answer:
    title: {en: Answer, zh: 答复}
    met_by: answer
    source: A public commitment
    budget: {amount: 5, unit: business_days, ends: midnight, counts_first_day: true}
pauses:
  customer: {stops: [investigation, overall], at_most: {amount: 10, unit: business_days}}
  vendor: {stops: [execution], at_most: {amount: 5, unit: business_days}}
  us: {stops: [], at_most: {amount: 3, unit: business_days}}
extensions:
  roles: [lead, customer_service]
  clocks: [investigation, solution]
  per_clock: 2
  at_most: {amount: 10, unit: business_days}
ladders:
  default:
    - {audience: lead, percent: 90, channel: dingtalk}
    - {audience: lead, acknowledge_within: {amount: 4, unit: business_hours}}
    - {audience: customer_service}
    - {audience: executive, after_due: {amount: 2, unit: business_days}}
quiet: {start: 22:00, end: 07:00}
feedback:
  due_at: 17:00
  remind_at: 15:00
  quiet: {start: 20:00, end: 08:00}
  message: {en: "{number} is at {stage}.", zh: "{number} 处于{stage}。"}
severity:
  thresholds: {normal: 0, high: 4}
  categories: {outage: 1}
  customer_types: {furious: 2}
  words:
    press: {name: {en: Press, zh: 媒体}, words: [记者], points: 4}
difficult: {words: [press], customer_types: [furious]}
authority:
  CNY: {desk: 100, handler: 200, lead: 300}
playbook:
  - {say: {en: Listen first., zh: 先倾听。}, customer_types: [furious], intensity: 3}
rejections_before_mediation: 3
reporter_seen_by: [handler]
retention: {amount: 1095, unit: calendar_days}
backdating: {amount: 90, unit: calendar_days}
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(Malformed) as refused:
        read(text, name="compact.yaml")
    return list(refused.value.problems)


def edited(old: str, new: str) -> str:
    assert COMPACT.count(old) == 1, f"{old!r} must stand in the text once"
    return COMPACT.replace(old, new)


def line_of(part: str) -> int:
    return next(n for n, line in enumerate(COMPACT.splitlines(), 1) if part in line)


def test_the_compact_policy_is_fine() -> None:
    policy = read(COMPACT, name="compact.yaml")
    assert policy.feedback.due_at == time(17)
    assert policy.clocks[ClockName.APPROVAL].budget_for(Severity.LOW) is not None


# What is edited, into what, where it is seen (a part of the line before the edit), the field, a word of the rule.
MISTAKES = [
    # words that are none
    ("calendar: china\ncat", "calender: china\ncat", "calendar: china", "calender", "did you mean calendar?"),
    ("calendar: china\ncat", "places: {}\ncalendar: china\ncat", "calendar: china", "places", "not a field"),
    ("      amount: 5", "      amuont: 5", "      amount: 5", "clocks.investigation.budget.amuont", "amount?"),
    ("  appeal: {", "  apeal: {", "  appeal: {", "clocks.apeal", "did you mean appeal?"),
    ("unit: business_minutes", "unit: minutes", "approval: {", "clocks.approval.budget.unit", "calendar_hours"),
    ("      ends: close", "      ends: noon", "ends: close", "clocks.investigation.budget.ends", "midnight"),
    ("met_by: answer", "met_by: luck", "met_by:", "statutory.answer.met_by", "admission, answer"),
    ("reporter_seen_by: [handler]", "reporter_seen_by: [boss]", "reporter_seen", "reporter_seen_by.0", "auditor"),
    ("  billing: {", "  bill ing: {", "  billing: {", "categories.bill ing", "letters A-Z"),
    ("  CNY: {", "  yuan: {", "  CNY: {", "authority.yuan", "in capitals, such as CNY"),
    # values of the wrong kind
    ('version: "1"', "version: 1", "version", "version", 'as text it is written "1"'),
    ("      amount: 5", "      amount: five", "      amount: 5", "clocks.investigation.budget.amount", "1 to 10000"),
    ("      amount: 5", "      amount: 0", "      amount: 5", "clocks.investigation.budget.amount", "not 0"),
    ("      amount: 5", "      amount: 1.5", "      amount: 5", "clocks.investigation.budget.amount", "whole number"),
    ("[50, 80]", "[50, 100]", "intake: {", "clocks.intake.warn_percent.1", "from 1 to 99"),
    ("[50, 80]", "80", "intake: {", "clocks.intake.warn_percent", "a list"),
    ("  due_at: 17:00", "  due_at: 25:00", "due_at:", "feedback.due_at", 'time of day such as "17:00"'),
    ("  due_at: 17:00", "  due_at: 1700", "due_at:", "feedback.due_at", "time of day"),
    ("  due_at: 17:00", "  due_at: 17:00:30", "due_at:", "feedback.due_at", "time of day"),
    ("counts_first_day: true", "counts_first_day: yes", "counts_first", "statutory.answer.budget.counts_first_day", "true or"),
    ("rejections_before_mediation: 3", "rejections_before_mediation: 0", "rejections", "rejections_before_mediation", "at least 1"),
    ("intensity: 3", "intensity: 6", "- {say:", "playbook.0.intensity", "from 1 to 5"),
    ("amount: 24,", "amount: twenty-four,", "first_contact: {", "clocks.first_contact.budget.amount", "whole number"),
    ("      unit: business_days\n", "", "    budget:", "clocks.investigation.budget.unit", "is missing"),
    ("zh: 计费}", 'zh: ""}', "  billing: {", "categories.billing.zh", "text of 1 to"),
    ("  billing: {en: Billing, zh: 计费}", "  billing: {en: Billing}", "  billing: {", "categories.billing.zh", "is missing"),
    ("rejections_before_mediation: 3\n", "", "name: compact", "rejections_before_mediation", "is missing"),
    ('version: "1"', "version: null", "version", "version", "not nothing"),
    # names of nothing
    ("calendar: china\ncat", "calendar: atlantis\ncat", "calendar: china", "calendar", "china"),
    ("calendar: china}", "calendar: atlantis}", "  solution: {", "clocks.solution.calendar", "china"),
    ("ladder: default}", "ladder: ledder}", "  execution: {", "clocks.execution.ladder", "must be one of default"),
    ("categories: {outage: 1}", "categories: {flood: 1}", "categories: {outage", "severity.categories.flood", "billing, outage"),
    ("  customer_types: {furious: 2}", "  customer_types: {calm: 2}", "types: {furious: 2}", "severity.customer_types.calm", "furious"),
    ("words: [press], ", "words: [fire], ", "difficult:", "difficult.words.0", "press"),
    ("customer_types: [furious], intensity", "customer_types: [calm], intensity", "- {say:", "playbook.0.customer_types.0", "furious"),
    ("intensity: 3", "stages: [ended]", "- {say:", "playbook.0.stages.0", "follow_up"),
    # clocks and budgets
    ("  intake: {budget: {amount: 48, unit: calendar_hours}, ", "  intake: {", "  intake: {", "clocks.intake.budget", "is missing"),
    ("  overall: {budget: {amount: 20, unit: business_days}}\n", "", "clocks:", "clocks.overall.budget", "is missing"),
    ("{budget: {amount: 90, unit: business_minutes}}", "{by_severity: {high: {amount: 9, unit: calendar_hours}}}", "approval: {",
     "clocks.approval.budget", "says nothing of low, normal, critical"),
    ("statutory:\n", "  promise: {budget: {amount: 1, unit: calendar_days}}\nstatutory:\n", "statutory:", "clocks.promise.budget", "has no effect"),
    ("statutory:\n", "  statutory: {warn_percent: [80]}\nstatutory:\n", "statutory:", "clocks.statutory", "must stand under statutory"),
    ("[50, 80]", "[80, 50]", "intake: {", "clocks.intake.warn_percent", "ascend"),
    ("unit: business_minutes", "unit: business_minutes, ends: close", "approval: {", "clocks.approval.budget.ends", "for days only"),
    ("ends: midnight, ", "", "counts_first_day", "statutory.answer.budget.counts_first_day", "close or midnight"),
    ("    budget: {amount: 5, unit: business_days, ends: midnight, counts_first_day: true}\n", "", "  answer:", "statutory.answer.budget", "is missing"),
    ("retention: {amount: 1095, unit: calendar_days}", "retention: {amount: 9, unit: business_days}", "retention", "retention.unit", "calendar_days"),
    ("[investigation, overall]", "[investigation, feedback]", "  customer: {", "pauses.customer.stops.1", "can't be stopped"),
    ("[lead, customer_service]", "[lead, handler]", "roles:", "extensions.roles.1", "executive"),
    ("[investigation, solution]", "[appeal]", "  clocks: [", "extensions.clocks.0", "can't be extended"),
    ("retention: {", "hazards: {gas: {title: {en: Gas, zh: 燃气}, tell: handler}}\nretention: {", "retention: {", "hazards.gas.tell", "executive"),
    # ladders
    ("  default:\n", "  other:\n", "ladders:", "ladders.default", "is missing"),
    ("    - {audience: customer_service}\n", "", "  default:", "ladders.default", "customer_service"),
    ("{audience: executive,", "{audience: auditor,", "after_due:", "ladders.default.3.audience", "executive"),
    ("channel: dingtalk", "channel: pigeon", "percent: 90", "ladders.default.0.channel", "feishu"),
    ("{audience: customer_service}", "{audience: customer_service, percent: 95}", "- {audience: customer_service}", "ladders.default.2.percent", "before"),
    (", acknowledge_within: {amount: 4, unit: business_hours}", "", "acknowledge_within", "ladders.default.1.acknowledge_within", "never called"),
    ("- {audience: customer_service}", "- {audience: customer_service, after_due: {amount: 2, unit: business_days}}", "after_due",
     "ladders.default.3.after_due.amount", "ascend"),
    # customers and money
    ("  remind_at: 15:00", "  remind_at: 17:30", "remind_at", "feedback.remind_at", "earlier than due_at (17:00)"),
    ("quiet: {start: 20:00,", "quiet: {start: 16:00,", "due_at:", "feedback.due_at", "quiet hours (16:00-08:00)"),
    ("{number} is at", "{name} is at", "message:", "feedback.message.en", "only {number} and {stage}"),
    ("{number} 处于", "{number 处于", "message:", "feedback.message.zh", "brace"),
    ("quiet: {start: 22:00, end: 07:00}", "quiet: {start: 22:00, end: 22:00}", "quiet: {start: 22", "quiet.end", "differ"),
    ("zh: 停电", "zh: 计费", "  outage:", "categories.outage.zh", "name of billing already"),
    ("high: 4}", "high: 0}", "thresholds", "severity.thresholds.high", "more than that of normal"),
    ("handler: 200", "handler: 50", "CNY", "authority.CNY.handler", "less than that of desk"),
    ("lead: 300", "executive: 300", "CNY", "authority.CNY.executive", "desk, handler, lead"),
    ("[handler]", "[]", "reporter_seen_by", "reporter_seen_by", "must name a role"),
    # YAML
    ('version: "1"', 'version: "1"\nversion: "2"', "title", "version", "twice; the first is on line 2"),
    ("      amount: 5", "      amount: 5\n      amount: 6", "      unit", "clocks.investigation.budget.amount", "line 15"),
    ("calendar: china\ncat", "<<: {}\ncalendar: china\ncat", "calendar: china", "<<", "extends"),
    ("name: compact", "name: !python compact", "name: compact", "name", "tags are not read"),
    ("  billing: {en: Billing,", "  billing: {en: [Billing,", "  billing: {", "", "is no YAML"),
    ("  billing: {en: Billing,", "\tbilling: {en: Billing,", "  billing: {", "", "is no YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "seen_at", "field", "rule"), MISTAKES)
def test_a_mistake_is_refused_with_its_line_its_field_and_what_is_allowed(
    old: str, new: str, seen_at: str, field: str, rule: str
) -> None:
    found = problems(edited(old, new))
    assert (field, line_of(seen_at)) in [(problem.field, problem.line) for problem in found]
    assert any(problem.field == field and rule in problem.rule for problem in found), found
    assert {problem.file for problem in found} == {"compact.yaml"}


def test_mistakes_in_different_sections_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = edited("amount: 48", "amount: 0").replace("channel: dingtalk", "channel: pigeon")
    text = text.replace("high: 4}", "high: 0}").replace("zh: 计费", "zh: 停电")
    assert [problem.field for problem in problems(text)] == [
        "categories.outage.zh",
        "clocks.intake.budget.amount",
        "ladders.default.0.channel",
        "severity.thresholds.high",
    ]


def test_one_mistake_is_told_once() -> None:
    assert len(problems(edited("[50, 80]", "[80, 50]"))) == 1


def test_a_refusal_reads_as_file_line_field_and_rule() -> None:
    [problem] = problems(edited("channel: dingtalk", "channel: pigeon"))
    assert str(problem).startswith("compact.yaml:42: ladders.default.0.channel: must be one of mail")


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "3", "# nothing"])
def test_what_has_no_fields_is_no_policy(text: str) -> None:
    [problem] = problems(text)
    assert (problem.field, problem.line) == ("", 1)


@pytest.mark.parametrize("text", ["name: " + "[" * 600, "a: &a [*a]"])
def test_a_text_that_would_never_end_is_refused(text: str) -> None:
    assert problems(text)[0].line == 1


def test_aliases_of_aliases_are_no_way_to_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "more than" in problems("\n".join(lines))[0].rule


def test_anchors_and_aliases_are_read() -> None:
    text = edited(
        "solution: {budget: {amount: 5, unit: business_days}",
        "solution: {budget: &b {amount: 6, unit: business_days}",
    )
    text = text.replace("follow_up: {budget: {amount: 5, unit: business_days}}", "follow_up: {budget: *b}")
    clocks = read(text, name="compact.yaml").clocks
    assert clocks[ClockName.FOLLOW_UP].budget == clocks[ClockName.SOLUTION].budget


def test_times_and_words_mean_what_they_look_like_quoted_or_not() -> None:
    quoted = edited("due_at: 17:00", 'due_at: "17:00"').replace("en: Billing", "en: no")
    policy = read(quoted, name="compact.yaml")
    assert policy.feedback.due_at == time(17)
    assert policy.categories["billing"].en == "no"


# --- extending


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def child(folder: Path, text: str, parent: str = COMPACT) -> Policy:
    written(folder, "parent", parent)
    own = 'name: child\nversion: "1"\ntitle: {en: Child, zh: 子}\nextends: parent\n'
    return load(written(folder, "child", own + text))


def refused(folder: Path, text: str, parent: str = COMPACT) -> list[str]:
    with pytest.raises(Malformed) as error:
        child(folder, text, parent)
    return [str(problem) for problem in error.value.problems]


def test_mappings_merge_entry_by_entry_and_lists_are_replaced(tmp_path: Path) -> None:
    policy = child(tmp_path, "clocks: {intake: {warn_percent: [90]}}\nreporter_seen_by: [auditor]\n")
    intake = policy.clocks[ClockName.INTAKE]
    assert intake.budget is not None
    assert (intake.budget.amount, intake.warn_percent) == (48, (90,))
    assert policy.reporter_seen_by == (Role.AUDITOR,)
    assert policy.clocks[ClockName.OVERALL] == read(COMPACT, name="c").clocks[ClockName.OVERALL]


def test_null_takes_away_what_is_inherited(tmp_path: Path) -> None:
    policy = child(tmp_path, "statutory: {answer: null}\nquiet: null\n")
    assert not policy.statutory
    assert policy.quiet is None


def test_what_is_needed_can_not_be_taken_away(tmp_path: Path) -> None:
    assert refused(tmp_path, "clocks:\n  overall: null\n")[0].startswith(
        "child.yaml:5: clocks.overall.budget: is missing"
    )


def test_null_for_what_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    assert "did you mean overall?" in refused(tmp_path, "clocks: {overal: null}\n")[0]


def test_a_policy_has_a_name_a_version_and_a_title_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, "parent", COMPACT)
    with pytest.raises(Malformed) as error:
        load(written(tmp_path, "child", "extends: parent"))
    assert [p.field for p in error.value.problems] == ["name", "version", "title"]


def test_each_value_keeps_the_place_it_came_from(tmp_path: Path) -> None:
    places = child(tmp_path, "clocks:\n  intake:\n    warn_percent: [90]\n").places
    assert places["clocks.intake"] == "child.yaml:6"
    assert places["clocks.intake.warn_percent"] == "child.yaml:7"
    assert places["clocks.intake.budget"] == "parent.yaml:12"
    assert places["clocks.overall"] == "parent.yaml:21"


def test_a_mistake_in_the_parent_names_the_parents_file_and_line(tmp_path: Path) -> None:
    broken = edited("channel: dingtalk", "channel: pigeon")
    assert refused(tmp_path, "options_prepared: 2\n", broken)[0].startswith(
        "parent.yaml:42: ladders.default.0.channel: "
    )


def test_a_parent_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, "", "name: [")[0].startswith("parent.yaml:1: is no YAML")


def test_the_mistakes_of_the_file_itself_come_before_its_parents(tmp_path: Path) -> None:
    both = refused(
        tmp_path, "\n" * 99 + "options_prepared: 99\n", edited("channel: dingtalk", "channel: pigeon")
    )
    assert [line.split(":")[0] for line in both] == ["child.yaml", "parent.yaml"]


@pytest.mark.parametrize("parent", ["nobody", "7", "../default", "null-and-void"])
def test_an_unknown_parent_is_refused_and_the_known_ones_are_named(parent: str) -> None:
    [problem] = problems(f"{COMPACT}extends: {parent}\n")
    assert (problem.field, problem.line) == ("extends", len(COMPACT.splitlines()) + 1)
    assert "default" in problem.rule


def test_a_circle_is_refused(tmp_path: Path) -> None:
    assert "a.yaml extends b.yaml extends a.yaml" in _circle(tmp_path)


def _circle(folder: Path) -> str:
    written(folder, "b", "extends: a\n")
    with pytest.raises(Malformed) as error:
        load(written(folder, "a", "extends: b\n"))
    return str(error.value)


def test_a_file_may_be_named_like_the_shipped_one_it_extends(tmp_path: Path) -> None:
    text = 'name: default\nversion: "ours"\ntitle: {en: Ours, zh: 我们的}\nextends: default\n'
    assert load(written(tmp_path, "default", text)).clocks == builtin().clocks


def test_a_file_beside_comes_before_a_shipped_one_of_the_same_name(tmp_path: Path) -> None:
    written(tmp_path, "default", COMPACT)
    text = 'name: child\nversion: "1"\ntitle: {en: Child, zh: 子}\nextends: default\n'
    assert set(load(written(tmp_path, "child", text)).categories) == {"billing", "outage"}


# --- calendars


def test_every_calendar_that_is_used_or_described_is_resolved() -> None:
    hall = (
        'calendars:\n  hall: {extends: china, hours: {mon-fri: ["09:00-17:00"]}}\n  spare: {extends: china}\n'
    )
    policy = read(hall + edited("calendar: china}", "calendar: hall}"), name="compact.yaml")
    assert set(policy.calendars) == {"china", "hall", "spare"}


def test_a_mistake_in_a_calendar_is_named_by_its_line() -> None:
    found = problems(f"{COMPACT}calendars:\n  hall:\n    extends: china\n    zone: Moon/Tranquility\n")
    assert [(p.field, p.line) for p in found] == [("calendars.hall.zone", len(COMPACT.splitlines()) + 4)]


@pytest.mark.parametrize(
    "text", ["calendars: [hall]\n", "calendars: {hall: china}\n", 'calendars: {"a b": {}}\n']
)
def test_what_is_no_calendar_is_refused(text: str) -> None:
    assert problems(COMPACT + text)[0].field.startswith("calendars")


# --- files


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"^nothing\.yaml:1: can't be read"):
        load(tmp_path / "nothing.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: Straße".encode("latin-1"))
    with pytest.raises(Malformed, match="UTF-8"):
        load(path)


@pytest.mark.parametrize("name", policy_file.shipped())
def test_every_policy_that_ships_is_fine_and_bears_the_name_of_its_file(name: str) -> None:
    assert builtin(name).name == name


def test_the_order_of_the_fields_does_not_change_what_a_policy_says() -> None:
    lines = COMPACT.splitlines()
    lines[0], lines[1] = lines[1], lines[0]
    assert fingerprint(read("\n".join(lines), name="c")) == fingerprint(read(COMPACT, name="c"))


def test_places_cover_every_clock_and_ladder_of_the_shipped_policies() -> None:
    policy = load(FOLDER / "default.yaml")
    for name in policy.clocks:
        assert policy.places[f"clocks.{name}"].startswith("default.yaml:")
    assert "ladders.default" in policy.places
