"""The first edition of the schema: tables as the models say, and a file for each rule that a trigger holds."""

from pathlib import Path

from shared.persistence.migrations import drop_all, load_csv, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0001"


def upgrade() -> None:
    """Create everything."""
    run_sql(
        FOLDER,
        "plumbing",
        "tables",
        "life_cycles",
        "what_never_changes",
        "what_is_only_added_to",
        "a_person_changes_with_history",
        "a_batch_counts_its_claims",
        "a_choice_is_made_once",
        "no_claim_without_a_verdict",
        "open_holds_are_counted",
        "a_certificate_fits_its_voucher",
        "not_certified_without_a_certificate",
        "rights",
    )
    load_csv(FOLDER, "dated_rules", "fund_rules")


def downgrade() -> None:
    """Drop everything."""
    drop_all()
