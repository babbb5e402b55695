"""Names that stand in histories, namespaces and scripts. Whoever changes one strands every complaint under way."""

import re
from pathlib import Path

import pytest
from temporalio import activity, workflow

from activities import names as activity_names
from activities.matter_records import MatterRecords
from activities.notices import Notices
from activities.opening import Openings
from activities.records import Records
from activities.together import Together
from activities.work import MatterStart
from complaints.commands import Envelope
from complaints.matters.forms import Kind, id_of
from complaints.matters.reviews import Collected, Sign
from complaints.view import Answer, View
from complaints.vocabulary import is_source
from tests.conftest import SEARCH_ATTRIBUTES
from workflows import names, refusals
from workflows.complaint import Complaint, Start
from workflows.matter import Matter
from workflows.together import AnswerTogether, CollectReview

ROOT = Path(__file__).parents[2]


def test_the_workflow_is_called_complaint() -> None:
    definition = workflow._Definition.must_from_class(Complaint)
    assert definition.name == "Complaint"
    assert definition.arg_types == [Start]
    assert definition.ret_type is Answer


def test_one_update_and_one_query_and_no_signal() -> None:
    definition = workflow._Definition.must_from_class(Complaint)
    assert set(definition.updates) == {"execute"}
    assert definition.updates["execute"].arg_types == [Envelope]
    assert definition.updates["execute"].validator is not None
    assert set(definition.queries) == {"view"}
    assert definition.queries["view"].ret_type is View
    assert not definition.signals


def test_the_activities_are_called_record_and_deliver() -> None:
    assert activity._Definition.must_from_callable(Records.record).name == "record"
    assert activity._Definition.must_from_callable(Notices.deliver).name == "deliver"


def test_the_task_queues() -> None:
    assert activity_names.COMPLAINTS_QUEUE == "redress-complaints"
    assert activity_names.NOTICES_QUEUE == "redress-notices"


def test_the_search_attributes() -> None:
    assert names.SEARCH_ATTRIBUTES == {
        "ComplaintStage": "Keyword",
        "Department": "Keyword",
        "Severity": "Keyword",
        "Escalated": "Bool",
    }
    keys = (names.STAGE, names.DEPARTMENT, names.SEVERITY, names.ESCALATED)
    assert [key.name for key in keys] == list(names.SEARCH_ATTRIBUTES)


def test_the_tests_servers_know_the_same_search_attributes() -> None:
    assert names.SEARCH_ATTRIBUTES == SEARCH_ATTRIBUTES


def test_the_script_that_makes_a_namespace_makes_the_same_search_attributes() -> None:
    script = (ROOT / "deploy" / "temporal" / "create-namespace.sh").read_text()
    assert dict(re.findall(r"--name (\w+) --type (\w+)", script)) == names.SEARCH_ATTRIBUTES


@pytest.mark.parametrize(
    ("source", "reference", "number"),
    [("hotline", "2031", "hotline-2031"), ("crm", "A-17-3", "crm-A-17-3")],
)
def test_source_and_reference_name_the_complaint(source: str, reference: str, number: str) -> None:
    assert names.number_of(source, reference) == number


def test_every_rule_travels_under_its_own_name() -> None:
    """The type of a failure stands in histories in plain text, and clients find the refusal by it."""
    assert set(refusals.RULES) >= {"AlreadyClosed", "FirstContactMissing", "NotYourRole", "AboveAuthority"}
    for name, rule in refusals.RULES.items():
        refusal = rule("why", "this", "that")
        came_back = refusals.from_failure(refusals.as_failure(refusal))
        assert type(came_back) is rule
        assert refusals.as_failure(refusal).type == name
        assert (came_back.message, came_back.possible) == ("why", ("this", "that"))


def test_another_failure_is_not_taken_for_a_refusal() -> None:
    assert refusals.from_failure(ValueError("FirstContactMissing")) is None
    assert refusals.from_failure(None) is None


def test_a_matter_has_the_doors_of_a_complaint() -> None:
    definition = workflow._Definition.must_from_class(Matter)
    assert definition.name == "Matter"
    assert definition.arg_types == [MatterStart]
    assert set(definition.updates) == {"execute"}
    assert definition.updates["execute"].validator is not None
    assert set(definition.queries) == {"view"}
    assert not definition.signals


def test_the_activities_of_matters() -> None:
    assert activity._Definition.must_from_callable(MatterRecords.record_matter).name == "record_matter"
    assert activity._Definition.must_from_callable(Openings.open).name == "open_matter"


@pytest.mark.parametrize("kind", Kind)
def test_no_matter_has_the_number_of_a_complaint(kind: Kind) -> None:
    source, _, _ = id_of(kind, "2031").partition("-")
    assert not is_source(source)


def test_what_reaches_many_complaints_at_once() -> None:
    named = {workflow._Definition.must_from_class(kind).name for kind in (AnswerTogether, CollectReview)}
    assert named == {"AnswerTogether", "CollectReview"}
    activities = (Together.list_children, Together.tell, Together.collect)
    assert [activity._Definition.must_from_callable(each).name for each in activities] == [
        "list_children",
        "tell_children",
        "collect_cases",
    ]


def test_the_words_of_reviews() -> None:
    assert [*Collected] == ["closed_conflicts", "disputed_liability"]
    assert [*Sign] == ["mediated", "dissatisfied", "reopened", "difficult", "disputed"]
