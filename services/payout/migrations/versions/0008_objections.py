"""An objection freezes exactly its payout, and two officers decide it (D19)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0008"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "what_never_changes",
        "a_step_writes_its_own_columns",
        "a_change_has_its_event",
        "an_objection_is_filed_while_its_notice_lasts",
        "an_objection_freezes_its_payout",
        "two_officers_decide_an_objection",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
