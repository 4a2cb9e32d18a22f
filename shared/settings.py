"""Settings: read from the environment by each process that starts, checked then, described here and nowhere else.

`settings_table()` renders the README's table from the fields below. A service needs only some of them; `need_text` and
`need_file` fail at start, with the variable's name, when one that it does need is missing.
"""

import os
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SKILL_VOUCHER_"
ALL_SERVICES = "all"


class SettingsInvalid(ValueError):
    """The environment cannot be started with; the message names the variables and never their values."""


class Profile(StrEnum):
    """Where the process runs. Only `local` and `test` may move the business clock."""

    LOCAL = "local"
    TEST = "test"
    PRODUCTION = "production"


class SecurityProtocol(StrEnum):
    """How a client and a broker speak; there is no way to do so unauthenticated."""

    SASL_SSL = "SASL_SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"


Port = Annotated[int, Field(ge=0, le=65535)]


def _setting(default: Any, description: str, *, services: str = ALL_SERVICES) -> Any:
    """A field with the sentence and the processes that the README's table shows."""
    return Field(default=default, description=description, json_schema_extra={"services": services})


class Settings(BaseSettings):
    """Every setting of a process, from environment variables named `SKILL_VOUCHER_<FIELD>`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    profile: Profile = _setting(Profile.PRODUCTION, "`local`, `test` or `production`.")
    database_url: SecretStr | None = _setting(
        None, "The service's own database as the process's own role, `postgresql+asyncpg://user:password@host/name`."
    )
    kafka_bootstrap_servers: str | None = _setting(
        None, "Kafka brokers, `host:port` with commas between.", services="every worker process"
    )
    kafka_security_protocol: SecurityProtocol = _setting(
        SecurityProtocol.SASL_SSL,
        "`SASL_SSL`, or `SASL_PLAINTEXT`, which the production profile refuses.",
        services="every worker process",
    )
    kafka_username: str | None = _setting(
        None,
        "Who the service is to Kafka (SCRAM-SHA-512).",
        services="every worker process",
    )
    kafka_password: SecretStr | None = _setting(None, "That principal's password.", services="every worker process")
    kafka_ca_file: Path | None = _setting(
        None,
        "Certificates of the authorities that sign the brokers', PEM; the system's own if missing.",
        services="every worker process",
    )
    token_issuer: str | None = _setting(None, "The `iss` that access tokens must name.", services="every API")
    token_jwks_file: Path | None = _setting(
        None,
        "Public keys of the token issuer, a JWK set (followed: read again when it changes); any other key is refused.",
        services="every API",
    )
    presence_jwks_file: Path | None = _setting(
        None, "Public keys of presence codes, a JWK set (followed).", services="training api, voucher"
    )
    presence_key_file: Path | None = _setting(
        None, "Private key that signs presence codes, a JWK.", services="voucher api"
    )
    certificate_jwks_file: Path | None = _setting(
        None,
        "Public keys of certificates, a JWK set (followed); each `kid` a URL, `<base>/v1/certificate-keys#<name>`.",
        services="payout, voucher, evaluation",
    )
    certificate_key_file: Path | None = _setting(
        None,
        "Private key that signs certificates, a JWK; its `kid` a URL that evaluation answers.",
        services="evaluation api",
    )
    event_key_file: Path | None = _setting(
        None, "Private key that signs the service's events, a JWK; its `kid` is `<service>/<name>`."
    )
    event_jwks_file: Path | None = _setting(
        None, "Public keys of events, of every service, a JWK set (followed).", services="every worker, audit api"
    )
    tree_head_key_file: Path | None = _setting(
        None,
        "Private key that signs heads of the log's tree, a JWK; its `kid` is `<origin>#<name>`.",
        services="audit's worker process",
    )
    tree_head_jwks_file: Path | None = _setting(
        None, "Public keys of heads of the log's tree, a JWK set.", services="audit"
    )
    witness_key_file: Path | None = _setting(
        None, "Public keys of witnesses that cosign those heads, a C2SP verifier key in each line.", services="audit"
    )
    checkpoint_directory: Path | None = _setting(
        None,
        "Where signed heads are kept outside the database, a file each; nowhere else if missing.",
        services="audit's worker process",
    )
    field_key_file: Path | None = _setting(
        None,
        'Keys of encrypted columns, `{"current": 1, "keys": {"1": "<base64 of 32 bytes>"}}`.',
        services="voucher, payout, evaluation",
    )
    field_cipher: Literal["aes-256-gcm", "sm4-gcm"] = _setting(
        "aes-256-gcm", "Cipher of newly encrypted columns; both are always readable.", services="voucher, payout"
    )
    blind_index_key_file: Path | None = _setting(
        None, "Key of the blind indexes, base64 of 32 bytes.", services="voucher, payout, evaluation"
    )
    bank_url: str | None = _setting(
        None, "Base address of the bank's instruction interface.", services="payout's worker process"
    )
    http_host: str = _setting("127.0.0.1", "Address that the API listens on.", services="every API")
    http_port: Port = _setting(8000, "Port that the API listens on.", services="every API")
    http_body_limit_bytes: Annotated[int, Field(ge=1_024, le=64 * 1024 * 1024)] = _setting(
        1024 * 1024, "Largest request body, bytes.", services="every API"
    )
    http_head_limit_bytes: Annotated[int, Field(ge=1_024, le=256 * 1024)] = _setting(
        16 * 1024, "Longest request line and headers together, bytes.", services="every API"
    )
    http_head_timeout_s: Annotated[float, Field(gt=0, le=600)] = _setting(
        10.0, "Seconds in which a request's line and headers must have come.", services="every API"
    )
    http_body_timeout_s: Annotated[float, Field(gt=0, le=600)] = _setting(
        20.0, "Seconds in which a request's body must have come.", services="every API"
    )
    http_idle_timeout_s: Annotated[int, Field(ge=1, le=600)] = _setting(
        65, "Seconds that an answered connection may wait for its next request.", services="every API"
    )
    http_connections_most: Annotated[int, Field(ge=1, le=100_000)] = _setting(
        1_000, "Connections at a time; one more is refused and closed.", services="every API"
    )
    http_requests_most: Annotated[int, Field(ge=1, le=100_000)] = _setting(
        256, "Requests that are worked on at a time; one more is refused.", services="every API"
    )
    http_lookups_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = _setting(
        30, "Public lookups (verifying certificates) a minute from one address.", services="evaluation api"
    )
    http_hosts: str = _setting(
        "localhost,127.0.0.1,[::1]",
        "Names that the API answers to (`Host` without its port), with commas between; another is refused.",
        services="every API",
    )
    http_trusted_proxies: str = _setting(
        "",
        "Addresses or networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, with commas between.",
        services="every API",
    )
    metrics_port: Port = _setting(
        0, "Port of the process's `/metrics`; 0 for none.", services="every API and worker process"
    )
    metrics_token_file: Path | None = _setting(
        None, "The bearer token that `/metrics` asks for.", services="every API and worker process"
    )
    worker_ordinal: Annotated[int, Field(ge=0, le=999)] = _setting(
        0,
        "Which of the service's worker processes this is; names its static group membership.",
        services="every worker process",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting("INFO", "Least severity that is logged.")

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_variables(cls, values: Any) -> Any:
        known = {PREFIX + name.upper() for name in cls.model_fields}
        unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
        if unknown:
            raise SettingsInvalid(f"unknown settings in the environment: {', '.join(unknown)}")
        return values

    @model_validator(mode="after")
    def _refuse_plaintext_in_production(self) -> Self:
        if self.profile is Profile.PRODUCTION and self.kafka_security_protocol is not SecurityProtocol.SASL_SSL:
            raise SettingsInvalid(f"{PREFIX}KAFKA_SECURITY_PROTOCOL must be SASL_SSL in production")
        return self

    @cached_property
    def http_host_names(self) -> frozenset[str]:
        """`http_hosts` one by one, in lower case."""
        return frozenset(name.strip().lower() for name in self.http_hosts.split(",") if name.strip())

    @classmethod
    def from_environment(cls) -> Self:
        """The settings of this process; `SettingsInvalid` names every variable that is unknown or unusable."""
        try:
            return cls()
        except ValidationError as invalid:
            problems = [
                f"{PREFIX}{str(error['loc'][0]).upper()}: {error['msg']}" if error["loc"] else error["msg"]
                for error in invalid.errors(include_input=False, include_url=False)
            ]
            raise SettingsInvalid("; ".join(problems)) from None

    def need_text(self, name: str) -> str:
        """The text of setting `name`; `SettingsInvalid` with the variable's name if it is missing."""
        value = getattr(self, name)
        if value is None:
            raise SettingsInvalid(f"{PREFIX}{name.upper()} is missing: {type(self).model_fields[name].description}")
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    def need_file(self, name: str) -> Path:
        """The file that setting `name` points to; `SettingsInvalid` if it is missing or not a file."""
        path = Path(self.need_text(name))
        if not path.is_file():
            raise SettingsInvalid(f"{PREFIX}{name.upper()} does not name a readable file")
        return path


def settings_table() -> str:
    """The README's table of settings, Markdown."""
    lines = ["| variable | default | used by | meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        services = str(extra["services"]) if isinstance(extra, dict) else ALL_SERVICES
        default = "" if field.default in {None, ""} else f"`{field.default}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {services} | {field.description} |")
    return "\n".join(lines)
