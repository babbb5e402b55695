"""Files on a complaint: which may come, who takes one away, and what stays of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints.canonical import canonical
from complaints.changes import changes
from complaints.decide.files import FILES_AT_MOST
from complaints.errors import AlreadyClosed, AlreadyDone, NotYourFile, TooManyFiles, UnknownItem
from complaints.lifecycle import Stage
from complaints.view import answer, view
from complaints.vocabulary import Role
from complaints.wire import Malformed, parse_command, plain
from tests.lives import Life, at_stage, example


def with_a_file(stage: Stage = Stage.INTAKE) -> Life:
    life = at_stage(stage)
    life.do(example(c.AttachFile, life))
    return life


def fields(**other: object) -> dict[str, object]:
    return {**plain(example(c.AttachFile, at_stage(Stage.INTAKE))), **other}


def test_a_file_is_known_by_what_its_bytes_were() -> None:
    life = with_a_file()
    (file,) = view(life.state).attachments.values()
    assert (file.id, file.size_bytes, file.attached_by) == ("file-1", 184_320, "zhang.wei")
    assert file.sha256 == life.events[-1].fact.sha256  # type: ignore[union-attr]  # it is FileAttached


def test_the_answer_names_the_file() -> None:
    life = at_stage(Stage.INTAKE)
    brought = life.do(example(c.AttachFile, life))
    assert answer(life.state, brought).created == "file-1"


def test_an_id_is_taken_once() -> None:
    life = with_a_file()
    with pytest.raises(AlreadyDone):
        life.do(example(c.AttachFile, life, attachment="file-1"))


def test_a_complaint_holds_so_many_files_and_no_more() -> None:
    life = with_a_file()
    (file,) = life.state.attachments.values()
    full = {f"file-{n}": replace(file, id=f"file-{n}") for n in range(FILES_AT_MOST)}
    life.state = replace(life.state, attachments=full)
    with pytest.raises(TooManyFiles):
        life.do(example(c.AttachFile, life, attachment="one-more"))
    life.do(example(c.RemoveFile, life))
    assert life.do(example(c.AttachFile, life, attachment="one-more"))


def test_what_a_removed_file_was_stays() -> None:
    life = with_a_file()
    life.do(example(c.RemoveFile, life))
    (file,) = life.state.attachments.values()
    assert file.removed_by == "zhang.wei"
    assert file.reason == "附错了，是邻居家的电表"
    assert len(file.sha256) == 64


def test_a_file_is_removed_once() -> None:
    life = with_a_file()
    life.do(example(c.RemoveFile, life))
    with pytest.raises(AlreadyDone):
        life.do(example(c.RemoveFile, life))


def test_only_a_file_that_is_there_is_removed() -> None:
    life = with_a_file()
    with pytest.raises(UnknownItem) as refused:
        life.do(example(c.RemoveFile, life, attachment="other"))
    assert refused.value.possible == ("file-1",)


@pytest.mark.parametrize("role", [Role.DESK, Role.SYSTEM, Role.MEDIATOR])
def test_nobody_removes_what_others_brought(role: Role) -> None:
    life = with_a_file()
    with pytest.raises(NotYourFile):
        life.do(example(c.RemoveFile, life), role=role)


@pytest.mark.parametrize("role", [Role.LEAD, Role.CUSTOMER_SERVICE])
def test_a_lead_removes_any(role: Role) -> None:
    life = with_a_file()
    assert life.do(example(c.RemoveFile, life), role=role)


def test_whoever_is_kept_out_may_still_hand_in_evidence_and_removes_none() -> None:
    life = at_stage(Stage.INTAKE)
    life.do(c.Recuse(person="xiao.li", reason="a relative"))
    life.do(example(c.AttachFile, life), role=Role.DESK)
    with pytest.raises(Exception, match="kept out"):
        life.do(example(c.RemoveFile, life), role=Role.DESK)


def test_a_complaint_that_has_ended_takes_no_more_files() -> None:
    life = at_stage(Stage.ENDED)
    with pytest.raises(AlreadyClosed):
        life.do(example(c.AttachFile, life))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "5F" * 32),
        ("sha256", "5f" * 31),
        ("media_type", "image/png; charset=x"),
        ("media_type", "Image/png"),
        ("media_type", "image/"),
        ("size_bytes", 0),
        ("file_name", ""),
        ("file_name", "a\x00b"),
        ("attachment", "../../etc/passwd"),
    ],
)
def test_the_wire_names_the_wrong_field(field: str, value: object) -> None:
    with pytest.raises(Malformed) as malformed:
        parse_command("AttachFile", fields(**{field: value}))
    assert [problem.field for problem in malformed.value.problems] == [field]


def test_a_complaint_without_files_is_written_as_it_was_before_there_were_any() -> None:
    life = at_stage(Stage.INTAKE)
    batch = changes(life.born, life.state, life.events)
    for record in (view(life.state), batch):
        assert "attachments" not in plain(record)
    assert "attachments" not in canonical(batch)
