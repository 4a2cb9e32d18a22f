-- What the API's role and the worker's may do, and nothing else.

GRANT SELECT ON business_clock, timers, parked_events TO payout_api;
GRANT INSERT (aggregate_type, aggregate_id, version, partition, envelope) ON outbox TO payout_api;
GRANT SELECT, INSERT, UPDATE (response_status, response_body) ON idempotency_keys TO payout_api;

GRANT SELECT ON business_clock TO payout_worker;
GRANT SELECT, DELETE ON idempotency_keys TO payout_worker;
GRANT SELECT, INSERT, DELETE ON outbox, parked_events TO payout_worker;
GRANT SELECT, INSERT, UPDATE ON positions, offsets, timers TO payout_worker;

-- Nobody but a migration writes rules and rates.
GRANT SELECT ON dated_rules, calendar_exceptions, rates, fund_rules TO payout_api, payout_worker;

-- What was received is written by the worker. A row lock needs the right to update some column: one that a CHECK holds
-- false.
GRANT SELECT ON persons, voucher_holds, certificate_copies TO payout_api;
GRANT SELECT, UPDATE (row_lock) ON certificate_statuses, institution_facts, voucher_facts TO payout_api;
GRANT SELECT, INSERT, UPDATE ON persons, voucher_facts, voucher_holds, certificate_statuses, institution_facts
    TO payout_worker;
GRANT SELECT, INSERT ON certificate_copies TO payout_worker;

-- A fund's figures are moved by postings.
GRANT SELECT,
    INSERT (id, fund_source, area, year, proposed_fen, proposed_by, approved_by, status, version, open_holds, created_at),
    UPDATE (status, version, proposed_fen, proposed_by, approved_fen, approved_by)
    ON funds TO payout_api;
GRANT SELECT, UPDATE (status, version) ON funds TO payout_worker;
GRANT SELECT, INSERT ON ledger_transactions, ledger_postings TO payout_api, payout_worker;

GRANT SELECT, INSERT,
    UPDATE (status, version, endorsed_by, endorsed_name_index, confirmed_by, confirmed_name_index, usable_from)
    ON accounts TO payout_api;
GRANT SELECT, UPDATE (status, version) ON accounts TO payout_worker;

-- The API's role changes who decided; money, key and certificate it may not.
GRANT SELECT, INSERT,
    UPDATE (status, version, open_holds, attempt, reviewed_by, approved_by, second_approved_by, batched_by, released_by,
        published_at, notice_ends_at, code)
    ON payouts TO payout_api;
GRANT SELECT, INSERT, UPDATE (status, version, open_holds, key_person_id, fund_id, code) ON payouts TO payout_worker;
GRANT SELECT, INSERT ON payout_decisions TO payout_api;
GRANT SELECT ON payout_decisions TO payout_worker;
GRANT SELECT, INSERT, UPDATE (lifted_by, lifted_at) ON payout_holds TO payout_api, payout_worker;

-- An instruction is pinned by the API's role and delivered by the worker's.
GRANT SELECT, INSERT ON instructions TO payout_api;
GRANT SELECT ON instructions TO payout_worker;
GRANT SELECT ON deliveries TO payout_api;
GRANT SELECT, INSERT, UPDATE (calls, next_call_at, given_at, outcome, reason, answered_at) ON deliveries
    TO payout_worker;
GRANT SELECT, INSERT, UPDATE (status, version, released_by) ON payment_batches TO payout_api;
GRANT SELECT, UPDATE (status, version) ON payment_batches TO payout_worker;
GRANT SELECT, INSERT ON payment_batch_items TO payout_api;
GRANT SELECT ON payment_batch_items TO payout_worker;

-- Two persons discard a parked event by the command line, as the worker process.
GRANT SELECT, INSERT ON parked_discards TO payout_worker;
