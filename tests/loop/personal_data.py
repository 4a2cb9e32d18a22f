"""The search for personal data over everything that a run wrote: logs, events, every column of every table."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg

from deploy.local.environment import SERVICES, LocalEnvironment, Process

JWS = re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
TEXT_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('text', 'json', 'jsonb', 'character varying', 'ARRAY', 'bytea')
"""


def decoded(text: str) -> str:
    """The text with what its JWS segments say added to it."""
    parts = [text]
    for found in JWS.finditer(text):
        for segment in found.group().split(".")[:2]:
            parts.append(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode("utf-8", "replace"))
    return "\n".join(parts)


def log_texts(root: Path) -> Iterator[tuple[str, str]]:
    """Every log file of a run."""
    for path in sorted(root.rglob("*.log")):
        yield str(path.name), path.read_text(errors="replace")


async def table_texts(environment: LocalEnvironment) -> list[tuple[str, str]]:
    """Every readable column of every service's database, whole envelopes in audit's log among them."""
    texts: list[tuple[str, str]] = []
    for service in SERVICES:
        url = environment.database_url(service, Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
        connection = await asyncpg.connect(url)
        try:
            for table, column, data_type in await connection.fetch(TEXT_COLUMNS):
                wanted = f'"{column}"' if data_type == "bytea" else f'"{column}"::text'
                rows = await connection.fetch(f'SELECT DISTINCT {wanted} AS value FROM "{table}"')
                values = [row["value"] for row in rows if row["value"] is not None]
                whole = [value.decode(errors="replace") if isinstance(value, bytes) else value for value in values]
                texts.append((f"{service}.{table}.{column}", "\n".join(whole)))
        finally:
            await connection.close()
    return texts


def finds(texts: Iterable[tuple[str, str]], secrets: Iterable[str]) -> list[str]:
    """Where any of the secrets is readable; the secrets themselves are not repeated."""
    wanted = re.compile("|".join(re.escape(secret) for secret in sorted(set(secrets), key=len, reverse=True)))
    found = []
    for place, text in texts:
        whole = decoded(text)
        whole += json.dumps(whole, ensure_ascii=True)
        if wanted.search(whole):
            found.append(place)
    return found
