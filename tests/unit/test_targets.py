"""Who is told where: the most particular line wins, and a file with a mistake is refused as a whole."""

from pathlib import Path

import pytest

from activities.targets import Targets, TargetsError

FILE = """
lead:billing: [wecom://BILLING, "smtp://mail.example/?from=a@b.example&to=c@d.example"]
lead: [feishu://LEADS]
customer_service: [dingtalk://SERVICE]
handler: []
default: [webhook+https://hooks.example/all]
"""


@pytest.fixture
def targets(tmp_path: Path) -> Targets:
    return read(tmp_path, FILE)


def read(folder: Path, text: str) -> Targets:
    path = folder / "targets.yaml"
    path.write_text(text, encoding="utf-8")
    return Targets.read(path)


@pytest.mark.parametrize(
    ("recipient", "channels"),
    [
        ("lead:billing", ["wecom", "e-mail"]),
        ("lead:metering", ["feishu"]),
        ("customer_service", ["dingtalk"]),
        ("executive", ["webhook"]),
    ],
)
def test_the_most_particular_line_wins(targets: Targets, recipient: str, channels: list[str]) -> None:
    assert [sender.channel for sender in targets.of(recipient)] == channels


def test_an_empty_line_keeps_its_recipient_from_the_default(targets: Targets) -> None:
    assert targets.of("handler:zhang.wei") == []


def test_without_a_file_nobody_has_a_target() -> None:
    assert Targets.read(None).of("executive") == []


def test_an_empty_file_names_nobody(tmp_path: Path) -> None:
    assert read(tmp_path, "").of("lead:billing") == []


@pytest.mark.parametrize(
    "text",
    [
        "- wecom://S3CRET",
        "lead: wecom://S3CRET",
        "lead: [{wecom: S3CRET}]",
        "lead: [42]",
        "just S3CRET words",
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TargetsError, match=r"targets\.yaml must map each recipient to a list") as refused:
        read(tmp_path, text)
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize("text", ["lead: [wecom://S3CRET", "lead: @S3CRET"])
def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TargetsError, match=r"targets\.yaml cannot be read") as refused:
        read(tmp_path, text)
    assert "S3CRET" not in str(refused.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "targets.yaml"
    path.write_bytes("lead: [] # 班长".encode("gb18030"))
    with pytest.raises(TargetsError, match=r"targets\.yaml cannot be read"):
        Targets.read(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match=r"nowhere\.yaml cannot be read"):
        Targets.read(tmp_path / "nowhere.yaml")


def test_one_wrong_target_refuses_the_file_and_names_its_recipient(tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match=r"^executive: .*scheme") as refused:
        read(tmp_path, f"{FILE}\nexecutive: [telegram://S3CRET]\n")
    assert "S3CRET" not in str(refused.value)


def test_what_is_meant_for_customers_never_goes_to_a_line_for_staff(targets: Targets) -> None:
    assert targets.of("customer") == []


def test_what_is_meant_for_customers_goes_to_their_own_line(tmp_path: Path) -> None:
    targets = read(tmp_path, f"{FILE}\ncustomer: [webhook+https://gateway.example/]\n")
    assert [sender.channel for sender in targets.of("customer")] == ["webhook"]


@pytest.mark.parametrize("channel", ["e-mail", "mail", "smtp"])
def test_the_channel_that_a_rung_prefers_is_tried_first(targets: Targets, channel: str) -> None:
    assert [sender.channel for sender in targets.of("lead:billing", channel)] == ["e-mail", "wecom"]


def test_a_channel_that_a_recipient_does_not_have_changes_nothing(targets: Targets) -> None:
    assert [sender.channel for sender in targets.of("lead:billing", "feishu")] == ["wecom", "e-mail"]
