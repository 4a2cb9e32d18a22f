"""The ledger: balanced, append-only, the only thing that moves a fund's figures."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_05"
down_revision = "20261123_04"
branch_labels = None
depends_on = None

SERVICE = "payout"

TABLES = """
CREATE TABLE ledger_transactions (
    id uuid NOT NULL,
    kind text NOT NULL,
    fund_id uuid NOT NULL,
    payout_id uuid,
    business_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_ledger_transactions PRIMARY KEY (id),
    CONSTRAINT uq_ledger_transactions_fund UNIQUE (id, fund_id),
    CONSTRAINT ck_ledger_transactions_kind CHECK (kind IN ('budget', 'reserve', 'free', 'spend')),
    CONSTRAINT ck_ledger_transactions_payout CHECK ((kind = 'budget') = (payout_id IS NULL)),
    CONSTRAINT fk_ledger_transactions_fund_id FOREIGN KEY (fund_id) REFERENCES funds (id),
    CONSTRAINT fk_ledger_transactions_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id)
);
CREATE UNIQUE INDEX uq_ledger_transactions_end ON ledger_transactions (payout_id) WHERE kind IN ('free', 'spend');
CREATE UNIQUE INDEX uq_ledger_transactions_reserve ON ledger_transactions (payout_id) WHERE kind = 'reserve';
CREATE TABLE ledger_postings (
    transaction_id uuid NOT NULL,
    account text NOT NULL,
    fund_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    CONSTRAINT pk_ledger_postings PRIMARY KEY (transaction_id, account),
    CONSTRAINT fk_ledger_postings_transaction FOREIGN KEY (transaction_id, fund_id)
        REFERENCES ledger_transactions (id, fund_id),
    CONSTRAINT ck_ledger_postings_account CHECK (account IN ('appropriation', 'available', 'reserved', 'spent')),
    CONSTRAINT ck_ledger_postings_amount CHECK (amount_fen <> 0)
);
CREATE INDEX ix_ledger_postings_balance ON ledger_postings (fund_id, account) INCLUDE (amount_fen);
"""

MOVE_FUNDS = """
CREATE FUNCTION ledger_postings_move_funds() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE funds SET
        budget_fen = funds.budget_fen + moved.budget_fen,
        reserved_fen = funds.reserved_fen + moved.reserved_fen,
        spent_fen = funds.spent_fen + moved.spent_fen
    FROM (
        SELECT fund_id,
            coalesce(-sum(amount_fen) FILTER (WHERE account = 'appropriation'), 0) AS budget_fen,
            coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0) AS reserved_fen,
            coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0) AS spent_fen
        FROM added GROUP BY fund_id
    ) AS moved
    WHERE funds.id = moved.fund_id;
    RETURN NULL;
END $$
"""
BALANCED = """
CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about ledger_transactions;
    source text;
    target text;
    owed_fen bigint;
    owed_fund uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_transactions' THEN
        about := NEW;
    ELSE
        SELECT * INTO about FROM ledger_transactions WHERE id = NEW.transaction_id;
    END IF;
    source := CASE about.kind
        WHEN 'budget' THEN 'appropriation' WHEN 'reserve' THEN 'available' ELSE 'reserved' END;
    target := CASE about.kind
        WHEN 'reserve' THEN 'reserved' WHEN 'spend' THEN 'spent' ELSE 'available' END;
    IF about.payout_id IS NOT NULL THEN
        SELECT amount_fen, fund_id INTO owed_fen, owed_fund FROM payouts WHERE id = about.payout_id;
    END IF;
    IF (
        SELECT count(*) = 2 AND sum(amount_fen) = 0
            AND bool_and(CASE account WHEN source THEN amount_fen < 0 WHEN target THEN amount_fen > 0 ELSE false END)
            AND (about.payout_id IS NULL OR max(amount_fen) = owed_fen AND about.fund_id = owed_fund)
        FROM ledger_postings WHERE transaction_id = about.id
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a ledger transaction does not balance'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bl_ledger_transactions';
    END IF;
    RETURN NULL;
END $$
"""
WORKER_ONLY = """
CREATE FUNCTION ledger_transactions_worker_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'payout_api' AND NEW.kind IN ('reserve', 'spend') THEN
        RAISE EXCEPTION 'money is reserved and spent by the worker'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_ledger_transactions';
    END IF;
    RETURN NEW;
END $$
"""
MONEY = """
CREATE FUNCTION payouts_money() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid;
    now_status text;
    reserved boolean;
    ended text;
    holds bigint;
    counted integer;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        about := NEW.payout_id;
    END IF;
    SELECT status, open_holds INTO now_status, counted FROM payouts WHERE id = about;
    SELECT coalesce(bool_or(kind = 'reserve'), false), max(kind) FILTER (WHERE kind <> 'reserve')
        INTO reserved, ended FROM ledger_transactions WHERE payout_id = about;
    IF NOT (CASE
        WHEN now_status = 'opened' THEN NOT reserved AND ended IS NULL
        WHEN now_status IN ('paid', 'reversed') THEN reserved AND ended IS NOT DISTINCT FROM 'spend'
        WHEN now_status IN ('rejected', 'withdrawn') THEN
            NOT reserved AND ended IS NULL OR reserved AND ended IS NOT DISTINCT FROM 'free'
        ELSE reserved AND ended IS NULL
    END) THEN
        RAISE EXCEPTION 'the ledger does not say what the payout says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mn_payouts';
    END IF;
    SELECT count(*) INTO holds FROM payout_holds WHERE payout_id = about AND lifted_at IS NULL;
    IF holds <> counted THEN
        RAISE EXCEPTION 'open holds are not counted right'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hc_payouts';
    END IF;
    RETURN NULL;
END $$
"""
HOLDS = """
CREATE FUNCTION payout_holds_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT open_holds FROM payouts WHERE id = NEW.payout_id)
        <> (SELECT count(*) FROM payout_holds WHERE payout_id = NEW.payout_id AND lifted_at IS NULL) THEN
        RAISE EXCEPTION 'open holds are not counted right'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hc_payouts';
    END IF;
    RETURN NULL;
END $$
"""
HOLDS_FINAL = """
CREATE FUNCTION payout_holds_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a lifted hold stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payout_holds';
    END IF;
    IF current_user = 'payout_api' AND OLD.source IN ('voucher', 'institution', 'certificate', 'revocation') THEN
        RAISE EXCEPTION 'this hold is lifted by the event of what placed it'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payout_holds';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    "CREATE TRIGGER move_funds AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_move_funds()",
    "CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_postings DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION ledger_balanced()",
    "CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_transactions DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION ledger_balanced()",
    "CREATE TRIGGER worker_only BEFORE INSERT ON ledger_transactions"
    " FOR EACH ROW EXECUTE FUNCTION ledger_transactions_worker_only()",
    "CREATE CONSTRAINT TRIGGER money AFTER INSERT OR UPDATE OF status, open_holds, fund_id ON payouts"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_money()",
    "CREATE CONSTRAINT TRIGGER money AFTER INSERT ON ledger_transactions DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL) EXECUTE FUNCTION payouts_money()",
    "CREATE CONSTRAINT TRIGGER counted AFTER INSERT OR UPDATE ON payout_holds"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payout_holds_counted()",
    "CREATE TRIGGER final BEFORE UPDATE ON payout_holds FOR EACH ROW EXECUTE FUNCTION payout_holds_final()",
)
FUNCTIONS = (
    "ledger_postings_move_funds",
    "ledger_balanced",
    "ledger_transactions_worker_only",
    "payouts_money",
    "payout_holds_counted",
    "payout_holds_final",
)


def upgrade() -> None:
    """Create the ledger, and the triggers that keep it, funds, payouts and holds saying the same at every commit."""
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for statement in (MOVE_FUNDS, BALANCED, WORKER_ONLY, MONEY, HOLDS, HOLDS_FINAL, *TRIGGERS):
        op.execute(statement)
    for table in ("ledger_transactions", "ledger_postings"):
        plumbing_v1.append_only(table)
        plumbing_v1.grant(SERVICE, table, api="SELECT, INSERT", worker="SELECT, INSERT")


def downgrade() -> None:
    """Drop them."""
    for table in ("ledger_postings", "ledger_transactions"):
        op.execute(f"DROP TABLE {table}")
        op.execute(f"DROP FUNCTION {table}_append_only()")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}() CASCADE")
