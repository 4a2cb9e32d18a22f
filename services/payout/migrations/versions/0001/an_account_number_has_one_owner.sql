-- Two confirmed accounts of one number belong to one owner (D5): an organisation, or a natural person under whatever
-- records; a proposal alone keeps nobody from anything. And a number whose account the bank has closed comes back never.
CREATE FUNCTION owner_of(owner_kind text, owner_id text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN owner_kind = 'worker'
        THEN coalesce((SELECT survivor_id::text FROM persons WHERE id = owner_id::uuid), owner_id) ELSE owner_id END
$$;

CREATE FUNCTION accounts_one_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- against two confirmations of one number at once, neither of which sees the other
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(NEW.number_index, 'hex'), 0));
    IF EXISTS (
        SELECT FROM accounts
        WHERE number_index = NEW.number_index AND status = 'confirmed'
            AND owner_of(owner_kind, owner_id) <> owner_of(NEW.owner_kind, NEW.owner_id)
    ) THEN
        RAISE EXCEPTION 'this account number is confirmed for another owner'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'on_accounts';
    END IF;
    IF EXISTS (SELECT FROM accounts WHERE number_index = NEW.number_index AND status = 'closed') THEN
        RAISE EXCEPTION 'the bank has closed this account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cl_accounts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER one_owner AFTER UPDATE ON accounts
    FOR EACH ROW WHEN (NEW.status <> OLD.status AND NEW.status IN ('endorsed', 'confirmed'))
    EXECUTE FUNCTION accounts_one_owner();
