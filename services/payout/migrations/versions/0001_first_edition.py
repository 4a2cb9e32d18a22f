"""The first edition of the schema: tables as the models say, and a file for each rule that a trigger holds."""

from pathlib import Path

from shared.persistence.migrations import drop_all, load_csv, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent / "0001"


def upgrade() -> None:
    """Create everything."""
    run_sql(
        FOLDER,
        "plumbing",
        "tables_received",
        "tables",
        "life_cycles",
        "what_never_changes",
        "what_is_only_added_to",
        "a_certificates_status_never_goes_back",
        "an_account_cools_off",
        "an_account_number_has_one_owner",
        "a_payout_says_what_its_voucher_says",
        "a_payout_is_priced_by_its_rate",
        "a_payout_keeps_its_fund",
        "money_is_moved_by_the_worker",
        "no_step_on_incomplete_facts",
        "no_step_under_a_hold",
        "no_step_without_a_valid_certificate",
        "open_holds_are_counted",
        "a_lifted_hold_stays_lifted",
        "the_notice_lasts_whole_working_days",
        "a_step_writes_its_own_columns",
        "a_step_has_its_decision",
        "a_change_has_its_event",
        "a_payout_is_released_with_its_batch",
        "postings_move_the_funds",
        "a_fund_grows_by_two",
        "what_two_approved_two_reject",
        "a_transaction_balances",
        "the_ledger_agrees_with_payouts",
        "an_instruction_goes_to_a_usable_account",
        "an_instruction_is_pinned_by_an_approval",
        "money_goes_by_its_instruction",
        "the_banks_answer_is_final",
        "rights",
    )
    load_csv(FOLDER, "dated_rules", "calendar_exceptions", "rates", "fund_rules")


def downgrade() -> None:
    """Drop everything."""
    drop_all()
