"""The bank's answers to files are read, so batches go in files again."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0023"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "a_change_has_its_event",
        "a_step_writes_its_own_columns",
        "what_never_changes",
        "a_report_is_confirmed_by_two",
        "a_row_has_one_outcome",
        "what_is_set_aside_is_so_by_two",
        "an_answer_by_a_file_has_its_row",
        "rights",
        "dated_rules",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
