"""Each service's schema, as PostgreSQL itself describes it: no key switched off by a NULL, no inexact money, no spare
right."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from shared.messaging.topics import SERVICES
from tests.databases import Databases, ServiceDatabase
from tests.schema import FOLDER, written

NULLABLE_KEYS = {
    "payout.bank_report_rows.file_id": "empty of credits only, by a CHECK, and then its report's too, by a trigger",
    "payout.bank_report_rows.instruction_id": "empty where the row is unmatched or incoming money, by a CHECK",
    "payout.bank_report_rows.reference": "empty of answers only, by a CHECK; the key is of credits that are applied",
    "payout.bank_reports.file_id": "empty where it notifies credits; the id alone is unique",
    "payout.clawback_movements.instruction_id": "of offsets only, by a CHECK, and the partial unique key is of offsets",
    "payout.payouts.reopens": "empty but where an objection opened it; after a final rejection a trigger demands it",
    "payout.payouts.fund_id": "empty until reserved; the id alone is unique, and those who refer to the pair have both",
    "payout.payouts.notice_id": "empty until published, and a trigger demands it then",
    "payout.payouts.published_at": "empty until published, by a CHECK; the key is of the notice's period",
    "payout.payouts.notice_ends_at": "empty until published, by a CHECK; the key is of the notice's period",
    "voucher.vouchers.certificate_id": "empty until certified and after a revocation, and only then, by a CHECK",
    "voucher.vouchers.mandate_id": "empty where the worker is the payee, and only there, by a CHECK",
    "voucher.worker_changes.proposal_id": "empty where no name changed, and only there, by a CHECK",
    "voucher.vouchers.payee_id": "empty only while no enrolment has the voucher, and then there is no mandate either",
    "training.attendance.supersedes": "empty for the first record, which a partial unique index allows once",
    "evaluation.certificates.number_index": "only numbers of permits are hidden; the others have their own unique key",
}
"""Columns of a business key that may be NULL, each with the reason why nothing is switched off by it."""

KEY_COLUMNS_THAT_MAY_BE_NULL = """
    WITH keys AS (
        SELECT conrelid AS table_id, unnest(conkey) AS number FROM pg_constraint
        WHERE contype IN ('u', 'x') OR (contype = 'f' AND cardinality(conkey) > 1)
        UNION
        SELECT indrelid, unnest(indkey) FROM pg_index WHERE indisunique AND NOT indnullsnotdistinct
    )
    SELECT DISTINCT c.relname || '.' || a.attname
    FROM keys JOIN pg_class c ON c.oid = table_id JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = number
    WHERE c.relnamespace = 'public'::regnamespace AND NOT a.attnotnull
    ORDER BY 1
"""
UNWANTED_TYPES = """
    SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND (
        data_type IN ('real', 'double precision', 'numeric', 'money', 'timestamp without time zone', 'json')
        OR (column_name LIKE '%fen' AND data_type <> 'bigint'))
    ORDER BY 1
"""
TABLES_WITHOUT_PRIMARY_KEY = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')
    ORDER BY 1
"""
SPARE_RIGHTS = """
    SELECT r.rolname || ' may ' || may || ' ' || c.relname
    FROM pg_class c
    CROSS JOIN pg_roles r
    CROSS JOIN unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS may
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND r.rolname = ANY ($1) AND has_table_privilege(r.oid, c.oid, may)
    UNION ALL
    SELECT r.rolname || ' owns ' || c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
    WHERE c.relnamespace = 'public'::regnamespace AND r.rolname = ANY ($1)
    UNION ALL
    SELECT rolname || ' may create tables' FROM pg_roles
    WHERE rolname = ANY ($1) AND has_schema_privilege(oid, 'public', 'CREATE')
    UNION ALL
    SELECT rolname || ' is more than an ordinary role' FROM pg_roles
    WHERE rolname = ANY ($1) AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication)
    UNION ALL
    SELECT 'everybody may use ' || c.relname FROM pg_class c, aclexplode(c.relacl) AS given
    WHERE c.relnamespace = 'public'::regnamespace AND given.grantee = 0
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
BORROWED_RIGHTS = """
    SELECT p.proname FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS said WHERE said LIKE 'search_path=%')
"""
"""Functions that act as the owner and would look for tables wherever the caller says."""
APPEND_ONLY = """
    SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = 'append_only' AND t.tgenabled = 'O' AND c.relnamespace = 'public'::regnamespace
"""
RIGHTS_TO_REWRITE = """
    SELECT r.rolname || ' may ' || may || ' ' || named
    FROM pg_roles r, unnest($2::text[]) AS named, unnest(ARRAY['UPDATE', 'DELETE']) AS may
    WHERE r.rolname = ANY ($1) AND (
        has_table_privilege(r.oid, format('public.%I', named), may)
        OR (may = 'UPDATE' AND has_any_column_privilege(r.oid, format('public.%I', named), may)))
"""
WHOLE_ROWS = """
    SELECT r.rolname || ' may write all of ' || c.relname
    FROM pg_class c CROSS JOIN pg_roles r
    WHERE c.relnamespace = 'public'::regnamespace AND r.rolname = ANY ($1)
        AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'lifecycle')
        AND has_table_privilege(r.oid, c.oid, 'UPDATE')
"""
WRITTEN_WHOLE = {
    "training_api may write all of classes": "a draft is written anew; filed content is fixed by a trigger",
    "training_api may write all of class_sessions": "an amendment moves them; a trigger fixes what identifies them",
}
"""Life-cycle rows of which a role may write every column, each with the reason."""
HISTORIES = {
    "training": {"attendance"},
    "evaluation": {"score_sheets"},
    "payout": {"ledger_transactions", "ledger_postings"},
    "audit": {"log_entries", "tree_tiles"},
}
"""What is INSERT and SELECT only, for everybody (DOMAIN §4, 11)."""


@asynccontextmanager
async def connected(database: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees everything."""
    connection = await asyncpg.connect(database.dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def listed(connection: asyncpg.Connection, statement: str, *given: object) -> list[str]:
    """The first column of the answer."""
    return [row[0] for row in await connection.fetch(statement, *given)]


def roles(service: str) -> list[str]:
    """The roles that serve; the owner only migrates."""
    return [f"{service}_api", f"{service}_worker"]


@pytest.mark.parametrize("service", SERVICES)
async def test_no_null_switches_a_key_off(databases: Databases, service: str) -> None:
    async with databases.clone(service) as database, connected(database) as connection:
        found = {f"{service}.{name}" for name in await listed(connection, KEY_COLUMNS_THAT_MAY_BE_NULL)}
    assert found == {name for name in NULLABLE_KEYS if name.startswith(f"{service}.")}


@pytest.mark.parametrize("service", SERVICES)
async def test_types_are_exact_and_instants_have_a_zone(databases: Databases, service: str) -> None:
    async with databases.clone(service) as database, connected(database) as connection:
        assert await listed(connection, UNWANTED_TYPES) == []
        assert await listed(connection, TABLES_WITHOUT_PRIMARY_KEY) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_roles_have_no_spare_right(databases: Databases, service: str) -> None:
    async with databases.clone(service) as database, connected(database) as connection:
        assert await listed(connection, SPARE_RIGHTS, roles(service)) == []
        assert await listed(connection, BORROWED_RIGHTS) == []
        whole = set(await listed(connection, WHOLE_ROWS, roles(service)))
    assert whole == {right for right in WRITTEN_WHOLE if right.startswith(f"{service}_")}


@pytest.mark.parametrize("service", SERVICES)
async def test_history_is_only_added_to(databases: Databases, service: str) -> None:
    async with databases.clone(service) as database, connected(database) as connection:
        append_only = await listed(connection, APPEND_ONLY)
        assert HISTORIES.get(service, set()) <= set(append_only)
        assert await listed(connection, RIGHTS_TO_REWRITE, roles(service), append_only) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_the_readable_schema_is_up_to_date(databases: Databases, service: str) -> None:
    assert (FOLDER / f"{service}.sql").read_text(encoding="utf-8") == await written(databases, service), (
        "run `make schema`"
    )


async def test_planted_faults_are_seen(probe: ServiceDatabase) -> None:
    async with connected(probe) as connection:
        await connection.execute(
            """
            CREATE TABLE flaws (person integer, skill integer NOT NULL, ratio real, amount_fen integer, at timestamp,
                UNIQUE (person, skill));
            CREATE TABLE behind (person integer, skill integer NOT NULL, id integer PRIMARY KEY,
                FOREIGN KEY (person, skill) REFERENCES flaws (person, skill));
            CREATE UNIQUE INDEX ON behind (skill, (person + 1), person);
            GRANT TRUNCATE ON behind TO probe_api;
            GRANT UPDATE (person) ON behind TO probe_worker;
            GRANT CREATE ON SCHEMA public TO probe_api;
            GRANT SELECT ON flaws TO PUBLIC;
            CREATE FUNCTION lent() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
            """
        )
        assert {"flaws.person", "behind.person"} <= set(await listed(connection, KEY_COLUMNS_THAT_MAY_BE_NULL))
        unwanted = await listed(connection, UNWANTED_TYPES)
        assert [name.split()[0] for name in unwanted] == ["flaws.amount_fen", "flaws.at", "flaws.ratio"]
        assert "flaws" in await listed(connection, TABLES_WITHOUT_PRIMARY_KEY)
        spare = set(await listed(connection, SPARE_RIGHTS, roles("probe")))
        assert {"probe_api may TRUNCATE behind", "probe_api may create tables", "everybody may use flaws"} <= spare
        assert await listed(connection, BORROWED_RIGHTS) == ["lent"]
        rewriting = await listed(connection, RIGHTS_TO_REWRITE, roles("probe"), ["behind"])
        assert rewriting == ["probe_worker may UPDATE behind"]
