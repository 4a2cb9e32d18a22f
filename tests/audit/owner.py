"""What the owner of audit's database can do, who switches triggers off."""

from sqlalchemy import text

from tests.databases import ServiceDatabase


async def tamper(audit: ServiceDatabase, *statements: str) -> None:
    """Change the log as its owner, triggers off."""
    async with audit.owner.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE log_entries DISABLE TRIGGER ALL"))
        for statement in statements:
            await connection.exec_driver_sql(statement)
        await connection.execute(text("ALTER TABLE log_entries ENABLE TRIGGER ALL"))
