-- `open_holds`, by which decisions are stopped, counts the holds that nobody has lifted.
CREATE FUNCTION voucher_holds_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held uuid := CASE WHEN TG_TABLE_NAME = 'vouchers' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'voucher_id')::uuid END;
BEGIN
    IF (SELECT open_holds FROM vouchers WHERE id = held)
        <> (SELECT count(*) FROM voucher_holds WHERE voucher_id = held AND lifted_at IS NULL)
    THEN
        RAISE EXCEPTION 'open_holds does not count the open holds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_holds_counted';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER holds_counted AFTER INSERT OR UPDATE ON voucher_holds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voucher_holds_counted();
CREATE CONSTRAINT TRIGGER holds_counted AFTER UPDATE OF open_holds ON vouchers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voucher_holds_counted();
