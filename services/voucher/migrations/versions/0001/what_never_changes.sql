-- Who holds a voucher (A4), what a second officer approved, whose record it is: never changed once it is there.
-- Arguments: the columns.
CREATE FUNCTION guard_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    FOR place IN 0 .. TG_NARGS - 1 LOOP
        IF before -> TG_ARGV[place] IS DISTINCT FROM after -> TG_ARGV[place] THEN
            RAISE EXCEPTION '% of % never changes', TG_ARGV[place], TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_' || TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

CREATE TRIGGER immutable BEFORE UPDATE ON workers
    FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'id_number_index', 'id_number_encrypted', 'salt_encrypted', 'created_at');
CREATE TRIGGER immutable BEFORE UPDATE ON batches
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'kind', 'programme', 'fund_source', 'rules_version', 'quantity', 'areas', 'audience_groups',
        'claim_from', 'claim_until', 'validity_days', 'proposed_by', 'created_at');
CREATE TRIGGER immutable BEFORE UPDATE ON vouchers
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'number', 'person_id', 'batch_id', 'programme', 'fund_source', 'rules_version', 'area', 'created_at');
