-- What identifies a row, was planned or was signed: never changed once it is there.
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

CREATE TRIGGER immutable BEFORE UPDATE ON bodies
    FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'kind', 'area', 'province_code', 'listed_by');
CREATE TRIGGER immutable BEFORE UPDATE ON body_scope_lines
    FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'body_id', 'skill_code', 'level', 'valid_from', 'edition');
CREATE TRIGGER immutable BEFORE UPDATE ON assessors
    FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'body');
CREATE TRIGGER immutable BEFORE UPDATE ON assessment_sessions
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'body', 'body_kind', 'area', 'province_code', 'skill_code', 'level', 'act', 'held_on', 'place',
        'site_code', 'assessor_1_id', 'assessor_2_id', 'supervisor_id');
CREATE TRIGGER immutable BEFORE UPDATE ON candidates
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'session_id', 'person_id', 'enrolment_id', 'voucher_id', 'channel', 'completed_on', 'trained_by',
        'taught_by', 'belongs_to', 'affiliation', 'series_id', 'attempt', 'entry_basis', 'entry_evidence');
CREATE TRIGGER immutable BEFORE UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'kind', 'basis', 'number', 'number_encrypted', 'number_index', 'person_id', 'subject_digest',
        'skill_code', 'level', 'act', 'body', 'area', 'channel', 'voucher_id', 'enrolment_id', 'assessed_on',
        'completed_on', 'issued_on', 'valid_until', 'jws');
