"""What a person has once is one benefit for one occasion: the first certificate, or one review of a permit (R7)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0017"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(FOLDER, "tables", "a_payout_says_what_its_voucher_says", "a_cause_may_go_away", "what_never_changes")


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
