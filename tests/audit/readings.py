"""What looks at people leave behind."""

from sqlalchemy import text

from tests.databases import ServiceDatabase

EMITTED = "SELECT envelope::jsonb -> 'data' FROM outbox WHERE aggregate_type = 'audit.dossier_reading' ORDER BY id"


async def readings(audit: ServiceDatabase) -> list[tuple[str, str]]:
    """Who looked at whose dossier (account, person), as the outbox has it."""
    async with audit.owner.engine.connect() as connection:
        return [(data["account"], data["person_id"]) for data in await connection.scalars(text(EMITTED))]
