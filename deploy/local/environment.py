"""What every process of the local run is given: directories, ports, passwords, and each service's settings."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from deploy.local.errors import NotRunning
from deploy.local.files import PRIVATE_DIRECTORY, write_json
from deploy.local.kafka_settings import PASSWORD_NAMES, local_access
from deploy.local.keys import Keys, Signing, ensure_keys
from deploy.local.ports import LOOPBACK, first_free, is_free
from deploy.local.processes import ENVIRONMENT, Command
from shared.messaging.access import BrokerAccess

SERVICES = ("voucher", "training", "evaluation", "payout", "audit")
ENCRYPTING_SERVICES = ("voucher", "evaluation", "payout")
PREFIX = "SKILL_VOUCHER_"

_PASSWORD_BYTES = 24
_FIRST_PORTS = {"postgres": 18432, "kafka": 18092, "kafka-controller": 18093, "issuer": 18090, "bank": 18091}
_FIRST_API_PORT = 18101
_FIRST_METRICS_PORT = 18201


class Process(StrEnum):
    """The processes of a service; each has a database role of its own."""

    API = "api"
    WORKER = "worker"
    MIGRATE = "migrate"

    @property
    def role_suffix(self) -> str:
        """``<service>_<suffix>`` is the database role: the owner migrates, the others have only what they need."""
        return "owner" if self is Process.MIGRATE else self.value


def role_name(service: str, process: Process) -> str:
    """The database role of a service's process."""
    return f"{service}_{process.role_suffix}"


@dataclass(frozen=True)
class LocalEnvironment:
    """The local run whose state is in ``root`` and whose code is in ``project``."""

    project: Path
    root: Path
    ports: Mapping[str, int]
    passwords: Mapping[str, str]
    keys: Keys
    profile: str = "local"

    @classmethod
    def prepare(cls, project: Path, root: Path, *, workers: int = 1, profile: str = "local") -> Self:
        """Make the state directory, keys and passwords, and choose ports: the recorded ones where they are free.

        ``workers`` is the number of worker processes a service. To be called while nothing of the run is up. Raises
        LocalRunError if no free port is found.
        """
        root = root.absolute()
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o711 if os.geteuid() == 0 else PRIVATE_DIRECTORY)  # the user of the database server passes through
        ports = _choose_ports(_read(root / "ports.json"), workers)
        write_json(root / "ports.json", ports)
        passwords = _complete_passwords(_read(root / "passwords.json"))
        write_json(root / "passwords.json", passwords)
        certificates_at = f"http://{LOOPBACK}:{ports['evaluation-api']}"
        keys = ensure_keys(
            root / "keys", services=SERVICES, encrypting=ENCRYPTING_SERVICES, certificates_at=certificates_at
        )
        return cls(project.absolute(), root, ports, passwords, keys, profile)

    @classmethod
    def attach(cls, project: Path, root: Path, *, profile: str = "local") -> Self:
        """Read what the run of ``root`` was given, to speak with it; NotRunning if there has been none."""
        root = root.absolute()
        ports, passwords = _read(root / "ports.json"), _read(root / "passwords.json")
        if not ports or not passwords:
            raise NotRunning(f"nothing has run from {root} yet")
        return cls(project.absolute(), root, ports, passwords, Keys(root / "keys"), profile)

    @property
    def run_directory(self) -> Path:
        """Where the supervisor keeps its records."""
        return self.root / "run"

    def broker_access(self, principal: str) -> BrokerAccess:
        """How ``principal`` reaches the local Kafka."""
        return local_access(self.ports["kafka"], principal, self.passwords)

    @property
    def issuer_url(self) -> str:
        """Base address of the development token issuer, which is also the ``iss`` of its tokens."""
        return self.url("issuer")

    def url(self, name: str) -> str:
        """Base address of ``issuer``, ``bank`` or ``<service>-api``."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def log_file(self, name: str) -> Path:
        """The log of a process."""
        return self.root / "log" / f"{name}.log"

    def database_url(self, service: str, process: Process) -> str:
        """SQLAlchemy address of the service's database in the process's role."""
        role = role_name(service, process)
        return f"postgresql+asyncpg://{role}:{self.passwords[role]}@{LOOPBACK}:{self.ports['postgres']}/{service}"

    def role_passwords(self) -> dict[str, str]:
        """The passwords of the services' roles, as ``ensure_databases`` wants them."""
        return {role: self.passwords[role] for role in _roles()}

    def settings(self, service: str, process: Process, ordinal: int = 0) -> dict[str, str]:
        """The settings of one process, without their prefix; ``ordinal`` numbers a service's worker processes."""
        keys = self.keys
        settings = {
            "PROFILE": self.profile,
            "DATABASE_URL": self.database_url(service, process),
            "LOG_LEVEL": "INFO",
        }
        if process is Process.MIGRATE:
            return settings
        settings |= {
            "TOKEN_ISSUER": self.issuer_url,
            "TOKEN_JWKS_FILE": str(keys.public(Signing.TOKENS)),
            "PRESENCE_JWKS_FILE": str(keys.public(Signing.PRESENCE)),
            "CERTIFICATE_JWKS_FILE": str(keys.public(Signing.CERTIFICATES)),
            "METRICS_TOKEN_FILE": str(keys.metrics),
            "EVENT_KEY_FILE": str(keys.events(service)),
        }
        if process is Process.API:
            settings |= {"HTTP_HOST": LOOPBACK, "HTTP_PORT": str(self.ports[f"{service}-api"])}
            settings |= {"METRICS_PORT": str(self.ports[f"{service}-api-metrics"])}
        else:
            access = self.broker_access(service)
            settings |= {
                "METRICS_PORT": str(self.ports[f"{service}-worker-{ordinal}"]),
                "WORKER_ORDINAL": str(ordinal),
                "KAFKA_BOOTSTRAP_SERVERS": access.bootstrap_servers,
                "KAFKA_SECURITY_PROTOCOL": access.security_protocol.value,
                "KAFKA_USERNAME": access.username,
                "KAFKA_PASSWORD": access.password,
            }
        return settings | self._secrets(service, process)

    def environment(self, service: str, process: Process, ordinal: int = 0) -> dict[str, str]:
        """The whole environment of one process: its own settings, and nothing of ours."""
        own = {f"{PREFIX}{name}": value for name, value in self.settings(service, process, ordinal).items()}
        return {**ENVIRONMENT, **own}

    def command(self, service: str, process: Process, ordinal: int = 0) -> Command:
        """One process of a service, as the supervisor runs it; a worker process's name ends in its ordinal."""
        name = f"{service}-{process}-{ordinal}" if process is Process.WORKER else f"{service}-{process}"
        return Command(
            name=name,
            argv=(sys.executable, "-m", f"services.{service}", process.value),
            environment=self.environment(service, process, ordinal),
            log_file=self.log_file(name),
            cwd=self.project,
        )

    def _secrets(self, service: str, process: Process) -> dict[str, str]:
        """Secrets, and what only some have to do with, go to those who need them."""
        found: dict[str, str] = {}
        if process is Process.WORKER or service == "audit":
            found["EVENT_JWKS_FILE"] = str(self.keys.all_events)
        if service in ENCRYPTING_SERVICES:
            found["FIELD_KEY_FILE"] = str(self.keys.field(service))
            found["BLIND_INDEX_KEY_FILE"] = str(self.keys.blind_index(service))
        if service == "voucher" and process is Process.API:
            found["PRESENCE_KEY_FILE"] = str(self.keys.private(Signing.PRESENCE))
        if service == "evaluation" and process is Process.API:
            found["CERTIFICATE_KEY_FILE"] = str(self.keys.private(Signing.CERTIFICATES))
        if service == "audit":
            found["TREE_HEAD_JWKS_FILE"] = str(self.keys.public(Signing.TREE_HEADS))
        if service == "audit" and process is Process.WORKER:
            found["TREE_HEAD_KEY_FILE"] = str(self.keys.private(Signing.TREE_HEADS))
            found["CHECKPOINT_DIRECTORY"] = str(self.root / "checkpoints")
        if service == "payout" and process is Process.WORKER:
            found["BANK_URL"] = self.url("bank")
        return found


def _roles() -> Iterator[str]:
    return (role_name(service, process) for service in SERVICES for process in Process)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _complete_passwords(recorded: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in ("postgres", *_roles(), *PASSWORD_NAMES) if name not in recorded]
    return dict(recorded) | {name: secrets.token_urlsafe(_PASSWORD_BYTES) for name in missing}


def _choose_ports(recorded: Mapping[str, int], workers: int) -> dict[str, int]:
    first = dict(_FIRST_PORTS)
    first |= {f"{service}-api": _FIRST_API_PORT + at for at, service in enumerate(SERVICES)}
    names = [f"{service}-api-metrics" for service in SERVICES]
    names += [f"{service}-worker-{ordinal}" for service in SERVICES for ordinal in range(workers)]
    first |= {name: _FIRST_METRICS_PORT + at for at, name in enumerate(names)}
    ports = {name: port for name, port in recorded.items() if name in first and is_free(port)}
    for name, start in first.items():
        if name not in ports:
            ports[name] = first_free(start, ports.values())
    return ports
