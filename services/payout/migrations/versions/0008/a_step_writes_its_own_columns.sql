-- What is proposed is what is decided.
CREATE TRIGGER step AFTER INSERT OR UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"proposed": ["outcome", "reason_code", "proposed_by"],
      "filed": ["outcome", "reason_code", "proposed_by"],
      "upheld": ["decided_by"], "dismissed": ["decided_by"]}',
    '{outcome,reason_code,proposed_by,decided_by}'
);
