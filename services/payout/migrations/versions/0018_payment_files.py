"""A batch reaches the bank by calls or in a file, and an instruction by one of them."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0018"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "an_instruction_goes_by_one_channel",
        "a_file_says_what_is_in_it",
        "what_is_only_added_to",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
