-- What money rested on is not undone: a payout of the person that was opened or paid since the merger (R16).
CREATE FUNCTION mergers_unused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payout_facts AS payout JOIN vouchers ON vouchers.id = payout.voucher_id
        WHERE payout.stage <> 'returned' AND payout.moved_at >= NEW.merged_at
            AND (vouchers.person_id IN (SELECT records_of(NEW.person_id))
                OR vouchers.person_id IN (SELECT records_of(NEW.survivor_id)))
    ) THEN
        RAISE EXCEPTION 'money has moved since the merger'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mergers_unused';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER unused BEFORE UPDATE ON mergers
    FOR EACH ROW WHEN (NEW.status = 'separated' AND OLD.status <> 'separated') EXECUTE FUNCTION mergers_unused();
