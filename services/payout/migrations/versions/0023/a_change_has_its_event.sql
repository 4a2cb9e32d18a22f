-- Every version of a report is written to the outbox by the transaction that makes it (DOMAIN §4, 10).
CREATE CONSTRAINT TRIGGER event AFTER INSERT OR UPDATE OF version ON bank_reports
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_event('payout.bank_report');
