"""A fund whose year is over is carried over by two finance officers, or closed (R24)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0016"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "a_fund_grows_and_ends_by_two",
        "a_fund_reserves_in_its_year",
        "a_fund_pays_in_its_year_or_carried_over",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
