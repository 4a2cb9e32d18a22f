-- Only the columns that a role's steps write: a claim knows no certificate, and the worker process no officer.
REVOKE UPDATE ON vouchers FROM voucher_api, voucher_worker;
GRANT UPDATE (status, version, open_holds, held_since, valid_until, skill_code, level, claimed_at,
        eligibility_decided_on, cancel_proposed_by, cancel_reason_code, cancellation_lapses_at, cancelled_by)
    ON vouchers TO voucher_api;
GRANT UPDATE (status, version, valid_until, eligibility_decided_on, warned_days, cancel_proposed_by,
        cancel_reason_code, cancellation_lapses_at, enrolment_id, class_id, class_area, channel, institution,
        payee_kind, payee_id, mandate_id, act, starts_on, ends_on, failed_trainings, certificate_id, certified_on,
        certify_by, payout_id)
    ON vouchers TO voucher_worker;
