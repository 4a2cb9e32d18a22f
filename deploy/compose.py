"""What `docker-compose.yml` needs besides images.

`python -m deploy.compose secrets` makes keys and passwords once, on the machine that runs the containers (`make
compose-secrets`). `python -m deploy.compose databases` runs in a container and creates each service's database and
roles, as the local run does.
"""

import asyncio
import json
import os
import secrets
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from deploy.local.databases import ensure_databases
from deploy.local.environment import ENCRYPTING_SERVICES, SERVICES, Process, role_name
from deploy.local.files import write_json, write_whole
from deploy.local.keys import CERTIFICATES_AT, Keys, ensure_keys

STATE = Path(__file__).resolve().parents[1] / ".compose"
ENVIRONMENT_FILE = "compose.env"
PASSWORDS_FILE = "passwords.json"
SUPERUSER_PASSWORD_FILE = "postgres-password"  # noqa: S105  # the name of a file
UNPRIVILEGED = 10_001
"""User and group of the containers if root makes the secrets; otherwise the containers run as whoever made them."""

_PASSWORD_BYTES = 24

command = typer.Typer(help="What docker-compose.yml needs besides images.", no_args_is_help=True, add_completion=False)


def password_variable(role: str) -> str:
    """The variable of the environment file that holds a role's password."""
    return f"{role.upper()}_PASSWORD"


@command.command("secrets")
def make_secrets(
    directory: Annotated[Path, typer.Option(help="Where they are kept.")] = STATE,
    certificates_at: Annotated[
        str, typer.Option(help="Public base address of evaluation; certificates name its keys by it, for ever.")
    ] = CERTIFICATES_AT,
) -> None:
    """Make the keys and passwords that are missing; what exists is kept."""
    directory.mkdir(parents=True, exist_ok=True)
    keys = ensure_keys(directory / "keys", encrypting=ENCRYPTING_SERVICES, certificates_at=certificates_at)
    known_file = directory / PASSWORDS_FILE
    passwords: dict[str, str] = json.loads(known_file.read_text()) if known_file.exists() else {}
    roles = [role_name(service, process) for service in SERVICES for process in Process]
    passwords |= {role: secrets.token_urlsafe(_PASSWORD_BYTES) for role in roles if role not in passwords}
    write_json(known_file, passwords)
    if not (directory / SUPERUSER_PASSWORD_FILE).exists():
        write_whole(directory / SUPERUSER_PASSWORD_FILE, secrets.token_urlsafe(_PASSWORD_BYTES))
    root = os.geteuid() == 0
    user, group = (UNPRIVILEGED, UNPRIVILEGED) if root else (os.geteuid(), os.getegid())
    lines = [f"{password_variable(role)}={passwords[role]}" for role in roles]
    write_whole(directory / ENVIRONMENT_FILE, "\n".join([f"RUN_AS={user}:{group}", *lines, ""]))
    if root:
        _hand_over(directory, keys)
    typer.echo(f"secrets are in {directory}")


def _hand_over(directory: Path, keys: Keys) -> None:
    """Let the containers' user read what is mounted into them."""
    mounted = [*keys.directory.iterdir(), directory / PASSWORDS_FILE, directory / SUPERUSER_PASSWORD_FILE]
    for path in mounted:
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED)


@command.command()
def databases(
    host: Annotated[str, typer.Option(help="Where PostgreSQL is.")],
    superuser_password_file: Annotated[Path, typer.Option(help="The superuser's password.")],
    passwords_file: Annotated[Path, typer.Option(help="The roles' passwords, JSON.")],
) -> None:
    """Create the databases and roles that are missing; safe to repeat."""
    superuser = quote(superuser_password_file.read_text().strip(), safe="")
    dsn = f"postgresql://postgres:{superuser}@{host}/postgres"
    asyncio.run(ensure_databases(dsn, json.loads(passwords_file.read_text())))


if __name__ == "__main__":
    command()
