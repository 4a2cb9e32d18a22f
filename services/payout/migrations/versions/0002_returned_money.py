"""退汇 (R23): money that the bank paid and gave back, and a ledger whose sums say what each payout's state says."""

from pathlib import Path

from shared.persistence.migrations import drop_all, run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0002"


def upgrade() -> None:
    """Add to what is there; a rule that changes is made anew under its name."""
    run_sql(
        FOLDER,
        "tables",
        "life_cycles",
        "what_never_changes",
        "a_step_writes_its_own_columns",
        "a_step_has_its_decision",
        "money_is_moved_by_the_worker",
        "a_transaction_balances",
        "the_ledger_agrees_with_payouts",
        "a_delivery_says_what_is_still_owed",
        "the_banks_answer_is_final",
        "money_goes_by_its_instruction",
        "returned_money_has_its_report",
        "an_instruction_goes_to_a_usable_account",
        "rights",
    )


def downgrade() -> None:
    """Drop everything: an edition is left only for an empty database."""
    drop_all()
