-- What the two roles that serve may do, and nothing else. Only the worker consumes, so only it writes what was received.
GRANT INSERT ON outbox TO voucher_api;
GRANT SELECT, INSERT, DELETE ON outbox TO voucher_worker;
GRANT SELECT, INSERT, UPDATE ON positions, offsets TO voucher_worker;
GRANT SELECT ON parked_events TO voucher_api;
GRANT SELECT, INSERT, DELETE ON parked_events TO voucher_worker;
-- Claims are batched: the key of a refused one is given back.
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO voucher_api;
GRANT SELECT, DELETE ON idempotency_keys TO voucher_worker;
GRANT SELECT ON business_clock, dated_rules, fund_rules TO voucher_api, voucher_worker;
GRANT SELECT ON timers TO voucher_api;
GRANT SELECT, INSERT, UPDATE ON timers TO voucher_worker;

GRANT SELECT, INSERT, UPDATE (status, version, survivor_id, name_encrypted, phone_encrypted, area, subject_digest)
    ON workers TO voucher_api;
GRANT SELECT, INSERT ON name_proposals, worker_changes TO voucher_api;
GRANT SELECT, UPDATE (version) ON workers TO voucher_worker;
GRANT SELECT, INSERT ON register_extracts, outside_benefits, group_evidence, unmaskings TO voucher_api;
GRANT SELECT ON register_extracts, outside_benefits, group_evidence, unmaskings TO voucher_worker;

GRANT SELECT, INSERT, UPDATE (status, version, decided_by, reject_reason) ON batches TO voucher_api;
GRANT SELECT ON batches TO voucher_worker;
GRANT SELECT, INSERT ON batch_skills, batch_holders, counter_claims, mandates TO voucher_api;
GRANT SELECT ON batch_skills, batch_holders, counter_claims, mandates TO voucher_worker;

GRANT USAGE ON SEQUENCE voucher_serials TO voucher_api;
GRANT SELECT, INSERT, UPDATE ON vouchers TO voucher_api;
GRANT SELECT, UPDATE ON vouchers TO voucher_worker;
GRANT SELECT, INSERT ON eligibility_verdicts TO voucher_api, voucher_worker;
GRANT SELECT, INSERT, UPDATE (lifted_by, lifted_at) ON voucher_holds TO voucher_api;
GRANT SELECT ON voucher_holds TO voucher_worker;

GRANT SELECT ON voucher_certificates, payout_facts, certificate_facts TO voucher_api;
GRANT SELECT, INSERT ON voucher_certificates TO voucher_worker;
GRANT SELECT, INSERT, UPDATE ON payout_facts, certificate_facts TO voucher_worker;

-- Two persons discard a parked event by the command line, as the worker process.
GRANT SELECT, INSERT ON parked_discards TO voucher_worker;
