"""How a process reaches the brokers, and who it is there: every client of Kafka is opened with this."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from shared.settings import SecurityProtocol, Settings

MECHANISM = "SCRAM-SHA-512"
"""Neither side tells the other the password; the broker keeps a salted hash of it."""


@dataclass(frozen=True, slots=True)
class BrokerAccess:
    """Addresses of the brokers, and the credentials of one principal."""

    bootstrap_servers: str
    username: str
    password: str = field(repr=False)
    security_protocol: SecurityProtocol = SecurityProtocol.SASL_SSL
    ca_file: Path | None = None
    """Who may have signed the brokers' certificates; the system's authorities if it is None."""

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """What the process was given; `SettingsInvalid` with the variable's name if something is missing."""
        return cls(
            bootstrap_servers=settings.need_text("kafka_bootstrap_servers"),
            username=settings.need_text("kafka_username"),
            password=settings.need_text("kafka_password"),
            security_protocol=settings.kafka_security_protocol,
            ca_file=settings.need_file("kafka_ca_file") if settings.kafka_ca_file else None,
        )

    def options(self) -> dict[str, Any]:
        """The keyword arguments of aiokafka's clients; under TLS the broker's name and certificate are verified."""
        tls = self.security_protocol is SecurityProtocol.SASL_SSL
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol.value,
            "ssl_context": ssl.create_default_context(cafile=self.ca_file) if tls else None,
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }
