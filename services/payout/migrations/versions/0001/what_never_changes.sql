-- What is owed to whom, whose account it is, what a fund is for, why a hold was placed: never changed once it is there.
-- Arguments: the columns.
CREATE FUNCTION guard_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    FOR place IN 0 .. TG_NARGS - 1 LOOP
        IF before -> TG_ARGV[place] IS DISTINCT FROM after -> TG_ARGV[place] THEN
            RAISE EXCEPTION '% of % never changes', TG_ARGV[place], TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_' || TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

CREATE TRIGGER immutable BEFORE UPDATE ON funds
    FOR EACH ROW EXECUTE FUNCTION guard_columns('fund_source', 'area', 'year');
CREATE TRIGGER immutable BEFORE UPDATE ON accounts
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'owner_kind', 'owner_id', 'revision', 'bank_code', 'number_index', 'name_index', 'proposed_by'
    );
CREATE TRIGGER immutable BEFORE UPDATE ON payouts
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'voucher_id', 'person_id', 'certificate_id', 'skill_code', 'level', 'benefit', 'programme', 'fund_source',
        'area', 'institution', 'payee_kind', 'payee_id', 'mandate_id', 'rate_id', 'amount_fen', 'opened_on',
        'eligibility_decided_on', 'second_approval_above_fen', 'created_at'
    );
CREATE TRIGGER immutable BEFORE UPDATE ON payout_holds
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'payout_id', 'source', 'source_id', 'reason_code', 'placed_by', 'placed_at'
    );
CREATE TRIGGER immutable BEFORE UPDATE ON payment_batches
    FOR EACH ROW EXECUTE FUNCTION guard_columns('fund_id', 'area', 'count', 'amount_fen', 'built_by');
