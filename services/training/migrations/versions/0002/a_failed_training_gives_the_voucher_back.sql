-- A voucher is at one enrolment at a time; what failed has given it back, and another class takes it (R5).
DROP INDEX uq_enrolments_voucher_id;
CREATE UNIQUE INDEX uq_enrolments_voucher_id ON enrolments (voucher_id)
    WHERE status IN ('requested', 'registered', 'attending', 'completed');
