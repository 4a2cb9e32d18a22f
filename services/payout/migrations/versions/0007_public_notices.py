"""What is published stands on a notice of its area, which everybody reads while it lasts (D19)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0007"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "a_notice_stays_as_it_was_read",
        "a_step_writes_its_own_columns",
        "what_is_published_is_on_a_notice",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
