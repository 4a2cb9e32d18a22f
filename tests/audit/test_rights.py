"""What the roles of audit's database may not do."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.ids import uuid7
from tests.databases import ServiceDatabase

VALUES = {
    "dossier_readings": ("person_id", f"'{uuid7()}'"),
    "exports": ("kind, count, digest", f"'log_page', 1, '{'0' * 64}'"),
}


@pytest.mark.parametrize("table", VALUES)
@pytest.mark.parametrize("role", ["api", "owner"])
async def test_records_of_looks_are_never_changed(audit: ServiceDatabase, table: str, role: str) -> None:
    columns, values = VALUES[table]
    async with audit.api.engine.begin() as connection:
        await connection.exec_driver_sql(
            f"INSERT INTO {table} (id, status, version, created_at, account, {columns})"
            f" VALUES ('{uuid7()}', 'recorded', 1, now(), 'a', {values})"
        )
    for attack in (f"UPDATE {table} SET account = 'b'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
            async with getattr(audit, role).engine.begin() as connection:
                await connection.execute(text(attack))


@pytest.mark.parametrize("table", ["voucher_facts", "payout_facts", "persons"])
async def test_the_api_writes_no_read_model(audit: ServiceDatabase, table: str) -> None:
    for attack in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with audit.api.engine.begin() as connection:
                await connection.execute(text(attack))
