"""Settings of the door: whose tokens count, how much is too much, which pages may ask.

Read from the environment like those of the other processes (`workflows.settings`), and checked at start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.access.addresses import is_safe
from workflows.settings import loaded, table_of

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Those with a public key. Nothing that anybody could sign who knows what everybody knows: no `none`, no HS256."""


def _algorithms(value: str) -> str:
    if not _words(value) or set(_words(value)) - set(ALGORITHMS):
        raise ValueError(f"must be a comma-separated choice of {', '.join(ALGORITHMS)}")
    return value


def _issuer(value: str) -> str:
    if not is_safe(value):
        raise ValueError("must be an https URL; http only on this machine (127.0.0.1, ::1, localhost)")
    return value


def _origins(value: str) -> str:
    for origin in _words(value):
        parts = urlsplit(origin)
        if (
            parts.scheme not in ("http", "https")
            or not parts.netloc
            or origin != f"{parts.scheme}://{parts.netloc}"
        ):
            raise ValueError(
                "must be comma-separated origins such as https://desk.example, without path or *"
            )
    return value


class AccessSettings(BaseSettings):
    """Who is let in."""

    model_config = SettingsConfigDict(
        env_prefix="REDRESS_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    oidc_issuer: Annotated[
        Annotated[str, AfterValidator(_issuer)] | None,
        Field(description="issuer of people's tokens (OpenID Connect), exactly as `iss` names it"),
    ] = None
    oidc_audience: Annotated[
        str | None, Field(description="the `aud` that tokens must be meant for; required with an issuer")
    ] = None
    oidc_algorithms: Annotated[
        str, AfterValidator(_algorithms), Field(description="signatures that are accepted, comma-separated")
    ] = "RS256,ES256,EdDSA"
    oidc_id_claim: Annotated[str, Field(description="claim that names the person")] = "sub"
    oidc_roles_claim: Annotated[
        str, Field(description="claim with their roles; dots lead into objects, as in realm_access.roles")
    ] = "roles"
    oidc_role_prefix: Annotated[
        str,
        Field(
            description="what our roles begin with in that claim, such as redress-; others are passed over"
        ),
    ] = ""
    oidc_department_claim: Annotated[str, Field(description="claim with their department")] = "department"
    rate_per_minute: Annotated[
        int, Field(ge=1, le=1_000_000, description="requests a minute of one key or person")
    ] = 1200
    failures_per_minute: Annotated[
        int, Field(ge=1, le=100_000, description="wrong credentials a minute from one address")
    ] = 30
    cors_origins: Annotated[
        str,
        AfterValidator(_origins),
        Field(description="pages of other origins that may ask, comma-separated; none if empty"),
    ] = ""
    dev_login: Annotated[
        Path | None,
        Field(description="key file of the development login; set by `redress up` alone, refused elsewhere"),
    ] = None
    embedded_database: Annotated[
        Path | None, Field(description="folder of the embedded database's files; set by `redress up` alone")
    ] = None

    @model_validator(mode="after")
    def _are_whole(self) -> AccessSettings:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("REDRESS_OIDC_ISSUER and REDRESS_OIDC_AUDIENCE must be set together")
        return self

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The signatures that are accepted."""
        return _words(self.oidc_algorithms)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of pages that may ask."""
        return _words(self.cors_origins)


def load_access(**given: object) -> AccessSettings:
    """Read the settings, with some given by the caller.

    Raises:
        SettingsError: Names every variable that is wrong.
    """
    return loaded(AccessSettings, **given)


def table() -> list[tuple[str, str, str]]:
    """List variable, default and meaning of every setting."""
    return table_of(AccessSettings)


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())
