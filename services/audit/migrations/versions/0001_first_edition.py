"""The first edition of the schema: tables as the models say, and a file for each rule that a trigger holds."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

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
        "what_is_only_added_to",
        "an_entry_continues_the_chain",
        "a_version_follows_the_version_before",
        "rights",
    )


def downgrade() -> None:
    """Drop everything."""
    drop_all()
