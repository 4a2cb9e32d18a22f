"""People, the five links of each case, and the records of who read or exported what."""

import sqlalchemy as sa
from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_02"
down_revision = "20261123_01"

READ_MODELS = (
    "persons", "voucher_facts", "enrolment_facts", "candidate_facts", "certificate_facts", "payout_facts",
)  # fmt: skip
RECORDS = ("dossier_readings", "exports")


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _create_facts(table: str, *columns: sa.Column[object]) -> None:
    """A read model of one kind of aggregate: where it stands, and its own columns."""
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("open_holds", sa.Integer, server_default="0", nullable=False),
        _instant("changed_at"),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_person_id", table, ["person_id"])
    if table != "voucher_facts":
        op.create_index(f"ix_{table}_voucher_id", table, ["voucher_id"])


def _create_people() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("subject_digest", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("real_name_level", sa.SmallInteger, nullable=False),
        _instant("registered_at"),
        sa.Column("survivor_id", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.CheckConstraint("survivor_id <> id", name=op.f("ck_persons_survivor")),
    )
    op.create_index("ix_persons_survivor_id", "persons", ["survivor_id"])


def _create_voucher_facts() -> None:
    _create_facts(
        "voucher_facts",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.Text),
        sa.Column("fund_source", sa.Text),
        sa.Column("area", sa.Text),
        sa.Column("skill_code", sa.Text),
        sa.Column("level", sa.SmallInteger),
        _instant("valid_until", nullable=True),
        sa.Column("enrolment_id", sa.Uuid),
        sa.Column("class_id", sa.Uuid),
        sa.Column("class_area", sa.Text),
        sa.Column("institution", sa.Text),
        sa.Column("certificate_id", sa.Uuid),
        sa.Column("certify_refusal", sa.Text),
        _instant("offered_at", nullable=True),
        _instant("claimed_at", nullable=True),
        _instant("bound_at", nullable=True),
        _instant("certified_at", nullable=True),
        _instant("redeemed_at", nullable=True),
    )
    op.create_index("ix_voucher_facts_area", "voucher_facts", ["area"])


def _create_enrolment_and_candidate_facts() -> None:
    _create_facts(
        "enrolment_facts",
        sa.Column("voucher_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("class_id", sa.Uuid, nullable=False),
        sa.Column("class_area", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("institution", sa.Text, nullable=False),
        sa.Column("skill_code", sa.Text, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("class_hours", sa.Integer),
        sa.Column("completed_on", sa.Date),
        _instant("completed_at", nullable=True),
    )
    _create_facts(
        "candidate_facts",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("voucher_id", sa.Uuid),
        sa.Column("enrolment_id", sa.Uuid),
    )


def _create_certificate_and_payout_facts() -> None:
    _create_facts(
        "certificate_facts",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("voucher_id", sa.Uuid),
        sa.Column("enrolment_id", sa.Uuid),
        sa.Column("skill_code", sa.Text, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("assessed_on", sa.Date),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("since", sa.Date),
    )
    _create_facts(
        "payout_facts",
        sa.Column("voucher_id", sa.Uuid),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("skill_code", sa.Text, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("benefit", sa.Text, nullable=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("fund_source", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("institution", sa.Text),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        _instant("opened_at", nullable=True),
        _instant("paid_at", nullable=True),
        _instant("reversed_at", nullable=True),
    )


def _create_record(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Records of acts without a change of state: born once, never changed."""
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("open_holds", sa.Integer, server_default="0", nullable=False),
        _instant("created_at"),
        sa.Column("account", sa.Text, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    plumbing_v1.append_only(table)
    plumbing_v1.guard_lifecycle(table, births=["recorded"], transitions=[])
    plumbing_v1.grant("audit", table, api="SELECT, INSERT", worker="SELECT")


def upgrade() -> None:
    """Read models are written by the worker alone, records by the API alone."""
    _create_people()
    _create_voucher_facts()
    _create_enrolment_and_candidate_facts()
    _create_certificate_and_payout_facts()
    for table in READ_MODELS:
        plumbing_v1.grant("audit", table, api="SELECT", worker="SELECT, INSERT, UPDATE")
    _create_record("dossier_readings", sa.Column("person_id", sa.Uuid, nullable=False))
    op.create_index("ix_dossier_readings_person_id", "dossier_readings", ["person_id"])
    _create_record(
        "exports",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_exports_count")),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_exports_digest")),
    )


def downgrade() -> None:
    """Undo `upgrade`."""
    for table in RECORDS:
        plumbing_v1.drop_guards(table, "append_only", "lifecycle")
    for table in (*RECORDS, *READ_MODELS):
        op.drop_table(table)
