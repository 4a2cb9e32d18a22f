"""The log is a Merkle tree too, and heads of it are signed (ADR 30)."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0005"


def upgrade() -> None:
    """Add to what is there; the tree of the entries that are there is built."""
    run_sql(
        FOLDER,
        "tables",
        "the_tree_grows_with_the_log",
        "a_signed_head_is_of_a_larger_log",
        "what_is_only_added_to",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
