-- What the bank reported of returned money stays as it was said.
CREATE TRIGGER immutable BEFORE UPDATE ON money_returns
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'reference', 'instruction_id', 'payout_id', 'amount_fen', 'code', 'taken', 'reported_at'
    );
