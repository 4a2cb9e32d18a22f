-- What was planned never changes, but for the panel, by a step of its own while the session is scheduled.
DROP TRIGGER immutable ON assessment_sessions;
CREATE TRIGGER immutable BEFORE UPDATE ON assessment_sessions
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'body', 'body_kind', 'area', 'province_code', 'skill_code', 'level', 'act', 'held_on', 'place',
        'site_code');
CREATE TRIGGER panel_before_opening BEFORE UPDATE ON assessment_sessions
    FOR EACH ROW WHEN (OLD.status <> 'scheduled' OR NEW.status <> 'scheduled' OR NEW.version = OLD.version)
    EXECUTE FUNCTION guard_columns('assessor_1_id', 'assessor_2_id', 'supervisor_id');
