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
        "the_scope_of_a_listed_institution_is_fixed",
        "the_class_is_where_its_institution_is_listed",
        "filed_content_is_fixed",
        "attendance_fits_its_session",
        "nobody_is_in_two_places_at_once",
        "rights",
    )
    load_csv(FOLDER, "dated_rules")


def downgrade() -> None:
    """Drop everything."""
    drop_all()
