-- What is owed, and what of an incoming payment is matched, is moved by movements and by nothing else. The debt is the
-- whole amount, once; money that came in is matched by another person than who typed it; an offset is what was written down
-- when the payment was sent, once the bank has paid; and nothing else takes what a payment under way is set off against.
CREATE FUNCTION pending_offsets(about uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(clawback_offsets.amount_fen), 0)::bigint
    FROM clawback_offsets LEFT JOIN deliveries ON deliveries.instruction_id = clawback_offsets.instruction_id
    WHERE clawback_offsets.clawback_id = about AND deliveries.outcome IS NULL
$$;

CREATE FUNCTION clawback_movements_move() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    debt clawbacks;
    typed_by uuid;
BEGIN
    UPDATE clawbacks SET outstanding_fen = outstanding_fen
        + CASE NEW.kind WHEN 'debt' THEN NEW.amount_fen ELSE -NEW.amount_fen END
        WHERE id = NEW.clawback_id RETURNING * INTO debt;
    IF debt.status NOT IN ('open', 'instalments', 'overdue', 'enforced')
        OR NEW.kind = 'debt' AND NEW.amount_fen <> debt.amount_fen
        OR NEW.kind = 'offset' AND NOT EXISTS (
            SELECT FROM clawback_offsets JOIN deliveries USING (instruction_id)
            WHERE clawback_offsets.instruction_id = NEW.instruction_id AND clawback_id = NEW.clawback_id
                AND clawback_offsets.amount_fen = NEW.amount_fen AND outcome = 'paid'
        )
    THEN
        RAISE EXCEPTION 'nothing says that this debt moves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mv_clawback_movements';
    END IF;
    IF NEW.kind IN ('incoming', 'write_off') AND debt.outstanding_fen < pending_offsets(NEW.clawback_id) THEN
        RAISE EXCEPTION 'a payment that is with the bank is set off against this debt'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pe_clawback_movements';
    END IF;
    IF NEW.kind = 'incoming' THEN
        UPDATE incoming_payments SET matched_fen = matched_fen + NEW.amount_fen
            WHERE id = NEW.incoming_id RETURNING recorded_by INTO typed_by;
        IF typed_by IS NOT NULL AND (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
            WHERE id IN (typed_by, NEW.matched_by)) <> 2
        THEN
            RAISE EXCEPTION 'money is matched by another person than who typed it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_clawback_movements';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER move AFTER INSERT ON clawback_movements FOR EACH ROW EXECUTE FUNCTION clawback_movements_move();

CREATE FUNCTION incoming_payments_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.matched_fen <> 0 OR NEW.recorded_by IS NULL AND current_user = 'payout_api' THEN
        RAISE EXCEPTION 'what is typed names who typed it, and is matched afterwards'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'na_incoming_payments';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER named BEFORE INSERT ON incoming_payments FOR EACH ROW EXECUTE FUNCTION incoming_payments_named();
