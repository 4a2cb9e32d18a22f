"""What `docker-compose.yml` needs besides images.

`python -m deploy.compose secrets` makes keys and passwords once, on the machine that runs the containers (`make
compose-secrets`); `… cluster-secrets` prints them for a development cluster (deploy/kubernetes). `… databases` runs in
a container and creates each service's database and roles, as the local run does; `… topics` each service's topic and
rights.
"""

import asyncio
import json
import os
import secrets
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.local.databases import ensure_databases
from deploy.local.environment import ENCRYPTING_SERVICES, SERVICES, Process, role_name
from deploy.local.files import private_directory, write_json, write_whole
from deploy.local.kafka_settings import ADMIN, PASSWORD_NAMES, password_name
from deploy.local.keys import CERTIFICATES_AT, Keys, Signing, ensure_keys
from deploy.local.topics import set_up_topics
from shared.messaging.access import BrokerAccess
from shared.settings import SecurityProtocol

STATE = Path(__file__).resolve().parents[1] / ".compose"
ALERTS = Path(__file__).resolve().parent / "kubernetes" / "monitoring" / "alerts.yaml"
ENVIRONMENT_FILE = "compose.env"
RULES_FILE = "rules.yaml"
PASSWORDS_FILE = "passwords.json"
SUPERUSER_PASSWORD_FILE = "postgres-password"  # noqa: S105  # the name of a file
NAMESPACE = "skill-voucher"
UNPRIVILEGED = 10_001
"""User and group of the containers if root makes the secrets; otherwise the containers run as whoever made them."""

PasswordsFile = Annotated[Path, typer.Option(help="The passwords of roles and principals, JSON.")]

_PASSWORD_BYTES = 24

command = typer.Typer(help="What docker-compose.yml needs besides images.", no_args_is_help=True, add_completion=False)


def password_variable(name: str) -> str:
    """The variable of the environment file that holds the password of a role or of a principal of Kafka."""
    return f"{name.upper()}_PASSWORD"


@command.command("secrets")
def make_secrets(
    directory: Annotated[Path, typer.Option(help="Where they are kept.")] = STATE,
    certificates_at: Annotated[
        str, typer.Option(help="Public base address of evaluation; certificates name its keys by it, for ever.")
    ] = CERTIFICATES_AT,
    log_origin: Annotated[
        str | None, typer.Option(help="Name of audit's log, for ever, such as `audit.example/log`; drawn if missing.")
    ] = None,
) -> None:
    """Make the keys and passwords that are missing; what exists is kept."""
    private_directory(directory)
    keys = ensure_keys(
        directory / "keys",
        services=SERVICES,
        encrypting=ENCRYPTING_SERVICES,
        certificates_at=certificates_at,
        log_origin=log_origin,
    )
    known_file = directory / PASSWORDS_FILE
    passwords: dict[str, str] = json.loads(known_file.read_text()) if known_file.exists() else {}
    names = [*(role_name(service, process) for service in SERVICES for process in Process), *PASSWORD_NAMES]
    passwords |= {name: secrets.token_urlsafe(_PASSWORD_BYTES) for name in names if name not in passwords}
    write_json(known_file, passwords)
    if not (directory / SUPERUSER_PASSWORD_FILE).exists():
        write_whole(directory / SUPERUSER_PASSWORD_FILE, secrets.token_urlsafe(_PASSWORD_BYTES))
    root = os.geteuid() == 0
    user, group = (UNPRIVILEGED, UNPRIVILEGED) if root else (os.geteuid(), os.getegid())
    lines = [f"{password_variable(name)}={passwords[name]}" for name in names]
    write_whole(directory / ENVIRONMENT_FILE, "\n".join([f"RUN_AS={user}:{group}", *lines, ""]))
    write_whole(directory / RULES_FILE, rules_of(ALERTS.read_text(encoding="utf-8")))
    (directory / RULES_FILE).chmod(0o644)
    if root:
        _hand_over(directory, keys)
    typer.echo(f"secrets are in {directory}")


def rules_of(manifest: str) -> str:
    """A PrometheusRule as a file of rules: what its `spec` holds."""
    return textwrap.dedent(manifest.partition("spec:\n")[2])


def _hand_over(directory: Path, keys: Keys) -> None:
    """Let the containers' user read what is mounted into them."""
    mounted = [*keys.directory.iterdir(), directory / PASSWORDS_FILE, directory / SUPERUSER_PASSWORD_FILE]
    for path in mounted:
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED)


@command.command("cluster-secrets")
def print_cluster_secrets(directory: Annotated[Path, typer.Option(help="Where they are kept.")] = STATE) -> None:
    """Print what a development cluster needs of them, as a manifest for `kubectl apply --filename -`."""
    keys, passwords = Keys(directory / "keys"), json.loads((directory / PASSWORDS_FILE).read_text())
    typer.echo(json.dumps({"apiVersion": "v1", "kind": "List", "items": cluster_secrets(keys, passwords)}, indent=1))


def cluster_secrets(keys: Keys, passwords: Mapping[str, str]) -> list[dict[str, Any]]:
    """The Secrets, and the ConfigMap of public keys, that `deploy/kubernetes` names and nobody else makes there."""
    public = {f"{signing}.jwks": keys.public(signing) for signing in Signing} | {"events.jwks": keys.all_events}
    manifests = [_manifest("ConfigMap", "public-keys", {name: path.read_text() for name, path in public.items()})]
    files = {
        "metrics-token": {"metrics-token": keys.metrics},
        "issuer-key": {"tokens.jwk": keys.private(Signing.TOKENS)},
        "voucher-presence-key": {"presence.jwk": keys.private(Signing.PRESENCE)},
        "audit-tree-head-key": {"tree-heads.jwk": keys.private(Signing.TREE_HEADS)},
        "evaluation-certificate-key": {"certificates.jwk": keys.private(Signing.CERTIFICATES)},
    }
    for service in SERVICES:
        files[f"{service}-keys"] = {"events.jwk": keys.events(service)}
        if service in ENCRYPTING_SERVICES:
            files[f"{service}-keys"] |= {"fields.json": keys.field(service), "blind-index": keys.blind_index(service)}
        for process in Process:
            role = role_name(service, process)
            login = {"username": role, "password": passwords[role]}
            name = f"{service}-database-{process.role_suffix}"
            manifests.append(_manifest("Secret", name, login) | {"type": "kubernetes.io/basic-auth"})
    return manifests + [
        _manifest("Secret", name, {entry: path.read_text() for entry, path in content.items()})
        for name, content in files.items()
    ]


def _manifest(kind: str, name: str, content: Mapping[str, str]) -> dict[str, Any]:
    data = {"data" if kind == "ConfigMap" else "stringData": dict(content)}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **data}


@command.command()
def databases(
    host: Annotated[str, typer.Option(help="Where PostgreSQL is.")],
    superuser_password_file: Annotated[Path, typer.Option(help="The superuser's password.")],
    passwords_file: PasswordsFile,
) -> None:
    """Create the databases and roles that are missing; safe to repeat."""
    superuser = quote(superuser_password_file.read_text().strip(), safe="")
    dsn = f"postgresql://postgres:{superuser}@{host}/postgres"
    asyncio.run(ensure_databases(dsn, json.loads(passwords_file.read_text())))


@command.command()
def topics(
    bootstrap_servers: Annotated[str, typer.Option(help="Where Kafka is, `host:port`.")],
    passwords_file: PasswordsFile,
) -> None:
    """Create the topics and rights that are missing, withdraw those that are too much; safe to repeat."""
    password = json.loads(passwords_file.read_text())[password_name(ADMIN)]
    asyncio.run(set_up_topics(BrokerAccess(bootstrap_servers, ADMIN, password, SecurityProtocol.SASL_PLAINTEXT)))


if __name__ == "__main__":
    command()
