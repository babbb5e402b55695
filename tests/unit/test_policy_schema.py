"""What editors check a policy by: it follows from the types, and agrees with what the loader takes and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from cli.policy_schema import DOCUMENT, _Schemas, written
from complaints import policy_file
from complaints.calendar_definition import FIELDS
from complaints.policy_file import FOLDER
from complaints.written import read

SCHEMA: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))


def complaints_about(text: str) -> list[str]:
    data = read(text, "policy.yaml")[0].plain
    return [error.json_path for error in Draft202012Validator(SCHEMA).iter_errors(data)]


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def test_the_file_is_what_the_types_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == written(), "run python -m cli.policy_schema"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", policy_file.shipped())
def test_every_policy_that_ships_satisfies_it_and_names_it_for_editors(name: str) -> None:
    assert complaints_about(text_of(name)) == []
    assert text_of(name).startswith("# yaml-language-server: $schema=policy.schema.json\n")


def test_it_knows_every_field_of_a_calendar() -> None:
    assert set(SCHEMA["$defs"]["Calendar"]["properties"]) == set(FIELDS)


def test_a_file_that_extends_says_only_what_is_different() -> None:
    own = 'name: child\nversion: "1"\ntitle: {en: Child, zh: 子}\nextends: default\n'
    assert complaints_about(f"{own}clocks: {{intake: {{budget: {{amount: 3}}}}, appeal: null}}\n") == []


def test_a_file_that_extends_nothing_says_everything() -> None:
    assert complaints_about('name: child\nversion: "1"\ntitle: {en: Child, zh: 子}\n') == ["$"]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("calendar: china\n", "calendar: 3\n", "$.calendar"),
        ("calendar: china\n", "calendar: china\nmoon: 1\n", "$"),
        ('version: "2"', "version: 2", "$.version"),
        ("amount: 48, unit: calendar_hours", "amount: 48, unit: hours", "$.clocks.intake"),
        ("amount: 48, unit: calendar_hours", "amount: 0, unit: calendar_hours", "$.clocks.intake"),
        ("{audience: executive}", "{audience: boss}", "$.ladders.default[2].audience"),
        ("{audience: executive}", "{percent: 9}", "$.ladders.default[2]"),
        ('due_at: "17:00"', 'due_at: "25:00"', "$.feedback"),
        ("CNY: {desk", "yuan: {desk", "$.authority"),
        ("{4: 1, 5: 4}", "{4: 1, 6: 4}", "$.severity"),
        ("  appeal: ", "  apeal: ", "$.clocks"),
        ("calendar: china\n", "calendar: china\ncalendars: {hall: {opens: early}}\n", "$.calendars.hall"),
    ],
)
def test_it_sees_what_an_editor_can_see(old: str, new: str, path: str) -> None:
    text = text_of("default")
    assert old in text
    assert any(seen.startswith(path) for seen in complaints_about(text.replace(old, new)))


def test_every_field_of_the_outermost_level_is_described() -> None:
    nameless = [name for name, part in SCHEMA["properties"].items() if "description" not in part]
    assert nameless == []


def test_an_unknown_kind_of_field_is_not_passed_over() -> None:
    with pytest.raises(AssertionError, match="no schema is known"):
        _Schemas().of(complex, named=False)


# --- the page

DOCS = FOLDER.parent / "docs"
PAGE = "".join(
    (DOCS / page).read_text(encoding="utf-8")
    for page in ("policies.md", "policies/practices.md", "lifecycle.md")
)
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEAD = 'name: page\nversion: "1"\ntitle: {en: Page, zh: 页}\nextends: default\n'


@pytest.mark.parametrize("example", EXAMPLES, ids=map(str, range(len(EXAMPLES))))
def test_the_examples_on_the_page_are_fine(example: str) -> None:
    text = example if "extends: default" in example else HEAD + example
    assert policy_file.read(text, name="page.yaml").calendars
    assert complaints_about(text) == []


def test_the_page_explains_every_field_and_every_word_of_every_list() -> None:
    parts = [SCHEMA, *SCHEMA["$defs"].values()]
    fields = {name for part in parts for name in part.get("properties", {})}
    words = {str(word) for part in parts for found in _enums(part) for word in found if word is not None}
    told = ("`{}`", "{}:", "| {} |")
    unexplained = {name for name in fields | words if not any(form.format(name) in PAGE for form in told)}
    assert unexplained == set()


def _enums(part: Any) -> Iterator[list[Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield part["enum"]
        for inner in part.values():
            yield from _enums(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _enums(inner)
