"""People who are registered in every service from the beginning: who hold an office in a test, or act for somebody."""

from itertools import cycle
from uuid import UUID

import asyncpg

PEOPLE = tuple(UUID(f"00000000-0000-7000-8000-{number:012x}") for number in range(1, 301))
"""More than any test asks for."""

BYSTANDER = PEOPLE[-1]
"""Who is registered, and whom no test is given."""

_turn = cycle(PEOPLE[:-1])

_REGISTER = """
    INSERT INTO persons (id, version, area, subject_digest, real_name_level, registered_at)
    SELECT id, 1, '410402', repeat('0', 64), 3, '2026-01-01T00:00Z' FROM unnest($1::uuid[]) AS id
"""
_REGISTER_AT_VOUCHER = """
    INSERT INTO workers (id, status, version, created_at, id_number_index, id_number_encrypted, name_encrypted,
        phone_encrypted, salt_encrypted, subject_digest, area, real_name_method, real_name_level, real_name_verified_at)
    SELECT id, 'registered', 1, '2026-01-01T00:00Z', sha256(uuid_send(id)), '', '', '', '', repeat('0', 64), '410402',
        'police', 3, '2026-01-01T00:00Z' FROM unnest($1::uuid[]) AS id
"""


def registered_person() -> UUID:
    """Somebody whom no other caller of this test was given."""
    return next(_turn)


async def register_all(connection: asyncpg.Connection, service: str) -> None:
    """Register them in a service's empty database."""
    await connection.execute(_REGISTER_AT_VOUCHER if service == "voucher" else _REGISTER, PEOPLE)
