"""The log: append-only for everybody, each insertion checked against the chain by the database itself."""

import sqlalchemy as sa
from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_01"
down_revision = None

CONTINUE_THE_CHAIN = """
    CREATE FUNCTION log_entries_continue_the_chain() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM added
            LEFT JOIN log_entries AS previous ON previous.leaf_index = added.leaf_index - 1
            WHERE (previous.leaf_index IS NULL AND added.leaf_index <> 0)
                OR added.hash <> sha256(
                    coalesce(previous.hash, decode(repeat('00', 32), 'hex')) || added.envelope)
        ) THEN
            RAISE EXCEPTION 'the chain of log_entries does not continue like this'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_entries_chain';
        END IF;
        IF EXISTS (
            SELECT FROM added
            WHERE added.version > 1 AND NOT EXISTS (
                SELECT FROM log_entries AS earlier
                WHERE earlier.aggregate_type = added.aggregate_type
                    AND earlier.aggregate_id = added.aggregate_id
                    AND earlier.version = added.version - 1
                    AND earlier.leaf_index < added.leaf_index)
        ) THEN
            RAISE EXCEPTION 'log_entries would have a gap'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_entries_version_follows';
        END IF;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    """Plumbing and the log. The roles may add to it and read it; the API also reads what was heard, to verify."""
    plumbing_v1.create("audit")
    op.create_table(
        "log_entries",
        sa.Column("leaf_index", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("aggregate_type", sa.Text, nullable=False),
        sa.Column("aggregate_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_log_entries"),
        sa.CheckConstraint("leaf_index >= 0", name=op.f("ck_log_entries_index_from_zero")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_log_entries_hash_is_sha256")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_log_entries_version_from_one")),
        sa.UniqueConstraint("aggregate_type", "aggregate_id", "version", name="uq_log_entries_change"),
    )
    op.create_index("ix_log_entries_aggregate_id_leaf_index", "log_entries", ["aggregate_id", "leaf_index"])
    op.execute(CONTINUE_THE_CHAIN)
    op.execute(
        """
        CREATE TRIGGER continue_the_chain AFTER INSERT ON log_entries REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION log_entries_continue_the_chain()
        """
    )
    plumbing_v1.append_only("log_entries")
    plumbing_v1.grant("audit", "log_entries", api="SELECT", worker="SELECT, INSERT")
    op.execute("GRANT SELECT ON positions TO audit_api")


def downgrade() -> None:
    """Undo `upgrade`."""
    op.drop_table("log_entries")
    op.execute("DROP FUNCTION log_entries_continue_the_chain()")
    op.execute("DROP FUNCTION log_entries_append_only()")
    plumbing_v1.drop()
