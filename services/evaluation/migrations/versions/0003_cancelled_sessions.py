"""An assessment that is not held is cancelled, and its candidates are free (R17)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0003"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "a_cancelled_session_frees_its_candidates",
        "the_worker_cancels_and_nothing_else",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
