"""Two records are merged by two officers, and two may undo it until money rests on it (R16)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0008"


def upgrade() -> None:
    """Add to what is there; a life cycle that has more edges is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "two_officers_merge",
        "a_record_stands_as_its_merger_says",
        "what_money_rested_on_is_not_undone",
        "a_merger_is_never_deleted",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
