"""Settings of the door: what would leave it open is refused at start, by name."""

from __future__ import annotations

import pytest

from api.access.settings import load_access, table
from workflows.settings import SettingsError

ISSUER = {"REDRESS_OIDC_ISSUER": "https://login.example/realms/water", "REDRESS_OIDC_AUDIENCE": "redress"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for variable, _, _ in table():
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


def test_without_any_nothing_is_open(environment: pytest.MonkeyPatch) -> None:
    settings = load_access()
    assert (settings.oidc_issuer, settings.dev_login, settings.origins) == (None, None, ())


def test_an_issuer_is_read(environment: pytest.MonkeyPatch) -> None:
    for name, value in ISSUER.items():
        environment.setenv(name, value)
    environment.setenv("REDRESS_OIDC_ALGORITHMS", "ES256, EdDSA")
    assert load_access().algorithms == ("ES256", "EdDSA")


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("REDRESS_OIDC_ALGORITHMS", "none"),
        ("REDRESS_OIDC_ALGORITHMS", "RS256,HS256"),
        ("REDRESS_OIDC_ALGORITHMS", ","),
        ("REDRESS_OIDC_ISSUER", "http://login.example"),
        ("REDRESS_OIDC_ISSUER", "redress-dev"),
        ("REDRESS_OIDC_ISSUER", "https://user:s3cret@login.example"),
        ("REDRESS_CORS_ORIGINS", "*"),
        ("REDRESS_CORS_ORIGINS", "null"),
        ("REDRESS_CORS_ORIGINS", "https://desk.example/page"),
        ("REDRESS_CORS_ORIGINS", "https://desk.example,*"),
        ("REDRESS_CORS_ORIGINS", "file:///x"),
        ("REDRESS_RATE_PER_MINUTE", "0"),
        ("REDRESS_FAILURES_PER_MINUTE", "-1"),
    ],
)
def test_a_setting_that_would_leave_it_open_names_itself_and_not_its_value(
    environment: pytest.MonkeyPatch, variable: str, wrong: str
) -> None:
    environment.setenv(variable, wrong)
    with pytest.raises(SettingsError) as refused:
        load_access()
    assert str(refused.value).startswith(f"{variable}: ")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("alone", ISSUER)
def test_an_issuer_without_an_audience_would_accept_tokens_meant_for_others(
    environment: pytest.MonkeyPatch, alone: str
) -> None:
    environment.setenv(alone, ISSUER[alone])
    with pytest.raises(SettingsError, match="must be set together"):
        load_access()
