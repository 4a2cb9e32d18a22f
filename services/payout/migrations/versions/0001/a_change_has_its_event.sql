-- Every version of what has a life cycle is written to the outbox by the transaction that makes it (DOMAIN §4, 10). The
-- relay cannot have taken the event away yet: nobody else sees it before the commit.
-- Argument: the aggregate's type.
CREATE FUNCTION guard_event() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM outbox
        WHERE aggregate_type = TG_ARGV[0] AND aggregate_id = NEW.id::text AND version = NEW.version
            AND xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'version % of a row of % has no event', NEW.version, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ev_' || TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON funds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.fund');
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON accounts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.account');
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.payout');
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON payment_batches
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.payment_batch');
