-- What is returned is what the bank gave back of this attempt, as what is paid or failed is what it answered for it.
DROP TRIGGER delivered ON payouts;
CREATE CONSTRAINT TRIGGER delivered AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status <> OLD.status AND NEW.status IN ('sent', 'paid', 'failed', 'returned'))
    EXECUTE FUNCTION payouts_delivered();
