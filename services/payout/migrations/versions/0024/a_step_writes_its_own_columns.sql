-- What is proposed is what is decided; on a rejection the third officer says all of it.
DROP TRIGGER step ON objections;
CREATE TRIGGER step AFTER INSERT OR UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"proposed": ["outcome", "reason_code", "proposed_by"],
      "filed": ["outcome", "reason_code", "proposed_by"],
      "lodged>upheld": ["outcome", "reason_code", "decided_by"],
      "lodged>dismissed": ["outcome", "reason_code", "decided_by"],
      "upheld": ["decided_by"], "dismissed": ["decided_by"]}',
    '{outcome,reason_code,proposed_by,decided_by}'
);
