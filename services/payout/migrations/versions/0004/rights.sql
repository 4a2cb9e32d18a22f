-- A case is opened and settled by both roles, decided on by the API's; what is owed is moved by movements.
GRANT SELECT, INSERT,
    UPDATE (status, version, reason_code, due_on, measure, measure_by, endorsed_by, decided_by, measure_parts,
        measure_due_on, plan_parts, plan_due_on, plan_fen)
    ON clawbacks TO payout_api;
GRANT SELECT, INSERT, UPDATE (status, version, reason_code, due_on, measure, decided_by) ON clawbacks TO payout_worker;
GRANT SELECT, INSERT ON clawback_movements, incoming_payments TO payout_api, payout_worker;
GRANT SELECT ON clawback_offsets TO payout_api;
GRANT SELECT, INSERT ON clawback_offsets TO payout_worker;
GRANT UPDATE (debt_settled_at) ON payouts TO payout_api, payout_worker;
GRANT UPDATE (offset_fen) ON payouts TO payout_worker;
