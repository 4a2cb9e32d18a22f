"""追回 (R4): debts to a fund, what is set off against them, what comes back, and how they end."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0004"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "what_never_changes",
        "what_is_only_added_to",
        "a_step_writes_its_own_columns",
        "a_change_has_its_event",
        "postings_move_the_funds",
        "a_transaction_balances",
        "movements_move_the_debts",
        "an_offset_is_within_the_debt",
        "a_delivery_says_what_is_still_owed",
        "money_goes_by_its_instruction",
        "the_ledger_agrees_with_payouts",
        "what_is_given_up_is_decided_by_two",
        "a_key_is_free_when_its_debt_is_settled",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
