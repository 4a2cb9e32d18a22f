-- Money is reserved in the fund of the year, while it is open. The posting has locked the fund, so that none ends meanwhile.
CREATE FUNCTION ledger_reserves_in_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT transaction_id, fund_id FROM added WHERE account = 'reserved' AND amount_fen > 0)
            AS reserved
            JOIN ledger_transactions ON ledger_transactions.id = transaction_id AND kind = 'reserve'
            JOIN funds ON funds.id = reserved.fund_id
        WHERE funds.status <> 'open' OR funds.year <> business_year()
    ) THEN
        RAISE EXCEPTION 'a fund reserves in its year'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'yr_ledger_transactions';
    END IF;
    RETURN NULL;
END $$;

-- After `move_funds`, by its name.
CREATE TRIGGER reserve_in_year AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_reserves_in_year();
