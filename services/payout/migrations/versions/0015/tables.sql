-- A removed institution's unpaid payouts, among all that were ever paid.
CREATE INDEX ix_payouts_payee ON payouts (payee_id, id);
