ALTER TABLE vouchers
    ADD COLUMN cancellation_lapses_at TIMESTAMPTZ,
    ADD COLUMN held_since TIMESTAMPTZ,
    ADD COLUMN warned_days SMALLINT,
    ADD COLUMN in_quota BOOLEAN DEFAULT true NOT NULL,
    DROP CONSTRAINT ck_vouchers_bound,
    DROP CONSTRAINT ck_vouchers_cancel_proposal;
UPDATE vouchers SET cancellation_lapses_at = now() WHERE cancel_proposed_by IS NOT NULL;
UPDATE vouchers SET held_since = (
    SELECT min(placed_at) FROM voucher_holds AS hold WHERE hold.voucher_id = vouchers.id AND hold.lifted_at IS NULL
) WHERE open_holds > 0;
ALTER TABLE vouchers
    ADD CONSTRAINT ck_vouchers_bound CHECK (status = 'cancelled'
        OR (status IN ('offered', 'claimed', 'expired', 'given_back')) = (enrolment_id IS NULL)),
    ADD CONSTRAINT ck_vouchers_cancel_proposal
        CHECK (num_nonnulls(cancel_proposed_by, cancel_reason_code, cancellation_lapses_at) IN (0, 3)),
    ADD CONSTRAINT ck_vouchers_held_since CHECK ((held_since IS NULL) = (open_holds = 0));
CREATE INDEX ix_vouchers_cancellation_lapses_at ON vouchers (cancellation_lapses_at)
    WHERE cancellation_lapses_at IS NOT NULL;

ALTER TABLE batches
    ADD COLUMN returned INTEGER DEFAULT 0 NOT NULL,
    DROP CONSTRAINT ck_batches_quota,
    ADD CONSTRAINT ck_batches_quota
        CHECK (returned >= 0 AND returned <= claimed AND claimed - returned <= quantity);

INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('cancellation_lapses_working_days', '2021-12-31', 10, 'R6'),
    ('expiring_first_days', '2021-12-31', 14, 'R6'),
    ('expiring_last_days', '2021-12-31', 3, 'R6');
