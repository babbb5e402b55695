"""Settings: read from the environment, checked as a whole, and a wrong one names itself without showing itself."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from workflows.settings import Settings, SettingsError, load_settings, table

KEY = base64.b64encode(bytes(range(32))).decode()
DATABASE = "postgresql+psycopg://redress:s3cret-word@127.0.0.1:5432/redress"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The two settings that have to be there, and no others."""
    for variable, _, _ in table():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("REDRESS_DATABASE_URL", DATABASE)
    monkeypatch.setenv("REDRESS_ENCRYPTION_KEY", KEY)
    return monkeypatch


def complaints_about(**variables: str) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        with pytest.raises(SettingsError) as refused:
            load_settings()
    return str(refused.value).splitlines()


def test_the_environment_is_read(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REDRESS_TEMPORAL_ADDRESS", "temporal.example:7233")
    environment.setenv("REDRESS_WORKFLOW_TASKS", "8")
    settings = load_settings()
    assert settings.database_url.get_secret_value() == DATABASE
    assert settings.masters.all == (bytes(range(32)),)
    assert (settings.temporal_address, settings.workflow_tasks) == ("temporal.example:7233", 8)


def test_what_the_caller_gives_outweighs_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REDRESS_LANGUAGE", "en")
    assert load_settings(language="zh").language == "zh"


def test_every_missing_setting_is_named_on_a_line_of_its_own(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("REDRESS_DATABASE_URL")
    environment.delenv("REDRESS_ENCRYPTION_KEY")
    lines = complaints_about()
    assert [line.partition(":")[0] for line in lines] == ["REDRESS_DATABASE_URL", "REDRESS_ENCRYPTION_KEY"]


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("REDRESS_ENCRYPTION_KEY", "dG9vLXNob3J0"),
        ("REDRESS_ENCRYPTION_KEY", "not-even-base64!"),
        ("REDRESS_DATABASE_URL", "mysql://root:s3cret@db.example/x"),
        ("REDRESS_DATABASE_URL", "s3cret-nonsense"),
        ("REDRESS_METRICS_ADDRESS", "s3cret-nonsense"),
        ("REDRESS_METRICS_ADDRESS", "127.0.0.1:s3cret"),
        ("REDRESS_TEMPORAL_ADDRESS", "s3cret-nonsense"),
        ("REDRESS_TEMPORAL_TLS", "s3cret-maybe"),
        ("REDRESS_LANGUAGE", "s3cret-tongue"),
        ("REDRESS_LOG_FORMAT", "s3cret-xml"),
        ("REDRESS_LOG_LEVEL", "s3cret-loud"),
        ("REDRESS_WORKFLOW_TASKS", "31337"),
        ("REDRESS_ACTIVITIES", "-31337"),
        ("REDRESS_DELIVERIES", "s3cret-many"),
        ("REDRESS_CACHED_COMPLAINTS", "s3cret-lots"),
        ("REDRESS_SHUTDOWN_SECONDS", "31337"),
    ],
)
def test_a_wrong_setting_names_itself_and_never_shows_its_value(variable: str, wrong: str) -> None:
    (line,) = complaints_about(**{variable: wrong})
    name, _, rule = line.partition(": ")
    assert name == variable
    assert rule
    assert wrong not in line
    assert "s3cret" not in line


def test_all_wrong_settings_are_named_at_once() -> None:
    lines = complaints_about(REDRESS_LANGUAGE="fr", REDRESS_LOG_LEVEL="loud", REDRESS_ACTIVITIES="0")
    assert {line.partition(":")[0] for line in lines} == {
        "REDRESS_LANGUAGE",
        "REDRESS_LOG_LEVEL",
        "REDRESS_ACTIVITIES",
    }


@pytest.mark.parametrize("address", ["127.0.0.1:9100", "[::1]:9100", "0.0.0.0:0"])
def test_metrics_may_be_served_at(address: str) -> None:
    assert load_settings(metrics_address=address).metrics_address == address


def test_an_empty_metrics_address_means_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REDRESS_METRICS_ADDRESS", "")
    assert load_settings().metrics_address is None


def test_secrets_stay_out_of_what_is_printed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REDRESS_TEMPORAL_API_KEY", "s3cret-api-key")
    printed = repr(load_settings())
    assert "s3cret" not in printed
    assert KEY not in printed


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError):
        load_settings().language = "en"  # type: ignore[misc]  # that it is refused is what we test


def test_the_table_explains_every_setting() -> None:
    rows = table()
    assert [row[0] for row in rows] == [f"REDRESS_{name.upper()}" for name in Settings.model_fields]
    assert all(meaning for _, _, meaning in rows)
    assert [variable for variable, default, _ in rows if default == "required"] == [
        "REDRESS_DATABASE_URL",
        "REDRESS_ENCRYPTION_KEY",
    ]


def test_a_targets_file_is_a_path(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REDRESS_TARGETS_FILE", str(tmp_path / "targets.yaml"))
    assert load_settings().targets_file == tmp_path / "targets.yaml"
