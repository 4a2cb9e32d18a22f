-- While the register of deaths names a worker, their money goes to an account of the heirs: one proposed since, of a number
-- that was not the worker's own before. Once it has taken that back, what was proposed meanwhile was not the worker's (R10).
CREATE FUNCTION is_payable_after_death(account UUID, voucher UUID) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM voucher_holds AS death, accounts AS named
        WHERE death.voucher_id = voucher AND death.reason_code = 'holder_deceased'
            AND named.id = account AND named.owner_kind = 'worker'
            AND CASE WHEN death.lifted THEN named.created_at >= death.held_at AND named.created_at < death.lifted_at
                ELSE EXISTS (
                    SELECT FROM accounts AS known
                    WHERE known.owner_kind = 'worker' AND known.owner_id = named.owner_id
                        AND known.number_index = named.number_index AND known.created_at < death.held_at
                ) END
    )
$$;

CREATE FUNCTION instructions_after_death() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_payable_after_death(NEW.account_id, (SELECT voucher_id FROM payouts WHERE id = NEW.payout_id)) THEN
        RAISE EXCEPTION 'a dead worker is not paid: the heirs have no account yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hr_instructions';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER after_death AFTER INSERT ON instructions
    FOR EACH ROW WHEN (NEW.payee_kind = 'worker') EXECUTE FUNCTION instructions_after_death();

-- Officers let a dead worker's payout go on once the account that will be paid is the heirs'; one that the bank refused or
-- gave back is pinned anew, whatever it was pinned to.
CREATE FUNCTION payout_holds_after_death() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'payout_worker' AND EXISTS (
        SELECT FROM payouts AS owed
        WHERE owed.id = OLD.payout_id AND owed.payee_kind = 'worker' AND (
            NOT coalesce((
                SELECT is_payable_after_death(heirs.id, owed.voucher_id) FROM accounts AS heirs, business_clock
                WHERE heirs.owner_kind = 'worker' AND heirs.owner_id = owed.payee_id AND heirs.status = 'confirmed'
                    AND heirs.usable_from <= now() + "offset"
                ORDER BY heirs.revision DESC LIMIT 1
            ), FALSE)
            OR owed.status NOT IN ('failed', 'returned') AND owed.approved_by IS NOT NULL AND EXISTS (
                SELECT FROM instructions
                WHERE instructions.payout_id = owed.id AND instructions.attempt = owed.attempt
                    AND NOT is_payable_after_death(instructions.account_id, owed.voucher_id)
            )
        )
    ) THEN
        RAISE EXCEPTION 'a dead holder is not paid: the heirs have no account yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hr_payout_holds';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER after_death BEFORE UPDATE ON payout_holds
    FOR EACH ROW WHEN (OLD.source = 'voucher' AND OLD.reason_code = 'holder_deceased' AND OLD.lifted_at IS NULL)
    EXECUTE FUNCTION payout_holds_after_death();
