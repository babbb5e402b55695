"""Settings, from the environment: one table, checked at start. A wrong one names itself.

Every field is read from `REDRESS_` plus its name in capitals.
"""

from __future__ import annotations

import ipaddress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from db import masters
from db.engine import postgres_url
from db.masters import Masters

S = TypeVar("S", bound=BaseSettings)


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names the variable and the rule, never the value."""


def _service(value: str) -> str:
    masters.service_of(value)
    return value


def _database(value: SecretStr) -> SecretStr:
    try:
        postgres_url(value.get_secret_value())
    except (ValueError, ArgumentError):  # its words may repeat a part of the URL
        raise ValueError("must be postgresql+psycopg://user:password@host:port/database") from None
    return value


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be host:port")
    return value


def _bindable(value: str) -> str:
    try:
        ipaddress.ip_address(_address(value).rpartition(":")[0].strip("[]"))
    except ValueError:
        raise ValueError("must be an IP address and a port, such as 0.0.0.0:9464") from None
    return value


def _networks(value: str) -> str:
    try:
        networks(value)
    except ValueError:
        raise ValueError("must be networks, such as 10.1.0.0/16,fd00:12::/32") from None
    return value


def networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Read networks, separated by commas.

    Raises:
        ValueError: One of them is none.
    """
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


class Settings(BaseSettings):
    """What a process of ours needs to know about its surroundings."""

    model_config = SettingsConfigDict(
        env_prefix="REDRESS_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: Annotated[
        SecretStr,
        AfterValidator(_database),
        Field(description="PostgreSQL, as postgresql+psycopg://user:password@host/db"),
    ]
    encryption_key_file: Annotated[
        Path | None, Field(description="a file that holds the encryption key, or several, one a line")
    ] = None
    key_service: Annotated[
        Annotated[str, AfterValidator(_service)] | None,
        Field(description="module:function that opens the encryption keys, where a KMS wrapped them"),
    ] = None
    encryption_key: Annotated[
        SecretStr | None,
        Field(
            validate_default=True,
            description="32 bytes in base64, or several, newest first; encrypts what is personal. Required, or its file",
        ),
    ] = None
    temporal_address: Annotated[
        str, AfterValidator(_address), Field(description="host:port of the Temporal frontend")
    ] = "127.0.0.1:7233"
    temporal_namespace: Annotated[str, Field(description="Temporal namespace")] = "default"
    temporal_tls: Annotated[bool, Field(description="connect to Temporal with TLS")] = False
    temporal_api_key: Annotated[
        SecretStr | None, Field(description="API key of Temporal Cloud; implies TLS")
    ] = None
    policy: Annotated[
        str, Field(description="where no policy is activated: the name of one in policies/, or a file's path")
    ] = "default"
    targets_file: Annotated[
        Path | None, Field(description="YAML: who is told where; without it, the outbox")
    ] = None
    language: Annotated[Literal["zh", "en"], Field(description="language of notices to staff")] = "zh"
    metrics_address: Annotated[
        Annotated[str, AfterValidator(_bindable)] | None,
        Field(description="IP address and port for Prometheus, such as 127.0.0.1:9464; none if empty"),
    ] = None
    api_address: Annotated[
        str,
        AfterValidator(_bindable),
        Field(description="IP address and port of the HTTP API; 0.0.0.0:8080 in a container"),
    ] = "127.0.0.1:8080"
    api_connections: Annotated[
        int, Field(ge=1, le=200, description="database connections of the API, each with a thread")
    ] = 10
    log_format: Annotated[Literal["text", "json"], Field(description="how log lines look")] = "text"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="least level logged")
    ] = "info"
    workflow_tasks: Annotated[
        int, Field(ge=1, le=100, description="workflow tasks at once; 8-16 on two cores")
    ] = 12
    activities: Annotated[
        int, Field(ge=1, le=200, description="database activities at once, each with a thread")
    ] = 10
    deliveries: Annotated[int, Field(ge=1, le=200, description="notices being delivered at once")] = 10
    bundle_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=3600,
            description="how long after one message a recipient gets the next, with all notices since",
        ),
    ] = 30
    webhooks: Annotated[
        int,
        Field(ge=0, le=100, description="webhook events being sent at once; 0 sends none from this worker"),
    ] = 8
    webhook_allow_private: Annotated[
        str,
        AfterValidator(_networks),
        Field(
            description="private networks that webhooks may be sent to, also without TLS, such as 10.1.0.0/16; none if empty"
        ),
    ] = ""
    cached_complaints: Annotated[int, Field(ge=10, description="complaints kept in memory")] = 2000
    sandbox: Annotated[
        bool,
        Field(
            description="watch workflow code for what is not deterministic; takes a third of the worker's CPU"
        ),
    ] = False
    shutdown_seconds: Annotated[
        int, Field(ge=1, le=600, description="how long work in flight may finish")
    ] = 20

    @cached_property
    def masters(self) -> Masters:
        """The master keys."""
        return _masters(self.encryption_key, self.encryption_key_file, self.key_service)

    @field_validator("encryption_key")
    @classmethod
    def _opens(cls, value: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        """Read the keys once now, so that a process with wrong ones does not start."""
        file, service = others.data.get("encryption_key_file"), others.data.get("key_service")
        if value is None and file is None:
            raise ValueError("Field required, or REDRESS_ENCRYPTION_KEY_FILE")
        _masters(value, file, service)
        return value


def _masters(key: SecretStr | None, file: Path | None, service: str | None) -> Masters:
    try:
        text = key.get_secret_value() if key is not None else (file or Path()).read_text(encoding="ascii")
    except (OSError, ValueError):
        raise ValueError("REDRESS_ENCRYPTION_KEY_FILE cannot be read") from None
    return masters.read(text, masters.service_of(service) if service else None)


def load_settings(**given: object) -> Settings:
    """Read the settings, with some given by the caller.

    Raises:
        SettingsError: Names every variable that is missing or wrong.
    """
    return loaded(Settings, **given)


def loaded(kind: type[S], **given: Any) -> S:
    """Read one kind of settings, with some given by the caller.

    Raises:
        SettingsError: Names every variable that is missing or wrong.
    """
    try:
        return kind(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_line(each["loc"], each["msg"]) for each in error.errors())) from None


def _line(place: tuple[int | str, ...], rule: str) -> str:
    """Name the variable; a rule about several names them itself."""
    said = rule.removeprefix("Value error, ")
    return f"REDRESS_{str(place[0]).upper()}: {said}" if place else said


def load_masters() -> Masters:
    """Read the master keys alone, for whoever needs nothing else.

    Raises:
        SettingsError: Names the variable that is missing or wrong.
    """
    return load_settings(database_url="postgresql://nobody@nowhere/none").masters


def table() -> list[tuple[str, str, str]]:
    """List variable, default and meaning of every setting, for help and documentation."""
    return table_of(Settings)


def table_of(kind: type[BaseSettings]) -> list[tuple[str, str, str]]:
    """List those of one kind."""
    return [
        (
            f"REDRESS_{name.upper()}",
            "required"
            if field.is_required() or name == "encryption_key"
            else str(field.default if field.default is not None else ""),
            field.description or "",
        )
        for name, field in kind.model_fields.items()
    ]
