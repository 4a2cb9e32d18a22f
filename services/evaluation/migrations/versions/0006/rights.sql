-- Only the columns that a role's steps write: what a certificate says is written once.
REVOKE UPDATE ON bodies, body_scope_lines, assessors, assessment_sessions, candidates, certificates, certificate_serials
    FROM evaluation_api;
GRANT UPDATE (status, version, reason_code) ON bodies, assessors TO evaluation_api;
GRANT UPDATE (valid_to) ON body_scope_lines TO evaluation_api;
GRANT UPDATE (status, version, reason_code, opened_at, candidates, passed, flags, confirmed_by, confirmed_at,
        confirmed_on, confirmed_from)
    ON assessment_sessions TO evaluation_api;
GRANT UPDATE (status, version, reason_code, theory, practice, review, score_version, appealed_version)
    ON candidates TO evaluation_api;
GRANT UPDATE (status, version, since, reason_code, revocation_reason_code, revocation_proposed_by, revoked_by)
    ON certificates TO evaluation_api;
GRANT UPDATE (last) ON certificate_serials TO evaluation_api;
REVOKE UPDATE ON certificates FROM evaluation_worker;
GRANT UPDATE (status, version, since, reason_code) ON certificates TO evaluation_worker;
