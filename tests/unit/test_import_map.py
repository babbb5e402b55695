"""A map is read as a whole or not at all, and whatever is wrong is told by its line."""

from pathlib import Path

import pytest

from cli.imports import mapping
from cli.imports.shape import TARGETS
from complaints.policy_file import builtin
from complaints.wire import Malformed

MAP = """\
zone: Asia/Shanghai
fields:
  source: oldcrm
  reference: {column: id}
  channel: {column: way, values: {tel: phone, post: letter}}
  category: {column: kind, values: {bill: billing}, otherwise: other}
  description: {column: said}
  received_at: {column: received, date: "%Y-%m-%d %H:%M"}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(Malformed) as refused:
        mapping.read(text, "crm.yaml")
    return [str(problem) for problem in refused.value.problems]


def test_a_map_says_how_each_field_is_made():
    assert set(mapping.read(MAP, "crm.yaml").fields) == {
        "source", "reference", "channel", "category", "description", "received_at",
    }  # fmt: skip


def test_a_value_that_stands_alone_is_a_constant():
    assert mapping.read(MAP, "crm.yaml").fields["source"].constant == "oldcrm"


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ("  reference: {column: id}", "  reference: {column: id, text: x}", "crm.yaml:4: fields.reference: must have exactly one of"),
        ("  reference: {column: id}", "  reference: {}", "crm.yaml:4: fields.reference: must have exactly one of"),
        ("  reference: {column: id}", "  referenz: {column: id}", "crm.yaml:4: fields.referenz: is no field of a complaint; reference is one"),
        ("  reference: {column: id}", "  reference: {colum: id}", "crm.yaml:4: fields.reference.colum: is not a field here"),
        ("  source: oldcrm", "  source: oldcrm\n  department: {column: d}", "crm.yaml:4: fields.department: asks for handler as well"),
        ("  source: oldcrm", "  source: oldcrm\n  closed_at: {column: d}", "crm.yaml:4: fields.closed_at: asks for outcome as well"),
        ("post: letter", "post: pigeon", "crm.yaml:5: fields.channel.values.post: pigeon is none of phone"),
        ("%Y-%m-%d %H:%M", "%Y-%m", "crm.yaml:8: fields.received_at.date: '%Y-%m' does not say how a date is written"),
        ("Asia/Shanghai", "Asia/Peking", "crm.yaml:1: zone: 'Asia/Peking' is not a time zone"),
        ("zone:", "encoding: utf-9\nzone:", "crm.yaml:1: encoding: 'utf-9' is no encoding"),
        ("zone:", "only: {column: x}\nzone:", "crm.yaml:1: only.0: must have exactly one of in, not_in and filled"),
        ("zone:", "delimiter: ab\nzone:", "crm.yaml:1: delimiter"),
        ("zone:", "zone: UTC\nzone:", "crm.yaml:2: zone: stands here twice"),
        ("{column: said}", "{column: said, otherwise: x}", "crm.yaml:7: fields.description.otherwise"),
        ("{column: said}", "{column: said, longest: wrap}", "crm.yaml:7: fields.description.longest"),
        ("  reference: {column: id}\n", "", "crm.yaml:2: fields.reference: is missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_its_line(line: str, wrong: str, said: str):
    assert any(problem.startswith(said) for problem in problems(MAP.replace(line, wrong))), problems(
        MAP.replace(line, wrong)
    )


def test_all_mistakes_are_told_at_once():
    wrong = MAP.replace("post: letter", "post: pigeon").replace("{column: id}", "{}")
    assert len(problems(wrong)) == 2


@pytest.mark.parametrize("text", ["", "fields: 7", "- a", "{", "fields: {source: [1]}"])
def test_what_is_no_map_is_refused(text: str):
    assert problems(text)


def test_a_map_that_is_not_there_is_told():
    with pytest.raises(Malformed, match="maps that ship: nyc311"):
        mapping.load("nowhere.yaml")


@pytest.mark.parametrize("name", mapping.shipped())
def test_a_map_that_ships_names_categories_of_the_built_in_policy(name: str):
    pick = mapping.load(name).fields["category"]
    named = {*(pick.values or {}).values(), pick.otherwise}
    assert named <= set(builtin().categories)


def test_the_page_lists_every_field_that_can_be_made():
    page = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    assert [name for name in TARGETS if f"`{name}`" not in page] == []
