"""A voucher is for a first certificate, or for one review of a permit, which is a benefit of its own (R7)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0006"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER, "tables", "a_certificate_fits_its_voucher", "a_choice_is_made_once", "a_verdict_has_its_step", "rights"
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
