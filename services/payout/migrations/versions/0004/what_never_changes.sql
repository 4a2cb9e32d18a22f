-- Who owes for which payout, and what the bank said of money that came in: never changed once it is there.
CREATE TRIGGER immutable BEFORE UPDATE ON clawbacks
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'payout_id', 'fund_id', 'area', 'debtor_kind', 'debtor_id', 'amount_fen', 'created_at'
    );
CREATE TRIGGER immutable BEFORE UPDATE ON incoming_payments
    FOR EACH ROW EXECUTE FUNCTION guard_columns('reference', 'amount_fen', 'received_on', 'recorded_by', 'recorded_at');
