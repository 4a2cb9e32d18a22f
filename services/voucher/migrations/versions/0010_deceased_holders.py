"""The register of deaths holds the vouchers of whom it names, and lifts that itself (R10)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0010"


def upgrade() -> None:
    """Add to what is there."""
    run_sql(FOLDER, "tables", "a_hold_is_lifted_by_what_placed_it", "the_clock_looks_at_whom_it_concerns", "rights")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
