GRANT SELECT, INSERT, UPDATE (status, version, decided_by, merged_at, separation_reason_code,
        separation_evidence_encrypted, separation_proposed_by, separated_by)
    ON mergers TO voucher_api;
GRANT SELECT ON mergers TO voucher_worker;
