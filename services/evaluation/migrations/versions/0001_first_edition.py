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
        "a_session_opens_with_candidates",
        "a_candidate_is_who_was_trained",
        "only_the_two_assessors_sign",
        "two_assessors_sign_and_the_supervisor_confirms",
        "a_certificate_rests_on_a_basis",
        "another_officer_verifies_an_import",
        "rights",
    )
    load_csv(FOLDER, "dated_rules")


def downgrade() -> None:
    """Drop everything."""
    drop_all()
