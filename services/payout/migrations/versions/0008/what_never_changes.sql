-- Who objects to what, and what they say, never changes.
CREATE TRIGGER immutable BEFORE UPDATE ON objections
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'payout_id', 'area', 'objector_id', 'filed_by', 'channel', 'statement', 'evidence_digest', 'due_on', 'created_at'
    );
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON objections FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
